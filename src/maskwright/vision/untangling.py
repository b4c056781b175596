"""A ring whose line crosses itself, put in order: its control points stay where they are, some change places in the ring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import Outline
from maskwright.vision.outlines import crosses_itself, with_ring
from maskwright.vision.polygons import Ring

TURNS = 4
"""Stretches that are turned around at most, for each control point: a drag leaves one or two crossings, not hundreds."""


def untangled(outline: Outline, ring: int, held: int | None = None) -> Outline | None:
    """The outline with the control points of one ring in an order in which the curve through them does not cross itself.

    A point that was dragged to where others are comes between the two where it makes the smallest detour. Where two edges of
    the control polygon cross, the stretch of points between them is turned around: the two edges that join it anew are shorter
    together than those were, so that there is an end to it (the travelling salesman's 2-opt: Croes, "A Method for Solving
    Traveling-Salesman Problems", Operations Research 6, 1958). Pins go with their points.

    Args:
        outline: the outline.
        ring: which ring, from 0.
        held: index of the control point that was dragged, if any; it keeps that index, so that it can be dragged on.

    Returns:
        The outline, or None where the curve crosses itself in that order too.

    Example:
        >>> from maskwright.prompts import OutlineRing
        >>> bow_tie = Outline((OutlineRing(((0, 0), (9, 9), (9, 0), (0, 9)), pinned=(1,)),), "polygon")
        >>> untangled(bow_tie, 0).rings[0]
        OutlineRing(points=((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)), pinned=(2,), hole=False)
    """
    old = outline.rings[ring]
    found = _order(np.array(old.points), held)
    kept = held or 0
    order: list[int] = np.roll(found, kept - int(np.flatnonzero(found == kept)[0])).tolist()
    points = tuple(old.points[i] for i in order)
    if crosses_itself(points, outline.curve):
        return None
    pinned = tuple(place for place, i in enumerate(order) if i in old.pinned)
    return with_ring(outline, ring, replace(old, points=points, pinned=pinned))


def _order(points: Ring, held: int | None) -> NDArray[np.intp]:
    """Which of the points comes at each place of a ring whose edges do not cross."""
    order = np.arange(len(points))
    edges = _crossing(points)
    if edges and held is not None:
        rest = np.delete(order, held)
        before, after = points[rest], points[np.roll(rest, -1)]
        detour = [np.hypot(*(a - b).T) for a, b in ((points[held], before), (points[held], after), (before, after))]
        order = np.insert(rest, 1 + int((detour[0] + detour[1] - detour[2]).argmin()), held)
    for _ in range(TURNS * len(order)):
        edges = _crossing(points[order])
        if edges is None:
            break
        first, last = edges[0] + 1, edges[1]
        if 2 * (last - first + 1) > len(order):
            # Turning the other stretch around draws the same line; the shorter one leaves more points in their places.
            first, last = last + 1, first - 1 + len(order)
        stretch = np.arange(first, last + 1) % len(order)
        order[stretch] = order[stretch[::-1]]
    return order


def _crossing(ring: Ring) -> tuple[int, int] | None:
    """Two edges that cross, by the control point that each begins at, the first such pair; None where there are none."""
    ahead = np.roll(ring, -1, axis=0)
    along = ahead - ring

    def side(ends: Ring) -> NDArray[np.float64]:
        """On which side of each edge (rows) each of the points (columns) lies."""
        offset = ends[None] - ring[:, None]
        return np.asarray(np.sign(along[:, None, 0] * offset[..., 1] - along[:, None, 1] * offset[..., 0]))

    parted = side(ring) * side(ahead) < 0  # the edge of the row parts the ends of that of the column
    both = np.argwhere(np.triu(parted & parted.T))
    return (int(both[0, 0]), int(both[0, 1])) if len(both) else None
