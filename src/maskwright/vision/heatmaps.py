"""Heat maps: points as soft dots that a network can see."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import Point


def gaussians(points: Iterable[Point], height: int, width: int, full_width: float) -> NDArray[np.float32]:
    """One Gaussian per point, merged by the pixelwise maximum (DEXTR, section 3.1).

    exp(-4 ln 2 d^2 / full_width^2), where d is the distance to the point: `full_width` is the full width at half maximum, which
    is 2.3548 standard deviations.

    Args:
        points: pixel coordinates; they may lie outside the map.
        height, width: of the map, px.
        full_width: full width at half maximum, px.

    Returns:
        float32 in 0..1, shape (height, width); all 0 where there is no point.

    Example:
        >>> gaussians([(1, 0)], height=1, width=4, full_width=2).round(2)
        array([[0.5 , 1.  , 0.5 , 0.06]], dtype=float32)
    """
    heat = np.zeros((height, width), np.float32)
    scale = -4 * np.log(2) / full_width**2
    for x, y in points:
        column = np.exp(scale * (np.arange(height, dtype=np.float32) - y) ** 2)
        row = np.exp(scale * (np.arange(width, dtype=np.float32) - x) ** 2)
        np.maximum(heat, column[:, None] * row[None, :], out=heat)
    return heat
