from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from maskwright.bench.metrics import boundary_f, error_rate
from maskwright.errors import MaskError
from maskwright.prompts import Box
from maskwright.vision import boundaries

Mask = NDArray[np.bool_]


@st.composite
def triples(draw: st.DrawFn) -> tuple[Mask, Mask, Mask]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=8))
    prediction, truth, void = (draw(arrays(bool, shape)) for _ in range(3))
    return prediction, truth & ~void, void


def slow_error_rate(prediction: Mask, truth: Mask, void: Mask) -> float:
    """Pixel by pixel, straight from the definition."""
    places = [(r, c) for r in range(truth.shape[0]) for c in range(truth.shape[1]) if truth[r, c]]
    if not places:
        return 0.0
    rows, columns = zip(*places, strict=True)
    wrong = counted = 0
    for r in range(min(rows), max(rows) + 1):
        for c in range(min(columns), max(columns) + 1):
            if not void[r, c]:
                counted += 1
                wrong += int(prediction[r, c] != truth[r, c])
    return 100 * wrong / counted


@given(triples())
def test_error_rate_is_the_share_of_wrong_pixels_in_the_box(case: tuple[Mask, Mask, Mask]) -> None:
    assert error_rate(*case) == pytest.approx(slow_error_rate(*case))


def test_error_rate_in_a_given_box() -> None:
    truth = np.zeros((10, 10), bool)
    truth[4:6, 4:6] = True
    assert error_rate(np.zeros_like(truth), truth, box=Box(0, 0, 9, 9)) == 4.0
    assert error_rate(np.zeros_like(truth), truth) == 100.0


def test_error_rate_where_nothing_counts() -> None:
    empty = np.zeros((4, 4), bool)
    assert error_rate(~empty, empty) == 0.0
    assert error_rate(empty, ~empty, void=~empty) == 0.0


def test_boundary_f_takes_void_for_right_and_davis_tolerance() -> None:
    truth = np.zeros((60, 80), bool)
    truth[10:50, 20:60] = True
    prediction = truth.copy()
    prediction[10:50, 50:60] = False
    void = np.zeros_like(truth)
    void[:, 50:] = True
    assert boundary_f(prediction, truth, void) == 1.0
    assert boundary_f(prediction, truth) == boundaries.boundary_f(prediction, truth, 1) < 1.0


def test_metrics_refuse_other_sizes() -> None:
    for metric in (error_rate, boundary_f):
        with pytest.raises(MaskError):
            metric(np.ones((3, 3), bool), np.ones((3, 4), bool))
