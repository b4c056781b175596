"""Distance maps, Euclidean and exact, in pixels between pixel centres: float32 of shape (height, width).

`truncate` caps a map at that many px; without any point to measure from, a map is `truncate` everywhere, else infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError, PromptError
from maskwright.prompts import Point
from maskwright.vision.masks import Mask, as_mask

DistanceMap: TypeAlias = NDArray[np.float32]


def to_mask(mask: Mask, truncate: float | None = None) -> DistanceMap:
    """How far each pixel is from the mask; 0 on it.

    Example:
        >>> to_mask(np.array([[True, False, False]])).tolist()
        [[0.0, 1.0, 2.0]]
    """
    mask = as_mask(mask)
    distances = _transform(~mask) if mask.any() else np.full(mask.shape, np.inf, np.float32)
    return distances if truncate is None else np.minimum(distances, np.float32(truncate))


def to_points(points: Sequence[Point], height: int, width: int, truncate: float | None = None) -> DistanceMap:
    """How far each pixel is from the nearest of the points, each taken as the pixel it rounds to.

    Raises:
        PromptError: a point lies outside the image.

    Example:
        >>> to_points([(1, 0)], height=1, width=4, truncate=1.5).tolist()
        [[1.0, 0.0, 1.0, 1.5]]
    """
    mask = np.zeros((height, width), bool)
    for x, y in points:
        column, row = pixel_of(x, y)
        if not (0 <= column < width and 0 <= row < height):
            raise PromptError(f"point {x:g},{y:g} lies outside the image; give x in 0..{width - 1} and y in 0..{height - 1}")
        mask[row, column] = True
    return to_mask(mask, truncate)


def inside(mask: Mask) -> DistanceMap:
    """How deep each pixel lies in the mask: its distance to the nearest pixel off it or outside the image; 0 off the mask.

    Example:
        >>> inside(np.array([[True, True, True]])).tolist()
        [[1.0, 1.0, 1.0]]
    """
    return _transform(np.pad(as_mask(mask), 1))[1:-1, 1:-1].copy()


def innermost(mask: Mask, exclude: Sequence[Point] = ()) -> tuple[int, int]:
    """The pixel (x, y) that lies deepest in the mask, the first in reading order among equals.

    This is the click of the field's simulated users (specification of Latent Diversity, section 8): outside the image counts
    as off the mask, pixels clicked already are left out.

    Args:
        mask: bool, shape (height, width).
        exclude: points that must not be chosen again, each taken as the pixel it rounds to.

    Raises:
        MaskError: nothing is left to choose.

    Example:
        >>> mask = np.zeros((7, 9), bool)
        >>> mask[1:6, 2:7] = True
        >>> innermost(mask)
        (4, 3)
    """
    depth = inside(mask)
    for x, y in exclude:
        column, row = pixel_of(x, y)
        if 0 <= column < depth.shape[1] and 0 <= row < depth.shape[0]:
            depth[row, column] = 0
    row, column = divmod(int(depth.argmax()), depth.shape[1])
    if depth[row, column] == 0:
        raise MaskError("the mask is empty, or all of its pixels were chosen before; there is no innermost point")
    return column, row


def pixel_of(x: float, y: float) -> tuple[int, int]:
    """The pixel (column, row) that a point rounds to, halves away from the top left.

    Example:
        >>> pixel_of(2.5, 0.4)
        (3, 0)
    """
    return int(np.floor(x + 0.5)), int(np.floor(y + 0.5))


def _transform(mask: Mask) -> DistanceMap:
    """Distance of each true pixel to the nearest false one; there must be one."""
    distances = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # OpenCV's last bit differs from call to call, and with it what is deepest of equals; but squares of distances are whole.
    # Deeper than some 2,000 px, float32 has no digits left to tell one square from the next, and equals may differ again.
    squares = np.rint(np.square(distances, dtype=np.float64))
    return np.sqrt(squares).astype(np.float32)
