"""Closed centripetal Catmull-Rom splines, against the recursion that defines them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import MaskError, PromptError
from maskwright.vision.splines import PER_SEGMENT, curve_of, sample

Points = NDArray[np.float64]
coordinates = st.floats(-300, 700) | st.integers(-5, 5).map(float)
anywhere = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12).map(np.array)


@st.composite
def rings(draw: st.DrawFn) -> Points:
    """Points of which no two that follow each other are at one place."""
    points: Points = draw(anywhere)
    return points + np.arange(len(points))[:, None] * 0.37


def slow_sample(points: Points, per_segment: int) -> Points:
    """Barry and Goldman's pyramid, knot by knot."""
    n, found = len(points), []
    for i in range(n):
        p = [points[(i + k) % n] for k in (-1, 0, 1, 2)]
        t = np.cumsum([0.0] + [np.linalg.norm(p[k + 1] - p[k]) ** 0.5 for k in range(3)])
        for at in t[1] + (t[2] - t[1]) * np.arange(per_segment) / per_segment:
            level = list(p)
            for width in (1, 2):
                level = [
                    ((t[k + width] - at) * level[k] + (at - t[k]) * level[k + 1]) / (t[k + width] - t[k])
                    for k in range(len(level) - 1)
                ]
            found.append(((t[2] - at) * level[0] + (at - t[1]) * level[1]) / (t[2] - t[1]))
    return np.array(found)


@given(rings(), st.integers(1, 6))
def test_samples_are_those_of_the_pyramid(points: Points, per_segment: int) -> None:
    steps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    if steps.min() > 1e-3:
        assert np.allclose(sample(points, per_segment), slow_sample(points, per_segment), atol=1e-6, rtol=0)


@given(anywhere, st.integers(0, 11), st.integers(1, 40))
def test_goes_through_its_points_whichever_is_first(points: Points, first: int, per_segment: int) -> None:
    drawn = sample(points, per_segment)
    assert drawn.shape == (len(points) * per_segment, 2)
    assert np.isfinite(drawn).all()
    assert np.allclose(drawn[::per_segment], points, atol=1e-9)
    rolled = sample(np.roll(points, first, axis=0), per_segment)
    assert np.allclose(rolled, np.roll(drawn, first * per_segment, axis=0), atol=1e-9)


def kinks(points: Points, fine: int) -> Points:
    """How the speed differs between just before and just after each control point, measured in the knots."""
    drawn = sample(points, fine)
    step = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1) ** 0.5 / fine
    ends = np.roll(drawn.reshape(-1, fine, 2), 1, axis=0)[:, -1]
    before, after = (points - ends) / np.roll(step, 1)[:, None], (drawn[1::fine] - points) / step[:, None]
    return np.linalg.norm(after - before, axis=1)


@given(rings())
def test_closes_without_a_kink(points: Points) -> None:
    steps = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    if steps.min() > 0.1:
        # What is left is the curve's bend within one step, which goes with the step.
        assert (kinks(points, 3200) <= kinks(points, 800) / 3 + 1e-3).all()


def test_a_circles_points_draw_a_circle() -> None:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    drawn = sample(100 * np.stack([np.cos(turn), np.sin(turn)], axis=1) + 7)
    assert len(drawn) == 40 * PER_SEGMENT == 1280
    assert np.abs(np.hypot(*(drawn - 7).T) - 100).max() < 0.02


def test_points_at_one_place_make_a_corner_and_no_trouble() -> None:
    square = np.array([[0, 0], [8, 0], [8, 0], [8, 8], [0, 8], [0, 8], [0, 8]])
    assert np.isfinite(sample(square)).all()
    assert (sample(np.ones((3, 2))) == 1).all()


def test_curves_by_name() -> None:
    triangle = [[0, 0], [4, 0], [4, 4]]
    assert curve_of(triangle, "polygon").tolist() == triangle
    assert np.array_equal(curve_of(triangle, "spline"), sample(triangle))
    with pytest.raises(PromptError, match="'bezier'; give 'polygon' or 'spline'"):
        curve_of(triangle, "bezier")
    with pytest.raises(MaskError, match="at least three"):
        sample([[0, 0], [1, 1]])
