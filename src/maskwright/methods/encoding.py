"""What the `fast` networks see of an image, and what their logits say of it: used in training and at run time alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maskwright.vision.crops import Crop, cut, paste
from maskwright.vision.masks import Mask

GREY = 128
"""The value of pixels beyond the image."""

MAX_ASPECT = 2.0
"""A crop is squeezed into a square at most this much."""

OUTSIDE = -30.0
"""Logit of pixels outside the crop."""


def encode_image(image: NDArray[np.uint8], crop: Crop) -> NDArray[np.float32]:
    """The crop as the encoder wants it: float32 in -1..1, shape (3, size, size)."""
    pixels = cut(image, crop, fill=GREY).astype(np.float32)
    return np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1))


def encode_mask(mask: Mask | NDArray[np.uint8], crop: Crop) -> NDArray[np.float32]:
    """A mask as the crop shows it: the share of each pixel that is the mask's, float32 in 0..1, shape (size, size).

    Args:
        mask: bool, or uint8 0 or 1, shape (height, width) of the image.
        crop: what the network looks at; beyond the image nothing is the mask's.
    """
    return cut(mask.astype(np.uint8) * np.uint8(255), crop, fill=0).astype(np.float32) / np.float32(255)


def decode_mask(logits: NDArray[np.float32], crop: Crop, height: int, width: int, limit: float = 0.0) -> Mask:
    """The mask that logits of a crop draw on the image, bool (height, width); empty outside the crop.

    Args:
        logits: float32, any shape (rows, columns); they cover the whole crop.
        crop: what the network looked at.
        height, width: of the image, px.
        limit: the logit above which a pixel is the mask's.
    """
    return paste(logits, crop, height, width, fill=OUTSIDE) > limit
