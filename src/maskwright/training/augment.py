"""Augmentation: the same object under other light, in another pose, before another background."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]


def random_pose(rng: np.random.Generator, height: int, width: int) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """A random flip, turn, stretch and shear.

    Returns:
        A 3 x 3 matrix from old to new pixel coordinates, and the (height, width) of a canvas that holds all of the image.
    """
    angle = math.radians(rng.uniform(-15, 15)) if rng.random() < 0.1 else 0.0
    stretch = math.exp(rng.uniform(-0.15, 0.15)) if rng.random() < 0.25 else 1.0
    shear = rng.uniform(-0.15, 0.15) if rng.random() < 0.05 else 0.0
    flip = -1.0 if rng.random() < 0.5 else 1.0
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[cos, -sin], [sin, cos]]) @ np.array([[flip * stretch, shear], [0.0, 1 / stretch]])
    corners = matrix[:2, :2] @ np.array([[0, width - 1, 0, width - 1], [0, 0, height - 1, height - 1]], float)
    matrix[:2, 2] = -corners.min(axis=1)
    new_width, new_height = np.ceil(np.ptp(corners, axis=1)).astype(int) + 1
    return matrix, (int(new_height), int(new_width))


def random_frame(rng: np.random.Generator, mask: UInt8) -> tuple[slice, slice] | None:
    """A random part of the photo whose border cuts the object off, on up to four sides, as in a close-up.

    Of coco_small's and voc_person's objects one in fifty reaches more than two borders of its photo; a portrait often does.

    Args:
        mask: uint8 0 or 1, shape (height, width), not empty.

    Returns:
        Rows and columns of the part; None where too little of the object, or hardly anything else, would be in view.
    """
    height, width = mask.shape
    frame = []
    x, y, w, h = cv2.boundingRect(mask)
    for first, extent, length in ((y, h, height), (x, w, width)):
        cut_low, cut_high = np.round(rng.uniform(0.05, 0.4, 2) * extent).astype(int).tolist()
        low = first + cut_low if rng.random() < 0.6 else 0
        high = first + extent - cut_high if rng.random() < 0.6 else length
        frame.append(slice(low, high))
    rows, columns = frame
    seen = mask[rows, columns]
    if min(seen.shape) < 48 or seen.sum() < 0.35 * mask.sum() or seen.mean() > 0.92:
        return None
    return rows, columns


def random_light(rng: np.random.Generator, image: UInt8) -> UInt8:
    """Random exposure, contrast, white balance and saturation; at times grey, blurred, noisy or compressed hard.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    x = np.arange(256, dtype=np.float32) / 255
    gamma = math.exp(rng.normal(0, 0.12))
    gain, offset = math.exp(rng.normal(0, 0.08)), rng.normal(0, 0.03)
    balance = np.exp(rng.normal(0, 0.04, 3))
    curves = np.stack([(x**gamma - 0.5) * gain * b + 0.5 + offset for b in balance], axis=-1)
    image = cv2.LUT(image, np.clip(curves * 255 + 0.5, 0, 255).astype(np.uint8)[None]).astype(np.uint8, copy=False)
    saturation = 0.0 if rng.random() < 0.03 else math.exp(rng.normal(0, 0.12))
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    image = cv2.addWeighted(image, saturation, grey, 1 - saturation, 0).astype(np.uint8, copy=False)
    if rng.random() < 0.04:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.0)).astype(np.uint8, copy=False)
    if rng.random() < 0.04:
        noise = rng.normal(0, rng.uniform(2, 14), image.shape[:2]).astype(np.int16)
        image = np.clip(image.astype(np.int16) + noise[..., None], 0, 255).astype(np.uint8)
    if rng.random() < 0.04:
        code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 70))])[1]
        image = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    return image


def blend(front: UInt8, back: UInt8, mask: UInt8, softness: float) -> UInt8:
    """Lay `front` over `back` where `mask` is set, its edge blurred by `softness` px so that the cut itself gives nothing away.

    Args:
        front, back: uint8 RGB, shape (height, width, 3).
        mask: uint8 0 or 1, shape (height, width).
        softness: standard deviation of the edge, px.
    """
    alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), softness)[..., None]
    return (front * alpha + back * (1 - alpha) + 0.5).astype(np.uint8)
