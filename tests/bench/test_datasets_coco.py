from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import open_dataset
from maskwright.errors import DataError
from maskwright.vision import rle

SQUARE = [[10, 6, 30, 6, 30, 18, 10, 18]]


def test_polygons_and_both_run_length_codes_give_the_same_mask(
    coco_file: Callable[..., Path], truth: NDArray[np.bool_], image: NDArray[np.uint8]
) -> None:
    path = coco_file(SQUARE, rle.encode(truth), rle.encode_compressed(truth))
    objects = open_dataset(f"coco:{path}", min_area=0)
    assert [o.id for o in objects] == ["10", "11", "12"]
    for item in objects:
        sample = item.load()
        assert np.array_equal(sample.mask, truth)
        assert sample.void is None
        assert np.array_equal(sample.image, image)
        assert item.category == "cat"


def test_the_parts_of_an_object_are_joined_even_where_they_overlap(coco_file: Callable[..., Path]) -> None:
    path = coco_file([[0, 0, 4, 0, 4, 4, 0, 4], [2, 2, 6, 2, 6, 6, 2, 6]])
    assert open_dataset(f"coco:{path}", min_area=0)[0].mask.sum() == 16 + 16 - 4


def test_crowds_and_small_objects_are_left_out(coco_file: Callable[..., Path]) -> None:
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 3, "segmentation": SQUARE, "iscrowd": 1, "area": 9999},
        {"id": 2, "image_id": 1, "category_id": 3, "segmentation": SQUARE, "area": 1023.5},
        {"id": 3, "image_id": 1, "category_id": 3, "segmentation": SQUARE, "area": 1024},
        {"id": 4, "image_id": 1, "category_id": 3, "segmentation": SQUARE},
    ]
    path = coco_file(annotations=annotations)
    assert [o.id for o in open_dataset(f"coco:{path}")] == ["3"]
    assert [o.id for o in open_dataset(f"coco:{path}", min_area=240)] == ["2", "3", "4"]
    assert [o.id for o in open_dataset(f"coco:{path}", min_area=0, limit=1)] == ["2"]


def test_objects_travel_to_worker_processes(coco_file: Callable[..., Path], truth: NDArray[np.bool_]) -> None:
    item = open_dataset(f"coco:{coco_file(SQUARE)}", min_area=0)[0]
    assert np.array_equal(pickle.loads(pickle.dumps(item)).mask, truth)


@pytest.mark.parametrize(
    ("segmentation", "said"),
    [
        ([[1, 2, 3]], "annotation 10"),
        (["x"], "annotation 10"),
        (7, "annotation 10"),
        ({"size": [30, 40], "counts": [3]}, "annotation 10"),
        ({"size": [30, 40]}, "annotation 10"),
        ({"size": [2, 2], "counts": [4]}, "2 x 2 px; its image is 40 x 30 px"),
    ],
)
def test_a_malformed_segmentation_is_named(coco_file: Callable[..., Path], segmentation: Any, said: str) -> None:
    path = coco_file(segmentation)
    with pytest.raises(DataError, match=said) as caught:
        open_dataset(f"coco:{path}", min_area=0)[0].load()
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": None}, "images, annotations and categories"),
        ({"images": [{"id": 1}]}, "file_name"),
        ({"images": ["a.png"]}, "file_name"),
        ({"categories": [{"name": "cat"}]}, "each category an id"),
        ({"annotations": ["x"]}, "has no segmentation"),
        ({"annotations": [{"id": 5, "image_id": 1}]}, "annotation 5 has no segmentation"),
        ({"annotations": [{"id": 5, "image_id": 9, "segmentation": SQUARE}]}, "annotation 5 names image 9"),
        ({"annotations": [{"id": 5, "image_id": [1], "segmentation": SQUARE}]}, r"annotation 5 names image \[1\]"),
    ],
)
def test_what_coco_json_lacks_is_named(coco_file: Callable[..., Path], changes: dict[str, Any], said: str) -> None:
    path = coco_file(SQUARE, **changes)
    with pytest.raises(DataError, match=said) as caught:
        open_dataset(f"coco:{path}")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("category_id", [9, [3], {}])
def test_an_object_of_no_known_category_has_none(coco_file: Callable[..., Path], category_id: Any) -> None:
    annotation = {"id": 5, "image_id": 1, "category_id": category_id, "segmentation": SQUARE}
    path = coco_file(annotations=[annotation])
    assert open_dataset(f"coco:{path}", min_area=0)[0].category is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"3", b"[" * 100_000])
def test_a_file_that_is_no_coco_json_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"broken\.json.*expected COCO JSON"):
        open_dataset(f"coco:{path}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.json.*expected COCO JSON"):
        open_dataset(f"coco:{tmp_path / 'nowhere.json'}")


def test_a_missing_or_broken_image_is_named(coco_file: Callable[..., Path], tmp_path: Path) -> None:
    item = open_dataset(f"coco:{coco_file(SQUARE)}", min_area=0)[0]
    (tmp_path / "images" / "a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"a\.png"):
        item.load()
    (tmp_path / "images" / "a.png").unlink()
    with pytest.raises(DataError, match=r"a\.png"):
        item.load()


def test_an_image_of_another_size_is_named(coco_file: Callable[..., Path], tmp_path: Path) -> None:
    path = coco_file(SQUARE)
    data = json.loads(path.read_text())
    data["images"][0]["width"] = 50
    path.write_text(json.dumps(data))
    with pytest.raises(DataError, match=r"a\.png: the image is 40 x 30 px but the mask of object 10 is 50 x 30 px"):
        open_dataset(f"coco:{path}", min_area=0)[0].load()


def test_the_data_at_hand(shared: Path) -> None:
    objects = open_dataset(f"coco:{shared / 'data' / 'voc_person' / 'instances_val.json'}")
    assert len(objects) == 942
    sample = objects[0].load()
    assert sample.image.shape == (320, 480, 3)
    assert sample.mask.sum() == 16219
