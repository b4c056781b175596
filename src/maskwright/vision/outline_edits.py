"""What a person does to an outline by hand: insert, delete, move and pin control points. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from maskwright.errors import PromptError
from maskwright.prompts.checks import Point
from maskwright.prompts.outlines import FEWEST_POINTS, Outline, OutlineRing


def inserted(outline: Outline, ring: int, edge: int, point: Point) -> Outline:
    """Insert a control point.

    Args:
        outline: the outline.
        ring: which ring, from 0.
        edge: the new point comes after this control point: 0 is the edge from the first to the second, the last that from the
            last to the first.
        point: where, px.

    Raises:
        PromptError: there is no such ring or edge, or the ring has 400 control points already.

    Example:
        >>> outline = Outline((OutlineRing(((0, 0), (8, 0), (8, 8)), pinned=(1, 2)),))
        >>> inserted(outline, 0, 1, (9, 4)).rings[0]
        OutlineRing(points=((0.0, 0.0), (8.0, 0.0), (9.0, 4.0), (8.0, 8.0)), pinned=(1, 3), hole=False)
    """
    old = _ring_at(outline, ring, edge)
    points = (*old.points[: edge + 1], point, *old.points[edge + 1 :])
    return with_ring(outline, ring, replace(old, points=points, pinned=tuple(i + (i > edge) for i in old.pinned)))


def deleted(outline: Outline, ring: int, index: int) -> Outline:
    """Delete a control point; a ring of three goes as a whole.

    Raises:
        PromptError: there is no such control point, or no ring but holes would be left.

    Example:
        >>> outline = Outline((OutlineRing(((0, 0), (8, 0), (8, 8), (0, 8)), pinned=(1, 3)),))
        >>> deleted(outline, 0, 1).rings[0]
        OutlineRing(points=((0.0, 0.0), (8.0, 8.0), (0.0, 8.0)), pinned=(2,), hole=False)
    """
    old = _ring_at(outline, ring, index)
    if len(old.points) > FEWEST_POINTS:
        points = old.points[:index] + old.points[index + 1 :]
        pinned = tuple(i - (i > index) for i in old.pinned if i != index)
        return with_ring(outline, ring, replace(old, points=points, pinned=pinned))
    if not old.hole and sum(not other.hole for other in outline.rings) == 1:
        raise PromptError("the outline's last ring has three control points left; delete the object instead")
    return replace(outline, rings=outline.rings[:ring] + outline.rings[ring + 1 :])


def moved(outline: Outline, ring: int, index: int, point: Point) -> Outline:
    """Move a control point, pinned or not, and no other.

    Raises:
        PromptError: there is no such control point.

    Example:
        >>> outline = Outline((OutlineRing(((0, 0), (8, 0), (8, 8))),))
        >>> moved(outline, 0, 2, (7, 9)).rings[0].points
        ((0.0, 0.0), (8.0, 0.0), (7.0, 9.0))
    """
    old = _ring_at(outline, ring, index)
    return with_ring(outline, ring, replace(old, points=(*old.points[:index], point, *old.points[index + 1 :])))


def pinned(outline: Outline, ring: int, index: int, on: bool) -> Outline:
    """Pin a control point, so that no neighbour's drag moves it, or let it go again.

    Raises:
        PromptError: there is no such control point.

    Example:
        >>> outline = Outline((OutlineRing(((0, 0), (8, 0), (8, 8))),))
        >>> pinned(outline, 0, 2, on=True).rings[0].pinned
        (2,)
    """
    old = _ring_at(outline, ring, index)
    others = tuple(i for i in old.pinned if i != index)
    return with_ring(outline, ring, replace(old, pinned=(*others, index) if on else others))


def with_curve(outline: Outline, curve: str) -> Outline:
    """Join the same control points by straight lines ("polygon") or a spline ("spline").

    Raises:
        PromptError: no such curve.

    Example:
        >>> with_curve(Outline((OutlineRing(((0, 0), (8, 0), (8, 8))),)), "polygon").curve
        'polygon'
    """
    return replace(outline, curve=curve)


def _ring_at(outline: Outline, ring: int, index: int) -> OutlineRing:
    if not 0 <= ring < len(outline.rings):
        raise PromptError(f"ring {ring} of the outline is meant; it has {len(outline.rings)}, counted from 0")
    found = outline.rings[ring]
    if not 0 <= index < len(found.points):
        raise PromptError(f"control point {index} of ring {ring} is meant; the ring has {len(found.points)}, counted from 0")
    return found


def with_ring(outline: Outline, index: int, ring: OutlineRing) -> Outline:
    """Put another ring in the place of number `index`, which there is.

    Example:
        >>> outline = Outline((OutlineRing(((0, 0), (8, 0), (8, 8))),))
        >>> with_ring(outline, 0, OutlineRing(((1, 1), (8, 0), (8, 8)))).rings[0].points[0]
        (1.0, 1.0)
    """
    return replace(outline, rings=(*outline.rings[:index], ring, *outline.rings[index + 1 :]))
