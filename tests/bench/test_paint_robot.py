"""The robot that paints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.bench.paint_robot import next_paint
from maskwright.prompts import Stroke
from maskwright.vision.painting import ClassMap, footprint, lay

pytest.importorskip("skimage", reason="needs the extra [bench]")


def stroke_for(classes: ClassMap, truth: ClassMap, seed: int = 0) -> Stroke:
    stroke = next_paint(classes, truth, None, np.random.default_rng(seed))
    assert stroke is not None
    return stroke


@pytest.fixture
def truth() -> ClassMap:
    """A small thing of class 5 on two large areas, the left one larger."""
    classes = np.full((120, 160), 1, np.uint8)
    classes[:, 90:] = 2
    classes[50:62, 20:40] = 5
    return classes


def test_the_largest_error_comes_first_whatever_its_class(truth: ClassMap) -> None:
    classes = np.zeros_like(truth)
    for class_id in (1, 2, 5):
        assert stroke_for(classes, truth).class_id == class_id
        classes[truth == class_id] = class_id
    assert next_paint(classes, truth, None, np.random.default_rng(0)) is None
    classes[:, :] = 1
    assert stroke_for(classes, truth).class_id == 2  # missed altogether
    classes[:60, 90:] = 2
    classes[:, :60] = 2
    assert stroke_for(classes, truth).class_id == 1


@pytest.mark.parametrize(("side", "radius"), [(1, 0.5), (2, 0.5), (6, 1.05), (20, 3.5), (80, 8)])
def test_strokes_are_as_wide_as_the_error_lets_them(side: int, radius: float) -> None:
    truth = np.full((120, 160), 1, np.uint8)
    truth[20 : 20 + side, 30 : 30 + side] = 2
    assert stroke_for(np.ones_like(truth), truth).radius == pytest.approx(radius, abs=0.4)


def test_void_pixels_are_left_alone(truth: ClassMap) -> None:
    void = truth != 5
    stroke = next_paint(np.zeros_like(truth), truth, void, np.random.default_rng(0))
    assert stroke is not None
    assert stroke.class_id == 5
    truth[void] = 0
    assert stroke_for(np.zeros_like(truth), truth) == stroke


def test_chance_is_the_generators_alone(truth: ClassMap) -> None:
    nothing = np.zeros_like(truth)
    assert stroke_for(nothing, truth, seed=1) == stroke_for(nothing, truth, seed=1)
    assert len({stroke_for(nothing, truth, seed=seed) for seed in range(5)}) > 1


@given(seed=st.integers(0, 2**32 - 1), blocks=st.integers(2, 8), size=st.integers(1, 12))
def test_a_stroke_paints_what_is_wrong_and_next_to_nothing_else(seed: int, blocks: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.kron(rng.integers(1, 4, (blocks, blocks)), np.ones((size, size))).astype(np.uint8)
    classes = rng.integers(0, 4, truth.shape).astype(np.uint8)
    classes = np.where(rng.random(truth.shape) < 0.5, truth, classes)
    stroke = next_paint(classes, truth, None, rng)
    if stroke is None:
        assert np.array_equal(classes, truth)
        return
    assert not stroke.freeze
    window, mask = footprint(stroke, *truth.shape)
    wrong = (classes != truth) & (truth == stroke.class_id)
    assert wrong[window][mask].any()
    assert (truth[window][mask] == stroke.class_id).mean() > 0.9
    before = int((classes != truth).sum())
    lay(classes, stroke)
    assert int((classes != truth).sum()) <= before


def test_a_whole_image_can_be_painted_by_hand(truth: ClassMap) -> None:
    classes, rng = np.zeros_like(truth), np.random.default_rng(3)
    made = 0
    while (stroke := next_paint(classes, truth, None, rng)) is not None:
        lay(classes, stroke)
        made += 1
        assert made < 2000
    assert np.array_equal(classes, truth)
