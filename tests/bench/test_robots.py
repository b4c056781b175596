from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from maskwright.bench.robots import APART, next_boundary_point
from maskwright.vision.boundaries import inner

Mask = NDArray[np.bool_]
masks = arrays(bool, (12, 15), elements=st.booleans())
points = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 11)), max_size=5)


def slow_point(prediction: Mask, truth: Mask, given_points: list[tuple[int, int]]) -> float | None:
    """The distance from the deepest wrong pixel to the boundary point to choose, by brute force."""
    height, width = truth.shape
    right = [(r, c) for r in range(-1, height + 1) for c in range(-1, width + 1)
             if not (0 <= r < height and 0 <= c < width) or prediction[r, c] == truth[r, c]]  # fmt: skip
    wrong = [(r, c) for r in range(height) for c in range(width) if prediction[r, c] != truth[r, c]]
    rim = [(r, c) for r, c in np.argwhere(inner(truth)) if all(math.dist((c, r), p) >= APART for p in given_points)]
    if not wrong or not rim:
        return None
    deepest = max(wrong, key=lambda p: min(math.dist(p, q) for q in right))
    return min(math.dist(p, deepest) for p in rim)


def deepest_of(prediction: Mask, truth: Mask) -> tuple[int, int]:
    from maskwright.vision.distances import innermost

    return innermost(prediction ^ truth)


@given(masks, masks, points)
def test_the_point_is_the_free_boundary_pixel_nearest_to_the_deepest_error(
    prediction: Mask, truth: Mask, given_points: list[tuple[int, int]]
) -> None:
    found = next_boundary_point(prediction, truth, given_points)
    expected = slow_point(prediction, truth, given_points)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert inner(truth)[int(found.y), int(found.x)]
        assert all(math.dist((found.x, found.y), p) >= APART for p in given_points)
        assert math.dist((found.x, found.y), deepest_of(prediction, truth)) == pytest.approx(expected)


@given(masks, masks, st.integers(0, 2**32 - 1), st.floats(0.5, 6))
def test_jitter_stays_within_its_radius_and_the_image(prediction: Mask, truth: Mask, seed: int, jitter: float) -> None:
    exact = next_boundary_point(prediction, truth)
    missed = next_boundary_point(prediction, truth, rng=np.random.default_rng(seed), jitter=jitter)
    assert (exact is None) == (missed is None)
    if exact is not None and missed is not None:
        assert math.dist((exact.x, exact.y), (missed.x, missed.y)) <= jitter
        assert 0 <= missed.x <= 14
        assert 0 <= missed.y <= 11
        assert missed == next_boundary_point(prediction, truth, rng=np.random.default_rng(seed), jitter=jitter)


def test_nothing_wrong_needs_no_point() -> None:
    truth = np.zeros((20, 20), bool)
    truth[5:15, 5:15] = True
    assert next_boundary_point(truth, truth) is None
    assert next_boundary_point(~truth, truth, void=np.ones_like(truth)) is None


def test_void_errors_are_not_corrected() -> None:
    truth = np.zeros((30, 30), bool)
    truth[5:25, 5:25] = True
    prediction, void = truth.copy(), np.zeros_like(truth)
    prediction[5:25, 15:] = False
    void[:, 15:] = True
    prediction[10:12, 5:7] = False
    point = next_boundary_point(prediction, truth, void=void)
    assert point is not None
    assert point.x < 8


def test_the_borders_of_the_image_are_no_boundary() -> None:
    full = np.ones((10, 10), bool)
    assert next_boundary_point(~full, full) is None


def test_jitter_needs_a_source_of_chance() -> None:
    truth = np.zeros((20, 20), bool)
    truth[5:15, 5:15] = True
    with pytest.raises(ValueError, match="rng"):
        next_boundary_point(~truth, truth, jitter=2)
