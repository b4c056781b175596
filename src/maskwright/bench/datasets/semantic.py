"""Whole-image class maps: `images/`, `labels/` of class indices, `classes.json` that names them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from maskwright.bench.datasets.base import BenchObject, LabelMap, Truth, files, folder, read_label_map, whole_truth
from maskwright.errors import DataError
from maskwright.prompts.paint import MOST_CLASSES

VOID = 255
MIN_AREA = 1024


def semantic(root: Path, split: str, min_area: int = MIN_AREA) -> Iterator[BenchObject]:
    """The regions of class maps: every connected part (8 neighbours) of a class is one object; 255 is void.

    Args:
        root: holds `images/*.jpg`, `labels/*.png` of the same names, `classes.json`.
        split: "val" is every fifth photo by sorted name (the first, sixth, ...), "train" the rest.
        min_area: regions of fewer px are left out.

    Raises:
        DataError: a file is missing or malformed, or a label has no class.
    """
    for image, path, names in _images(root, split):
        labels = _known_labels(path, names)
        for index in np.unique(labels[labels != VOID]):
            class_map = (labels == index).astype(np.uint8)
            count, _, stats, _ = cv2.connectedComponentsWithStats(class_map)
            for part in range(1, count):
                if stats[part, cv2.CC_STAT_AREA] >= min_area:
                    truth = partial(_region, path, int(index), part)
                    yield BenchObject(f"{image.stem}/{index}#{part}", image, names[int(index)], truth)


def semantic_images(root: Path, split: str, min_area: int = 0) -> Iterator[BenchObject]:
    """The images of class maps as a whole; 255 is void.

    Args:
        root, split: as for `semantic`.
        min_area: classes of fewer px in an image are void there. Of more than 254, the largest 254 count.

    Raises:
        DataError: a file is missing or malformed. A label without a class is found when the image's truth is read.
    """
    for image, path, names in _images(root, split):
        yield BenchObject(image.stem, image, None, partial(_whole, path, names, min_area))


def _images(root: Path, split: str) -> Iterator[tuple[Path, Path, dict[int, str]]]:
    """The split's images, each with its label map's path and the classes' names."""
    if split not in ("train", "val"):
        raise DataError(f"{root}: class maps have no split {split!r}; give train or val")
    names = class_names(root)
    layout = f"images/, labels/ and classes.json in {root}"
    folder(root / "labels", layout)
    for number, image in enumerate(files(root / "images", layout)):
        if (number % 5 == 0) == (split == "val"):
            yield image, root / "labels" / f"{image.stem}.png", names


def class_names(root: Path) -> dict[int, str]:
    """The classes of a set, by the index that stands in its label maps.

    Raises:
        DataError: `classes.json` is missing or is no object of names by index.
    """
    path = root / "classes.json"
    try:
        return {int(index): str(name) for index, name in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise DataError(f'{path}: expected an object such as {{"0": "sky", "1": "road"}} ({error})') from error


def _region(path: Path, index: int, part: int) -> Truth:
    labels = read_label_map(path)
    parts = cv2.connectedComponents((labels == index).astype(np.uint8))[1]
    return Truth(parts == part, labels == VOID)


def _known_labels(path: Path, names: Mapping[int, str]) -> LabelMap:
    labels = read_label_map(path)
    for index in np.unique(labels[labels != VOID]).tolist():
        if index not in names:
            raise DataError(f"{path}: label {index} is not in classes.json; expected one of its indices, or 255 for void")
    return labels


def _whole(path: Path, names: Mapping[int, str], min_area: int) -> Truth:
    labels = _known_labels(path, names)
    indices, amounts = np.unique(labels[labels != VOID], return_counts=True)
    largest = np.argsort(-amounts, kind="stable")[:MOST_CLASSES]
    classes = np.zeros(labels.shape, np.uint8)
    for number, place in enumerate(largest[amounts[largest] >= min_area], start=1):
        classes[labels == indices[place]] = number
    return whole_truth(classes)
