"""Where a person who sees what is wrong would paint: the largest error, and a line along the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError, MissingExtraError
from maskwright.prompts import Point
from maskwright.vision.distances import inside
from maskwright.vision.masks import Mask, bounding_box
from maskwright.vision.painting import ClassMap

LONGEST = 96
"""Cells: larger regions are thinned as a smaller copy."""

ERODED = 0.15
"""How much of a region's rim a stroke keeps clear of, as a share of the radius of the largest disk inside the region."""

_WEIGHTS = np.array([1, 2, 3, 2, 1]) / 9
"""Of a point and its neighbours along the line, to smooth it."""

_Places: TypeAlias = NDArray[np.int64]


def medial_line(region: Mask, *, share: float = 1.0, rng: np.random.Generator | None = None) -> tuple[Point, ...]:
    """A smooth line along the longest path of a region's medial axis, as a stroke through its middle would run.

    The region loses `ERODED` of its inscribed radius at its rim and is thinned to lines one cell wide; of these the longest way
    from one place to another that is no detour is kept. In a ring this is half of the way round.

    Args:
        region: bool, (height, width), connected (over sides and corners); of several parts the one that is largest without its
            rim counts.
        share: how much of the line is kept, 0..1 of its length; at least one point.
        rng: chooses where the kept part lies; None: the middle.

    Returns:
        Points of the region, in order along the line; of regions whose line would be no longer than their inscribed radius
        (dots, disks) the deepest pixel alone.

    Raises:
        MaskError: the region has no pixel.
        MissingExtraError: scikit-image is not installed.

    Example:
        >>> region = np.zeros((9, 40), bool)
        >>> region[2:7, 3:30] = True
        >>> line = medial_line(region, share=0.5)
        >>> line[0], line[-1], {y for _, y in line}
        ((11.0, 4.0), (22.0, 4.0), {4.0})
    """
    box = bounding_box(region)
    if box is None:
        raise MaskError("the region has no pixel; a stroke needs at least one")
    left, top = int(box.x0), int(box.y0)
    depth = inside(region[top : int(box.y1) + 1, left : int(box.x1) + 1])
    cells, deepest = _cells(np.where(_largest_part(depth > ERODED * depth.max()), depth, 0))
    line = np.asarray(_skeletonize()(cells > 0), bool)
    if not line.any():  # the smallest shapes thin to nothing
        line = cells == cells.max()
    places = deepest[tuple(_longest_path(line).T)]
    if _passed(places)[-1] <= depth.max():
        points = np.argwhere(depth == depth.max())[:1, ::-1].astype(float)
    else:
        points = _smoothed(_cut(places, share, rng), depth > 0)
    return tuple((left + x, top + y) for x, y in points.tolist())


def largest_error(classes: ClassMap, truth: ClassMap, void: Mask | None = None) -> Mask | None:
    """The largest connected part (over sides and corners) of one true class that has another class, or none.

    Args:
        classes: as it is, uint8 (height, width).
        truth: as it should be, 1 to 254; 0 and 255 do not count.
        void: further pixels that do not count, bool (height, width).

    Returns:
        bool, (height, width); None where nothing is wrong. Of equal ones, that of the smallest class.

    Example:
        >>> truth = np.array([[1, 1, 1, 2, 2, 0]], np.uint8)
        >>> largest_error(np.array([[1, 0, 0, 1, 0, 0]], np.uint8), truth).astype(int).tolist()
        [[0, 1, 1, 0, 0, 0]]
    """
    wrong = (classes != truth) & (truth > 0) & (truth < 255)
    if void is not None:
        wrong &= ~void
    amounts = np.bincount(truth[wrong], minlength=255)
    best, found = 0, None
    for class_id in np.argsort(-amounts, kind="stable"):
        if amounts[class_id] <= best:
            break
        _, numbers, stats, _ = cv2.connectedComponentsWithStats((wrong & (truth == class_id)).view(np.uint8), connectivity=8)
        areas = stats[1:, cv2.CC_STAT_AREA]
        if areas.max() > best:
            best, found = int(areas.max()), numbers == 1 + areas.argmax()
    return found


def _skeletonize() -> Callable[[Mask], Any]:
    try:
        from skimage.morphology import skeletonize
    except ImportError:
        raise MissingExtraError("bench", "the line along a region's middle") from None
    return cast(Callable[[Mask], Any], skeletonize)


def _largest_part(mask: Mask) -> Mask:
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    return mask if count == 2 else np.asarray(numbers == 1 + stats[1:, cv2.CC_STAT_AREA].argmax())


def _cells(depth: NDArray[np.float32]) -> tuple[NDArray[np.float32], _Places]:
    """Squares of pixels, at most `LONGEST` a side: their greatest depth, and its pixel (column, row)."""
    side = -(-max(depth.shape) // LONGEST)
    height, width = (-(-n // side) for n in depth.shape)
    padded = np.pad(depth, [(0, side * n - m) for n, m in zip((height, width), depth.shape, strict=True)])
    squares = padded.reshape(height, side, width, side).transpose(0, 2, 1, 3).reshape(height, width, side * side)
    first = squares.argmax(axis=2)
    rows, columns = np.mgrid[:height, :width] * side
    return squares.max(axis=2), np.stack([columns + first % side, rows + first // side], axis=-1)


def _longest_path(line: Mask) -> _Places:
    """The places (row, column) of the longest of all shortest ways along a connected line, for a line without rings."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    places = np.argwhere(line)
    numbers = np.full((line.shape[0] + 2, line.shape[1] + 2), -1)
    numbers[1:-1, 1:-1][line] = np.arange(len(places))
    steps = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        beside = numbers[places[:, 0] + 1 + down, places[:, 1] + 1 + right]
        here = np.flatnonzero(beside >= 0)
        steps.append((here, beside[here], np.full(len(here), np.hypot(down, right))))
    starts, ends, lengths = (np.concatenate(values) for values in zip(*steps, strict=True))
    graph = coo_array((lengths, (starts, ends)), shape=(len(places), len(places))).tocsr()
    # The place farthest from any place is an end of the longest way; the place farthest from it is the other one.
    end = int(dijkstra(graph, directed=False, indices=0).argmax())
    distances, before = dijkstra(graph, directed=False, indices=end, return_predecessors=True)
    path = [int(distances.argmax())]
    while path[-1] != end:
        path.append(int(before[path[-1]]))
    return places[path[::-1]]


def _cut(places: _Places, share: float, rng: np.random.Generator | None) -> _Places:
    """Keep `share` of a line's length."""
    passed = _passed(places)
    spare = (1 - share) * passed[-1]
    start = spare / 2 if rng is None else rng.uniform(0, spare)
    kept = (passed >= start - 1e-9) & (passed <= passed[-1] - spare + start + 1e-9)
    return places[kept] if kept.any() else places[[np.abs(passed - start).argmin()]]


def _passed(places: _Places) -> NDArray[np.float64]:
    """How far along the line each of its places lies, px."""
    return np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))))


def _smoothed(places: _Places, region: Mask) -> NDArray[np.float64]:
    """Points drawn towards their neighbours, where that does not take them out of the region; tenths of a pixel."""
    half = len(_WEIGHTS) // 2
    padded = np.pad(places.astype(float), ((half, half), (0, 0)), mode="reflect", reflect_type="odd")
    points = np.stack([np.convolve(values, _WEIGHTS, mode="valid") for values in padded.T], axis=-1).round(1)
    columns, rows = np.floor(points + 0.5).astype(int).T
    return np.where(region[rows, columns][:, None], points, places)
