"""Crops around an object: cut out, brought to the network's size, and pasted back.

A crop is a rectangle of whole pixels that may reach beyond the image; what lies beyond is filled with one grey value and
dropped again when a result is pasted back. Sides are scaled separately (DEXTR, section 3.2), so the object always fills the
network's input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import Box, Point


@dataclass(frozen=True, slots=True)
class Crop:
    """The pixels x0 <= x < x1, y0 <= y < y1, brought to `size` x `size`.

    Example:
        >>> crop = Crop(10, 20, 30, 60, size=40)
        >>> crop.to_crop((10, 20))
        (0.5, 0.0)
    """

    x0: int
    y0: int
    x1: int
    y1: int
    size: int

    @property
    def width(self) -> int:
        """Width in image pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in image pixels."""
        return self.y1 - self.y0

    def to_crop(self, point: Point) -> Point:
        """Pixel coordinates in the resized crop of a point in image pixel coordinates (pixel centres map to centres)."""
        return (
            (point[0] + 0.5 - self.x0) * self.size / self.width - 0.5,
            (point[1] + 0.5 - self.y0) * self.size / self.height - 0.5,
        )


def crop_around(box: Box, size: int, relative: float, absolute: float, max_aspect: float = math.inf) -> Crop:
    """The crop around a box, with a margin on every side.

    Args:
        box: corners are pixel centres that belong to the object.
        size: the side of the resized crop, px.
        relative: margin as a share of the box's geometric mean side.
        absolute: further margin in image pixels (the paper: relative 0, absolute 50).
        max_aspect: the longer side is at most this many times the shorter one; the shorter one grows where it is more.

    Example:
        >>> crop_around(Box(100, 100, 199, 199), size=512, relative=0.0, absolute=50)
        Crop(x0=50, y0=50, x1=250, y1=250, size=512)
    """
    width, height = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    margin = relative * math.sqrt(width * height) + absolute
    half_w, half_h = width / 2 + margin, height / 2 + margin
    half_w, half_h = max(half_w, half_h / max_aspect), max(half_h, half_w / max_aspect)
    cx, cy = (box.x0 + box.x1 + 1) / 2, (box.y0 + box.y1 + 1) / 2
    return Crop(round(cx - half_w), round(cy - half_h), round(cx + half_w), round(cy + half_h), size)


def cut(image: NDArray[np.uint8], crop: Crop, fill: int, enlarge: int = cv2.INTER_LINEAR) -> NDArray[np.uint8]:
    """Cut the crop out of the image and bring it to its size.

    Args:
        image: uint8, shape (height, width) or (height, width, channels).
        crop: where; it may reach beyond the image.
        fill: the value of pixels beyond the image, 0..255.
        enlarge: OpenCV's interpolation where the crop is enlarged; where it is made smaller, pixels are averaged.

    Returns:
        uint8, shape (size, size[, channels]).
    """
    height, width = image.shape[:2]
    if crop.x0 >= width or crop.y0 >= height or crop.x1 <= 0 or crop.y1 <= 0:
        return np.full((crop.size, crop.size, *image.shape[2:]), fill, np.uint8)
    inside = image[max(crop.y0, 0) : crop.y1, max(crop.x0, 0) : crop.x1]
    top, bottom = max(-crop.y0, 0), max(crop.y1 - height, 0)
    left, right = max(-crop.x0, 0), max(crop.x1 - width, 0)
    smaller = crop.width >= crop.size and crop.height >= crop.size
    if smaller and top + bottom > 3 * inside.shape[0]:
        # A long, low box in a square crop: nearly all of it would be border, which is made after the width has shrunk.
        inside = _resized(_bordered(inside, 0, 0, left, right, fill), crop.size, inside.shape[0], cv2.INTER_AREA)
        left = right = 0
    elif smaller and left + right > 3 * inside.shape[1]:
        inside = _resized(_bordered(inside, top, bottom, 0, 0, fill), inside.shape[1], crop.size, cv2.INTER_AREA)
        top = bottom = 0
    bordered = _bordered(inside, top, bottom, left, right, fill)
    return _resized(bordered, crop.size, crop.size, cv2.INTER_AREA if smaller else enlarge)


def _bordered(image: NDArray[np.uint8], top: int, bottom: int, left: int, right: int, fill: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(fill,) * 4), np.uint8)


def _resized(image: NDArray[np.uint8], width: int, height: int, interpolation: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)


def paste(values: NDArray[np.float32], crop: Crop, height: int, width: int, fill: float) -> NDArray[np.float32]:
    """Bring a crop's result back to the image.

    Args:
        values: float32, any shape (rows, columns); it covers the whole crop.
        crop: where `values` came from.
        height, width: the image's size in pixels.
        fill: the value of pixels outside the crop.

    Returns:
        float32, shape (height, width).
    """
    result = np.full((height, width), fill, np.float32)
    x0, y0, x1, y1 = max(crop.x0, 0), max(crop.y0, 0), min(crop.x1, width), min(crop.y1, height)
    if x1 > x0 and y1 > y0:

        def down(part: NDArray[np.float32]) -> NDArray[np.float32]:
            return _stretched(part, part.shape[1], crop.height)[y0 - crop.y0 : y1 - crop.y0]

        def across(part: NDArray[np.float32]) -> NDArray[np.float32]:
            return _stretched(part, crop.width, part.shape[0])[:, x0 - crop.x0 : x1 - crop.x0]

        # Of a long image's square crop nearly all lies beyond the image: that is cut off before the other side is enlarged.
        low = crop.height * (x1 - x0) > crop.width * (y1 - y0)
        result[y0:y1, x0:x1] = across(down(values)) if low else down(across(values))
    return result


def _stretched(values: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
