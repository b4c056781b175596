"""The training photos of painting: every pixel's class, from class maps and from objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskwright.bench.datasets.base import BenchObject, files, read_label_map
from maskwright.bench.datasets.coco import coco
from maskwright.bench.datasets.semantic import semantic
from maskwright.errors import DataError
from maskwright.vision.images import read_image

UInt8 = NDArray[np.uint8]

VOID = 255
"""Of pixels that do not count."""


@dataclass(frozen=True)
class PaintMix:
    """How a set takes part in training.

    Attributes:
        name: the set's folder: class maps (`images/`, `labels/`, `classes.json`), or `images/` and `instances_train.json`.
        weight: its share of the samples (relative to the other sets).
        apart: of objects: how often each is a class of its own instead of its category's, 0..1.
        ground: of objects: whether what none of them covers is a class as well; else it is void.
    """

    name: str
    weight: float
    apart: float = 0.0
    ground: bool = True


@dataclass(frozen=True)
class PaintPhoto:
    """A photo in memory: its pixels' classes, or the objects that give them.

    Attributes:
        image: uint8 RGB, (height, width, 3).
        labels: uint8 (height, width), 1 to 254 and `VOID`; None where there are objects.
        objects: masks, decoded when they are drawn.
    """

    image: UInt8
    labels: UInt8 | None = None
    objects: tuple[BenchObject, ...] = ()


@dataclass(frozen=True)
class PaintSet:
    """The photos of one set and how they take part."""

    mix: PaintMix
    photos: tuple[PaintPhoto, ...]


def load_paint_sets(data: Path, mixes: Iterable[PaintMix]) -> list[PaintSet]:
    """Read the sets of a run into memory, folders of `data` named as their mixes.

    Raises:
        DataError: a file is missing or malformed, or a photo and its class map differ in size.
    """
    sets = []
    for mix in mixes:
        folder = data / mix.name
        photos = _class_maps(folder) if (folder / "classes.json").is_file() else _objects(folder / "instances_train.json")
        sets.append(PaintSet(mix, tuple(photos)))
    return sets


def classes_of(rng: np.random.Generator, photo: PaintPhoto, mix: PaintMix) -> UInt8:
    """Every pixel's class, uint8 (height, width): 1 to 254, or `VOID`. Of objects that overlap the smallest wins."""
    if photo.labels is not None:
        return photo.labels
    apart = rng.random() < mix.apart
    categories: dict[str | None, int] = {}
    classes = np.full(photo.image.shape[:2], 1 if mix.ground else VOID, np.uint8)
    masks = [(item.mask, item.category) for item in photo.objects]
    for number, (mask, category) in enumerate(sorted(masks, key=lambda one: -one[0].sum())):
        index = number if apart else categories.setdefault(category, len(categories))
        classes[mask] = 2 + index % 253
    return classes


def _class_maps(folder: Path) -> list[PaintPhoto]:
    wanted = {item.image_path for item in semantic(folder, "train", min_area=1)}
    photos = []
    for path in files(folder / "images", f"images/, labels/ and classes.json in {folder}"):
        if path not in wanted:
            continue
        image, labels = read_image(path), read_label_map(folder / "labels" / f"{path.stem}.png")
        if image.shape[:2] != labels.shape or labels.max(initial=0, where=labels != VOID) > 253:
            raise DataError(
                f"{path}: expected a class map of the image's size in labels/, with classes up to 253 and 255 for void"
            )
        # Classes begin at 0 in the files, at 1 in paint.
        photos.append(PaintPhoto(image, np.where(labels == VOID, VOID, labels + 1).astype(np.uint8)))
    return photos


def _objects(path: Path) -> list[PaintPhoto]:
    of_photo: dict[Path, list[BenchObject]] = {}
    for item in coco(path, min_area=1):
        of_photo.setdefault(item.image_path, []).append(item)
    return [PaintPhoto(read_image(photo), objects=tuple(items)) for photo, items in of_photo.items()]
