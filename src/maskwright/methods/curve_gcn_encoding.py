"""How boxes and rings become Curve-GCN's input: one place, used in training and at run time alike.

Networks see points as shares of the crop: (0, 0) is the upper left corner of its first pixel, (1, 1) the lower right one of its
last.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from maskwright.prompts import Box
from maskwright.vision.crops import Crop, crop_around
from maskwright.vision.heatmaps import gaussians

SIZE = 320
"""Side of the network's input, px."""

CONTEXT = 1.15
"""Side of the square crop, as a multiple of the box's longer side."""

HEAT = 3.5322300675
"""Full width at half maximum of the Gaussian at a point that a person put in place, in cells: a deviation of 1.5."""

START = 0.8
"""Axes of the first ring, as a share of the box's sides: the paper's circle of 70 % of the crop, where the box is square."""


def crop_of(box: Box, size: int = SIZE, context: float = CONTEXT) -> Crop:
    """The square crop that the network sees for a box.

    Example:
        >>> crop_of(Box(100, 100, 299, 199))
        Crop(x0=85, y0=35, x1=315, y1=265, size=320)
    """
    longer = max(box.x1 - box.x0, box.y1 - box.y0) + 1
    return crop_around(box, size, relative=0.0, absolute=(context - 1) / 2 * longer, max_aspect=1.0)


def box_around(points: ArrayLike) -> Box:
    """The box of the pixels in which points, shape (n, 2), lie."""
    points = np.asarray(points, np.float64)
    (x0, y0), (x1, y1) = np.floor(points.min(axis=0) + 0.5).tolist(), np.floor(points.max(axis=0) + 0.5).tolist()
    return Box(x0, y0, x1, y1)


def overlap(a: Box, b: Box) -> float:
    """The IoU of two boxes, 0..1; the pixels of their corners belong to them.

    Example:
        >>> overlap(Box(0, 0, 9, 9), Box(5, 0, 14, 9))
        0.3333333333333333
    """
    across = min(a.x1, b.x1) - max(a.x0, b.x0) + 1
    down = min(a.y1, b.y1) - max(a.y0, b.y0) + 1
    both = max(across, 0.0) * max(down, 0.0)
    areas = [(box.x1 - box.x0 + 1) * (box.y1 - box.y0 + 1) for box in (a, b)]
    return both / (sum(areas) - both)


def to_shares(points: ArrayLike, crop: Crop) -> NDArray[np.float32]:
    """Points in pixel coordinates as shares of the crop; shape (n, 2).

    Example:
        >>> to_shares([(9.5, 19.5), (19.5, 59.5)], Crop(10, 20, 30, 60, 256)).tolist()
        [[0.0, 0.0], [0.5, 1.0]]
    """
    shares = (np.asarray(points, np.float64) + 0.5 - (crop.x0, crop.y0)) / (crop.width, crop.height)
    return shares.astype(np.float32)


def to_pixels(shares: ArrayLike, crop: Crop) -> NDArray[np.float64]:
    """Shares of the crop as points in pixel coordinates; what `to_shares` undoes."""
    return np.asarray(shares, np.float64) * (crop.width, crop.height) + (crop.x0, crop.y0) - 0.5


def corners(box: Box, crop: Crop) -> NDArray[np.float32]:
    """The upper left and the lower right corner of a box with all of its pixels, as shares of the crop; shape (2, 2)."""
    return to_shares([(box.x0 - 0.5, box.y0 - 0.5), (box.x1 + 0.5, box.y1 + 0.5)], crop)


