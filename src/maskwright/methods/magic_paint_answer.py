"""From the decoder's logits to a class for every pixel of the image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.magic_paint_encoding import Cells
from maskwright.vision.masks import Mask

LEAST_SHARE = 0.0002
"""Of the image: a connected part of a class that is smaller and touches no paint goes to what is around it."""

TILE = 96
"""Side of the pieces in which borders are drawn, in pixels of the image, roughly."""

Numbers: TypeAlias = NDArray[np.uint8]
"""Which of the logits is largest; shape (height, width)."""


def largest(logits: Cells) -> Numbers:
    """The number of the largest logit at each pixel, of equals the first.

    Args:
        logits: (C, rows, columns), C up to 255.
    """
    best, numbers = logits[0], np.zeros(logits.shape[1:], np.uint8)
    for i in range(1, len(logits)):
        np.copyto(numbers, np.uint8(i), where=logits[i] > best)
        best = np.maximum(best, logits[i])
    return numbers


def each_number(numbers: Numbers) -> Iterator[tuple[tuple[slice, slice], Numbers]]:
    """For each number that there is, the window of rows and columns that it keeps to, and 1 where it is in there, else 0."""
    for i in np.flatnonzero(np.bincount(numbers.ravel())).tolist():
        equal = (numbers == i).view(np.uint8)
        left, top, width, height = cv2.boundingRect(equal)
        window = slice(top, top + height), slice(left, left + width)
        yield window, equal[window]


def without_specks(logits: Cells, touched: Mask) -> Cells:
    """Logits of which small parts that touch no paint have gone to the class around them.

    Where a speck lies between several classes, each of its pixels goes to the nearest. The logits of its class and of that one
    change places, so that what is drawn between pixels agrees.

    Args:
        logits: (C, rows, columns) of the resized image; changed in place.
        touched: bool (rows, columns): where there is paint.

    Example:
        >>> logits = np.full((2, 80, 80), 1.0, np.float32)
        >>> logits[1] = 0
        >>> logits[1, 40, 40] = 3
        >>> largest(logits).sum(), largest(without_specks(logits, np.zeros((80, 80), bool))).sum()
        (np.uint64(1), np.uint64(0))
    """
    numbers = largest(logits)
    least = LEAST_SHARE * numbers.size
    specks = np.zeros(numbers.shape, bool)
    for window, equal in each_number(numbers):
        _, parts, stats, _ = cv2.connectedComponentsWithStats(equal, connectivity=8)
        small = stats[:, cv2.CC_STAT_AREA] < least
        small[0] = False
        if small.any():
            small[parts[touched[window]]] = False
            specks[window] |= small[parts]
    if not specks.any() or specks.all():
        return logits
    _, nearest = cv2.distanceTransformWithLabels(
        specks.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    class_of = np.zeros(int(nearest.max()) + 1, np.uint8)
    class_of[nearest[~specks]] = numbers[~specks]
    rows, columns = np.nonzero(specks)
    was, becomes = numbers[specks], class_of[nearest[specks]]
    high, low = logits[was, rows, columns], logits[becomes, rows, columns]
    logits[was, rows, columns], logits[becomes, rows, columns] = low, high
    return logits


def at_full_size(logits: Cells, height: int, width: int) -> Numbers:
    """Which logit is largest at each pixel of the image, logits being interpolated bilinearly between their pixels' centres.

    Where the four pixels around agree, so does what lies between them: there nothing is interpolated, which is nearly
    everywhere.

    Args:
        logits: (C, rows, columns).
        height, width: of the image, px.

    Example:
        >>> at_full_size(np.array([[[1, 1, 0]], [[0, 0, 1]]], np.float32), 1, 6).tolist()
        [[0, 0, 0, 0, 1, 1]]
    """

    def rivals(rows: slice, columns: slice) -> tuple[Numbers, Cells]:
        piece = logits[:, rows, columns]
        # Between pixels, too, no logit is below its least or above its largest value: some cannot be the largest anywhere.
        values = piece.reshape(len(piece), -1)
        found = np.flatnonzero(values.max(axis=1) >= values.min(axis=1).max()).astype(np.uint8)
        return found, piece[found]

    return _drawn(largest(logits), rivals, height, width)


def enlarged(numbers: Numbers, height: int, width: int) -> Numbers:
    """Numbers at the size of a larger image: of several around a pixel the one of which most is there, bilinearly.

    Args:
        numbers: (rows, columns).
        height, width: of the image, px.

    Example:
        >>> enlarged(np.array([[5, 5, 7]], np.uint8), 1, 6).tolist()
        [[5, 5, 5, 5, 7, 7]]
    """

    def shares(rows: slice, columns: slice) -> tuple[Numbers, Cells]:
        piece = numbers[rows, columns]
        found = np.flatnonzero(np.bincount(piece.ravel())).astype(np.uint8)
        return found, (piece == found[:, None, None]).astype(np.float32)

    return _drawn(numbers, shares, height, width)


def _drawn(numbers: Numbers, rivals: Callable[[slice, slice], tuple[Numbers, Cells]], height: int, width: int) -> Numbers:
    """Numbers at another size.

    Args:
        numbers: the largest at each pixel, (rows, columns).
        rivals: of some rows and columns: the numbers that may be the largest there, and how large each is, (K, rows, columns).
        height, width: of the image, px.
    """
    rows, columns = numbers.shape
    first_row, share_down = _between(height, rows)
    first_column, share_right = _between(width, columns)
    # On the rim the rim repeats: one pixel more, so that every pixel has one after it.
    numbers = np.pad(numbers, ((0, 1), (0, 1)), mode="edge")
    corner = numbers[:-1, :-1]
    mixed = (corner != numbers[1:, :-1]) | (corner != numbers[:-1, 1:]) | (corner != numbers[1:, 1:])
    answer: Numbers = corner[:, first_column][first_row]
    tile = int(np.clip(TILE * rows / height, 8, 64))
    for top in range(0, rows, tile):
        for left in range(0, columns, tile):
            window = _bounds(mixed[top : top + tile, left : left + tile], top, left)
            if window is None:
                continue
            (above, below), (before, behind) = window
            y0, y1 = np.searchsorted(first_row, (above, below)).tolist()
            x0, x1 = np.searchsorted(first_column, (before, behind)).tolist()
            found, piece = rivals(slice(above, below + 1), slice(before, behind + 1))
            down = _interpolation(first_row[y0:y1] - above, share_down[y0:y1], piece.shape[1])
            right = _interpolation(first_column[x0:x1] - before, share_right[x0:x1], piece.shape[2])
            between = np.asarray(down @ piece @ right.T, np.float32)
            answer[y0:y1, x0:x1] = found[largest(between)]
    return answer


def _bounds(mask: Mask, top: int, left: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """First row and the one behind the last, the same of columns, of a mask whose first pixel is (top, left); None if empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return (top + int(rows[0]), top + int(rows[-1]) + 1), (left + int(columns[0]), left + int(columns[-1]) + 1)


def _between(native: int, given: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Along one side, for each pixel of the image: the logits' pixel before it, and how far on towards the next it lies."""
    places = np.clip((np.arange(native) + 0.5) * given / native - 0.5, 0, given - 1)
    first = places.astype(np.intp)
    return first, (places - first).astype(np.float32)


def _interpolation(first: NDArray[np.intp], share: NDArray[np.float32], given: int) -> Cells:
    """The matrix that interpolates `given` values at places: (len(first), given)."""
    matrix = np.zeros((len(first), given), np.float32)
    lines = np.arange(len(first))
    matrix[lines, first] = 1 - share
    matrix[lines, np.minimum(first + 1, given - 1)] += share
    return matrix
