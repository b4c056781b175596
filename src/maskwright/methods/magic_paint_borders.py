"""Borders between classes, brought to the edges in the image that run beside them.

The decoder thinks in cells of 4 x 4 px and says for each pixel what it looks like, not where one thing ends. A watershed does:
it floods what lies between the classes' insides and the paint, the lowest step between neighbouring colours first, so that
classes meet where steps are high.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.magic_paint_answer import Numbers, each_number
from maskwright.methods.magic_paint_encoding import samples
from maskwright.vision.masks import Image, Mask
from maskwright.vision.painting import ClassMap

FINEST = 1024
"""Edges are looked for in the image, brought to a longer side of so many px where it is larger."""

BAND = 1 / 120
"""How far a border may move, as a share of that image's longer side."""

BLUR = 1 / 640
"""Deviation of the Gaussian under which colours are compared, likewise."""

_BARE = 1000
"""Of parts that floods must not enter; what starts there itself is ignored."""


def colours_of(image: Image) -> Image:
    """The image as edges are looked for in it: CIE L*a*b*, a little blurred, uint8, (rows, columns, 3), at most `FINEST` px."""
    height, width = image.shape[:2]
    scale = min(1.0, FINEST / max(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    if scale < 1:
        image = np.asarray(cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    blurred = cv2.GaussianBlur(image, (0, 0), max(0.5, BLUR * max(rows, columns)))
    return np.asarray(cv2.cvtColor(blurred, cv2.COLOR_RGB2LAB), np.uint8)


def paint_on(paint: ClassMap, rows: int, columns: int) -> ClassMap:
    """Paint on a smaller image: any painted pixel is enough, of several classes the last in reading order stays.

    Example:
        >>> paint = np.zeros((4, 4), np.uint8)
        >>> paint[0, 3], paint[3, 0] = 7, 9
        >>> paint_on(paint, 2, 2).tolist()
        [[0, 7], [9, 0]]
    """
    height, width = paint.shape
    if (height, width) == (rows, columns):
        return paint
    small = np.zeros((rows, columns), np.uint8)
    y, x = np.nonzero(paint)
    small[samples(height, rows)[1][y], samples(width, columns)[1][x]] = paint[y, x]
    return small


def along_edges(numbers: Numbers, painted: Numbers, colours: Image) -> Numbers:
    """Outcomes whose borders have moved to edges that run near.

    A connected part that lies within the band as a whole, without paint of its own, stays where it is, as does what is farther
    from all borders.

    Args:
        numbers: of the outcome at each pixel, (rows, columns), 0 where there is no class.
        painted: likewise, what is painted there, 0 where nothing is: it stays, and floods begin there too.
        colours: of `colours_of`, (rows, columns, 3).

    Example:
        >>> image = np.zeros((40, 320, 3), np.uint8)
        >>> image[:, 20:] = 200
        >>> numbers = np.ones((40, 320), np.uint8)
        >>> numbers[:, 19:] = 2
        >>> int(along_edges(numbers, np.zeros_like(numbers), colours_of(image))[9].argmax())
        20
    """
    numbers = np.where(painted > 0, painted, numbers)  # a stroke in the midst of others has borders too
    near = _near_borders(numbers, max(1, round(BAND * max(numbers.shape))))
    seeds = ~near | (painted > 0)
    bare = _parts_without(numbers, seeds)
    labels = np.where(seeds, numbers + np.int32(1), np.where(bare, _BARE, 0)).astype(np.int32)
    padded = np.pad(labels, 1)  # OpenCV leaves the rim alone
    cv2.watershed(cv2.copyMakeBorder(colours, 1, 1, 1, 1, cv2.BORDER_REPLICATE), padded)
    flooded = padded[1:-1, 1:-1]
    _join_lines(flooded, colours)
    return np.where((flooded > 0) & (flooded < _BARE), flooded - 1, numbers).astype(np.uint8)


def _join_lines(flooded: NDArray[np.int32], colours: Image) -> None:
    """Give the lines of -1 that OpenCV leaves between floods to the neighbour whose colour is most alike, in place."""
    rows, columns = np.nonzero(flooded < 0)
    least = np.full(len(rows), np.inf)
    labels = np.zeros(len(rows), np.int32)
    here = colours[rows, columns].astype(np.int16)
    for down, right in ((-1, 0), (0, -1), (0, 1), (1, 0)):
        y = np.clip(rows + down, 0, flooded.shape[0] - 1)
        x = np.clip(columns + right, 0, flooded.shape[1] - 1)
        step = np.abs(colours[y, x] - here).max(axis=1)
        better = (flooded[y, x] > 0) & (step < least)
        least[better], labels[better] = step[better], flooded[y, x][better]
    flooded[rows, columns] = labels


def _near_borders(numbers: Numbers, band: int) -> Mask:
    """Where another number is within the band, px."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    return np.asarray(cv2.dilate(numbers, disk) != cv2.erode(numbers, disk))


def _parts_without(numbers: Numbers, seeds: Mask) -> Mask:
    """The connected parts of equal numbers in which there is no seed."""
    without: NDArray[np.bool_] = np.zeros(numbers.shape, bool)
    for window, equal in each_number(numbers):
        count, parts = cv2.connectedComponents(equal, connectivity=8)
        bare = np.ones(count, bool)
        bare[parts[seeds[window]]] = False
        bare[0] = False
        without[window] |= bare[parts]
    return without
