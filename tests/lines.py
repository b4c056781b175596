"""Closed lines, for tests of what is matched to them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Line = NDArray[np.float64]


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """A closed line around a middle, clockwise on the screen, of points evenly along the turn."""
    turn = np.linspace(0, 2 * np.pi, draw(st.integers(8, 60)), endpoint=False)
    radius = 50 + sum(draw(st.floats(0, 8)) * np.sin(k * turn + draw(st.floats(0, 6))) for k in (2, 3, 5))
    return 70 + np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
