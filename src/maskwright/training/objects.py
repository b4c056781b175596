"""The training objects: photos and masks of several sets, held in memory, drawn by weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.bench.datasets.base import BenchObject
from maskwright.bench.datasets.coco import coco
from maskwright.bench.datasets.semantic import semantic
from maskwright.errors import DataError
from maskwright.vision.images import read_image


@dataclass(frozen=True)
class SetMix:
    """How a set takes part in training.

    Attributes:
        name: the set's folder: `images/` and `instances_train.json` (COCO JSON), or class maps, whose regions are the objects.
        weight: its share of the samples (relative to the other sets).
        union: how often several objects of a photo are joined into one, 0..1: parts into wholes.
        touching: join only objects that touch (regions); else all objects of the photo (garments into a person).
    """

    name: str
    weight: float
    union: float = 0.0
    touching: bool = False


@dataclass(frozen=True)
class Photo:
    """A photo in memory and its objects, whose masks are decoded when they are drawn."""

    image: NDArray[np.uint8]
    objects: tuple[BenchObject, ...]


@dataclass(frozen=True)
class PhotoSet:
    """The photos of one set and how they take part.

    Attributes:
        mix: the set's share.
        photos: all of them.
        drawable: (photo, object) of every object large enough to be drawn.
        chances: of each of them, float64, sum 1.
    """

    mix: SetMix
    photos: tuple[Photo, ...]
    drawable: tuple[tuple[int, int], ...]
    chances: NDArray[np.float64]


def load_sets(data: Path, mixes: Iterable[SetMix], min_area: int, area_power: float = 0.0) -> list[PhotoSet]:
    """Read the sets of a run, folders of `data` named as their mixes; see `load_set`."""
    return [load_set(data / mix.name, mix, min_area, area_power) for mix in mixes]


def load_set(folder: Path, mix: SetMix, min_area: int, area_power: float = 0.0) -> PhotoSet:
    """Read a set into memory.

    Args:
        folder: holds `images/` and `instances_train.json`, or class maps, whose regions are the objects.
        mix: how the set takes part.
        min_area: objects under this many pixels are not drawn, but may be joined to others.
        area_power: an object's chance goes with its area to this power; 0: all alike.

    Raises:
        DataError: a file is missing or malformed, or none of the objects is large enough.
    """
    of_photo: dict[Path, list[BenchObject]] = {}
    for item in _objects(folder, min_area=1):
        of_photo.setdefault(item.image_path, []).append(item)
    large = {item.id for item in _objects(folder, min_area)}
    photos = tuple(Photo(read_image(path), tuple(items)) for path, items in of_photo.items())
    drawable = tuple((p, i) for p, photo in enumerate(photos) for i, item in enumerate(photo.objects) if item.id in large)
    if not drawable:
        raise DataError(f"{folder} has no object of {min_area} px or more to train on")
    chances = np.ones(len(drawable))
    if area_power:  # else no mask need be decoded here
        chances = np.array([np.count_nonzero(photos[p].objects[i].mask) for p, i in drawable]) ** area_power
    return PhotoSet(mix, photos, drawable, chances / chances.sum())


def _objects(folder: Path, min_area: int) -> Iterator[BenchObject]:
    if (folder / "classes.json").is_file():
        return semantic(folder, "train", min_area)
    return coco(folder / "instances_train.json", min_area)


def draw(rng: np.random.Generator, photo_set: PhotoSet) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A random object: its photo (uint8 RGB) and its mask (uint8, 0 or 1)."""
    photo_index, object_index = photo_set.drawable[rng.choice(len(photo_set.drawable), p=photo_set.chances)]
    photo = photo_set.photos[photo_index]
    mask = photo.objects[object_index].mask
    if rng.random() < photo_set.mix.union:
        mask = _grown(rng, photo, mask) if photo_set.mix.touching else np.logical_or.reduce([o.mask for o in photo.objects])
    return photo.image, mask.astype(np.uint8)


def _grown(rng: np.random.Generator, photo: Photo, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and one to three objects more, each touching what was joined before."""
    others = [o.mask for o in photo.objects]
    for _ in range(int(rng.integers(1, 4))):
        reach = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        near = [other for other in others if (reach & other).any() and not (mask & other).any()]
        if not near:
            break
        mask = mask | near[int(rng.integers(len(near)))]
    return mask
