"""Checks of arrays, overlap, boxes and extreme points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from maskwright.errors import ImageError, MaskError
from maskwright.prompts import Box
from maskwright.vision.masks import Mask, as_image, as_mask, bounding_box, extreme_points, iou

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=16))
wide_enough = masks.filter(lambda mask: (box := bounding_box(mask)) is not None and box.x1 > box.x0 and box.y1 > box.y0)


@pytest.mark.parametrize(
    "array",
    [
        None,
        [[1]],
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 3)),
        np.zeros((0, 2, 3), np.uint8),
    ],
)
def test_bad_images(array: Any) -> None:
    with pytest.raises(ImageError, match="the image"):
        as_image(array)


@pytest.mark.parametrize("array", [None, [[True]], np.zeros((2, 2)), np.zeros((2, 2, 1), bool), np.zeros((0, 3), bool)])
def test_bad_masks(array: Any) -> None:
    with pytest.raises(MaskError, match="the mask"):
        as_mask(array)


def test_mask_of_another_size() -> None:
    with pytest.raises(MaskError, match="3 x 2 px, the image 2 x 2 px"):
        as_mask(np.zeros((2, 3), bool), like=np.zeros((2, 2, 3), np.uint8))


def test_iou_ends() -> None:
    full, none = np.ones((3, 3), bool), np.zeros((3, 3), bool)
    assert iou(full, full) == iou(none, none) == 1
    assert iou(full, none) == 0
    with pytest.raises(MaskError):
        iou(full, full[:2])


def test_void_does_not_count() -> None:
    a, b = np.array([[True, True, False]]), np.array([[True, False, False]])
    assert iou(a, b) == 0.5
    assert iou(a, b, void=np.array([[False, True, False]])) == 1
    assert iou(a, b, void=np.ones((1, 3), bool)) == 1


@given(st.data(), masks)
def test_iou_is_the_ratio_of_counts(data: st.DataObject, a: Mask) -> None:
    b = data.draw(arrays(bool, a.shape))
    both = sum(bool(x and y) for x, y in zip(a.flat, b.flat, strict=True))
    either = sum(bool(x or y) for x, y in zip(a.flat, b.flat, strict=True))
    assert iou(a, b) == iou(b, a) == (both / either if either else 1)


@given(masks)
def test_box_is_tight(mask: Mask) -> None:
    box = bounding_box(mask)
    if box is None:
        assert not mask.any()
        return
    rows, columns = np.nonzero(mask)
    assert box == Box(columns.min().item(), rows.min().item(), columns.max().item(), rows.max().item())


@given(wide_enough, st.none() | st.integers(0, 5))
def test_extreme_points_lie_on_the_object_and_span_its_box(mask: Mask, seed: int | None) -> None:
    prompt = extreme_points(mask, None if seed is None else np.random.default_rng(seed))
    assert prompt.box == bounding_box(mask)
    left, right, top, bottom = prompt.points
    assert (left[0], right[0], top[1], bottom[1]) == (prompt.box.x0, prompt.box.x1, prompt.box.y0, prompt.box.y1)
    assert all(mask[int(y), int(x)] for x, y in prompt.points)


def test_ties_are_broken_by_the_generator() -> None:
    mask = np.ones((9, 9), bool)
    assert extreme_points(mask).points == ((0, 4), (8, 4), (4, 0), (4, 8))
    seen = {extreme_points(mask, np.random.default_rng(seed)).points[0] for seed in range(200)}
    assert seen == {(0, y) for y in range(9)}
    again = [extreme_points(mask, np.random.default_rng(3)) for _ in range(2)]
    assert again[0] == again[1]


@given(wide_enough, st.floats(0, 12), st.integers(0, 3))
def test_jitter_stays_within_its_radius_and_the_image(mask: Mask, jitter: float, seed: int) -> None:
    exact = extreme_points(mask, np.random.default_rng(seed))
    missed = extreme_points(mask, np.random.default_rng(seed), jitter)
    for (x, y), (x2, y2) in zip(exact.points, missed.points, strict=True):
        assert np.hypot(x2 - x, y2 - y) <= jitter
        assert 0 <= x2 <= mask.shape[1] - 1
        assert 0 <= y2 <= mask.shape[0] - 1
        assert x2 == int(x2)


def test_jitter_fills_its_disk_and_leaves_the_object() -> None:
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    assert extreme_points(mask, None, 2) == extreme_points(mask, None, 2)  # without a generator, the same every time
    rng = np.random.default_rng(0)
    drawn = {extreme_points(mask, rng, 2).points[2][1] - 10 for _ in range(200)}
    assert drawn == {-2, -1, 0, 1, 2}


@pytest.mark.parametrize(
    "mask", [np.zeros((4, 4), bool), np.eye(4, dtype=bool)[:1], np.ones((5, 1), bool), np.ones((1, 5), bool)]
)
def test_objects_without_area_have_no_extreme_points(mask: Mask) -> None:
    with pytest.raises(MaskError, match="at least 2 x 2 px"):
        extreme_points(mask)


@pytest.mark.parametrize("jitter", [-1.0, float("nan"), float("inf")])
def test_bad_jitter(jitter: float) -> None:
    with pytest.raises(MaskError, match="jitter"):
        extreme_points(np.ones((4, 4), bool), jitter=jitter)


def test_smallest_object_survives_jitter() -> None:
    for seed in range(50):
        box = extreme_points(np.ones((2, 2), bool), np.random.default_rng(seed), 5).box
        assert box == Box(0, 0, 1, 1)
