"""What the classical methods make of clicks: seeds, from which they divide the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.methods.clicks import checked_clicks, click_pixels, with_clicks
from maskwright.prompts import Click, Prompt

Seeds: TypeAlias = NDArray[np.uint8]
"""Shape (height, width): `BACKGROUND`, `OBJECT`, or 0 where nothing is known."""

BACKGROUND, OBJECT = 1, 2

RADIUS = 0.01
"""Radius of a click's disk, as a share of the image's mean side (geometric): 4 px at 481 x 321."""

Divide: TypeAlias = Callable[[Image, Sequence[Click], Seeds], NDArray[np.floating]]
"""Gives each pixel's belief in the object, 0..1, from an image, the clicks on it and their seeds, which hold both kinds."""


def divided(prompts: Sequence[Prompt], prepared: PreparedImage, largest: int, divide: Divide) -> Prediction:
    """The prediction of a method that divides the image between the clicks' seeds.

    Seeds are disks around the clicks. As long as no click is negative, the image's outermost pixels are background: some must
    be. An image of more than `largest` px is made smaller first, and the belief large again.

    Args:
        prompts: clicks, oldest first.
        prepared: the image.
        largest: px that `divide` can work on in bearable time.
        divide: see `Divide`; not asked where the seeds hold one kind alone: then all is of that kind.

    Returns:
        One candidate: where belief is above a half, and the clicks' own pixels by their signs. Its score is its mean belief.

    Raises:
        PromptError: see `checked_clicks`; the classical methods do not go on from a mask.
    """
    height, width = prepared.image.shape[:2]
    clicks = checked_clicks(prompts, height, width)
    image, moved = _shrunk(prepared.image, clicks, largest)
    seeds = _seeds(moved, *image.shape[:2])
    kinds = [kind for kind in (BACKGROUND, OBJECT) if (seeds == kind).any()]
    belief = divide(image, moved, seeds) if len(kinds) == 2 else np.full(image.shape[:2], float(kinds == [OBJECT]))
    belief = belief.astype(np.float32)
    if belief.shape != (height, width):
        belief = cv2.resize(belief, (width, height), interpolation=cv2.INTER_LINEAR)
    mask = with_clicks(belief > 0.5, clicks)
    return Prediction((Candidate(mask, float(belief[mask].mean()) if mask.any() else 0.0),))


def disks(clicks: Sequence[Click], height: int, width: int, radius: float = RADIUS) -> Seeds:
    """Seeds alike in size around the clicks; later disks cover earlier ones, and no disk a click's own pixel.

    Args:
        clicks: inside the image, oldest first.
        height, width: of the image, px.
        radius: of the disks, as a share of the image's mean side; at least one pixel.

    Example:
        >>> disks([Click(2, 1), Click(5, 1, positive=False)], height=3, width=7)
        array([[0, 0, 2, 0, 0, 1, 0],
               [0, 2, 2, 2, 1, 1, 1],
               [0, 0, 2, 0, 0, 1, 0]], dtype=uint8)
    """
    seeds = np.zeros((height, width), np.uint8)
    pixels = click_pixels(clicks, height, width)
    reach = max(1, round(radius * (height * width) ** 0.5))
    for pixel, positive in pixels.items():
        cv2.circle(seeds, pixel, reach, OBJECT if positive else BACKGROUND, cv2.FILLED)
    for (column, row), positive in pixels.items():
        seeds[row, column] = OBJECT if positive else BACKGROUND
    return seeds


def rim(height: int, width: int, thickness: int = 1) -> Mask:
    """The image's outermost pixels.

    Example:
        >>> rim(3, 4).astype(int).tolist()
        [[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]]
    """
    outermost = np.ones((height, width), bool)
    outermost[thickness:-thickness, thickness:-thickness] = False
    return outermost


def _seeds(clicks: Sequence[Click], height: int, width: int) -> Seeds:
    seeds = disks(clicks, height, width)
    if not (seeds == BACKGROUND).any():
        seeds[rim(height, width) & (seeds == 0)] = BACKGROUND
    return seeds


def _shrunk(image: Image, clicks: Sequence[Click], largest: int) -> tuple[Image, list[Click]]:
    """The image at no more than `largest` px, and the clicks on it."""
    height, width = image.shape[:2]
    scale = min(1.0, (largest / (height * width)) ** 0.5)
    if scale == 1:
        return image, list(clicks)
    small = (max(1, int(height * scale)), max(1, int(width * scale)))
    moved = [Click((c.x + 0.5) * small[1] / width - 0.5, (c.y + 0.5) * small[0] / height - 0.5, c.positive) for c in clicks]
    return np.asarray(cv2.resize(image, small[::-1], interpolation=cv2.INTER_AREA), np.uint8), moved
