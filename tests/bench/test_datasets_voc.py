from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import open_dataset
from maskwright.errors import DataError, MissingExtraError

Save: TypeAlias = Callable[[str, NDArray[np.uint8]], Path]


@pytest.fixture
def voc(save: Save, image: NDArray[np.uint8], tmp_path: Path) -> Path:
    objects = np.zeros(image.shape[:2], np.uint8)
    objects[2:12, 3:13], objects[15:25, 20:35], objects[1, :] = 1, 2, 255
    classes = np.zeros_like(objects)
    classes[objects == 1], classes[objects == 2], classes[objects == 255] = 15, 8, 255
    save("JPEGImages/2007_1.jpg", image)
    save("SegmentationObject/2007_1.png", objects)
    save("SegmentationClass/2007_1.png", classes)
    lists = tmp_path / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text("2007_1\n\n")
    return tmp_path


def test_voc(voc: Path) -> None:
    first, second = open_dataset(f"voc:{voc}")
    assert (first.id, first.category, second.id, second.category) == ("2007_1#1", "person", "2007_1#2", "cat")
    sample = second.load()
    assert sample.mask.sum() == 150
    assert sample.void is not None
    assert sample.void.sum() == 40
    assert not (sample.mask & sample.void).any()


def test_voc_below_its_devkit(voc: Path, tmp_path: Path) -> None:
    home = tmp_path / "VOCdevkit" / "VOC2012"
    home.mkdir(parents=True)
    for name in ("JPEGImages", "SegmentationObject", "SegmentationClass", "ImageSets"):
        (voc / name).rename(home / name)
    assert len(open_dataset(f"voc:{tmp_path}", split="val")) == 2


def test_voc_names_what_is_missing(voc: Path) -> None:
    def refused(split: str = "val") -> str:
        with pytest.raises(DataError) as caught:
            open_dataset(f"voc:{voc}", split=split)
        return str(caught.value)

    assert "train.txt: cannot be read; expected JPEGImages/" in refused("train")
    (voc / "ImageSets" / "Segmentation" / "train.txt").write_text(" \n")
    assert "train.txt: the list is empty" in refused("train")
    (voc / "ImageSets" / "Segmentation" / "val.txt").write_text("2007_2\n")
    assert "SegmentationObject/2007_2.png: expected an image of labels" in refused()


def test_voc_names_what_does_not_fit(voc: Path, save: Save) -> None:
    save("SegmentationClass/2007_1.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(DataError, match=r"SegmentationClass/2007_1\.png: the size differs"):
        open_dataset(f"voc:{voc}")


def test_voc_names_an_unknown_class(voc: Path, save: Save, image: NDArray[np.uint8]) -> None:
    save("SegmentationClass/2007_1.png", np.full(image.shape[:2], 21, np.uint8))
    with pytest.raises(DataError, match="class 21 of an object is not known; expected 1 to 20"):
        open_dataset(f"voc:{voc}")


@pytest.fixture
def sbd(save: Save, image: NDArray[np.uint8], tmp_path: Path) -> Path:
    save("dataset/img/2008_1.jpg", image)
    labels = np.zeros(image.shape[:2], np.uint8)
    labels[2:12, 3:13], labels[15:25, 20:35] = 1, 2
    write_mat(tmp_path / "dataset" / "inst" / "2008_1.mat", labels, [7, 12])
    (tmp_path / "dataset" / "train.txt").write_text("2008_1\n")
    return tmp_path


def write_mat(path: Path, labels: NDArray[np.uint8], categories: list[int]) -> None:
    """The nesting of SBD's own files: GTinst is a struct with Segmentation, Boundaries and a column of Categories."""
    scipy_io = pytest.importorskip("scipy.io", reason="needs the extra [bench]")
    path.parent.mkdir(parents=True, exist_ok=True)
    column: Any = np.array(categories, np.uint8)[:, None]
    scipy_io.savemat(path, {"GTinst": {"Segmentation": labels, "Boundaries": np.zeros(2), "Categories": column}})


@pytest.mark.parametrize("inner", [True, False])
def test_sbd(sbd: Path, inner: bool) -> None:
    objects = open_dataset(f"sbd:{sbd / 'dataset' if inner else sbd}", split="train")
    assert [(o.id, o.category) for o in objects] == [("2008_1#1", "car"), ("2008_1#2", "dog")]
    sample = objects[1].load()
    assert sample.mask.sum() == 150
    assert sample.void is None


def test_sbd_of_one_object(sbd: Path, image: NDArray[np.uint8]) -> None:
    write_mat(sbd / "dataset" / "inst" / "2008_2.mat", np.ones(image.shape[:2], np.uint8), [1])
    (sbd / "dataset" / "val.txt").write_text("2008_2\n")
    (item,) = open_dataset(f"sbd:{sbd}")
    assert item.category == "aeroplane"
    assert item.mask.all()


def test_sbd_names_a_damaged_file(sbd: Path) -> None:
    (sbd / "dataset" / "inst" / "2008_3.mat").write_bytes(b"MATLAB 5.0 MAT-file, damaged")
    (sbd / "dataset" / "val.txt").write_text("2008_3\n")
    with pytest.raises(DataError, match=r"2008_3\.mat: expected a MATLAB file with GTinst\.Segmentation"):
        open_dataset(f"sbd:{sbd}")


def test_sbd_names_an_object_without_class(sbd: Path) -> None:
    write_mat(sbd / "dataset" / "inst" / "2008_4.mat", np.full((4, 4), 2, np.uint8), [1])
    (sbd / "dataset" / "val.txt").write_text("2008_4\n")
    with pytest.raises(DataError, match=r"2008_4\.mat: object 2 has no entry in GTinst\.Categories"):
        open_dataset(f"sbd:{sbd}")


def test_sbd_names_a_missing_folder_and_list(sbd: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"val\.txt: cannot be read; expected img/, inst/ and val\.txt"):
        open_dataset(f"sbd:{sbd}")
    with pytest.raises(DataError, match="elsewhere/img: no such folder"):
        open_dataset(f"sbd:{tmp_path / 'elsewhere'}")


def test_sbd_without_scipy_names_the_extra(sbd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        open_dataset(f"sbd:{sbd}", split="train")
