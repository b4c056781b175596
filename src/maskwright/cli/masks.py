"""Masks on the command line: `--mask FILE`, what a method goes on from."""

from __future__ import annotations

import json
from pathlib import Path

from maskwright.errors import MaskError
from maskwright.vision.masks import Image, Mask, as_mask


def read_mask(path: Path, image: Image) -> Mask:
    """Read the mask of one object.

    Args:
        path: a .png, of which any pixel but 0 is the object; or a .json with a COCO annotation, whose `segmentation` is a
            run-length code (as `segment -o mask.json` writes it) or polygons, or with a run-length code alone.
        image: the image that the mask belongs to; uint8, shape (height, width, 3).

    Returns:
        bool, shape (height, width).

    Raises:
        MaskError: another ending, no mask in the file, or one of another size than the image's.
        ImageError, DataError: the .png cannot be read.
    """
    readers = {".png": _from_png, ".json": _from_json}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise MaskError(f"{path}: the ending {path.suffix!r} names no format of masks; give a .png or a .json")
    try:
        return read(path, image)
    except MaskError as error:
        raise MaskError(f"{path}: {error}") from error


def _from_png(path: Path, image: Image) -> Mask:
    from maskwright.bench.datasets.base import read_label_map
    from maskwright.vision.images import image_size

    height, width = image.shape[:2]
    if (size := image_size(path)) != (width, height):  # before it is decoded: a small file may hold any number of pixels
        raise MaskError(
            f"the mask is {size[0]} x {size[1]} px, the image {width} x {height} px; give a mask of the image's size"
        )
    return as_mask(read_label_map(path), like=image)


def _from_json(path: Path, image: Image) -> Mask:
    from maskwright.workspace.formats.coco_masks import from_segmentation

    expected = "give a COCO annotation with `segmentation`, or a run-length code"
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MaskError(f"it cannot be read ({error.strerror}); {expected}") from error
    except (ValueError, RecursionError) as error:
        raise MaskError(f"it is not JSON ({error}); {expected}") from error
    if not isinstance(value, dict) or not {"segmentation", "counts"} & value.keys():
        raise MaskError(f"it holds no mask; {expected}")
    return from_segmentation(value.get("segmentation", value), *image.shape[:2])
