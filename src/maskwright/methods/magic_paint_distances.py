"""How alike each cell is to painted cells: the nearest embeddings, kept and carried on as paint is added.

Embeddings are rounded to multiples of 1/64 and kept below 4. A squared distance |p|^2 + |q|^2 - 2 pq of 32 values each is then
a sum of multiples of 2^-12, and every partial sum of it stays below 2^11: 23 bits, which a float32 holds exactly, whatever the
order of adding. So each squared distance is a whole number of steps, the same in whatever block of cells it is computed, and
least values that are carried on equal those computed anew, bit for bit. Below its bits, each such number carries that of the
painted cell that it is the distance to: the least one tells both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maskwright.methods.magic_paint_encoding import Cells, Laid
from maskwright.methods.magic_paint_ways import Lengths, ways

STEPS = 64
"""Of an embedding's value, per unit."""

LIMIT = 4.0
"""Embeddings stay below it."""

WINDOW = 15
"""Cells: how far the window of nearby paint reaches from a cell, on every side."""

MOST_CELLS = 1024
"""Painted cells of a class that are compared with; of more, some are left out, spread evenly."""

MOST_KEPT = 256
"""Classes' distances that are kept of an image: some 150 kB each."""

_AT_ONCE = 128
"""Painted cells that are compared with all others together."""

Places: TypeAlias = NDArray[np.intp]
"""Numbers of cells in reading order, ascending."""

Found: TypeAlias = NDArray[np.int32]
"""Squared distances in steps, and the cells that they lead to, see `squares_of` and `cells_of`; shape (h, w)."""

NONE = np.iinfo(np.int32).max
"""Where no cell was found: farther than any."""


def rounded(embedding: Cells) -> Cells:
    """The embedding at the steps that distances are computed with.

    Example:
        >>> rounded(np.array([0.01, -0.3, 99], np.float32)).tolist()
        [0.015625, -0.296875, 3.984375]
    """
    most = LIMIT - 1 / STEPS
    return np.clip(np.rint(embedding * STEPS) / STEPS, -most, most).astype(np.float32, copy=False)


@dataclass(frozen=True, eq=False)
class Nearest:
    """The least distances of embeddings, of all cells to some painted ones.

    Attributes:
        painted: the painted cells.
        everywhere: to any of them.
        nearby: to those in the window around the cell; `NONE` where there is none.
        ways: on the way across the image, see `ways`.
    """

    painted: Places
    everywhere: Found
    nearby: Found
    ways: Lengths


def squares_of(found: Found) -> Cells:
    """Squared distances; those beyond some 32, where nothing is alike any more, are cut to that.

    Args:
        found: of any shape (..., h, w).
    """
    return (found >> _bits(found)).astype(np.float32) / np.float32(STEPS**2)


def cells_of(found: Found) -> Places:
    """The numbers of the painted cells that distances lead to; -1 where there is none."""
    return np.where(found == NONE, -1, found & ((1 << _bits(found)) - 1)).astype(np.intp)


def _bits(found: Found) -> int:
    """How many bits the number of a cell takes."""
    height, width = found.shape[-2:]
    return int(height * width - 1).bit_length()


def distances(embedding: Cells, laid: Laid, before: Iterable[Nearest] = ()) -> tuple[Nearest, ...]:
    """The distances to each class's paint, in the classes' order.

    Args:
        embedding: (D, h, w), as `rounded` gives it.
        laid: the paint on its cells.
        before: what is known of this embedding already. Of a class whose cells are known, nothing is computed; where some of
            its cells are, only what the others add; ways alone are found anew.
    """
    known = list(before)
    exactly = {one.painted.tobytes(): one for one in known}
    owned = [compared(np.flatnonzero(laid.owners == k)) for k in range(len(laid.order))]
    new = [painted for painted in owned if painted.tobytes() not in exactly]
    if new:
        factors = _factors(embedding)
        begin = np.zeros((len(new), laid.owners.size), bool)
        for k, painted in enumerate(new):
            begin[k, painted] = True
        for painted, lengths in zip(new, ways(embedding, begin.reshape(-1, *laid.owners.shape)), strict=True):
            everywhere, nearby = _extended(factors, _largest_part(known, painted, laid.owners), painted)
            exactly[painted.tobytes()] = Nearest(painted, everywhere, nearby, lengths)
    return tuple(exactly[painted.tobytes()] for painted in owned)


def compared(painted: Places) -> Places:
    """At most `MOST_CELLS` of some cells, always the same ones of the same cells.

    Cells are ranked by a multiplicative hash (Knuth, The Art of Computer Programming, section 6.4), which spreads neighbours
    evenly.
    """
    if len(painted) <= MOST_CELLS:
        return painted
    ranks = painted.astype(np.uint32) * np.uint32(2654435761)
    return np.sort(painted[np.argpartition(ranks, MOST_CELLS)[:MOST_CELLS]])


def _factors(embedding: Cells) -> tuple[Cells, Cells]:
    """Two matrices, (D + 2, h w), of which the product is |p|^2 + |q|^2 - 2 pq, in steps, of any two cells."""
    flat = embedding.reshape(len(embedding), -1)
    lengths = np.square(flat).sum(axis=0, keepdims=True)
    ones = np.ones_like(lengths)
    return np.concatenate([lengths, ones, flat]), STEPS**2 * np.concatenate([ones, lengths, -2 * flat])


def _extended(factors: tuple[Cells, Cells], known: Nearest, painted: Places) -> tuple[Found, Found]:
    """Least distances to painted cells, everywhere and nearby, going on from those to some of them, `known.painted`."""
    left, right = factors
    new = np.setdiff1d(painted, known.painted, assume_unique=True)
    everywhere, nearby = known.everywhere, known.nearby.copy()
    bits = _bits(nearby)
    for start in range(0, len(new), _AT_ONCE):
        some = new[start : start + _AT_ONCE]
        found = np.minimum(left[:, some].T @ right, np.float32(2 ** (31 - bits) - 1)).astype(np.int32)
        found <<= bits
        found |= some.astype(np.int32)[:, None]
        everywhere = np.minimum(everywhere, found.min(axis=0).reshape(everywhere.shape))
        for cell, of_cell in zip(some.tolist(), found.reshape(-1, *nearby.shape), strict=True):
            window = window_around(*divmod(cell, nearby.shape[1]))
            np.minimum(nearby[window], of_cell[window], out=nearby[window])
    return everywhere, nearby


def window_around(row: int, column: int) -> tuple[slice, slice]:
    """The cells to which a cell is nearby.

    Example:
        >>> window_around(2, 40)
        (slice(0, 18, None), slice(25, 56, None))
    """
    return slice(max(row - WINDOW, 0), row + WINDOW + 1), slice(max(column - WINDOW, 0), column + WINDOW + 1)


def _largest_part(known: Iterable[Nearest], painted: Places, owners: NDArray[np.int16]) -> Nearest:
    """Of what is known, that of the most cells which are all among these; else distances to no cell."""
    among = np.zeros(owners.size, bool)
    among[painted] = True
    nothing = np.full(owners.shape, NONE, np.int32)
    parts = [one for one in known if len(one.painted) < len(painted) and among[one.painted].all()]
    return max(parts, key=lambda one: len(one.painted), default=Nearest(painted[:0], nothing, nothing, nothing))


def kept(newest: Iterable[Nearest], before: Iterable[Nearest]) -> tuple[Nearest, ...]:
    """The newest distances and what else is kept of earlier ones."""
    every = {id(one): one for one in (*newest, *before)}
    return tuple(every.values())[:MOST_KEPT]
