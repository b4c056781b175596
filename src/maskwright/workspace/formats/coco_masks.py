"""One mask in COCO's words: `segmentation`, `bbox`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maskwright.errors import MaskError
from maskwright.prompts import Outline, Point
from maskwright.vision import polygons, rle, splines
from maskwright.vision.masks import Mask, bounding_box

_PER_SEGMENT = 8  # points of a spline: eight chords stray from it about 64 times less than one from point to point would


def segmentation(mask: Mask, outline: Outline | None = None) -> list[list[int]] | list[list[float]] | rle.Rle:
    """COCO's `segmentation` of a mask.

    A mask without holes becomes polygons, one per part: the form that every tool reads and lets people edit. They run along
    its pixels' edges, exact to the pixel; a mask that an outline drew has the outline's own points instead (half a pixel
    further right and down, as COCO counts), eight per segment of a spline. COCO's polygons cannot have holes, so a mask with
    holes becomes a run-length code with plain counts, which pycocotools, Datumaro and CVAT read whatever `iscrowd` says.

    Args:
        mask: bool, shape (height, width).
        outline: what drew the mask, if an outline did.

    Example:
        >>> segmentation(np.array([[False, True], [False, True]]))
        [[1, 0, 2, 0, 2, 2, 1, 2]]
    """
    if outline is not None and has_points(outline):
        return [_own_points(ring.points, outline.curve) for ring in outline.rings]
    parts = polygons.from_mask(mask)
    if any(part.holes for part in parts):
        return rle.encode(mask)
    return [part.exterior.astype(int).ravel().tolist() for part in parts]


def has_points(outline: Outline) -> bool:
    """Whether COCO's polygons can keep an outline's points: they can unless it has holes."""
    return not any(ring.hole for ring in outline.rings)


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


def _own_points(points: Sequence[Point], curve: str) -> list[float]:
    if curve == "polygon":
        return [value + 0.5 for point in points for value in point]
    flat: list[float] = (splines.sample(points, _PER_SEGMENT) + 0.5).round(2).ravel().tolist()
    return flat


def _ring(part: object) -> polygons.Ring:
    try:
        flat = np.asarray(part, np.float64)
    except (TypeError, ValueError, OverflowError):
        flat = np.empty((0, 0))
    if flat.ndim != 1 or len(flat) < 6 or len(flat) % 2:
        raise MaskError("a polygon of `segmentation` must be a flat list x, y, x, y, ... of at least three points")
    return polygons.as_ring(flat.reshape(-1, 2))
