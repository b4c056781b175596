"""How DEXTR's prompts become the network's input: one place, used in training and at run time alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maskwright.methods.encoding import MAX_ASPECT
from maskwright.prompts import Box, Point
from maskwright.vision.crops import Crop, crop_around
from maskwright.vision.heatmaps import gaussians

SIZE = 384
"""Side of the network's input, px."""

MARGIN_RELATIVE, MARGIN_ABSOLUTE = 0.12, 8.0
"""The crop's margin on every side: a share of the box's geometric mean side, plus image pixels."""

FULL_WIDTH = 10 / 512
"""Full width at half maximum of a point's Gaussian, as a share of the crop's side (the paper: 10 px of 512)."""


def box_of(points: Sequence[Point]) -> Box:
    """The tight box around all points, at least one pixel wide and high."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def crop_of(points: Sequence[Point], size: int = SIZE) -> Crop:
    """The crop that the network sees for these points."""
    return crop_around(box_of(points), size, MARGIN_RELATIVE, MARGIN_ABSOLUTE, MAX_ASPECT)


def encode_prompts(points: Sequence[Point], crop: Crop) -> NDArray[np.float32]:
    """The prompt channels.

    Args:
        points: the extreme points and any boundary points, image pixel coordinates.
        crop: the answer of `crop_of`.

    Returns:
        float32 in 0..1, shape (2, size, size): the heat map of all points; 1 inside the tight box around them.
    """
    inside = [crop.to_crop(point) for point in points]
    heat = gaussians(inside, crop.size, crop.size, FULL_WIDTH * crop.size)
    box = box_of(inside)
    steps = np.arange(crop.size, dtype=np.float32)
    column = (steps >= box.y0 - 0.5) & (steps <= box.y1 + 0.5)
    row = (steps >= box.x0 - 0.5) & (steps <= box.x1 + 0.5)
    return np.stack([heat, (column[:, None] & row[None, :]).astype(np.float32)])
