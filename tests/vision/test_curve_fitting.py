"""Few points for a line of many."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.vision.curve_fitting import at, fitted, spread
from maskwright.vision.splines import curve_of

Line = NDArray[np.float64]


@st.composite
def wavy(draw: st.DrawFn) -> Line:
    """A closed line around a middle, with bumps."""
    turn = np.linspace(0, 2 * np.pi, draw(st.integers(20, 200)), endpoint=False)
    radius = 60 + sum(draw(st.floats(0, 10)) * np.sin(k * turn + draw(st.floats(0, 6))) for k in (2, 3, 5))
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


@given(wavy(), st.floats(0.1, 8), st.sampled_from(["polygon", "spline"]), st.sets(st.integers(0, 19), max_size=3))
def test_the_curve_stays_near_the_line(line: Line, tolerance: float, curve: str, keep: set[int]) -> None:
    chosen = fitted(line, tolerance, curve, most=len(line), keep=sorted(keep))
    assert (np.diff(chosen) > 0).all()
    assert keep <= set(chosen.tolist())
    drawn = shapely.linearrings(curve_of(line[chosen], curve))
    assert shapely.distance(drawn, shapely.points(line)).max() <= tolerance + 1e-6
    if not keep:
        assert len(fitted(line, 2 * tolerance, "polygon", most=len(line))) <= len(
            fitted(line, tolerance, "polygon", most=len(line))
        )


def test_no_more_points_than_allowed_and_the_worst_first() -> None:
    line = np.array([[0, 0], [10, 0.5], [20, 0], [20, 20], [10, 25], [0, 20]], float)
    assert fitted(line, 0, "polygon", most=4).tolist() == [0, 2, 3, 5]
    assert fitted(line, 0, "polygon", most=9).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_line_that_encloses_nothing_is_given_up() -> None:
    assert len(fitted(np.array([[0.0, 0], [1, 1], [2, 2]]), 0, "polygon", most=9)) < 3
    assert len(fitted(np.zeros((5, 2)), 0, "spline", most=9)) < 3


@given(wavy(), st.integers(3, 80))
def test_points_are_even_along_a_line_without_corners(line: Line, vertices: int) -> None:
    found = spread(line, vertices)
    assert found.shape == (vertices, 2)
    ring = shapely.linearrings(line)
    assert shapely.distance(ring, shapely.points(found)).max() < 1e-6
    where = shapely.line_locate_point(ring, shapely.points(found))
    gaps = np.mod(np.diff(where, append=where[0]), ring.length)
    assert gaps.sum() == pytest.approx(ring.length, rel=1e-6)  # once around, in order
    assert gaps.max() <= 2.5 * ring.length / vertices


@pytest.mark.parametrize("vertices", [4, 6, 7, 12, 40])
@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_corners_get_a_point(vertices: int, first: int) -> None:
    corners = np.roll(np.array([[0, 0], [30, 0], [30, 30], [0, 30]], float), first, axis=0)
    found = {(x, y) for x, y in spread(corners, vertices).round(9).tolist()}
    assert {(x, y) for x, y in corners.tolist()} <= found
    assert len(found) == vertices


def test_places_go_around() -> None:
    square = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]])
    assert at(square, [-2, 0, 14, 30]).tolist() == [[0, 2], [0, 0], [0, 2], [0, 2]]
