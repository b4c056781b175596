"""One mask in COCO's words: `segmentation`, `bbox`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maskwright.errors import MaskError
from maskwright.vision import polygons, rle
from maskwright.vision.masks import Mask, bounding_box


def segmentation(mask: Mask) -> list[list[int]] | rle.Rle:
    """COCO's `segmentation` of a mask, exact to the pixel.

    A mask without holes becomes polygons along its pixels' edges, one per part: the form that every tool reads and lets
    people edit. COCO's polygons cannot have holes, so a mask with holes becomes a run-length code with plain counts, which
    pycocotools, Datumaro and CVAT read whatever `iscrowd` says.

    Example:
        >>> segmentation(np.array([[False, True], [False, True]]))
        [[1, 0, 2, 0, 2, 2, 1, 2]]
    """
    parts = polygons.from_mask(mask)
    if any(part.holes for part in parts):
        return rle.encode(mask)
    return [part.exterior.astype(int).ravel().tolist() for part in parts]


def from_segmentation(value: object, height: int, width: int) -> Mask:
    """The mask of a `segmentation`: polygons (several are parts of one object) or a run-length code, plain or compressed.

    Raises:
        MaskError: it is neither, is malformed, or of another size than the image's.

    Example:
        >>> from_segmentation([[1, 0, 2, 0, 2, 2, 1, 2]], height=2, width=2).astype(int).tolist()
        [[0, 1], [0, 1]]
    """
    if isinstance(value, Mapping):
        mask = rle.decode(value)
        if mask.shape != (height, width):
            raise MaskError(f"the run-length code is {mask.shape[1]} x {mask.shape[0]} px; its image is {width} x {height} px")
        return mask
    if not isinstance(value, list):
        raise MaskError(f"`segmentation` is {type(value).__name__}; give a list of polygons or a run-length code")
    return polygons.to_mask([polygons.Polygon(_ring(part)) for part in value], height, width)


def box(mask: Mask) -> list[int]:
    """COCO's `bbox` of a mask: left, top, width, height in px; four zeros where it is empty.

    Example:
        >>> box(np.array([[False, True], [False, True]]))
        [1, 0, 1, 2]
    """
    tight = bounding_box(mask)
    if tight is None:
        return [0, 0, 0, 0]
    return [int(n) for n in (tight.x0, tight.y0, tight.x1 - tight.x0 + 1, tight.y1 - tight.y0 + 1)]


def _ring(part: object) -> polygons.Ring:
    try:
        flat = np.asarray(part, np.float64)
    except (TypeError, ValueError):
        flat = np.empty((0, 0))
    if flat.ndim != 1 or len(flat) < 6 or len(flat) % 2:
        raise MaskError("a polygon of `segmentation` must be a flat list x, y, x, y, ... of at least three points")
    return polygons.as_ring(flat.reshape(-1, 2))
