"""The robots that click."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from maskwright.bench.robots import EFFECTIVE_WIDTH, next_click, sloppy_click
from maskwright.prompts import Click

Mask = NDArray[np.bool_]
HEIGHT, WIDTH = 9, 12
masks = arrays(bool, (HEIGHT, WIDTH))
clicks = st.lists(st.builds(Click, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.booleans()), max_size=4)


def slow_click(prediction: Mask, truth: Mask, void: Mask, given_clicks: list[Click]) -> tuple[int, int, bool] | None:
    """The rule of the specification, pixel by pixel, in squared distances."""

    def deepest(wrong: Mask) -> tuple[int, int, int]:
        padded = np.pad(wrong, 1)
        right = np.argwhere(~padded) - 1
        best = (0, 0, 0)
        for row, column in np.argwhere(wrong):
            if any((c.x, c.y) == (column, row) for c in given_clicks):
                continue
            depth = int(((right - (row, column)) ** 2).sum(axis=1).min())
            if depth > best[0]:
                best = (depth, int(column), int(row))
        return best

    missed, added = deepest(truth & ~prediction & ~void), deepest(prediction & ~truth & ~void)
    if not missed[0] and not added[0]:
        return None
    positive = missed[0] > added[0]
    return (*(missed if positive else added)[1:], positive)


@given(masks, masks, masks, clicks)
def test_the_click_is_that_of_the_rule(prediction: Mask, truth: Mask, void: Mask, given_clicks: list[Click]) -> None:
    found = next_click(prediction, truth, given_clicks, void=void)
    expected = slow_click(prediction, truth, void, given_clicks)
    assert (None if found is None else (found.x, found.y, found.positive)) == expected


def test_of_equal_errors_the_added_one_is_clicked() -> None:
    truth, prediction = np.zeros((12, 24), bool), np.zeros((12, 24), bool)
    truth[3:8, 3:8] = True
    prediction[3:8, 15:20] = True
    assert next_click(prediction, truth) == Click(17, 5, positive=False)
    truth[2:9, 2:9] = True
    assert next_click(prediction, truth) == Click(5, 5, positive=True)


def test_the_border_of_the_image_ends_an_error() -> None:
    assert next_click(np.zeros((7, 9), bool), np.ones((7, 9), bool)) == Click(3, 3)


def test_nothing_left_to_click_at() -> None:
    truth = np.zeros((5, 5), bool)
    truth[2, 2] = True
    rng = np.random.default_rng(0)
    for robot in (next_click, lambda *arguments, **named: sloppy_click(*arguments, **named, rng=rng)):
        assert robot(truth, truth) is None
        assert robot(np.zeros_like(truth), truth, [Click(2, 2)]) is None
        assert robot(~truth, truth, void=np.ones_like(truth)) is None


@given(masks, masks, clicks, st.integers(0, 2**32 - 1))
def test_the_sloppy_click_keeps_its_sign_and_the_image(
    prediction: Mask, truth: Mask, given_clicks: list[Click], seed: int
) -> None:
    exact = next_click(prediction, truth, given_clicks)
    missed = sloppy_click(prediction, truth, given_clicks, rng=np.random.default_rng(seed))
    assert missed == sloppy_click(prediction, truth, given_clicks, rng=np.random.default_rng(seed))
    assert (exact is None) == (missed is None)
    if exact is not None and missed is not None:
        assert missed.positive == exact.positive
        assert 0 <= missed.x < WIDTH
        assert 0 <= missed.y < HEIGHT
        assert missed.x == int(missed.x)


@pytest.mark.parametrize("radius", [20, 60])
def test_people_stray_more_in_larger_regions_and_mostly_stay_in_them(radius: int) -> None:
    rows, columns = np.mgrid[:200, :200]
    truth = np.asarray((columns - 100) ** 2 + (rows - 100) ** 2 < radius**2)
    rng = np.random.default_rng(0)
    found = [sloppy_click(np.zeros_like(truth), truth, rng=rng) for _ in range(400)]
    away = np.array([(c.x - 100, c.y - 100) for c in found if c is not None])
    assert away.std(axis=0) == pytest.approx(2 * radius / EFFECTIVE_WIDTH, rel=0.12)
    left = np.mean([math.hypot(*a) >= radius for a in away])
    assert 0.07 < left < 0.17
