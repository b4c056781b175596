"""Heat maps against the formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.prompts import Point
from maskwright.vision.heatmaps import gaussians

points = st.lists(st.tuples(st.floats(-10, 40), st.floats(-10, 40)), max_size=6)


@given(points, st.floats(1, 20))
def test_each_pixel_shows_its_nearest_point(points: list[Point], full_width: float) -> None:
    heat = gaussians(points, 30, 24, full_width)
    rows, columns = np.mgrid[:30, :24]
    expected = np.zeros((30, 24))
    for x, y in points:
        expected = np.maximum(expected, np.exp(-4 * np.log(2) * ((columns - x) ** 2 + (rows - y) ** 2) / full_width**2))
    assert heat == pytest.approx(expected, abs=1e-5)


def test_the_width_is_the_full_width_at_half_maximum() -> None:
    heat = gaussians([(50, 50)], 101, 101, full_width=10)
    assert heat[50, 45] == pytest.approx(0.5, abs=1e-6)
    assert heat[55, 50] == pytest.approx(0.5, abs=1e-6)
