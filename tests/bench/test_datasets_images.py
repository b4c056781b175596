"""Whole images of the data sets that have them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import Sample, open_dataset
from maskwright.errors import DataError
from maskwright.vision import rle
from maskwright.vision.painting import ClassMap


def class_map(sample: Sample) -> ClassMap:
    classes = sample.class_map
    assert classes is not None
    assert classes.dtype == np.uint8
    assert sample.void is not None
    assert np.array_equal(sample.mask, classes > 0)
    assert np.array_equal(sample.void, classes == 0)
    assert np.unique(classes[classes > 0]).tolist() == list(range(1, int(classes.max()) + 1))
    return classes


def code(rows: slice, columns: slice) -> dict[str, Any]:
    mask = np.zeros((30, 40), bool)
    mask[rows, columns] = True
    return rle.encode_compressed(mask)


def test_every_object_of_coco_is_a_class_and_the_smaller_lies_on_top(coco_file: Callable[..., Path]) -> None:
    small, large, beside = code(slice(5, 10), slice(5, 10)), code(slice(2, 20), slice(2, 20)), code(slice(0, 3), slice(30, 40))
    (item,) = open_dataset(f"coco:{coco_file(small, large, beside)}", images=True)
    assert (item.id, item.image_path.name, item.category) == ("1", "a.png", None)
    classes = class_map(item.load())
    assert len({classes[6, 6], classes[3, 3], classes[1, 35]}) == 3
    assert (classes[5:10, 5:10] == classes[6, 6]).all()
    assert (classes == classes[3, 3]).sum() == 18 * 18 - 25
    assert (classes == 0).sum() == 1200 - 18 * 18 - 30
    assert np.array_equal(class_map(pickle.loads(pickle.dumps(item)).load()), classes)


def test_objects_that_do_not_count_leave_what_is_under_them(coco_file: Callable[..., Path]) -> None:
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 3, "segmentation": code(slice(0, 20), slice(0, 20)), "area": 400},
        {"id": 2, "image_id": 1, "category_id": 3, "segmentation": code(slice(0, 3), slice(0, 3)), "area": 9},
        {"id": 3, "image_id": 1, "category_id": 3, "segmentation": code(slice(25, 30), slice(0, 5))},
        {"id": 4, "image_id": 1, "category_id": 3, "segmentation": code(slice(0, 30), slice(30, 40)), "iscrowd": 1},
        # Covered altogether by an equally large one, which comes later.
        {"id": 5, "image_id": 1, "category_id": 3, "segmentation": code(slice(0, 20), slice(0, 20)), "area": 400},
    ]
    data = f"coco:{coco_file(annotations=annotations)}"
    everything, large, larger = (class_map(open_dataset(data, images=True, min_area=area)[0].load()) for area in (None, 25, 26))
    assert np.bincount(everything.ravel()).tolist() == [1200 - 400 - 25, 391, 25, 9]
    assert np.bincount(large.ravel()).tolist() == [1200 - 400 - 25, 400, 25]
    assert np.bincount(larger.ravel()).tolist() == [800, 400]


def test_the_largest_254_objects_count(coco_file: Callable[..., Path]) -> None:
    rows = [code(slice(k // 40, k // 40 + 1), slice(k % 40, k % 40 + 1)) for k in range(260)]
    (item,) = open_dataset(f"coco:{coco_file(*rows, code(slice(20, 30), slice(0, 40)))}", images=True)
    classes = class_map(item.load())
    assert int(classes.max()) == 254
    assert (classes[20:] == 1).all()
    assert (classes[:20] > 0).sum() == 253


def test_an_image_of_coco_comes_once(coco_file: Callable[..., Path]) -> None:
    entry = {"file_name": "a.png", "height": 30, "width": 40}
    part = code(slice(0, 5), slice(0, 5))
    annotations = [{"id": k, "image_id": image, "category_id": 3, "segmentation": part} for k, image in enumerate((2, 1, 2))]
    path = coco_file(images=[entry | {"id": 1}, entry | {"id": 2}, entry | {"id": 3}], annotations=annotations)
    assert [item.id for item in open_dataset(f"coco:{path}", images=True)] == ["2", "1"]
    assert [item.id for item in open_dataset(f"coco:{path}", images=True, limit=1)] == ["2"]


def test_a_malformed_object_of_coco_is_named(coco_file: Callable[..., Path]) -> None:
    (item,) = open_dataset(f"coco:{coco_file([[1, 2, 3]])}", images=True)
    with pytest.raises(DataError, match="annotation 10: the segmentation is malformed"):
        item.load()


@pytest.fixture
def maps(save: Any, image: NDArray[np.uint8], tmp_path: Path) -> Path:
    """Six photos of 40 x 30 px: class 0 with a door of class 9, a strip of class 4 and one of void."""
    labels = np.zeros(image.shape[:2], np.uint8)
    labels[2:6, 2:8] = labels[20:24, 20:30] = 9
    labels[10, :] = 4
    labels[29, :] = 255
    for name in "abcdef":
        save(f"images/{name}.jpg", image)
        save(f"labels/{name}.png", labels)
    (tmp_path / "classes.json").write_text(json.dumps({"0": "sky", "4": "wall", "9": "door"}))
    return tmp_path


def test_class_maps_come_as_they_are(maps: Path) -> None:
    items = open_dataset(f"semantic:{maps}", images=True)
    assert [(item.id, item.image_path.name) for item in items] == [("a", "a.jpg"), ("f", "f.jpg")]
    assert [item.id for item in open_dataset(f"semantic:{maps}", images=True, split="train", limit=2)] == ["b", "c"]
    classes = class_map(items[0].load())
    sizes = [1160 - 64 - 40, 64, 40]
    numbers = [int(classes[0, 0]), int(classes[3, 3]), int(classes[10, 0])]
    assert sorted(numbers) == [1, 2, 3]
    assert [(classes == number).sum() for number in numbers] == sizes
    assert (classes[29] == 0).all()
    assert (classes == 0).sum() == 40


def test_small_classes_become_void(maps: Path) -> None:
    classes = class_map(open_dataset(f"semantic:{maps}", images=True, min_area=41)[0].load())
    assert (classes == 0).sum() == 40 + 40
    assert (classes[10] == 0).all()
    assert int(classes.max()) == 2


def test_a_label_without_a_class_is_named_when_it_is_read(maps: Path) -> None:
    (maps / "classes.json").write_text('{"0": "sky", "9": "door"}')
    item = open_dataset(f"semantic:{maps}", images=True)[0]
    with pytest.raises(DataError, match=r"a\.png: label 4 is not in classes\.json"):
        item.load()


def test_sets_of_single_objects_say_so(berkeley: Path) -> None:
    with pytest.raises(DataError, match="knows single objects, no whole images; give one of coco, semantic"):
        open_dataset(f"berkeley:{berkeley}", images=True)


def test_a_set_without_images_is_named(coco_file: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="no object to work on"):
        open_dataset(f"coco:{coco_file()}", images=True)


def test_the_data_at_hand(shared: Path) -> None:
    regions = open_dataset(f"coco:{shared / 'data' / 'bsds_regions' / 'instances_val.json'}", images=True)
    assert len(regions) == 38
    assert class_map(regions[0].load()).max() > 2
    panoptic = open_dataset(f"semantic:{shared / 'data' / 'semantic' / 'coco_panoptic'}", images=True)
    assert len(panoptic) == 39
    assert class_map(panoptic[0].load()).max() > 2
