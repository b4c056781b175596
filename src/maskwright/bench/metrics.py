"""How good a mask is. IoU itself lives in `maskwright.vision.masks.iou`."""

from __future__ import annotations

import numpy as np

from maskwright.prompts import Box
from maskwright.vision import boundaries
from maskwright.vision.masks import Mask, as_mask, bounding_box


def error_rate(prediction: Mask, truth: Mask, void: Mask | None = None, box: Box | None = None) -> float:
    """GrabCut's error rate: the share of pixels inside the box that are labelled wrongly, in percent (DEXTR, table 5).

    The data set's own boxes do not come with its masks: without `box` it is the tight box of the true object. Void pixels
    (GrabCut's 128) are not counted, neither as wrong nor as pixels of the box.

    Args:
        prediction, truth: bool, (height, width).
        void: bool, (height, width), pixels that do not count.
        box: the region that counts; its corners are pixel centres inside it.

    Returns:
        0 to 100; 0 where the box holds no pixel that counts.

    Raises:
        MaskError: the shapes differ.

    Example:
        >>> truth = np.zeros((10, 10), bool)
        >>> truth[2:6, 2:7] = True
        >>> prediction = truth.copy()
        >>> prediction[2, 2:7] = False  # one row of four lost
        >>> prediction[9, :] = True  # outside the box: not counted
        >>> error_rate(prediction, truth)
        25.0
    """
    prediction = as_mask(prediction, like=truth)
    box = box or bounding_box(truth)
    if box is None:
        return 0.0
    region = (slice(round(box.y0), round(box.y1) + 1), slice(round(box.x0), round(box.x1) + 1))
    counted = np.ones_like(truth[region]) if void is None else ~as_mask(void, like=truth)[region]
    total = int(counted.sum())
    return 100.0 * int(((prediction ^ truth)[region] & counted).sum()) / total if total else 0.0


def boundary_f(prediction: Mask, truth: Mask, void: Mask | None = None, tolerance: float | None = None) -> float:
    """Boundary F measure, 0..1: the harmonic mean of the boundaries' precision and recall (DAVIS 2016).

    Args:
        prediction, truth: bool, (height, width).
        void: bool, (height, width); there the prediction is taken to be right.
        tolerance: how far two boundaries may lie apart and still match, px; DAVIS's 0.8 % of the image's diagonal, rounded up,
            unless given.

    Raises:
        MaskError: the shapes differ.

    Example:
        >>> truth = np.zeros((40, 40), bool)
        >>> truth[10:30, 10:30] = True
        >>> boundary_f(truth, truth), boundary_f(np.roll(truth, 4, axis=1), truth, tolerance=1) < 0.6
        (1.0, True)
    """
    prediction = as_mask(prediction, like=truth)
    if void is not None:
        prediction = np.where(as_mask(void, like=truth), truth, prediction)
    return boundaries.boundary_f(
        prediction, truth, boundaries.default_tolerance(*truth.shape) if tolerance is None else tolerance
    )
