from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import open_dataset
from maskwright.errors import DataError

Save: TypeAlias = Callable[[str, NDArray[np.uint8]], Path]
NAMES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def maps(save: Save, image: NDArray[np.uint8], tmp_path: Path) -> Path:
    """Six photos of 40 x 30 px: a door of two parts, a wall around them, a strip of void."""
    labels = np.full(image.shape[:2], 4, np.uint8)
    labels[2:6, 2:8] = 7
    labels[6:10, 8:12] = 7  # touches the first part at a corner: one part
    labels[20:24, 20:30] = 7
    labels[29, :] = 255
    for name in NAMES:
        save(f"images/{name}.jpg", image)
        save(f"labels/{name}.png", labels)
    (tmp_path / "classes.json").write_text(json.dumps({"4": "wall", "7": "door"}))
    return tmp_path


def test_every_connected_part_of_a_class_is_an_object(maps: Path) -> None:
    objects = open_dataset(f"semantic:{maps}", min_area=0)[:3]
    assert [(o.id, o.category) for o in objects] == [("a/4#1", "wall"), ("a/7#1", "door"), ("a/7#2", "door")]
    assert {o.image_path.name for o in objects} == {"a.jpg"}
    wall, first, second = (o.load() for o in objects)
    assert first.mask.sum() == 24 + 16
    assert first.mask[2, 2]
    assert first.mask[9, 11]
    assert second.mask.sum() == 40
    assert wall.mask.sum() == 30 * 40 - 24 - 16 - 40 - 40
    for sample in (wall, first, second):
        assert sample.void is not None
        assert np.array_equal(np.flatnonzero(sample.void.any(axis=1)), [29])
        assert not (sample.mask & sample.void).any()


def test_every_fifth_photo_is_for_validation(maps: Path) -> None:
    def photos(split: str | None) -> list[str]:
        return list(dict.fromkeys(o.image_path.stem for o in open_dataset(f"semantic:{maps}", split=split, min_area=0)))

    assert photos(None) == photos("val") == ["a", "f"]
    assert photos("train") == ["b", "c", "d", "e"]


def test_small_parts_are_left_out(maps: Path) -> None:
    assert [o.id for o in open_dataset(f"semantic:{maps}", min_area=40, limit=3)] == ["a/4#1", "a/7#1", "a/7#2"]
    assert [o.id for o in open_dataset(f"semantic:{maps}", min_area=41, limit=1)] == ["a/4#1"]
    assert [o.id for o in open_dataset(f"semantic:{maps}")] == ["a/4#1", "f/4#1"]  # 1,080 px; the doors are below 1,024


def test_objects_travel_to_worker_processes(maps: Path) -> None:
    item = open_dataset(f"semantic:{maps}", min_area=0)[1]
    assert np.array_equal(pickle.loads(pickle.dumps(item)).mask, item.mask)


def refused(maps: Path, split: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        open_dataset(f"semantic:{maps}", split=split, min_area=0)
    return str(caught.value)


def test_a_split_that_does_not_exist_is_named(maps: Path) -> None:
    assert "no split 'test'; give train or val" in refused(maps, "test")


def test_a_label_without_a_class_is_named(maps: Path) -> None:
    (maps / "classes.json").write_text('{"4": "wall"}')
    assert "a.png: label 7 is not in classes.json" in refused(maps)


@pytest.mark.parametrize("content", ["", "[]", '{"door": 7}', "\ud800", "[" * 100_000])
def test_classes_that_cannot_be_read_are_named(maps: Path, content: str) -> None:
    (maps / "classes.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert "classes.json: expected an object such as" in refused(maps)


def test_what_is_missing_is_named(maps: Path) -> None:
    (maps / "labels" / "a.png").unlink()
    assert "a.png: expected an image of labels" in refused(maps)
    for path in (maps / "labels").iterdir():
        path.unlink()
    (maps / "labels").rmdir()
    assert "labels: no such folder; expected images/, labels/ and classes.json" in refused(maps)
    (maps / "classes.json").unlink()
    assert "classes.json: expected an object" in refused(maps)


def test_a_map_of_another_size_is_named(maps: Path, save: Save) -> None:
    save("labels/a.png", np.full((5, 5), 4, np.uint8))
    item = open_dataset(f"semantic:{maps}", min_area=0)[0]
    with pytest.raises(DataError, match="the image is 40 x 30 px but the mask of object a/4#1 is 5 x 5 px"):
        item.load()
