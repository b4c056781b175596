"""The curves of outlines: closed centripetal Catmull-Rom splines and polygons (Curve-GCN, section 3.3)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maskwright.errors import PromptError
from maskwright.prompts.outlines import CURVES
from maskwright.vision.polygons import Ring, as_ring

PER_SEGMENT = 32
"""Samples of each segment: the paper's, 1280 for 40 control points."""

_NEAREST = 1e-6  # the square root of px; no interval between knots is 0


def sample(points: ArrayLike, per_segment: int = PER_SEGMENT) -> Ring:
    """Sample the closed spline through control points.

    Knots lie |distance| ** 0.5 apart, so that no segment crosses itself. Each segment is the cubic of Barry and Goldman's
    pyramid, in Hermite form: its tangent at a control point is that of the parabola through the point and its two neighbours
    around the ring. The curve closes without a kink: it is C1 at every control point (the paper's stretched auxiliary points
    leave a jump of speed at the first one). Of control points at one place the curve makes a corner.

    Args:
        points: shape (n, 2), n >= 3, in the order of the ring, px.
        per_segment: samples per segment, even in the parameter; each segment begins with its control point.

    Returns:
        Shape (n * per_segment, 2); sample i * per_segment is control point i.

    Raises:
        MaskError: the points are fewer than three, or not pairs of finite numbers within a million px.

    Example:
        >>> square = [[0, 0], [4, 0], [4, 4], [0, 4]]
        >>> sample(square, per_segment=2)[1].tolist()  # bulges beyond the straight edge
        [2.0, -0.5]
    """
    ring = as_ring(points)
    after = np.roll(ring, -1, axis=0)
    chord = after - ring  # of the segment that begins at each point
    gap = np.maximum(np.sqrt(np.hypot(chord[:, 0], chord[:, 1])), _NEAREST)[:, None]
    gap_before = np.roll(gap, 1, axis=0)
    speed = chord / gap
    tangent = (gap * np.roll(speed, 1, axis=0) + gap_before * speed) / (gap + gap_before)
    parts = np.stack([ring, after, gap * tangent, gap * np.roll(tangent, -1, axis=0)], axis=1)
    samples: Ring = (_basis(per_segment) @ parts).reshape(-1, 2)
    return samples


def curve_of(points: ArrayLike, curve: str) -> Ring:
    """The closed line that control points draw.

    Args:
        points: shape (n, 2), n >= 3, px.
        curve: "polygon" or "spline".

    Returns:
        Shape (m, 2), its last point joined to the first: the points themselves, or the spline's samples. Control point i is
        point i * m / n.

    Raises:
        MaskError: as for `sample`.
        PromptError: no such curve.

    Example:
        >>> triangle = [[0, 0], [4, 0], [4, 4]]
        >>> len(curve_of(triangle, "polygon")), len(curve_of(triangle, "spline"))
        (3, 96)
    """
    if curve not in CURVES:
        raise PromptError(f"the outline's curve is {curve!r}; give 'polygon' or 'spline'")
    return as_ring(points) if curve == "polygon" else sample(points)


@lru_cache(maxsize=8)
def _basis(per_segment: int) -> NDArray[np.float64]:
    """What each sample takes of its segment's two ends and their tangents, shape (per_segment, 4)."""
    u = np.arange(per_segment) / per_segment
    begin = (1 + 2 * u) * (1 - u) ** 2
    return np.stack([begin, 1 - begin, u * (1 - u) ** 2, u**2 * (u - 1)], axis=1)
