"""Polygons of masks, exact along the pixels' edges, and masks of polygons.

Coordinates are COCO's continuous ones: pixel (column c, row r) covers [c, c + 1) x [r, r + 1), so the whole image reaches from
(0, 0) to (width, height), and a prompt's point (x, y) lies at (x + 0.5, y + 0.5).

A mask becomes one polygon per part; parts that meet at a corner only are two. Without tolerance the way there and back gives
the same mask, pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError
from maskwright.vision import rle
from maskwright.vision.masks import Mask, as_mask, bounding_box

Ring: TypeAlias = NDArray[np.float64]
"""Corners of a closed line, shape (n, 2), x and y; the last is joined to the first."""

_FINENESS = 5  # steps per pixel to which corners are rounded: COCO's
_LARGEST = 1e6  # px; coordinates beyond are refused
_LONGEST = 1 << 25  # steps of one outline: memory and time grow with them, and a few numbers can claim any length


@dataclass(frozen=True, eq=False)
class Polygon:
    """One part of a mask.

    Attributes:
        exterior: its outline, shape (n, 2), n >= 3; from `from_mask` it runs clockwise as seen on the screen.
        holes: the outlines of its holes, each of shape (n, 2); from `from_mask` they run counter-clockwise.
    """

    exterior: Ring
    holes: tuple[Ring, ...] = ()


def from_mask(mask: Mask, tolerance: float = 0.0) -> list[Polygon]:
    """Outline a mask.

    Args:
        mask: bool, shape (height, width).
        tolerance: 0 follows the pixels' edges exactly; otherwise corners are dropped as long as the line stays within this
            many px of the exact one (Douglas and Peucker). An outline too small for that keeps its exact form, such a hole
            is closed.

    Returns:
        One polygon per part, in the order in which their topmost left corners are met; none for an empty mask.

    Raises:
        MaskError: the array is not a mask, or `tolerance` is not a number from 0.

    Example:
        >>> mask = np.zeros((4, 5), bool)
        >>> mask[1:3, 1:4] = True
        >>> from_mask(mask)[0].exterior.tolist()
        [[1.0, 1.0], [4.0, 1.0], [4.0, 3.0], [1.0, 3.0]]
    """
    if not 0 <= tolerance < float("inf"):
        raise MaskError(f"tolerance is {tolerance}; give a number of pixels from 0")
    box = bounding_box(mask)
    if box is None:
        return []
    left, top = int(box.x0), int(box.y0)
    # A frame of background, so that every edge lies inside the array.
    framed = np.pad(as_mask(mask)[top : int(box.y1) + 1, left : int(box.x1) + 1], 1)
    _, parts = cv2.connectedComponents(framed.view(np.uint8), connectivity=4)
    outlines: dict[int, Ring] = {}
    holes: dict[int, list[Ring]] = {}
    for ring in _rings(framed):
        x, y = ring[0]  # the topmost left corner: below it lies the part, or above it the part around a hole
        is_hole = not framed[y, x]
        part = int(parts[y - 1 if is_hole else y, x])
        line = _simplified(ring, tolerance)
        placed = (ring if line is None else line) + np.array([left - 1.0, top - 1.0])
        if not is_hole:
            outlines[part] = placed
        elif line is not None:
            holes.setdefault(part, []).append(placed[::-1])
    return [Polygon(outline, tuple(holes.get(part, ()))) for part, outline in outlines.items()]


def to_mask(polygons: Sequence[Polygon], height: int, width: int) -> Mask:
    """Fill polygons: a pixel is in where its centre is inside any of them, and not in that one's holes.

    Any polygons will do, slanted, crossing themselves (inside is where one goes an odd number of times around), reaching beyond
    the image. The rule in detail is pycocotools', the one behind every COCO tool: corners are rounded to a fifth of a
    pixel, and each column is filled between its crossings with the outline.

    Returns:
        bool, shape (height, width).

    Raises:
        MaskError: an outline has fewer than three corners, is not made of finite numbers, or is millions of px long; or the
            size is not one that masks can have.

    Example:
        >>> to_mask([Polygon(np.array([[1, 0], [3, 0], [3, 2], [1, 2]]))], height=2, width=4).astype(int).tolist()
        [[0, 1, 1, 0], [0, 1, 1, 0]]
    """
    if min(height, width) < 1 or height * width > rle.MAX_PIXELS:
        raise MaskError(
            f"a mask of {width} x {height} px is asked for; give at least 1 x 1, at most {rle.MAX_PIXELS} px in all"
        )
    mask = np.zeros((height, width), bool)
    for polygon in polygons:
        crossings = [_crossings(as_ring(ring), height, width) for ring in (polygon.exterior, *polygon.holes)]
        x, y = np.concatenate(crossings, axis=1)
        if not x.size:
            continue
        x0, y0 = int(x.min()), int(y.min())
        columns, rows = int(x.max()) + 1 - x0, int(y.max()) - y0
        if rows:
            runs = np.diff(np.sort((x - x0) * rows + (y - y0)), prepend=0, append=columns * rows)
            mask[y0 : y0 + rows, x0 : x0 + columns] |= rle.from_runs(runs, rows, columns)
    return mask


def as_ring(points: object) -> Ring:
    """Check that points make a closed line.

    Raises:
        MaskError: fewer than three, or not pairs of finite numbers within a million px.

    Example:
        >>> as_ring([[0, 0], [4, 0], [4, 3]]).shape
        (3, 2)
    """
    try:
        ring = np.asarray(points, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise MaskError("a polygon's outline must be a list of x, y pairs of numbers") from None
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
        raise MaskError(f"a polygon's outline has shape {ring.shape}; give (n, 2), at least three x, y pairs")
    if not (np.abs(ring) <= _LARGEST).all():
        raise MaskError(f"a polygon's outline holds a coordinate that is no number within {_LARGEST:g} px of the image")
    return ring


def _rings(framed: Mask) -> list[NDArray[np.int64]]:
    """Trace the edges between object and background, corners only, each ring clockwise from its topmost left corner.

    Every corner ends one horizontal and one vertical edge. Sorted along their row, corners pair up to the horizontal edges,
    sorted along their column to the vertical ones; walking the two in turn closes the rings. Where two pixels of the object
    meet at a corner, it counts twice, once for each pixel: that keeps them apart.
    """
    up_left, up_right, down_left, down_right = framed[:-1, :-1], framed[:-1, 1:], framed[1:, :-1], framed[1:, 1:]
    crossing = (up_left == down_right) & (up_right == down_left) & (up_left != up_right)
    corner = (up_left ^ up_right ^ down_left ^ down_right) | crossing
    # Vertex (r, c) of the grid is the upper left corner of the framed mask's pixel (r + 1, c + 1).
    rows, columns = np.nonzero(corner)
    twice = crossing[rows, columns]
    rising = up_right[rows, columns] & twice  # the object lies at the upper right and lower left
    times = np.where(twice, 2, 1)
    y, x = np.repeat(rows + 1, times), np.repeat(columns + 1, times)
    # Of a doubled corner the first copy goes left, the second right; which one goes up decides the order in the column.
    second = np.zeros(len(y), bool)
    second[1:] = (y[1:] == y[:-1]) & (x[1:] == x[:-1])
    goes_down = second ^ np.repeat(rising, times)

    index = np.arange(len(y))
    across = index ^ 1  # np.nonzero gives the corners row by row already
    order = np.lexsort((goes_down, y, x))
    down = np.empty_like(index)
    down[order] = order[index ^ 1]

    points = np.stack([x, y], axis=1)
    steps_across, steps_down = across.tolist(), down.tolist()
    met = bytearray(len(y))
    rings = []
    for start in range(len(y)):
        if met[start]:
            continue
        ring, at = [], start
        while not met[at]:
            beside = steps_across[at]
            met[at] = met[beside] = 1
            ring += [at, beside]
            at = steps_down[beside]
        rings.append(points[ring])
    return rings


def _simplified(ring: NDArray[np.int64], tolerance: float) -> Ring | None:
    """Drop corners within `tolerance` px; None where nothing that encloses an area would be left."""
    if tolerance == 0:
        return ring.astype(np.float64)
    line = cv2.approxPolyDP(ring.astype(np.float32)[:, None], tolerance, closed=True)[:, 0].astype(np.float64)
    return line if len(line) >= 3 and cv2.contourArea(line.astype(np.float32)) > 0 else None


def _crossings(ring: Ring, height: int, width: int) -> NDArray[np.int64]:
    """Where an outline crosses the columns' middles: columns and first rows below, shape (2, n); two each make a run.

    This is rleFrPoly of the COCO API, vectorised: it draws the outline in steps of a fifth of a pixel and looks where it
    passes from one fine column to the next.
    """
    corners = np.trunc(_FINENESS * ring + 0.5).astype(np.int64)
    ends = np.roll(corners, -1, axis=0)
    reach = np.abs(ends - corners)
    length = reach.max(axis=1)
    corners, ends, reach, length = (a[length > 0] for a in (corners, ends, reach, length))
    if not len(length):
        return np.empty((2, 0), np.int64)
    if length.sum() > _LONGEST:
        raise MaskError(
            f"a polygon's outline is {length.sum() // _FINENESS} px long; at most {_LONGEST // _FINENESS} are filled"
        )
    wide = reach[:, 0] >= reach[:, 1]
    # Each edge is drawn from its smaller end along its longer side, then walked in the outline's sense.
    long_start = np.where(wide, corners[:, 0], corners[:, 1])
    long_end = np.where(wide, ends[:, 0], ends[:, 1])
    short_start = np.where(wide, corners[:, 1], corners[:, 0])
    short_end = np.where(wide, ends[:, 1], ends[:, 0])
    flipped = long_start > long_end
    first_long, first_short = np.where(flipped, long_end, long_start), np.where(flipped, short_end, short_start)
    slope = np.where(flipped, short_start - short_end, short_end - short_start) / length

    edge = np.repeat(np.arange(len(length)), length + 1)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(length + 1) - (length + 1), length + 1)
    step = np.where(flipped[edge], length[edge] - step, step)
    along = first_long[edge] + step
    beside = np.trunc(first_short[edge] + slope[edge] * step + 0.5).astype(np.int64)
    u, v = np.where(wide[edge], along, beside), np.where(wide[edge], beside, along)

    passed = u[1:] != u[:-1]
    fine_x, fine_y = np.minimum(u[1:], u[:-1])[passed], np.minimum(v[1:], v[:-1])[passed]
    x, off_middle = np.divmod(fine_x - _FINENESS // 2, _FINENESS)
    y = np.ceil(np.clip((fine_y + 0.5) / _FINENESS - 0.5, 0, height)).astype(np.int64)
    seen = (off_middle == 0) & (x >= 0) & (x < width)
    return np.stack([x[seen], y[seen]])
