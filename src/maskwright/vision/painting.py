"""Class maps: one class per pixel of an image, and laying paint on them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from maskwright.errors import MaskError, PromptError
from maskwright.prompts import Fill, Paint, Point, Region, Stroke
from maskwright.vision import rle
from maskwright.vision.distances import pixel_of
from maskwright.vision.masks import Mask

ClassMap: TypeAlias = NDArray[np.uint8]
"""Every pixel's class, 1 to 254, 0 where there is none; shape (height, width)."""

_FARTHEST = 1_000_000
"""Pixels: OpenCV draws with 32 bits."""

_SHIFT = 4
"""Bits of a pixel's fraction that OpenCV draws with."""

_STROKES = 512
"""Kept, an eighth of a byte for each pixel of their windows."""

_Window: TypeAlias = tuple[slice, slice]


def painted(paints: Iterable[Paint], height: int, width: int) -> ClassMap:
    """Lay paint on an empty map, one after the other.

    Args:
        paints: oldest first.
        height, width: of the image, px.

    Raises:
        PromptError: paint that lies outside the image altogether, or a region of an image of another size or with counts that
            are no mask's.

    Example:
        >>> paints = [Stroke(((0, 0), (3, 0)), class_id=1), Stroke(((2, 0), (2, 1)), class_id=2)]
        >>> painted(paints, 2, 4).tolist()
        [[1, 1, 2, 1], [0, 0, 2, 0]]
        >>> painted([*paints, Fill(((0, 0), (3, 0), (3, 1), (0, 1)), class_id=3, freeze=True)], 2, 4).tolist()
        [[1, 1, 2, 1], [3, 3, 2, 3]]
    """
    classes: ClassMap = np.zeros((height, width), np.uint8)
    for paint in paints:
        lay(classes, paint)
    return classes


def lay(classes: ClassMap, paint: Paint) -> None:
    """Lay paint on a map, in place; raises what `painted` raises."""
    window, mask = footprint(paint, *classes.shape)
    under = classes[window]
    if paint.freeze:
        mask = mask & (under == 0)  # as it was before this paint: a stroke that crosses itself does not stop itself
    under[mask] = paint.class_id


