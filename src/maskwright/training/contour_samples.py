"""Training samples for Curve-GCN: an object of one part in a box as people draw it, and the contour around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.curve_gcn_encoding import corners, crop_of
from maskwright.prompts import Box
from maskwright.training.habits import drawn_by_habit
from maskwright.training.objects import PhotoSet
from maskwright.training.random_samples import RandomSamples
from maskwright.training.scenes import Staging
from maskwright.vision.polygons import from_mask

UInt8 = NDArray[np.uint8]

ONE_PART = 0.9
"""An object is of one part where the largest holds this share of its pixels: specks do not count, halves do."""

LEAST_SIDE = 20
"""px; longer side of the smallest boxes that are drawn."""

STAIRS = 0.8
"""px of the photo, or of the crop where those are larger; how far the contour may leave the pixels' edges, so that a slanted
one is not a row of stairs."""

HABITUAL = 0.6
"""How often a habit moves the outline, where habits are simulated."""

KEPT = 0.7
"""Of an object this share must stay where a habit draws it smaller: thin ones would vanish."""


@dataclass(frozen=True, eq=False)
class ContourSample:
    """One training sample.

    Attributes:
        rgb: uint8, (S, S, 3).
        box: the upper left and lower right corner of the box, shares of the crop, (2, 2).
        mask: uint8 0 or 1, (S, S): what the contour fills; holes count as filled.
        contour: corners of the object's contour, shares of the crop, (m, 2).
    """

    rgb: UInt8
    box: NDArray[np.float32]
    mask: UInt8
    contour: NDArray[np.float32]


class ContourSamples(RandomSamples[ContourSample]):
    """An endless stream of random samples.

    Args:
        sets, size, seed, staging: as for the base class.
        habit: how far inside or outside the annotated outline some people draw theirs, at most, as a share of the crop's side
            (see `by_random_habit`); 0: nobody does.
    """

    def __init__(self, sets: list[PhotoSet], size: int, seed: int, staging: Staging, habit: float = 0.0) -> None:
        super().__init__(sets, size, seed, staging)
        self.habit = habit

    def one(self, rng: np.random.Generator) -> ContourSample | None:
        """A sample, or None where the drawn object is of several parts, too small, or hardly in view."""
        scene = self.scenes.posed(rng)
        if scene is None:
            return None
        image, mask, pose, posed = scene
        part = largest_part(posed)
        if part is None:
            return None
        x, y, width, height = cv2.boundingRect(part)
        if max(width, height) < LEAST_SIDE:
            return None
        box = drawn_box(rng, Box(x, y, x + width - 1, y + height - 1))
        crop = crop_of(_shifted(rng, box), self.size, context=float(rng.uniform(1.05, 1.3)))
        rgb, target = self.scenes.view(rng, image, mask, pose, crop)
        seen = largest_part(target)
        if seen is None or seen.sum() < 64:
            return None
        seen = by_random_habit(rng, seen, self.habit * self.size)
        (outline,) = from_mask(seen.astype(bool), STAIRS * max(1.0, self.size / crop.width))
        return ContourSample(rgb, corners(box, crop), seen, (outline.exterior / self.size).astype(np.float32))


def largest_part(mask: UInt8) -> UInt8 | None:
    """The largest part of a mask (uint8 0 or 1), its holes filled; None where there is none or another one of some size.

    Example:
        >>> mask = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 0]], np.uint8)
        >>> largest_part(mask).sum()
        np.uint64(9)
        >>> largest_part(np.array([[1, 1, 0, 1, 1]], np.uint8)) is None
        True
    """
    # Neighbours across a corner are two parts, as they are where contours are traced.
    count, labels, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return None
    areas = figures[1:, cv2.CC_STAT_AREA]
    if areas.max() < ONE_PART * areas.sum():
        return None
    part: UInt8 = (labels == 1 + int(areas.argmax())).astype(np.uint8)
    ground = cv2.copyMakeBorder(1 - part, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    cv2.floodFill(ground, None, (0, 0), (2,))
    part[ground[1:-1, 1:-1] != 2] = 1
    return part


def by_random_habit(rng: np.random.Generator, part: UInt8, most: float) -> UInt8:
    """The object as one of many people draws it, or as it is where little or several parts would be left.

    Args:
        part: uint8 0 or 1, (S, S), of one part.
        most: how far the outline is moved at most, px; 0: never.
    """
    if not most or rng.random() >= HABITUAL:
        return part
    moved = largest_part(drawn_by_habit(part, float(rng.uniform(-most, most))))
    return moved if moved is not None and moved.sum() >= KEPT * part.sum() else part


def drawn_box(rng: np.random.Generator, box: Box) -> Box:
    """The box as a person draws it: exact in two of five cases, else each side missed by up to 6 % of the box's length."""
    if rng.random() < 0.4:
        return box
    miss = rng.uniform(0, 0.06)
    width, height = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    left, right, top, bottom = rng.uniform(-miss, miss, 4) * (width, width, height, height)
    return Box(box.x0 + left, box.y0 + top, box.x1 + right, box.y1 + bottom)


def _shifted(rng: np.random.Generator, box: Box) -> Box:
    """The box, moved a little: later drags look at crops in whose middle the object no longer lies."""
    dx, dy = rng.uniform(-0.04, 0.04, 2) * (max(box.x1 - box.x0, box.y1 - box.y0) + 1)
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)
