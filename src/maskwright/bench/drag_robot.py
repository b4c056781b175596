"""The robot that drags control points: the worst one to its place (Curve-GCN, section 3.4)."""

from __future__ import annotations

import numpy as np

from maskwright.prompts import Outline, VertexDrag
from maskwright.vision.masks import Mask
from maskwright.vision.outline_matching import area, worst
from maskwright.vision.outlines import curve_of, of_mask
from maskwright.vision.polygons import Ring

STAIRS = 0.75
"""px; the true line runs so near to the pixels' edges, and knows nothing of their stairs."""

SPECK = 0.01
"""A part of less than this share of an object's area does not make it an object of several parts."""


def true_line(truth: Mask) -> Ring | None:
    """The line around the one part of an object, in pixel coordinates; None where there are several.

    Args:
        truth: bool, (height, width), not empty.

    Returns:
        Shape (n, 2), clockwise on the screen, last point joined to the first. Holes are left out.

    Example:
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:15, 5:15] = True
        >>> true_line(truth).tolist()
        [[4.5, 4.5], [14.5, 4.5], [14.5, 14.5], [4.5, 14.5]]
    """
    outer = [np.array(ring.points) for ring in of_mask(truth, tolerance=STAIRS).rings if not ring.hole]
    areas = [area(line) for line in outer]
    return outer[int(np.argmax(areas))] if max(areas) >= (1 - SPECK) * sum(areas) else None


def largest_ring(outline: Outline) -> int:
    """The index of the ring that encloses most and is no hole."""
    sizes = [-1 if ring.hole else abs(area(curve_of(ring.points, outline.curve))) for ring in outline.rings]
    return int(np.argmax(sizes))


def next_drag(outline: Outline, truth: Ring, reach: int, enough: float) -> VertexDrag | None:
    """Drag the worst control point of the largest ring to its place (see `outline_matching.worst`).

    Args:
        outline: as it is.
        truth: the true line, of `true_line`.
        reach: how many neighbours on each side may follow.
        enough: px; a point so near to its place is right.

    Returns:
        The drag, or None where all points are right.

    Example:
        >>> from maskwright.prompts import OutlineRing
        >>> square = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])
        >>> drawn = OutlineRing(((0, 0), (4, 0), (8, 0), (8, 4), (5, 6), (4, 8), (0, 8), (0, 4)))
        >>> next_drag(Outline((drawn,), "polygon"), square, reach=2, enough=1)
        VertexDrag(index=4, x=7.27, y=8.0, ring=0, reach=2)
    """
    index = largest_ring(outline)
    points = np.array(outline.rings[index].points)
    point, off, there = worst(points, outline.curve, truth, enough)
    if off <= enough:
        return None
    x, y = there[point].round(2).tolist()
    return VertexDrag(point, x, y, ring=index, reach=reach)
