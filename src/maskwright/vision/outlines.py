"""Outlines as a person edits them: filled, traced from masks, turned into polygons, simplified, repaired.

Control points are prompts' points: pixel centres have whole numbers. Rings are painted in their order: a hole is cut out of
what the rings before it fill, and an island in the hole comes after it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from maskwright.errors import MaskError
from maskwright.prompts.checks import whole
from maskwright.prompts.outlines import FEWEST_POINTS, MOST_POINTS, Outline, OutlineRing
from maskwright.vision import polygons
from maskwright.vision.curve_fitting import spread
from maskwright.vision.masks import Mask
from maskwright.vision.outline_edits import deleted, inserted, moved, pinned, with_curve, with_ring
from maskwright.vision.outline_tracing import crosses_itself, simplified_ring, traced
from maskwright.vision.polygons import Polygon, Ring
from maskwright.vision.splines import curve_of

__all__ = [
    "crosses_itself",
    "curve_of",
    "deleted",
    "fill",
    "inserted",
    "moved",
    "of_mask",
    "pinned",
    "repaired",
    "simplified",
    "to_polygons",
    "with_curve",
    "with_ring",
]

CRUMB = 0.02
"""What a crossing makes is dropped where it is smaller than this share of the whole."""

_HALF = 0.5  # from pixel coordinates to polygons' own


def fill(outline: Outline, height: int, width: int) -> Mask:
    """The pixels whose centres lie inside an outline; what lies outside the image is cut off.

    Where a ring crosses itself, inside is where one goes an odd number of times around.

    Returns:
        bool, shape (height, width).

    Raises:
        MaskError: the size is not one that masks can have, or a ring is millions of px long.

    Example:
        >>> square = Outline((OutlineRing(((0.5, -0.5), (2.5, -0.5), (2.5, 1.5), (0.5, 1.5))),), curve="polygon")
        >>> fill(square, height=3, width=5).astype(int).tolist()
        [[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]]
    """
    mask = polygons.to_mask([], height, width)
    for ring in outline.rings:
        line = curve_of(ring.points, outline.curve) + _HALF
        # Only the ring's own box is touched: a photo has many more pixels.
        x0, y0 = np.clip(np.floor(line.min(axis=0)), 0, (width, height)).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(line.max(axis=0)), 0, (width, height)).astype(int).tolist()
        if x0 < x1 and y0 < y1:
            inside = polygons.to_mask([Polygon(line - (x0, y0))], y1 - y0, x1 - x0)
            mask[y0:y1, x0:x1][inside] = not ring.hole
    return mask


def of_mask(mask: Mask, *, vertices: int | None = None, tolerance: float = 1.0, curve: str = "polygon") -> Outline:
    """The outline of a mask: all its parts and holes, a ring each.

    Args:
        mask: bool, shape (height, width).
        vertices: control points of each ring, 3 to 400, evenly along it, corners preferred.
        tolerance: px; without `vertices`, a ring has as many control points as keep its curve so near to the pixels' edges, at
            most 400. Something slender is followed to a quarter of its width. 0 with "polygon" gives back the same mask.
        curve: "polygon" or "spline".

    Where the ring would cross itself, it has more control points than asked for.

    Raises:
        MaskError: the mask is empty or no mask, or `tolerance` is not a number from 0.
        PromptError: `vertices` is not a number from 3 to 400, or there is no such curve.

    Example:
        >>> mask = np.zeros((8, 8), bool)
        >>> mask[1:5, 2:6] = True
        >>> of_mask(mask).rings[0].points
        ((1.5, 0.5), (5.5, 0.5), (5.5, 4.5), (1.5, 4.5))
    """
    _check_tolerance(tolerance)
    if vertices is not None:
        vertices = whole(vertices, FEWEST_POINTS, MOST_POINTS, "the outline's number of vertices")
    rings = []
    for part in polygons.from_mask(mask):
        for hole, line in ((False, part.exterior), *((True, line) for line in part.holes)):
            points, _ = traced(line, vertices, tolerance, curve)
            rings.append(_ring(points - _HALF, hole))
    if not rings:
        raise MaskError("the mask is empty; an outline needs at least one pixel")
    return Outline(tuple(rings), curve)


def to_polygons(outline: Outline) -> list[Polygon]:
    """The outline as polygons in COCO's coordinates, one per part, with its holes; splines as their samples.

    Points stay where they are; only where rings overlap or cross does the line change at the crossings.

    Example:
        >>> square = Outline((OutlineRing(((1, 0), (3, 0), (3, 2), (1, 2))),), curve="polygon")
        >>> to_polygons(square)[0].exterior.tolist()
        [[1.5, 0.5], [3.5, 0.5], [3.5, 2.5], [1.5, 2.5]]
    """
    area = None
    for ring in outline.rings:
        shape = shapely.make_valid(shapely.polygons(curve_of(ring.points, outline.curve) + _HALF))
        if area is None:
            area = shapely.Polygon() if ring.hole else shape
        else:
            area = shapely.difference(area, shape) if ring.hole else shapely.union(area, shape)
    # Twice: a ring with a spike leaves a collection of a line and, where it also crosses itself, of several polygons as one.
    pieces = shapely.get_parts(shapely.get_parts(area))
    parts = [part for part in pieces if isinstance(part, shapely.Polygon) and not part.is_empty]
    return [Polygon(_corners(part.exterior), tuple(map(_corners, part.interiors))) for part in parts]


def simplified(outline: Outline, tolerance: float) -> Outline:
    """The outline with as few control points as keep each curve within `tolerance` px of what it was.

    Pinned points stay. A ring that cannot do with fewer, or would cross itself then, stays as it is.

    Raises:
        MaskError: `tolerance` is not a number from 0.

    Example:
        >>> ring = OutlineRing(((0, 0), (4, 0.2), (8, 0), (8, 8), (0, 8)), pinned=(3,))
        >>> simplified(Outline((ring,), curve="polygon"), tolerance=0.5).rings[0]
        OutlineRing(points=((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)), pinned=(2,), hole=False)
    """
    _check_tolerance(tolerance)
    rings = []
    for ring in outline.rings:
        points, pins = simplified_ring(np.array(ring.points), ring.pinned, tolerance, outline.curve)
        rings.append(_ring(points, ring.hole, pins))
    return replace(outline, rings=tuple(rings))


def repaired(outline: Outline, height: int, width: int) -> Outline:
    """The outline with each ring that crosses itself drawn anew: filled, as in `fill`, and traced again.

    No ring of the answer crosses itself; those that did not stay as they are. Of a ring drawn anew each part and each hole gets
    a ring, unless it is less than 2 % of the whole; pins are lost. A ring that fills no pixel of the image, or cannot be traced
    without a crossing, becomes its convex hull.

    Example:
        >>> bow_tie = Outline((OutlineRing(((0, 0), (9, 9), (9, 0), (0, 9))),), curve="polygon")
        >>> mended = repaired(bow_tie, height=10, width=10)
        >>> any(crosses_itself(ring.points, "polygon") for ring in mended.rings)
        False
    """
    rings: list[OutlineRing] = []
    for ring in outline.rings:
        crosses = crosses_itself(ring.points, outline.curve)
        rings += _redrawn(ring, outline.curve, height, width) if crosses else [ring]
    return replace(outline, rings=tuple(rings))


def _redrawn(ring: OutlineRing, curve: str, height: int, width: int) -> list[OutlineRing]:
    filled = fill(Outline((replace(ring, hole=False),), curve), height, width)
    least = CRUMB * filled.sum()
    lines = [
        (hole, line)
        for part in polygons.from_mask(filled)
        for hole, line in ((False, part.exterior), *((True, line) for line in part.holes))
        if shapely.area(shapely.polygons(line)) >= least
    ]
    lengths = [shapely.length(shapely.linearrings(line)) for _, line in lines]
    rings = []
    for (hole, line), length in zip(lines, lengths, strict=True):
        vertices = max(round(len(ring.points) * length / sum(lengths)), 6)
        points, crosses = traced(line, vertices, np.inf, curve)
        rings.append(_ring((_hull(line, vertices) if crosses else points) - _HALF, hole != ring.hole))
    return rings or [_ring(_hull(np.array(ring.points), len(ring.points)), ring.hole)]


def _hull(points: Ring, vertices: int) -> Ring:
    """The convex hull, half a pixel wider, so that it encloses something."""
    hull = shapely.convex_hull(shapely.buffer(shapely.multipoints(points), _HALF, quad_segs=1))
    return spread(_corners(hull.exterior), max(vertices, 6))


def _corners(line: shapely.LinearRing) -> Ring:
    corners: Ring = shapely.get_coordinates(line)[:-1]
    return corners


def _ring(points: Ring, hole: bool, pins: tuple[int, ...] = ()) -> OutlineRing:
    return OutlineRing(tuple((x, y) for x, y in points.tolist()), pins, hole)


def _check_tolerance(tolerance: float) -> None:
    if not 0 <= tolerance < float("inf"):
        raise MaskError(f"tolerance is {tolerance}; give a number of pixels from 0")
