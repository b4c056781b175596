"""Simulated paint, the crops beneath it, and the sets that they come from."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("torch", reason="needs the extra train")

from maskwright.errors import DataError
from maskwright.training.paint_photos import VOID, PaintMix, classes_of, load_paint_sets
from maskwright.training.paint_samples import (
    LEAST_SHARE,
    MOST_CLASSES,
    RADII,
    PaintSamples,
    random_crop,
    random_part,
    random_stroke,
    with_few_classes,
)
from maskwright.vision.painting import painted


def test_class_maps_train_with_all_but_every_fifth_photo(maps_data: Path) -> None:
    (found,) = load_paint_sets(maps_data, [PaintMix("maps", 1.0)])
    assert len(found.photos) == 8
    rng = np.random.default_rng(0)
    for photo in found.photos:
        classes = classes_of(rng, photo, found.mix)
        assert set(np.unique(classes)) == {1, 2, 3, VOID}
        assert (classes[:2] == VOID).all()
        # One colour for each class: labels and image lie on each other.
        for k in (1, 2, 3):
            assert len(np.unique(photo.image[classes == k], axis=0)) == 1


@pytest.mark.parametrize(
    ("mix", "expected"),
    [
        (PaintMix("shapes", 1.0), {1, 2}),  # the ground, and all objects of one category
        (PaintMix("shapes", 1.0, ground=False), {2, VOID}),
        (PaintMix("shapes", 1.0, apart=1.0), {1, 2, 3}),
    ],
)
def test_objects_become_classes(shapes_data: Path, mix: PaintMix, expected: set[int]) -> None:
    (found,) = load_paint_sets(shapes_data, [mix])
    assert len(found.photos) == 8
    for photo in found.photos:
        assert set(np.unique(classes_of(np.random.default_rng(0), photo, mix))) == expected


def test_the_smaller_of_two_objects_that_overlap_lies_on_top(shapes_data: Path) -> None:
    (found,) = load_paint_sets(shapes_data, [PaintMix("shapes", 1.0, apart=1.0)])
    photo = found.photos[0]
    small, large = sorted(photo.objects, key=lambda item: item.mask.sum())
    nested = type(photo)(photo.image, objects=(small, small, large))
    classes = classes_of(np.random.default_rng(0), nested, found.mix)
    assert (classes[small.mask] == classes[small.mask][0]).all()


@pytest.mark.parametrize("spoil", ["size", "number", "missing"])
def test_class_maps_that_do_not_fit_are_named(maps_data: Path, tmp_path: Path, spoil: str) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    for part in ("images", "labels"):
        (folder / part).mkdir()
    (folder / "classes.json").write_bytes((maps_data / "maps" / "classes.json").read_bytes())
    for name in ("0.png", "1.png"):
        (folder / "images" / name).write_bytes((maps_data / "maps" / "images" / name).read_bytes())
        labels = np.zeros((96, 128), np.uint8)
        if spoil == "size":
            labels = labels[:50]
        if spoil == "number":
            labels[3, 3] = 254
            (folder / "classes.json").write_text('{"0": "ground", "254": "last"}')
        if spoil != "missing" or name == "0.png":
            cv2.imwrite(str(folder / "labels" / name), labels)
    with pytest.raises(DataError, match=r"1\.png"):
        load_paint_sets(tmp_path, [PaintMix("maps", 1.0)])


@given(st.integers(0, 10_000), st.integers(20, 900), st.integers(20, 900))
def test_a_crop_is_filled_by_the_photo_where_it_can_be(seed: int, height: int, width: int) -> None:
    crop = random_crop(np.random.default_rng(seed), height, width, 320)
    assert crop.width == crop.height
    scale = 320 / crop.width * max(height, width) / 512
    assert 0.74 < scale < 1.51 or crop.width <= 40
    for low, high, length in ((crop.x0, crop.x1, width), (crop.y0, crop.y1, height)):
        assert min(low, length - high) >= min(0, length - crop.width)
        assert low >= 0 or high >= length


@given(st.integers(0, 10_000))
def test_some_classes_are_painted_and_the_others_are_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = np.repeat(np.arange(1, 17, dtype=np.uint8) * 15, 400).reshape(80, 80)
    classes[0, :10], classes[1, :5] = VOID, 7
    truth = with_few_classes(rng, classes)
    assert truth is not None
    count = int(truth[truth != VOID].max())
    assert 1 <= count <= MOST_CLASSES
    assert np.array_equal(truth == VOID, classes == VOID)
    assert (truth[1, :5] == 0).all()  # too small to be painted
    for k in range(1, count + 1):
        assert len(np.unique(classes[truth == k])) == 1


def test_a_crop_of_one_class_is_of_no_use() -> None:
    classes = np.full((80, 80), 3, np.uint8)
    assert with_few_classes(np.random.default_rng(0), classes) is None
    classes[:10, : int(640 * LEAST_SHARE)] = 9
    assert with_few_classes(np.random.default_rng(0), classes) is None


def crescent() -> NDArray[np.bool_]:
    canvas = np.zeros((120, 160), np.uint8)
    cv2.circle(canvas, (80, 60), 50, 1, -1)
    cv2.circle(canvas, (100, 60), 45, 0, -1)
    return canvas > 0


def test_strokes_keep_to_their_region_nearly_always() -> None:
    region = crescent()
    within, lengths, radii = [], [], []
    for seed in range(150):
        stroke = random_stroke(np.random.default_rng(seed), region, 5)
        assert stroke.class_id == 5
        paint = painted([stroke], *region.shape) > 0
        within.append((paint & region).sum() / paint.sum())
        lengths.append(len(stroke.points))
        radii.append(stroke.radius)
    assert np.mean(within) > 0.97
    assert np.quantile(within, 0.1) > 0.9
    assert 0.03 < np.mean(np.array(lengths) == 1) < 0.3
    assert max(lengths) > 5
    assert max(radii) <= RADII[1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (2, 2)])
def test_strokes_of_the_smallest_regions(shape: tuple[int, int]) -> None:
    region = np.zeros((40, 40), bool)
    region[20 : 20 + shape[0], 5 : 5 + shape[1]] = True
    for seed in range(40):
        assert (painted([random_stroke(np.random.default_rng(seed), region, 1)], 40, 40) > 0).any()


def test_a_part_is_the_likelier_the_larger_it_is() -> None:
    mask = np.zeros((40, 40), bool)
    mask[:3, :10], mask[20:30, :27] = True, True
    sizes = [int(random_part(np.random.default_rng(seed), mask).sum()) for seed in range(200)]
    assert set(sizes) == {30, 270}
    assert 5 < sizes.count(30) < 45


def test_the_stream_paints_every_class_where_it_is(maps_data: Path) -> None:
    sets = load_paint_sets(maps_data, [PaintMix("maps", 1.0)])
    right = []
    for sample in islice(PaintSamples(sets, 64, seed=1), 30):
        assert sample.rgb.shape == (64, 64, 3)
        assert sample.truth.shape == sample.painted.shape == (64, 64)
        classes = np.unique(sample.truth[sample.truth != VOID])
        assert set(np.unique(sample.painted)) - {0} <= set(classes)
        assert (sample.painted > 0).any()
        counts = (sample.painted > 0) & (sample.truth != VOID)
        right.append((sample.painted == sample.truth)[counts].mean())
    assert np.mean(right) > 0.95


def test_a_seed_gives_the_same_stream(maps_data: Path) -> None:
    sets = load_paint_sets(maps_data, [PaintMix("maps", 1.0)])
    one, same, other = (next(iter(PaintSamples(sets, 64, seed))) for seed in (1, 1, 2))
    assert np.array_equal(one.rgb, same.rgb)
    assert np.array_equal(one.painted, same.painted)
    assert not np.array_equal(one.rgb, other.rgb)
