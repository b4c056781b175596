"""Few control points for a line of many: as many as a tolerance needs, or so many, spread along it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from maskwright.vision.polygons import Ring
from maskwright.vision.splines import curve_of

CORNER = np.pi / 4
"""A point where the line turns by more, seen from half a gap before it to half a gap after it, is a corner."""

_NOTHING = 1e-9  # px; what is left of 0 after arithmetic


def fitted(line: Ring, tolerance: float, curve: str, *, most: int, keep: Sequence[int] = ()) -> NDArray[np.intp]:
    """Choose points of a closed line so that the curve through them stays near it.

    The rule of Douglas and Peucker, on all segments at once: where the curve strays too far, the line's point that lies
    farthest from it becomes a control point, until there is none, or there are `most`.

    Args:
        line: shape (n, 2), n >= 3, px.
        tolerance: px; no point of the line lies farther from the segment that passes it, unless `most` is reached.
        curve: "polygon" or "spline".
        most: control points, at the most.
        keep: indices of points that are chosen in any case.

    Returns:
        Indices of points of the line, rising; fewer than three where the line encloses nothing.

    Example:
        >>> line = np.array([[0.0, 0], [1, 0], [2, 0], [2, 2], [0, 2]])
        >>> fitted(line, 0.1, "polygon", most=10).tolist()
        [0, 2, 3, 4]
    """
    points = shapely.points(line)
    chosen = np.unique(np.array([*keep, *_wide_triangle(line)], np.intp))
    while 3 <= len(chosen) < most:
        owner = np.searchsorted(chosen, np.arange(len(line)), side="right") - 1  # -1: the last segment, around the end
        off = shapely.distance(_segments(line[chosen], curve)[owner], points)
        order = np.lexsort((off, owner))
        worst = order[np.flatnonzero(np.diff(owner[order], append=len(chosen)))]
        worst = worst[off[worst] > tolerance + _NOTHING]
        if not len(worst):
            break
        if curve == "spline":  # a new point bends its neighbours' segments too: small errors may go with the large ones
            worst = worst[off[worst] >= off.max() / 4]
        worst = worst[np.argsort(-off[worst], kind="stable")][: most - len(chosen)]
        chosen = np.union1d(chosen, worst)
    return chosen


def spread(line: Ring, vertices: int) -> Ring:
    """Place so many points evenly along a closed line, corners preferred.

    Of each stretch between two points' middles the sharpest corner, if it has one, gets the point; the others are even between
    the corners.

    Args:
        line: shape (n, 2), n >= 3, of some length, px.
        vertices: how many, from 3.

    Returns:
        Shape (vertices, 2), in the line's sense, beginning near its first point.

    Example:
        >>> spread(np.array([[0.0, 0], [12, 0], [12, 6], [0, 6]]), 6).tolist()
        [[0.0, 0.0], [6.0, 0.0], [12.0, 0.0], [12.0, 6.0], [6.0, 6.0], [0.0, 6.0]]
    """
    where, length = along(line)[:-1], along(line)[-1]
    gap = length / vertices
    before, after = line - at(line, where - gap / 2), at(line, where + gap / 2) - line
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
    where = np.where(where < length - gap / 2, where, where - length)  # those before the first point are the first slot's
    slot = np.rint(where / gap).astype(np.intp)
    taken = {int(slot[i]): float(where[i]) for i in np.argsort(turn, kind="stable") if turn[i] > CORNER}  # the sharpest stays
    places = gap * np.arange(vertices)
    if taken:
        slots = np.array(sorted(taken))
        held = np.array([taken[k] for k in slots.tolist()])
        around = np.concatenate([slots - vertices, slots, slots + vertices])
        places = np.interp(np.arange(vertices), around, np.concatenate([held - length, held, held + length]))
    return at(line, places)


def evenly(line: Ring, count: int) -> Ring:
    """So many points evenly along a closed line, from its first point on, shape (count, 2).

    Example:
        >>> evenly(np.array([[0.0, 0], [3, 0], [3, 3], [0, 3]]), 3).tolist()
        [[0.0, 0.0], [3.0, 1.0], [1.0, 3.0]]
    """
    return at(line, np.arange(count) * (along(line)[-1] / count))


def at(line: Ring, places: ArrayLike) -> Ring:
    """The points of a closed line at so many px along it from its first point; it goes round and round.

    Args:
        line: shape (n, 2).
        places: shape (m,), px, any numbers.

    Returns:
        Shape (m, 2).

    Example:
        >>> at(np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]]), [6, -1, 16]).tolist()
        [[4.0, 2.0], [0.0, 1.0], [0.0, 0.0]]
    """
    passed = along(line)
    closed = np.concatenate([line, line[:1]])
    there = np.mod(places, passed[-1])
    return np.stack([np.interp(there, passed, closed[:, 0]), np.interp(there, passed, closed[:, 1])], axis=1)


def along(line: Ring) -> NDArray[np.float64]:
    """How far along a closed line each of its points lies, and at last its whole length, px, shape (n + 1,).

    Example:
        >>> along(np.array([[0.0, 0], [3, 0], [3, 4]])).tolist()
        [0.0, 3.0, 7.0, 12.0]
    """
    steps = np.roll(line, -1, axis=0) - line
    return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])


def _segments(points: Ring, curve: str) -> NDArray[np.object_]:
    """The curve's segments, one line each."""
    pieces = curve_of(points, curve).reshape(len(points), -1, 2)
    lines: NDArray[np.object_] = shapely.linestrings(np.concatenate([pieces, np.roll(pieces, -1, axis=0)[:, :1]], axis=1))
    return lines


def _wide_triangle(line: Ring) -> tuple[int, int, int]:
    """The first point, the point farthest from it, and the point farthest from the line through both."""
    from_first = line - line[0]
    far = int((from_first**2).sum(axis=1).argmax())
    x, y = from_first[far]
    return 0, far, int(np.abs(from_first[:, 0] * y - from_first[:, 1] * x).argmax())
