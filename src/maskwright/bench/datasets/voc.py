"""PASCAL VOC and SBD, as distributed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from maskwright.bench.datasets.base import BenchObject, LabelMap, Truth, folder, listed, read_label_map
from maskwright.errors import DataError, MissingExtraError

CLASSES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
VOID = 255


def voc(root: Path, split: str) -> Iterator[BenchObject]:
    """PASCAL VOC: `JPEGImages/ SegmentationObject/ SegmentationClass/ ImageSets/Segmentation/SPLIT.txt`; 255 is void.

    `root` is the folder of one year (VOC2012) or the one that holds `VOCdevkit/VOC2012`.
    """
    if os.path.isdir(root / "VOCdevkit" / "VOC2012"):
        root = root / "VOCdevkit" / "VOC2012"
    layout = f"JPEGImages/, SegmentationObject/, SegmentationClass/ and ImageSets/Segmentation/{split}.txt in {root}"
    for name in ("JPEGImages", "SegmentationObject", "SegmentationClass"):
        folder(root / name, layout)
    for stem in listed(root / "ImageSets" / "Segmentation" / f"{split}.txt", layout):
        path, classes = (root / name / f"{stem}.png" for name in ("SegmentationObject", "SegmentationClass"))
        labels, class_map = read_label_map(path), read_label_map(classes)
        if labels.shape != class_map.shape:
            raise DataError(f"{classes}: the size differs from {path}; expected one size")
        for number in _numbers(labels):
            values = class_map[(labels == number) & (class_map != VOID)]
            class_id = int(np.bincount(values).argmax()) if values.size else 0
            image = root / "JPEGImages" / f"{stem}.jpg"
            yield BenchObject(f"{stem}#{number}", image, _class_name(class_id, classes), partial(_voc_truth, path, number))


def sbd(root: Path, split: str) -> Iterator[BenchObject]:
    """SBD: `dataset/img/*.jpg`, `dataset/inst/*.mat` (GTinst.Segmentation, GTinst.Categories), `dataset/SPLIT.txt`.

    `root` is the folder that holds `dataset/` (benchmark_RELEASE) or `dataset/` itself.

    Raises:
        MissingExtraError: SciPy, which reads the .mat files, is not installed.
    """
    root = root / "dataset" if os.path.isdir(root / "dataset") else root
    layout = f"img/, inst/ and {split}.txt in {root}"
    for name in ("img", "inst"):
        folder(root / name, layout)
    for stem in listed(root / f"{split}.txt", layout):
        path = root / "inst" / f"{stem}.mat"
        instances = _read_mat(path)
        for number in _numbers(instances.labels):
            if number > len(instances.categories):
                raise DataError(f"{path}: object {number} has no entry in GTinst.Categories; expected one class per object")
            category = _class_name(instances.categories[number - 1], path)
            yield BenchObject(f"{stem}#{number}", root / "img" / f"{stem}.jpg", category, partial(_sbd_truth, path, number))


class _Instances(NamedTuple):
    labels: LabelMap
    categories: tuple[int, ...]


def _numbers(labels: LabelMap) -> list[int]:
    return [int(n) for n in np.unique(labels) if n not in (0, VOID)]


def _class_name(class_id: int, path: Path) -> str:
    if not 1 <= class_id <= len(CLASSES):
        raise DataError(f"{path}: class {class_id} of an object is not known; expected 1 to {len(CLASSES)}")
    return CLASSES[class_id - 1]


def _voc_truth(path: Path, number: int) -> Truth:
    labels = read_label_map(path)
    return Truth(labels == number, labels == VOID)


def _sbd_truth(path: Path, number: int) -> Truth:
    return Truth(_read_mat(path).labels == number)


@lru_cache(maxsize=4)
def _read_mat(path: Path) -> _Instances:
    try:
        from scipy.io import loadmat
    except ImportError:
        raise MissingExtraError("bench", "the SBD reader") from None
    try:
        truth = loadmat(path, squeeze_me=True, struct_as_record=False)["GTinst"]
        labels = np.atleast_2d(truth.Segmentation).astype(np.int32)
        categories = tuple(int(c) for c in np.atleast_1d(truth.Categories))
    except Exception as error:  # SciPy's reader fails in many ways on a damaged file: all mean the same to the user
        raise DataError(f"{path}: expected a MATLAB file with GTinst.Segmentation and GTinst.Categories; {error}") from error
    labels.flags.writeable = False
    return _Instances(labels, categories)
