"""Boundaries of masks: bands along them, and how well two of them agree.

The image's border is no boundary: where an object is cut off by it, nothing is known about its outline.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from maskwright.errors import MaskError
from maskwright.vision import distances
from maskwright.vision.masks import Mask, as_mask

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def inner(mask: Mask) -> Mask:
    """The mask's own pixels that have a pixel off the mask above, below, left or right of them.

    Example:
        >>> inner(np.array([[False, True, True, True]])).astype(int).tolist()
        [[0, 1, 0, 0]]
    """
    mask = as_mask(mask)
    # What lies beyond the image counts as object here, so that the border makes no boundary.
    core = cv2.erode(mask.astype(np.uint8), _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    rim: Mask = mask & (core == 0)
    return rim


def band(mask: Mask, width: float) -> Mask:
    """All pixels within `width` px of the mask's inner boundary, on both sides.

    Args:
        mask: bool, shape (height, width).
        width: px, from 0 (the inner boundary alone).

    Raises:
        MaskError: `width` is not a number from 0.

    Example:
        >>> band(np.array([[False, False, False, True, True, True]]), 1).astype(int).tolist()
        [[0, 0, 1, 1, 1, 0]]
    """
    return _near(inner(mask), width, "the band's width")


def default_tolerance(height: int, width: int, share: float = 0.008) -> int:
    """The tolerance in px that DAVIS uses: 0.8 % of the image's diagonal, rounded up.

    Example:
        >>> default_tolerance(480, 854)
        8
    """
    return math.ceil(share * math.hypot(height, width))


def boundary_f(pred: Mask, truth: Mask, tolerance: float) -> float:
    """The F measure of DAVIS between two boundaries, 0..1 (Perazzi et al., CVPR 2016, section 5).

    The harmonic mean of precision (how much of the predicted boundary lies within `tolerance` of the true one) and recall (the
    other way round). The boundary map is DAVIS's own: pixels that differ from their right, lower or lower right neighbour.
    Neither mask having a boundary counts as 1, one of the two as 0.

    Args:
        pred, truth: bool, same shape.
        tolerance: px, from 0; `default_tolerance` gives DAVIS's.

    Raises:
        MaskError: the shapes differ, or `tolerance` is not a number from 0.

    Example:
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:15, 5:15] = True
        >>> boundary_f(np.roll(truth, 1, axis=1), truth, tolerance=1)
        1.0
    """
    ours = _davis_map(as_mask(pred, like=as_mask(truth)))
    theirs = _davis_map(as_mask(truth))
    near_ours, near_theirs = _near(ours, tolerance, "tolerance"), _near(theirs, tolerance, "tolerance")
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    precision = int(np.count_nonzero(ours & near_theirs)) / int(np.count_nonzero(ours))
    recall = int(np.count_nonzero(theirs & near_ours)) / int(np.count_nonzero(theirs))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _near(line: Mask, reach: float, what: str) -> Mask:
    if not 0 <= reach < float("inf"):
        raise MaskError(f"{what} is {reach}; give a number of pixels from 0")
    # Squared distances between pixels are whole numbers: rounding them undoes the square root's error.
    near: Mask = np.rint(distances.to_mask(line) ** 2) <= reach**2
    return near


def _davis_map(mask: Mask) -> Mask:
    # Beyond the last row and column the mask goes on unchanged.
    grown = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    east, south, south_east = grown[:-1, 1:], grown[1:, :-1], grown[1:, 1:]
    line: Mask = (mask != east) | (mask != south) | (mask != south_east)
    return line
