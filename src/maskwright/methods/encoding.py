"""What the `fast` networks see of an image, whatever the prompts: used in training and at run time alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maskwright.vision.crops import Crop, cut

GREY = 128
"""The value of pixels beyond the image."""

MAX_ASPECT = 2.0
"""A crop is squeezed into a square at most this much."""


def encode_image(image: NDArray[np.uint8], crop: Crop) -> NDArray[np.float32]:
    """The crop as the encoder wants it: float32 in -1..1, shape (3, size, size)."""
    pixels = cut(image, crop, fill=GREY).astype(np.float32)
    return np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1))
