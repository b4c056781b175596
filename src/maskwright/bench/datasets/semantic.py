"""Whole-image class maps: `images/`, `labels/` of class indices, `classes.json` that names them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from maskwright.bench.datasets.base import BenchObject, Truth, files, folder, read_label_map
from maskwright.errors import DataError

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
    if split not in ("train", "val"):
        raise DataError(f"{root}: class maps have no split {split!r}; give train or val")
    names = class_names(root)
    layout = f"images/, labels/ and classes.json in {root}"
    folder(root / "labels", layout)
    for number, image in enumerate(files(root / "images", layout)):
        if (number % 5 == 0) != (split == "val"):
            continue
        path = root / "labels" / f"{image.stem}.png"
        labels = read_label_map(path)
        for index in np.unique(labels):
            if index == VOID:
                continue
            if int(index) not in names:
                raise DataError(f"{path}: label {index} is not in classes.json; expected one of its indices, or 255 for void")
            class_map = (labels == index).astype(np.uint8)
            count, _, stats, _ = cv2.connectedComponentsWithStats(class_map)
            for part in range(1, count):
                if stats[part, cv2.CC_STAT_AREA] >= min_area:
                    truth = partial(_region, path, int(index), part)
                    yield BenchObject(f"{image.stem}/{index}#{part}", image, names[int(index)], truth)


def class_names(root: Path) -> dict[int, str]:
    """The classes of a set, by the index that stands in its label maps.

    Raises:
        DataError: `classes.json` is missing or is no object of names by index.
    """
    path = root / "classes.json"
    try:
        return {int(index): str(name) for index, name in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise DataError(f'{path}: expected an object such as {{"0": "sky", "1": "road"}} ({error})') from error


def _region(path: Path, index: int, part: int) -> Truth:
    labels = read_label_map(path)
    parts = cv2.connectedComponents((labels == index).astype(np.uint8))[1]
    return Truth(parts == part, labels == VOID)
