"""How far each cell is from painted cells on the way across the image, which is long where it crosses edges.

The idea is that of geodesic segmentation (Bai and Sapiro, IJCV 2009), in the network's embedding instead of colours: a step
from a cell to one beside it costs a little, and more the less alike the two are. Costs are whole numbers, so that the length of
a way does not depend on how it is found.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maskwright.methods.magic_paint_encoding import Cells

Lengths: TypeAlias = NDArray[np.int32]
"""Of ways, in 1/4096: an edge between cells that nothing makes alike is 1 long."""

UNIT = 4096
"""Of lengths; also of squared distances of embeddings, which are multiples of 1/4096."""

STEP = UNIT // 64
"""A step between cells that are the same."""

ROUNDS = 16
"""Each lengthens ways by four straight lines; ways with more turns are not found."""

FAR = 1 << 29
"""Before any way is known: longer than all."""


def ways(embedding: Cells, owned: NDArray[np.bool_]) -> Lengths:
    """The lengths of the shortest ways, over the sides of cells, to some cells.

    Args:
        embedding: (D, h, w), as `rounded` gives it.
        owned: (K, h, w): of each class, the cells where its ways begin; some are.

    Returns:
        (K, h, w), 0 in the cells themselves.

    Example:
        >>> edge = np.array([[[0, 0, 1, 1]]], np.float32)
        >>> (ways(edge, np.array([[[True, False, False, False]]])) / UNIT).tolist()
        [[[0.0, 0.015625, 1.03125, 1.046875]]]
    """
    # Along a line, the way from one cell to another is the difference of their places on it, counted in costs.
    across, down = _places(embedding, axis=2), _places(embedding, axis=1)
    lengths = np.where(owned, 0, np.int32(FAR))
    for _ in range(ROUNDS):
        before = lengths
        for places, axis in ((across, 2), (down, 1)):
            lengths = np.minimum.accumulate(lengths - places, axis=axis) + places
            lengths = np.flip(np.minimum.accumulate(np.flip(lengths + places, axis), axis=axis), axis) - places
        if np.array_equal(before, lengths):
            break
    return lengths


def bounded(lengths: Lengths) -> Cells:
    """Lengths as the decoder sees them: l / (l + 1), 0..1.

    Example:
        >>> bounded(np.array([0, UNIT, 3 * UNIT], np.int32)).tolist()
        [0.0, 0.5, 0.75]
    """
    long = lengths.astype(np.float32) / np.float32(UNIT)
    return np.asarray(long / (long + 1), np.float32)


def _places(embedding: Cells, axis: int) -> Lengths:
    """What a straight way costs from the first cell of a row (axis 2) or column (axis 1) to each of its cells, (h, w)."""
    squares = np.square(np.diff(embedding, axis=axis)).sum(axis=0) * UNIT
    costs = np.minimum(squares, UNIT).astype(np.int32) + STEP
    return np.pad(costs, [(1, 0) if side == axis - 1 else (0, 0) for side in range(2)]).cumsum(axis=axis - 1, dtype=np.int32)
