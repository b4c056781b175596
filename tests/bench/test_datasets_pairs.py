from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from maskwright.bench.datasets import open_dataset
from maskwright.errors import DataError

Save: TypeAlias = Callable[[str, NDArray[np.uint8]], Path]
Pixels: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]


def test_grabcut_ignores_its_grey_rim(save: Save, image: Pixels, truth: Mask, tmp_path: Path) -> None:
    labels = truth.astype(np.uint8) * 255
    labels[5, :] = 128
    save("data_GT/llama.bmp", image)
    save("boundary_GT/llama.bmp", labels)
    item = open_dataset(f"grabcut:{tmp_path}")[0]
    sample = item.load()
    assert item.id == "llama"
    assert item.category is None
    assert np.array_equal(sample.mask, truth)
    assert sample.void is not None
    assert np.array_equal(sample.void, labels == 128)


def test_berkeley_finds_the_image_of_each_further_object(save: Save, image: Pixels, truth: Mask, tmp_path: Path) -> None:
    save("images/189011.JPG", image)
    for name in ("189011", "189011#2", "189011b"):
        save(f"masks/{name}.png", np.repeat(truth[..., None].astype(np.uint8) * 255, 3, axis=2))
    objects = open_dataset(f"berkeley:{tmp_path}")
    assert [o.id for o in objects] == ["189011", "189011#2", "189011b"]
    assert {o.image_path.name for o in objects} == {"189011.JPG"}
    assert all(np.array_equal(o.mask, truth) and o.void is None for o in objects)


def test_davis_takes_all_that_is_not_zero(save: Save, image: Pixels, truth: Mask, tmp_path: Path) -> None:
    labels = truth.astype(np.uint8)
    labels[0, 0] = 2
    save("img/bear_07.jpg", image)
    path = save("gt/bear_07.png", labels)
    palette = Image.fromarray(labels).convert("P")
    palette.putpalette([0, 0, 0, 0, 0, 0, 9, 9, 9])  # by colour, object 1 would be lost
    palette.save(path)
    item = open_dataset(f"davis:{tmp_path}")[0]
    assert np.array_equal(item.mask, labels > 0)
    assert item.category is None


def test_coco_mval_reads_the_class_from_the_name(save: Save, image: Pixels, truth: Mask, tmp_path: Path) -> None:
    for name in ("airplane_000000123", "traffic light-7", "cell_phone_1_2"):
        save(f"img/{name}.jpg", image)
        save(f"gt/{name}.png", truth.astype(np.uint8))
    assert [o.category for o in open_dataset(f"coco-mval:{tmp_path}")] == ["airplane", "cell phone", "traffic light"]


@pytest.mark.parametrize(
    ("adapter", "images", "masks"),
    [
        ("grabcut", "data_GT", "boundary_GT"),
        ("berkeley", "images", "masks"),
        ("davis", "img", "gt"),
        ("coco-mval", "img", "gt"),
    ],
)
def test_bad_layouts_are_named(
    adapter: str, images: str, masks: str, save: Save, image: Pixels, truth: Mask, tmp_path: Path
) -> None:
    def refused() -> str:
        with pytest.raises(DataError) as caught:
            open_dataset(f"{adapter}:{tmp_path}")[0].load()
        return str(caught.value)

    assert f"{tmp_path / images}: no such folder; expected the folders {images}/ and {masks}/" in refused()
    (tmp_path / images).mkdir()
    assert f"{tmp_path / images}: the folder holds no image" in refused()
    save(f"{images}/a1.png", image)
    assert f"{tmp_path / masks}: no such folder" in refused()
    other = save(f"{masks}/b2.png", truth.astype(np.uint8) * 255)
    assert f"{other}: no image belongs to this mask; expected {tmp_path / images / 'b2'}.jpg" in refused()
    other.unlink()
    damaged = tmp_path / masks / "a1.png"
    damaged.write_bytes(b"\x89PNG damaged")
    assert f"{damaged}: expected an image of labels" in refused()
    damaged.unlink()
    save(f"{masks}/a1.png", truth[:5].astype(np.uint8) * 255)
    assert "the image is 40 x 30 px but the mask of object a1 is 40 x 5 px" in refused()


def test_folders_that_cannot_be_looked_into_are_named(
    berkeley: Path, closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for adapter in ("berkeley", "voc", "sbd"):
        with pytest.raises(DataError, match=r"no such folder; expected"):
            open_dataset(f"{adapter}:{closed_folder / 'set'}")

    def forbidden(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(DataError, match=r"images: cannot be read; expected the folders images/ and masks/"):
        open_dataset(f"berkeley:{berkeley}")


def test_min_area_and_limit_hold_for_every_adapter(berkeley: Path) -> None:
    assert len(open_dataset(f"berkeley:{berkeley}", min_area=240)) == 3
    assert len(open_dataset(f"berkeley:{berkeley}", limit=2)) == 2
    with pytest.raises(DataError, match=r"no object to work on; expected a folder with images/ and masks/, .* at least 241 px"):
        open_dataset(f"berkeley:{berkeley}", min_area=241)


@pytest.mark.parametrize(
    ("spec", "split", "said"),
    [
        ("photos", None, "no path; give ADAPTER:PATH with ADAPTER one of grabcut, berkeley"),
        ("grabcut:", None, "give ADAPTER:PATH"),
        ("sdb:x", None, "no data set is called 'sdb'"),
        ("grabcut:x", "train", "has no split 'train'"),
    ],
)
def test_a_bad_spec_is_named(spec: str, split: str | None, said: str) -> None:
    with pytest.raises(DataError, match=said):
        open_dataset(spec, split=split)


def test_images_are_read_once_and_cannot_be_written_to(berkeley: Path) -> None:
    first, second, third = open_dataset(f"berkeley:{berkeley}")
    assert first.image is second.image
    assert first.image is not third.image
    with pytest.raises(ValueError, match="read-only"):
        first.image[0, 0] = 0


@pytest.mark.parametrize(("adapter", "name", "count"), [("grabcut", "GrabCut", 50), ("berkeley", "Berkeley", 100)])
def test_the_data_at_hand(shared: Path, adapter: str, name: str, count: int) -> None:
    objects = open_dataset(f"{adapter}:{shared / 'data' / 'bench' / name}")
    assert len(objects) == len({o.id for o in objects}) == count
    for item in objects[::10]:
        sample = item.load()
        assert 0 < sample.mask.sum() < sample.mask.size
        assert (sample.void is not None) == (adapter == "grabcut")
