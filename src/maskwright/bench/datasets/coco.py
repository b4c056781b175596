"""COCO JSON: instances as polygons, uncompressed or compressed run-length codes; crowds are left out.

Its objects one by one, or whole images, each object a class of its own.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from maskwright.bench.datasets.base import BenchObject, Truth, whole_truth
from maskwright.errors import DataError, MaskError
from maskwright.prompts.paint import MOST_CLASSES
from maskwright.workspace.formats import coco_masks

MIN_AREA = 1024

T = TypeVar("T")


def coco(path: Path, min_area: int = MIN_AREA) -> Iterator[BenchObject]:
    """COCO JSON; its images lie in `images/` beside the file.

    Args:
        path: the JSON file.
        min_area: objects of fewer px are left out; by the annotation's `area`, or counted where it gives none.

    Raises:
        DataError: the file is missing, is no JSON, or lacks what COCO asks for.
    """
    for item in _instances(path):
        if item.area() >= min_area:
            yield BenchObject(item.id, path.parent / "images" / item.image.file_name, item.category, item.truth)


def coco_images(path: Path, min_area: int = 0) -> Iterator[BenchObject]:
    """The images of COCO JSON as a whole: every object is a class of its own, and pixels of no object are void.

    Where objects overlap, the smaller one lies on top. Of more than 254 objects, the largest 254 count.

    Args:
        path: the JSON file.
        min_area: objects of fewer px are left out; what they cover belongs to the object under them, or is void.

    Raises:
        DataError: the file is missing, is no JSON, or lacks what COCO asks for.
    """
    by_image: dict[Any, list[_Instance]] = {}
    for item in _instances(path):
        by_image.setdefault(item.image, []).append(item)
    for image, items in by_image.items():
        truth = partial(_laid, image, tuple(items), min_area)
        yield BenchObject(str(image.id), path.parent / "images" / image.file_name, None, truth)


class _ImageEntry(NamedTuple):
    id: Any
    file_name: str
    height: int
    width: int


class _Instance(NamedTuple):
    """An annotation whose mask is not decoded yet."""

    id: str
    where: str
    image: _ImageEntry
    category: str | None
    segmentation: Any
    stated_area: Any

    def truth(self) -> Truth:
        try:
            return Truth(coco_masks.from_segmentation(self.segmentation, self.image.height, self.image.width))
        except MaskError as error:
            expected = "expected polygons or a run-length code"
            raise DataError(f"{self.where}: the segmentation is malformed; {expected} ({error})") from error

    def area(self) -> float:
        return self.stated_area if isinstance(self.stated_area, int | float) else int(self.truth().mask.sum())


def _laid(image: _ImageEntry, items: Sequence[_Instance], min_area: int) -> Truth:
    masks = [item.truth().mask for item in items if item.area() >= min_area]
    largest = sorted(masks, key=np.count_nonzero, reverse=True)[:MOST_CLASSES]
    classes = np.zeros((image.height, image.width), np.uint8)
    for number, mask in enumerate(largest, start=1):
        classes[mask] = number
    return whole_truth(classes)


def _instances(path: Path) -> Iterator[_Instance]:
    images, categories, annotations = _read(path)
    for number, annotation in enumerate(annotations):
        where = f"{path}: annotation {annotation.get('id', number) if isinstance(annotation, Mapping) else number}"
        if not isinstance(annotation, Mapping) or "segmentation" not in annotation:
            raise DataError(f"{where} has no segmentation; expected polygons or a run-length code")
        if annotation.get("iscrowd"):
            continue
        image = _entry(images, annotation.get("image_id"))
        if image is None:
            raise DataError(f"{where} names image {annotation.get('image_id')!r}; expected the id of an entry of images")
        yield _Instance(
            str(annotation.get("id", number)),
            where,
            image,
            _entry(categories, annotation.get("category_id")),
            annotation["segmentation"],
            annotation.get("area"),
        )


def _entry(entries: Mapping[Any, T], key: object) -> T | None:
    """The entry of that id; None where there is none, or the file gives a list in its place."""
    return entries.get(key) if isinstance(key, Hashable) else None


def _read(path: Path) -> tuple[dict[Any, _ImageEntry], dict[Any, str], list[Any]]:
    expected = "expected COCO JSON: an object with the lists images, annotations and categories"
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read; {expected} ({error})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no JSON; {expected} ({error})") from error
    if not isinstance(data, dict) or not all(isinstance(data.get(k), list) for k in ("images", "annotations", "categories")):
        raise DataError(f"{path}: {expected}")
    try:
        images = {i["id"]: _ImageEntry(i["id"], str(i["file_name"]), int(i["height"]), int(i["width"])) for i in data["images"]}
        categories = {c["id"]: str(c["name"]) for c in data["categories"]}
    except (KeyError, TypeError, ValueError) as error:
        fields = "each image an id, file_name, height and width, each category an id and name"
        raise DataError(f"{path}: expected {fields}; {type(error).__name__}: {error}") from error
    return images, categories, data["annotations"]
