"""How clicks become the network's input: one place, used in training and at run time alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.encoding import MAX_ASPECT, encode_mask
from maskwright.prompts import Box, Click
from maskwright.vision.crops import Crop, crop_around
from maskwright.vision.masks import Mask, bounding_box

SIZE = 384
"""Side of the network's input, px: the size it was last trained at."""

RADIUS = 0.015
"""Radius of a click's disk, as a share of the crop's side."""

MARGIN_RELATIVE, MARGIN_ABSOLUTE = 0.25, 8.0
"""Margin around the mask so far: a share of its box's geometric mean side, plus image pixels."""

LEAST_SHARE = 0.2
"""The least side of a crop, as a share of the image's: a tiny first mask may be a part of what is meant."""


def crop_of(mask: Mask | None, clicks: Sequence[Click], height: int, width: int, size: int = SIZE) -> Crop:
    """What the network looks at: the whole image as long as there is no mask, then the mask so far and the positive clicks.

    Args:
        mask: the mask so far, bool (height, width); None, or an empty one, where there is none.
        clicks: in image pixel coordinates.
        height, width: of the image, px.
        size: side of the resized crop, px.
    """
    box = None if mask is None else bounding_box(mask)
    if box is None:
        return crop_around(Box(0, 0, width - 1, height - 1), size, 0.0, 0.0, MAX_ASPECT)
    on = [click for click in clicks if click.positive]
    x0, x1 = min([box.x0, *(c.x for c in on)]), max([box.x1, *(c.x for c in on)])
    y0, y1 = min([box.y0, *(c.y for c in on)]), max([box.y1, *(c.y for c in on)])
    margin = MARGIN_RELATIVE * float(np.sqrt((x1 - x0 + 1) * (y1 - y0 + 1))) + MARGIN_ABSOLUTE
    x0, x1 = _within(x0 - margin, x1 + margin, LEAST_SHARE * width, width)
    y0, y1 = _within(y0 - margin, y1 + margin, LEAST_SHARE * height, height)
    return crop_around(Box(x0, y0, x1, y1), size, 0.0, 0.0, MAX_ASPECT)


def encode_prompts(clicks: Iterable[Click], mask: Mask | None, crop: Crop) -> NDArray[np.float32]:
    """The prompt channels.

    Args:
        clicks: in image pixel coordinates.
        mask: the mask so far, bool (height, width) of the image; None: no mask.
        crop: what the network looks at.

    Returns:
        float32 in 0..1, shape (3, size, size): disks at the positive clicks, disks at the negative ones, the mask so far.
    """
    disks = np.zeros((2, crop.size, crop.size), np.uint8)
    for click in clicks:
        x, y = crop.to_crop((click.x, click.y))
        # Coordinates in sixteenths of a pixel: OpenCV's way to draw between pixels.
        centre = (round(x * 16), round(y * 16))
        cv2.circle(disks[0 if click.positive else 1], centre, round(RADIUS * crop.size * 16), 1, cv2.FILLED, cv2.LINE_8, 4)
    prompts = np.zeros((3, crop.size, crop.size), np.float32)
    prompts[:2] = disks
    if mask is not None:
        prompts[2] = encode_mask(mask, crop)
    return prompts


def _within(low: float, high: float, least: float, length: int) -> tuple[float, float]:
    """The span low..high, at least `least` long, moved and cut to lie in 0..length - 1."""
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    if low < 0:
        low, high = 0.0, max(high, least)
    if high > length - 1:
        low, high = min(low, length - 1 - least), length - 1.0
    return max(low, 0.0), high
