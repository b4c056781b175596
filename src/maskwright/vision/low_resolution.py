"""Masks as segment-anything passes them from one prediction to the next: logits on a small square.

The image's longest side is scaled to 256, its other side with it; the rest of the square, to the right or below, is 0. Logits
are positive on the object.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.vision.masks import Mask

SIDE = 256

CERTAIN = 10.0
"""Logit of a place that lies on the object altogether."""


def to_logits(mask: Mask) -> NDArray[np.float32]:
    """Bring a mask to the small square.

    A place's logit grows evenly with the share of it that is the object: -10 for none, 0 for half, 10 for all.

    Args:
        mask: bool, shape (height, width).

    Returns:
        float32 in -10..10, shape (256, 256).

    Example:
        >>> logits = to_logits(np.repeat([[True, False]], 128, axis=1))
        >>> logits[0, 127], logits[0, 128], logits[1, 0]
        (np.float32(10.0), np.float32(-10.0), np.float32(0.0))
    """
    rows, columns = _extent(*mask.shape)
    way = cv2.INTER_AREA if max(mask.shape) >= SIDE else cv2.INTER_LINEAR
    shares = cv2.resize(_halved(mask.view(np.uint8) * np.uint8(255)), (columns, rows), interpolation=way) / np.float32(255)
    logits = np.zeros((SIDE, SIDE), np.float32)
    logits[:rows, :columns] = CERTAIN * (2 * shares - 1)
    return logits


def from_logits(logits: NDArray[np.float32], height: int, width: int) -> Mask:
    """Bring logits back to the image's size, and cut them at 0. What is smaller than a place of the square is lost.

    Args:
        logits: float32, finite, shape (256, 256).
        height, width: of the image, px.

    Returns:
        bool, shape (height, width).

    Example:
        >>> mask = np.repeat([[True, False]], 128, axis=1)
        >>> bool((from_logits(to_logits(mask), 1, 256) == mask).all())
        True
    """
    rows, columns = _extent(height, width)
    full = cv2.resize(logits[:rows, :columns], (width, height), interpolation=cv2.INTER_LINEAR)
    found: Mask = full.reshape(height, width) > 0
    return found


def _halved(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Halve a large image until it is near the square's size: OpenCV halves far faster than it reduces by any other factor."""
    while max(values.shape) >= 4 * SIDE and min(values.shape) > 1:
        height, width = (side // 2 for side in values.shape)
        values = np.asarray(
            cv2.resize(values[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    return values


def _extent(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the square that the image covers."""
    scale = SIDE / max(height, width)
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))
