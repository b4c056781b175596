"""Where the control points of an outline belong, once the true line is known: simulated drags bring them there."""

from __future__ import annotations

import numpy as np
import shapely

from maskwright.vision.curve_fitting import along, at, evenly
from maskwright.vision.polygons import Ring
from maskwright.vision.splines import curve_of

POINTS = 640
"""Points along each of two lines that are matched."""


def area(ring: Ring) -> float:
    """The signed area that a closed line encloses, positive where it runs clockwise on the screen.

    Example:
        >>> area(np.array([[0.0, 0], [4, 0], [4, 3]]))
        6.0
    """
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def places(points: Ring, curve: str, truth: Ring) -> Ring:
    """Where each control point belongs.

    Points are spread evenly along the drawn curve and along the true line, and matched one to one, in the order of both, from
    the start that makes the sum of their squared distances least (with the paper's sum of |dx| + |dy|, a curve drawn beside its
    place would be slid along it too). A control point belongs as far along the true line as it lies along the curve.

    Args:
        points: control points, shape (n, 2), px.
        curve: "polygon" or "spline".
        truth: the line around the object, shape (m, 2), in either direction, px.

    Returns:
        Shape (n, 2), points on the true line.

    Example:
        >>> square = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])
        >>> places(np.roll(square, 2, axis=0)[::-1] + 1, "polygon", square).round(9).tolist()
        [[8.0, 0.0], [0.0, 0.0], [0.0, 8.0], [8.0, 8.0]]
    """
    drawn = curve_of(points, curve)
    if area(drawn) * area(truth) < 0:
        truth = truth[::-1]
    ours, theirs = (np.fft.rfft(evenly(line, POINTS), axis=0) for line in (drawn, truth))
    # For each start at once: the sum of squares is least where the sum of products is greatest.
    start = int(np.fft.irfft((ours.conj() * theirs).sum(axis=1), POINTS).argmax())
    passed = along(drawn)
    shares = passed[: -1 : len(drawn) // len(points)] / passed[-1]
    return at(truth, (shares + start / POINTS) * along(truth)[-1])


def worst(points: Ring, curve: str, truth: Ring, enough: float) -> tuple[int, float, Ring]:
    """The control point that a person drags next: of those beside the true line, or of all, the one farthest from its place.

    One that lies on the true line already looks right, however far along it its place may be.

    Args:
        points: control points, shape (n, 2), px.
        curve: "polygon" or "spline".
        truth: as for `places`.
        enough: px; what is so near to the line is on it.

    Returns:
        The index of the point, how far it is from its place, px, and the places of all points.

    Example:
        >>> square = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])
        >>> drawn = np.array([[0.0, 0], [1, 0], [8, 0], [8, 8], [4, 5], [0, 8]])
        >>> worst(drawn, "polygon", square, enough=1)[0]
        4
    """
    there = places(points, curve, truth)
    off = np.hypot(*(there - points).T)
    beside = shapely.distance(shapely.linearrings(truth), shapely.points(points)) > enough
    if beside.any():
        off[~beside] = 0
    index = int(off.argmax())
    return index, float(off[index]), there
