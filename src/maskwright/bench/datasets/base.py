"""What every data set gives: objects, each with an image and a true mask, read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from maskwright.errors import DataError, ImageError
from maskwright.vision.images import read_image
from maskwright.vision.masks import Image, Mask
from maskwright.vision.painting import ClassMap

LabelMap: TypeAlias = NDArray[np.int32]

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


class Truth(NamedTuple):
    """What is true of one object, or of a whole image.

    Attributes:
        mask: bool, shape (height, width); never true where `void` is.
        void: bool, shape (height, width), pixels that no metric counts; None where the data set defines none.
        class_map: of a whole image, every pixel's class, 1, 2, ... at most 254, and 0 where it is void; the mask is where one
            is. None of single objects.
    """

    mask: Mask
    void: Mask | None = None
    class_map: ClassMap | None = None


class Sample(NamedTuple):
    """An image and what is true of one of its objects, or of all of it, read and known to fit each other."""

    image: Image
    mask: Mask
    void: Mask | None
    class_map: ClassMap | None = None


@dataclass(frozen=True, eq=False)
class BenchObject:
    """One object of a data set, or one of its images as a whole.

    Nothing is read before it is asked for; the images used last are kept.

    Attributes:
        id: unique within the data set.
        image_path: where the image lies; objects of one image share it.
        category: the object's class in words, None where the data set names none.
        read_truth: reads the mask (and void); picklable, so that objects may travel to worker processes.
    """

    id: str
    image_path: Path
    category: str | None
    read_truth: Callable[[], Truth] = field(repr=False)

    @property
    def image(self) -> Image:
        """The upright image, uint8 RGB (height, width, 3), read-only because it is shared.

        Raises:
            DataError: the file is missing or is no image.
        """
        return _image(self.image_path)

    @property
    def mask(self) -> Mask:
        """The true mask, bool (height, width). Decoded anew each time: keep it while you need it."""
        return self.read_truth().mask

    @property
    def void(self) -> Mask | None:
        """Pixels that no metric counts, bool (height, width), or None."""
        return self.read_truth().void

    def load(self) -> Sample:
        """Read the image and the truth.

        Raises:
            DataError: a file is missing or malformed, or image and mask differ in size.
        """
        image, truth = self.image, self.read_truth()
        if image.shape[:2] != truth.mask.shape:
            raise DataError(
                f"{self.image_path}: the image is {image.shape[1]} x {image.shape[0]} px but the mask of object {self.id} is "
                f"{truth.mask.shape[1]} x {truth.mask.shape[0]} px; both must have one size"
            )
        return Sample(image, *truth)


@dataclass(frozen=True, eq=False)
class Dataset(Sequence[BenchObject]):
    """The objects of a data set, in its own order.

    Attributes:
        name: "ADAPTER:PATH" as it was opened.
        objects: all objects.
    """

    name: str
    objects: tuple[BenchObject, ...] = field(repr=False)

    @overload
    def __getitem__(self, index: int) -> BenchObject: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[BenchObject, ...]: ...
    def __getitem__(self, index: int | slice) -> BenchObject | tuple[BenchObject, ...]:
        return self.objects[index]

    def __len__(self) -> int:
        return len(self.objects)

    def __iter__(self) -> Iterator[BenchObject]:
        return iter(self.objects)


@lru_cache(maxsize=8)
def _image(path: Path) -> Image:
    try:
        image = read_image(path)
    except (ImageError, OSError) as error:
        raise DataError(f"{path}: expected an image of the data set; {error}") from error
    image.flags.writeable = False
    return image


@lru_cache(maxsize=4)
def read_label_map(path: Path) -> LabelMap:
    """Read an image file as integer labels, int32 (height, width), read-only because it is shared.

    Palette images give their indices, colour images the largest channel of each pixel.

    Raises:
        DataError: the file is missing or is no image.
    """
    try:
        with PillowImage.open(path) as file:
            indexed = file.mode in {"P", "L", "1", "I", "I;16"}
            labels = np.asarray(file if indexed else file.convert("RGB")).astype(np.int32)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise DataError(f"{path}: expected an image of labels (PNG or BMP); {error}") from error
    labels = labels if labels.ndim == 2 else labels.max(axis=2)
    labels.flags.writeable = False
    return labels


def whole_truth(class_map: ClassMap) -> Truth:
    """What is true of an image of which every pixel has a class, 1 to 254, or is void, 0.

    The classes are numbered anew, 1, 2, ..., in their order.

    Example:
        >>> whole_truth(np.array([[7, 0, 9, 7]], np.uint8)).class_map.tolist()
        [[1, 0, 2, 1]]
    """
    present = np.unique(class_map[class_map > 0])
    renumbered = np.zeros(256, np.uint8)
    renumbered[present] = np.arange(1, len(present) + 1)
    classes: ClassMap = renumbered[class_map]
    return Truth(classes > 0, classes == 0, classes)


def folder(path: Path, expected: str) -> Path:
    """Return `path` if it is a folder.

    Raises:
        DataError: it is not; the text names the path and `expected`.
    """
    if not os.path.isdir(path):
        raise DataError(f"{path}: no such folder; expected {expected}")
    return path


def files(path: Path, expected: str) -> list[Path]:
    """Return the image files of a folder, sorted by stem.

    Raises:
        DataError: the folder is missing, cannot be read, or holds no image file.
    """
    try:
        images = [p for p in folder(path, expected).iterdir() if p.suffix.lower() in IMAGE_SUFFIXES]
    except OSError as error:
        raise DataError(f"{path}: cannot be read; expected {expected} ({error})") from error
    found = sorted(images, key=lambda p: (p.stem, p.suffix))
    if not found:
        raise DataError(f"{path}: the folder holds no image; expected {expected}")
    return found


def listed(path: Path, expected: str) -> list[str]:
    """Return the non-empty lines of a text file, each one's first word.

    Raises:
        DataError: the file is missing, is no text, or is empty.
    """
    try:
        names = [line.split()[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read; expected {expected} ({error})") from error
    if not names:
        raise DataError(f"{path}: the list is empty; expected {expected}")
    return names
