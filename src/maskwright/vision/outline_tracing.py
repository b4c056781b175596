"""From the exact line around a mask's pixels to control points that a person can work with."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import shapely
from numpy.typing import ArrayLike

from maskwright.prompts.outlines import MOST_POINTS
from maskwright.vision.curve_fitting import fitted, spread
from maskwright.vision.polygons import Ring
from maskwright.vision.splines import curve_of

STAIRS = 0.75
"""px; a slanted edge's line of pixels strays so far from a straight one at most, a little more than half a diagonal."""

_BACK = 0.05  # px; filling rounds to a fifth

_DECIMALS = 3  # of a px; curves nearer than that touch


def crosses_itself(ring_points: ArrayLike, curve: str) -> bool:
    """Whether a ring's curve crosses or touches itself.

    Points that follow each other at one place do not count; a curve that runs back on itself does.

    Args:
        ring_points: shape (n, 2), n >= 3, px.
        curve: "polygon" or "spline"; of a spline the samples are looked at.

    Raises:
        MaskError: the points make no closed line.
        PromptError: no such curve.

    Example:
        >>> crosses_itself([[0, 0], [4, 4], [4, 0], [0, 4]], "polygon")
        True
        >>> crosses_itself([[0, 0], [4, 0], [4, 4], [0, 4]], "spline")
        False
    """
    # Rounded, lest what arithmetic leaves of points at one place counts as a crossing.
    return not shapely.is_simple(shapely.linearrings(np.round(curve_of(ring_points, curve), _DECIMALS)))


def traced(exact: Ring, vertices: int | None, tolerance: float, curve: str) -> tuple[Ring, bool]:
    """Control points for an exact line around pixels.

    Where they would make a curve that crosses itself, such as at a bridge of one pixel's width, there are more of them.

    Args:
        exact: corners of the pixels' edges, shape (n, 2), as `polygons.from_mask` gives them.
        vertices: how many, evenly along the line, corners preferred; None: as many as the tolerance needs.
        tolerance: px; a line around something slender is kept to a quarter of its width.
        curve: "polygon" or "spline".

    Returns:
        The points, shape (n, 2), at most 400, and whether their curve still crosses itself.
    """
    line = _dense(_apart(exact))
    if curve == "spline":  # which need not go around corners: the middles of the pixels' edges know no stairs
        line = (line + np.roll(line, -1, axis=0)) / 2
    attempts = _attempts(line, vertices, min(tolerance, _quarter_width(exact)), curve)
    first = next(attempts)
    points: Ring | None = first
    while points is not None and crosses_itself(points, curve):
        points = next(attempts, None)
    return (first, True) if points is None else (points, False)


def simplified_ring(points: Ring, pinned: tuple[int, ...], tolerance: float, curve: str) -> tuple[Ring, tuple[int, ...]]:
    """A ring with as few control points as the tolerance needs, and the new indices of the pinned ones, which stay.

    As it was where that leaves no fewer, or would make the curve cross itself.
    """
    line = curve_of(points, curve)
    keep = [index * (len(line) // len(points)) for index in pinned]
    chosen = fitted(line, min(tolerance, _quarter_width(line)), curve, most=len(points), keep=keep)
    fewer = line[chosen]
    if not 3 <= len(fewer) < len(points) or crosses_itself(fewer, curve):
        return points, pinned
    return fewer, tuple(np.searchsorted(chosen, keep).tolist())


def _attempts(line: Ring, vertices: int | None, tolerance: float, curve: str) -> Iterator[Ring]:
    if vertices is not None:
        smooth = cv2.approxPolyDP(line.astype(np.float32)[:, None], min(STAIRS, tolerance), closed=True)[:, 0].astype(
            np.float64
        )
        while vertices <= MOST_POINTS:
            yield spread(smooth, vertices)
            vertices *= 2
    for share in (1, 0.5, 0.25, 0):
        yield line[fitted(line, share * tolerance, curve, most=MOST_POINTS)]


def _apart(ring: Ring) -> Ring:
    """Where pixels of one part meet at a corner their line meets itself: draw it back into each, less than filling notices."""
    _, which, times = np.unique(ring, axis=0, return_inverse=True, return_counts=True)
    inward = np.sign(np.roll(ring, 1, axis=0) - ring) + np.sign(np.roll(ring, -1, axis=0) - ring)
    return np.where((times[which] > 1)[:, None], ring + _BACK * inward, ring)


def _dense(ring: Ring) -> Ring:
    """The line with points at most 1 px apart."""
    steps = np.roll(ring, -1, axis=0) - ring
    times = np.maximum(np.ceil(np.hypot(steps[:, 0], steps[:, 1]) - 0.5).astype(np.intp), 1)
    edge = np.repeat(np.arange(len(ring)), times)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times)) / times[edge]
    dense: Ring = ring[edge] + share[:, None] * steps[edge]
    return dense


def _quarter_width(line: Ring) -> float:
    """A quarter of the width of a bar of the same area and outline."""
    polygon = shapely.polygons(line)
    return float(shapely.area(polygon) / max(2 * shapely.length(polygon), 1.0))
