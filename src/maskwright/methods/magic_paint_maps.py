"""What Magic Paint's decoder sees of a class: how alike each cell is to its paint, and where the paint is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maskwright.methods.magic_paint_encoding import Cells

MAPS = 9
"""Of a class, see `class_maps`."""


def squashed(squares: Cells) -> Cells:
    """Squared distances of embeddings as FEELVOS shows them to its decoder: 2 (sigmoid(d^2) - 1/2), 0..1; 1 for infinity.

    Example:
        >>> squashed(np.array([0, 0.5, 2, np.inf], np.float32)).round(2)
        array([0.  , 0.24, 0.76, 1.  ], dtype=float32)
    """
    return np.tanh(squares / 2)


def class_maps(everywhere: Cells, nearby: Cells, ways: Cells, owners: NDArray[np.int16]) -> Cells:
    """What the decoder sees of "no class" and of every class.

    Args:
        everywhere: (K, h, w), 0..1: how unlike each cell is to the most alike cell of the class's paint (FEELVOS's global map).
        nearby: (K, h, w), the same among the paint in the window around the cell, 1 where there is none (its local map).
        ways: (K, h, w), 0..1: how far the class's paint is on the way across the image.
        owners: (h, w), see `Laid`.

    Returns:
        float32 (K + 1, `MAPS`, h, w), no class first. Maps: everywhere, nearby; the least of all others' everywhere, nearby;
        the class's paint, other paint; the ways to each; whether this is no class. That one has no paint; its distances are
        small where those of all classes are large.
    """
    places = stroke_maps(owners, ways)
    maps = np.empty((len(everywhere) + 1, MAPS, *owners.shape), np.float32)
    for i, alike in enumerate((everywhere, nearby)):
        least = alike.min(axis=0)
        maps[0, i], maps[0, i + 2] = 1 - least, least
        maps[1:, i], maps[1:, i + 2] = alike, rivals(alike)
    maps[:, 4:] = places
    return maps


def stroke_maps(owners: NDArray[np.int16], ways: Cells) -> Cells:
    """The last five of `class_maps`, which have no gradients.

    Args:
        owners: (h, w), see `Laid`.
        ways: (K, h, w), see `class_maps`.

    Returns:
        float32 (K + 1, 5, h, w), no class first.
    """
    maps = np.zeros((len(ways) + 1, 5, *owners.shape), np.float32)
    painted = owners >= 0
    maps[0, 1], maps[0, 2], maps[0, 3], maps[0, 4] = painted, 1, ways.min(axis=0), 1
    for k in range(len(ways)):
        own = owners == k
        maps[k + 1, 0], maps[k + 1, 1] = own, painted & ~own
    maps[1:, 2], maps[1:, 3] = ways, rivals(ways)
    return maps


def rivals(maps: Cells) -> Cells:
    """Each class's strongest competitor: the least value of all other classes, cell by cell; 1 where there is no other.

    Args:
        maps: (K, h, w), 0..1.

    Example:
        >>> rivals(np.array([[[0.25, 0.5]], [[0.5, 0.125]], [[0.75, 0.75]]], np.float32))[:, 0].tolist()
        [[0.5, 0.125], [0.25, 0.5], [0.25, 0.125]]
    """
    least = np.ones(maps.shape[1:], np.float32)
    next_to_least = least
    for one in maps:
        next_to_least = np.minimum(next_to_least, np.maximum(least, one))
        least = np.minimum(least, one)
    return np.where(maps == least, next_to_least, least)
