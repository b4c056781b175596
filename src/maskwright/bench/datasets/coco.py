"""COCO JSON: instances as polygons, uncompressed or compressed run-length codes; crowds are left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from maskwright.bench.datasets.base import BenchObject, Truth
from maskwright.errors import DataError, MaskError
from maskwright.workspace.formats import coco_masks

MIN_AREA = 1024


def coco(path: Path, min_area: int = MIN_AREA) -> Iterator[BenchObject]:
    """COCO JSON; its images lie in `images/` beside the file.

    Args:
        path: the JSON file.
        min_area: objects of fewer px are left out; by the annotation's `area`, or counted where it gives none.

    Raises:
        DataError: the file is missing, is no JSON, or lacks what COCO asks for.
    """
    images, categories, annotations = _read(path)
    for number, annotation in enumerate(annotations):
        where = f"{path}: annotation {annotation.get('id', number) if isinstance(annotation, Mapping) else number}"
        if not isinstance(annotation, Mapping) or "segmentation" not in annotation:
            raise DataError(f"{where} has no segmentation; expected polygons or a run-length code")
        if annotation.get("iscrowd"):
            continue
        image = images.get(annotation.get("image_id"))
        if image is None:
            raise DataError(f"{where} names image {annotation.get('image_id')!r}; expected the id of an entry of images")
        category = categories.get(annotation.get("category_id"))
        truth = partial(_decode, where, annotation["segmentation"], image.height, image.width)
        area = annotation.get("area")
        if (area if isinstance(area, int | float) else truth().mask.sum()) >= min_area:
            yield BenchObject(str(annotation.get("id", number)), path.parent / "images" / image.file_name, category, truth)


class _ImageEntry(NamedTuple):
    file_name: str
    height: int
    width: int


def _read(path: Path) -> tuple[dict[Any, _ImageEntry], dict[Any, str], list[Any]]:
    expected = "expected COCO JSON: an object with the lists images, annotations and categories"
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read; {expected} ({error})") from error
    except ValueError as error:
        raise DataError(f"{path}: is no JSON; {expected} ({error})") from error
    if not isinstance(data, dict) or not all(isinstance(data.get(k), list) for k in ("images", "annotations", "categories")):
        raise DataError(f"{path}: {expected}")
    try:
        images = {i["id"]: _ImageEntry(str(i["file_name"]), int(i["height"]), int(i["width"])) for i in data["images"]}
        categories = {c["id"]: str(c["name"]) for c in data["categories"]}
    except (KeyError, TypeError, ValueError) as error:
        fields = "each image an id, file_name, height and width, each category an id and name"
        raise DataError(f"{path}: expected {fields}; {type(error).__name__}: {error}") from error
    return images, categories, data["annotations"]


def _decode(where: str, segmentation: Any, height: int, width: int) -> Truth:
    try:
        return Truth(coco_masks.from_segmentation(segmentation, height, width))
    except MaskError as error:
        raise DataError(f"{where}: the segmentation is malformed; expected polygons or a run-length code ({error})") from error
