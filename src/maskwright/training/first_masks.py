"""Masks that clicks go on from, made by the shipped DEXTR: its mistakes are those that people meet."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError
from maskwright.methods import load_method
from maskwright.methods.base import Method
from maskwright.vision.masks import Mask, extreme_points

UInt8 = NDArray[np.uint8]

MISS = 0.03
"""The largest miss of an extreme point, as a share of the object's size."""


def dextr_mask(rng: np.random.Generator, rgb: UInt8, target: UInt8) -> Mask | None:
    """What DEXTR answers to the four extreme points of an object, which miss as people miss.

    Args:
        rgb: uint8, (S, S, 3).
        target: the object, uint8 0 or 1, (S, S), not empty.

    Returns:
        bool, (S, S); None where the object is too thin for four points, or DEXTR finds nothing.
    """
    miss = 0.0 if rng.random() < 0.5 else rng.uniform(0, MISS) * float(np.sqrt(target.sum()))
    try:
        points = extreme_points(target.astype(bool), rng, miss)
    except MaskError:
        return None
    dextr = _dextr()
    mask = dextr.predict([points], dextr.prepare(rgb)).mask
    return mask if mask.any() else None


@cache
def _dextr() -> Method:
    """Loaded at the first call, in the worker that makes the samples: a session does not survive a fork."""
    return load_method("dextr", threads=1)