def footprint(paint: Paint, height: int, width: int) -> tuple[_Window, Mask]:
    """The pixels that paint covers, `freeze` aside.

    A stroke of a radius under 1 px is a line of single pixels without a gap.

    Args:
        paint: what paints.
        height, width: of the image, px.

    Returns:
        A window of the image, rows and columns, and a bool mask of its shape.

    Raises:
        PromptError: the paint lies outside the image altogether, or is a region of an image of another size or with counts that
            are no mask's.

    Example:
        >>> footprint(Stroke(((5, 7), (8, 7)), class_id=1), 20, 20)
        ((slice(7, 8, None), slice(5, 9, None)), array([[ True,  True,  True,  True]]))
    """
    if isinstance(paint, Region):
        if paint.size != (height, width):
            raise PromptError(
                f"the region is of an image of {paint.size[1]} x {paint.size[0]} px, but this one is {width} x {height} px"
            )
        try:
            return _tight(rle.decode({"size": list(paint.size), "counts": paint.counts}), 0, 0)
        except MaskError as error:
            raise PromptError(f"the region's counts are not those of a mask: {error}") from error
    points = np.array(paint.points)
    if np.abs(points).max() > _FARTHEST:
        raise PromptError(f"the {paint.kind} goes farther than {_FARTHEST} px from the image; keep it near")
    reach = paint.radius + 1 if isinstance(paint, Stroke) else 1.0
    low = np.maximum(np.floor(points.min(0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(points.max(0) + reach), (width - 1, height - 1)).astype(int)
    if (high < low).any():
        raise _outside(paint, height, width)
    canvas = np.zeros(high[::-1] - low[::-1] + 1, np.uint8)
    if isinstance(paint, Fill):
        cv2.fillPoly(canvas, [_shifted(points - low)], 1, cv2.LINE_8, _SHIFT)
    elif len(points) == 1 or (points == points[0]).all():
        rows, columns = np.ogrid[low[1] : high[1] + 1, low[0] : high[0] + 1]
        canvas[(columns - points[0, 0]) ** 2 + (rows - points[0, 1]) ** 2 <= paint.radius**2] = 1
        column, row = pixel_of(*(points[0] - low))
        if 0 <= row < canvas.shape[0] and 0 <= column < canvas.shape[1]:
            canvas[row, column] = 1  # between pixels, the smallest dot would reach none
    else:
        bits = _stroked(paint.points, paint.radius, (int(low[0]), int(low[1])), canvas.shape)
        canvas = np.unpackbits(bits, count=canvas.size).reshape(canvas.shape)
    window, mask = _tight(canvas > 0, int(low[0]), int(low[1]))
    if not mask.size:
        raise _outside(paint, height, width)
    return window, mask


def region_at(classes: ClassMap, x: float, y: float) -> Mask:
    """The connected pixels (over sides and corners) of one class around a point: bool, shape (height, width).

    Raises:
        PromptError: the point lies outside the map, or where there is no class.

    Example:
        >>> region_at(np.array([[1, 1, 0, 1]], np.uint8), 0, 0).tolist()
        [[True, True, False, False]]
    """
    height, width = classes.shape
    column, row = pixel_of(x, y)
    if not (0 <= column < width and 0 <= row < height):
        raise PromptError(f"the point {x:g},{y:g} lies outside the image of {width} x {height} px")
    if not classes[row, column]:
        raise PromptError(f"there is no class at {x:g},{y:g}; point at a labelled region")
    same = (classes == classes[row, column]).astype(np.uint8)
    _, numbers = cv2.connectedComponents(same, connectivity=8)
    found: Mask = numbers == numbers[row, column]
    return found


@lru_cache(maxsize=_STROKES)
def _stroked(line: tuple[Point, ...], radius: float, corner: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The pixels whose centre lies within `radius` of the line, as packed bits.

    Kept, since a method lays all strokes anew at each one: measuring takes some 10 ms on 12 megapixels.

    Args:
        line: points in pixel coordinates of the image.
        radius: px.
        corner: the window's first column and row.
        shape: its height and width.
    """
    points = np.array(line) - corner
    inner = _drawn(shape, points, 2 * int(radius) - 2)
    if radius >= 1:
        # OpenCV's wide lines are off by up to 1.4 px: between one that is too narrow and one that is too wide, it is measured.
        unsure = cv2.findNonZero(_drawn(shape, points, round(2 * radius) + 2) - inner)
        if unsure is not None:
            columns, rows = unsure.reshape(-1, 2).T
            string = shapely.linestrings(points)
            shapely.prepare(string)
            inner[rows, columns] = shapely.dwithin(string, shapely.points(columns, rows), radius)
    return np.packbits(inner)


def _drawn(shape: tuple[int, ...], points: NDArray[np.float64], width: int) -> NDArray[np.uint8]:
    """A line as OpenCV draws it; wider than its widest no image is."""
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(canvas, [_shifted(points)], False, 1, min(max(1, width), 32767), cv2.LINE_8, _SHIFT)
    return canvas


def _shifted(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Points as OpenCV takes them where it draws between pixels."""
    return np.round(points * (1 << _SHIFT)).astype(np.int32)


def _tight(mask: Mask, left: int, top: int) -> tuple[_Window, Mask]:
    """A mask whose first pixel is (left, top) of the image, without its empty margins."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return (slice(top, top), slice(left, left)), mask[:0, :0]
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return (slice(top + y0, top + y1), slice(left + x0, left + x1)), mask[y0:y1, x0:x1]


def _outside(paint: Paint, height: int, width: int) -> PromptError:
    x, y = paint.points[0] if not isinstance(paint, Region) else (0.0, 0.0)
    return PromptError(
        f"the {paint.kind} that begins at {x:g},{y:g} lies outside the image of {width} x {height} px; paint on the image"
    )
