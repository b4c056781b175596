"""Masks with mistakes, as other methods and people make them: what clicks must be able to go on from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.vision.masks import Mask

UInt8 = NDArray[np.uint8]


def spoiled(rng: np.random.Generator, target: UInt8) -> Mask:
    """A mask with one to three mistakes.

    Args:
        target: uint8 0 or 1, shape (S, S), not empty.

    Returns:
        bool, shape (S, S); not empty.
    """
    mask = target.copy()
    scale = float(np.sqrt(target.sum()))
    for _ in range(int(rng.integers(1, 4))):
        mistake = MISTAKES[int(rng.integers(len(MISTAKES)))]
        changed = mistake(rng, mask, scale)
        if changed.any():
            mask = changed
    return mask.astype(bool)


def swollen(rng: np.random.Generator, mask: UInt8, scale: float) -> UInt8:
    """Grown or shrunk all around."""
    side = 2 * int(rng.uniform(0.01, 0.08) * scale) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    grow = cv2.dilate if rng.random() < 0.5 else cv2.erode
    return grow(mask, kernel).astype(np.uint8, copy=False)


def bitten(rng: np.random.Generator, mask: UInt8, scale: float) -> UInt8:
    """Without what lies beyond a line, or under an ellipse."""
    ys, xs = np.nonzero(mask)
    i = int(rng.integers(len(xs)))
    if rng.random() < 0.4:
        angle = rng.uniform(0, 2 * np.pi)
        rows, columns = np.indices(mask.shape)
        beyond = (columns - xs[i]) * np.cos(angle) + (rows - ys[i]) * np.sin(angle) > 0
        return np.where(beyond, np.uint8(0), mask)
    return _ellipse(rng, mask.copy(), (int(xs[i]), int(ys[i])), scale, 0)


def blotted(rng: np.random.Generator, mask: UInt8, scale: float) -> UInt8:
    """With an ellipse too many, near the object."""
    ys, xs = np.nonzero(cv2.dilate(mask, np.ones((9, 9), np.uint8)))
    i = int(rng.integers(len(xs)))
    return _ellipse(rng, mask.copy(), (int(xs[i]), int(ys[i])), scale, 1)


def coarse(rng: np.random.Generator, mask: UInt8, scale: float) -> UInt8:
    """Its outline drawn with few corners."""
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    corners = [cv2.approxPolyDP(contour, rng.uniform(0.02, 0.1) * scale, True) for contour in contours]
    return cv2.fillPoly(np.zeros_like(mask), corners, 1).astype(np.uint8, copy=False)


def ragged(rng: np.random.Generator, mask: UInt8, scale: float) -> UInt8:
    """Its outline moved in and out along its course, as networks do that are nearly right."""
    height, width = mask.shape
    cells = int(rng.integers(4, 17))
    far = rng.uniform(0.02, 0.08) * scale
    drawn = rng.normal(0, far, (2, cells, cells)).astype(np.float32)
    moves = [cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in drawn]
    ys, xs = np.indices(mask.shape, np.float32)
    return cv2.remap(mask, xs + moves[0], ys + moves[1], cv2.INTER_NEAREST).astype(np.uint8, copy=False)


def _ellipse(rng: np.random.Generator, mask: UInt8, centre: tuple[int, int], scale: float, value: int) -> UInt8:
    axes = (int(scale * rng.uniform(0.1, 0.45)) + 1, int(scale * rng.uniform(0.1, 0.45)) + 1)
    return cv2.ellipse(mask, centre, axes, rng.uniform(0, 180), 0, 360, value, cv2.FILLED).astype(np.uint8, copy=False)


MISTAKES = (swollen, bitten, blotted, coarse, ragged)
