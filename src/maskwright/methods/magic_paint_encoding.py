"""How an image and its paint become what Magic Paint's networks see: one place, used in training and at run time alike.

The image is brought to a square, at its upper left; the square is divided into cells of 4 x 4 px. Paint becomes cells of
classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.encoding import GREY
from maskwright.vision.masks import Image, Mask
from maskwright.vision.painting import ClassMap

SIZE = 512
"""Side of the network's square, px: the image's longer side."""

STRIDE = 4
"""Pixels of the square per cell."""

_PIXELS_AT_ONCE = 1 << 20
"""Pixels of paint that are counted together: their indices take some thirty bytes each."""

Cells: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grid:
    """How an image lies on the network's square.

    Attributes:
        height, width: of the image, px.
        rows, columns: of the resized image, px of the square; at least 1.
        size: side of the square, px.

    Example:
        >>> grid = Grid.of(480, 641)
        >>> grid.rows, grid.columns, grid.cells
        (383, 512, (96, 128))
    """

    height: int
    width: int
    rows: int
    columns: int
    size: int

    @classmethod
    def of(cls, height: int, width: int, size: int = SIZE) -> Grid:
        """The grid of an image of this height and width, px, on a square of `size` px, a multiple of 16."""
        scale = size / max(height, width)
        return cls(height, width, max(1, round(height * scale)), max(1, round(width * scale)), size)

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of cells that cover the resized image; divisible by 4, since the decoder halves them twice."""
        return 4 * -(-self.rows // (4 * STRIDE)), 4 * -(-self.columns // (4 * STRIDE))


def encode(image: Image, grid: Grid) -> NDArray[np.float32]:
    """The image as the network wants it: float32 in -1..1, shape (3, size, size); grey beyond it."""
    shrinks = grid.rows <= grid.height and grid.columns <= grid.width
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    square = np.full((grid.size, grid.size, 3), GREY, np.uint8)
    square[: grid.rows, : grid.columns] = cv2.resize(image, (grid.columns, grid.rows), interpolation=way)
    return np.ascontiguousarray((square.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1))


@dataclass(frozen=True, eq=False)
class Laid:
    """Paint as the networks see it.

    Attributes:
        order: the classes that own cells, by their first painted pixel in reading order: what comes of them must not depend on
            their numbers.
        owners: int16, rows and columns of cells: which of `order` owns the cell, -1 where no pixel of it is painted. Any
            painted pixel is enough; of several classes the one with most pixels there owns the cell, of equals the first.
        touched: bool, rows and columns of the resized image: where there is paint.
    """

    order: tuple[int, ...]
    owners: NDArray[np.int16]
    touched: Mask


def laid(classes: ClassMap, grid: Grid) -> Laid:
    """Bring paint to the grid.

    Args:
        classes: what is painted, uint8 (height, width), 0 where nothing is.
        grid: of this height and width.

    Example:
        >>> classes = np.zeros((64, 64), np.uint8)
        >>> classes[2:5, 0:40], classes[3, 60] = 7, 3
        >>> laid(classes, Grid.of(64, 64, size=64)).owners[:2, [0, 9, 10, 15]].tolist()
        [[0, 0, -1, 1], [0, 0, -1, -1]]
    """
    rows_of, places_down = samples(grid.height, grid.rows)
    columns_of, places_right = samples(grid.width, grid.columns)
    if len(rows_of) != grid.height or len(columns_of) != grid.width:
        classes = classes[np.ix_(rows_of, columns_of)]
    down, right = grid.cells
    order: list[int] = []
    rank = np.zeros(256, np.intp)
    counts = np.zeros((0, down * right), np.intp)
    touched = np.zeros((grid.rows, grid.columns), bool)
    step = max(1, _PIXELS_AT_ONCE // classes.shape[1])
    for start in range(0, len(classes), step):
        rows, columns = np.nonzero(classes[start : start + step])
        if not len(rows):
            continue
        rows += start
        found = classes[rows, columns]
        new = [k for k in np.flatnonzero(np.bincount(found)).tolist() if k not in order]
        order += sorted(new, key=lambda k: int((found == k).argmax()))
        rank[order] = np.arange(len(order))
        place_rows, place_columns = places_down[rows], places_right[columns]
        touched[place_rows, place_columns] = True
        keys = (rank[found] * down + place_rows // STRIDE) * right + place_columns // STRIDE
        counts = np.pad(counts, ((0, len(order) - len(counts)), (0, 0)))
        counts += np.bincount(keys, minlength=counts.size).reshape(counts.shape)
    if not order:
        return Laid((), np.full((down, right), -1, np.int16), touched)
    winners = np.where(counts.any(axis=0), counts.argmax(axis=0), -1)
    owning = np.unique(winners[winners >= 0])
    numbers = np.full(len(order) + 1, -1, np.int16)  # its last entry is that of cells without an owner
    numbers[owning] = np.arange(len(owning))
    return Laid(tuple(order[k] for k in owning), numbers[winners].reshape(down, right), touched)


def samples(native: int, resized: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Along one side: pixels of the image, each at least once, and the pixel of the resized image that each lies in."""
    if native >= resized:
        pixels = np.arange(native)
        return pixels, (2 * pixels + 1) * resized // (2 * native)
    places = np.arange(resized)
    return (2 * places + 1) * native // (2 * resized), places