def encode_box(box: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The prompt channel.

    Args:
        box: as `corners` answers it.
        size: side of the crop, px.

    Returns:
        float32, shape (1, size, size): 1 inside the box, 0 outside.
    """
    middles = (np.arange(size, dtype=np.float32) + 0.5) / size
    column, row = ((middles >= low) & (middles <= high) for low, high in zip(box[0, ::-1], box[1, ::-1], strict=True))
    channel: NDArray[np.float32] = (column[:, None] & row[None, :]).astype(np.float32)[None]
    return channel


def first_ring(box: NDArray[np.float32], vertices: int) -> NDArray[np.float32]:
    """The ring that the network begins with: an ellipse, from its right end on, counter-clockwise as seen on the screen.

    Args:
        box: as `corners` answers it.
        vertices: number of control points.

    Returns:
        Shares of the crop, shape (vertices, 2).
    """
    angles = 2 * np.pi * np.arange(vertices) / vertices
    circle = np.stack([np.cos(angles), -np.sin(angles)], axis=1)
    ring: NDArray[np.float32] = ((box[0] + box[1]) / 2 + START / 2 * (box[1] - box[0]) * circle).astype(np.float32)
    return ring


def distances_around(vertices: int, index: int) -> NDArray[np.int64]:
    """How many control points lie between each and number `index`, plus one, the shorter way around; 0 for itself.

    Example:
        >>> distances_around(5, 1).tolist()
        [1, 0, 1, 2, 2]
    """
    steps = np.abs(np.arange(vertices) - index)
    around: NDArray[np.int64] = np.minimum(steps, vertices - steps)
    return around


def adjacency(vertices: int) -> NDArray[np.float32]:
    """Who sees whom: each control point the mean of its neighbours.

    Those are the two on either side, the paper's four; of a ring of more than 40, those within a twentieth of it, so that
    what each sees of the outline does not shrink as control points are added.

    Returns:
        float32, shape (vertices, vertices); rows sum to 1.

    Example:
        >>> adjacency(6)[0].tolist()
        [0.0, 0.25, 0.25, 0.0, 0.25, 0.25]
    """
    reach = max(2, round(vertices / 20))
    around = np.stack([distances_around(vertices, i) for i in range(vertices)])
    linked = ((around > 0) & (around <= reach)).astype(np.float32)
    linked /= linked.sum(axis=1, keepdims=True)
    return linked


def following(vertices: int, index: int, reach: int, pinned: Iterable[int] = ()) -> NDArray[np.float32]:
    """How much of a drag each control point follows before the network has its say.

    Number `index` goes all the way, its neighbours on either side less and less, those beyond `reach` and beyond the first
    pinned one not at all.

    Returns:
        float32 in 0..1, shape (vertices,).

    Example:
        >>> following(8, 1, reach=3, pinned=[7]).tolist()
        [0.75, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0]
    """
    held = set(pinned)
    shares = np.zeros(vertices, np.float32)
    for side in (1, -1):
        for step in range(1, min(reach, vertices - 1) + 1):
            neighbour = (index + side * step) % vertices
            if neighbour in held:
                break
            shares[neighbour] = max(shares[neighbour], 1 - step / (reach + 1))
    shares[index] = 1
    return shares


def roles(shares: NDArray[np.float32], index: int, pinned: Iterable[int]) -> NDArray[np.float32]:
    """What each control point is to a drag of number `index`: may it follow, does it stay where a person put it.

    Args:
        shares: as `following` answers them.
        index: of the dragged one.
        pinned: those that stay as well.

    Returns:
        float32 0 or 1, shape (vertices, 2).

    Example:
        >>> roles(following(5, 1, reach=1), 1, pinned=[4]).tolist()
        [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    """
    result = np.zeros((len(shares), 2), np.float32)
    result[:, 0] = shares > 0
    result[[index, *pinned]] = 0, 1
    return result


def filled(curve: NDArray[np.floating], side: int) -> NDArray[np.uint8]:
    """What a closed line fills, and the line itself (OpenCV draws it too, a pixel wide).

    Args:
        curve: the line's points, shares of the crop, (m, 2); what lies farther than four crops away counts as lying there.
        side: of the answer, px.

    Returns:
        uint8, 0 or 1, shape (side, side).

    Example:
        >>> filled(np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]), 4).tolist()
        [[0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 1], [0, 1, 1, 1]]
    """
    # Corners in sixteenths of a pixel, OpenCV's way to draw between pixels. Its pixels are counted at their centres, shares
    # from the crop's edge.
    corners = ((np.clip(curve, -4, 4) * side - 0.5) * 16).round().astype(np.int32)
    canvas = np.zeros((side, side), np.uint8)
    cv2.fillPoly(canvas, [corners], 1, cv2.LINE_8, 4)
    return canvas


def encode_drag(
    curve: NDArray[np.floating], points: NDArray[np.floating], index: int, pinned: Iterable[int], side: int
) -> NDArray[np.float32]:
    """What is known of the outline once a control point was dragged, as maps.

    Args:
        curve: the closed line through all control points, the dragged one in its new place, shares of the crop, (m, 2).
        points: the control points, likewise, (n, 2).
        index: of the dragged one.
        pinned: those that stay as well.
        side: of the features, cells.

    Returns:
        float32 in 0..1, shape (3, side, side): how much of each cell lies inside the curve, or on it (OpenCV draws the line
        too, a quarter of a cell wide); heat at each point that a person put in place; heat at the dragged one.

    Example:
        >>> square = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
        >>> encode_drag(square, square, 0, [2], side=4)[0].round().tolist()
        [[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    # Drawn finer and averaged, in 255ths, as in training.
    finer = filled(curve, 4 * side) * np.uint8(255)
    inside = cv2.resize(finer, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    # Cells are counted at their centres there, shares from the crop's edge.
    in_place = (points[[index, *pinned]] * side - 0.5).tolist()
    heats = (gaussians(dots, side, side, HEAT) for dots in (in_place, in_place[:1]))
    return np.stack([inside, *heats])
