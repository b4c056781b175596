"""Habits: some people draw inside of what they see, some around it at a distance, and so did those who made the sets.

They differ by a few pixels. One image does not tell; the gestures of the person do.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]


def drawn_by_habit(mask: UInt8, inwards: float) -> UInt8:
    """An object whose outline is moved inwards all around.

    Args:
        mask: uint8 0 or 1, shape (height, width).
        inwards: px; negative: outwards.

    Returns:
        uint8 0 or 1, the same shape; of a thin object nothing may be left.

    Example:
        >>> square = np.zeros((30, 30), np.uint8)
        >>> square[5:25, 5:25] = 1
        >>> drawn_by_habit(square, 1.0).sum(), drawn_by_habit(square, -1.0).sum()
        (np.uint64(324), np.uint64(484))
    """
    # Half a pixel: the outline runs between the pixels whose centres the distances are measured between.
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    return (np.where(mask > 0, depth - 0.5, depth + 0.5) > inwards).astype(np.uint8)
