"""Data sets of one mask file per object: GrabCut, Berkeley, DAVIS-345, COCO-MVal, as the field passes them around."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from maskwright.bench.datasets.base import BenchObject, Truth, files, read_label_map
from maskwright.errors import DataError

_Reader: TypeAlias = Callable[[Path], Truth]


def grabcut(root: Path) -> Iterator[BenchObject]:
    """GrabCut: `data_GT/` images, `boundary_GT/` masks of the same stem (255 object, 128 ignored, 0 background)."""
    return _pairs(root, "data_GT", "boundary_GT", partial(_bright, grey_is_void=True))


def berkeley(root: Path) -> Iterator[BenchObject]:
    """Berkeley: `images/`, `masks/` (255 object); further objects of an image are `STEM#2.png` or `STEMa.png`."""
    return _pairs(root, "images", "masks", partial(_bright, grey_is_void=False))


def davis(root: Path) -> Iterator[BenchObject]:
    """DAVIS-345: `img/`, `gt/` of the same stem; the object is all that is not zero."""
    return _pairs(root, "img", "gt", _non_zero)


def coco_mval(root: Path) -> Iterator[BenchObject]:
    """COCO-MVal: as DAVIS-345; the class is the file name's first part."""
    return _pairs(root, "img", "gt", _non_zero, named=True)


def category_of(stem: str) -> str | None:
    """The class that a COCO-MVal file name starts with: all before the first number.

    Example:
        >>> category_of("traffic light_000000123-4"), category_of("cell_phone#2"), category_of("0001")
        ('traffic light', 'cell phone', None)
    """
    words = re.split(r"[\s_\-#]+", re.split(r"[\d#]", stem, maxsplit=1)[0])
    return " ".join(w for w in words if w) or None


def _pairs(root: Path, images: str, masks: str, read: _Reader, named: bool = False) -> Iterator[BenchObject]:
    layout = f"the folders {images}/ and {masks}/ in {root}"
    by_stem = {path.stem: path for path in files(root / images, layout)}
    for mask in files(root / masks, layout):
        image = by_stem.get(mask.stem) or by_stem.get(_image_stem(mask.stem))
        if image is None:
            raise DataError(f"{mask}: no image belongs to this mask; expected {root / images / _image_stem(mask.stem)}.jpg")
        yield BenchObject(mask.stem, image, category_of(mask.stem) if named else None, partial(read, mask))


def _image_stem(mask_stem: str) -> str:
    """`189011#2` and `189011a` are further objects of image `189011`."""
    return re.sub(r"(#.*|(?<=\d)[a-z])$", "", mask_stem)


def _bright(path: Path, grey_is_void: bool) -> Truth:
    labels = read_label_map(path)
    return Truth(labels > 128, labels == 128) if grey_is_void else Truth(labels >= 128)


def _non_zero(path: Path) -> Truth:
    return Truth(read_label_map(path) != 0)
