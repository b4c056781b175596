"""Clicks for training, drawn as for Latent Diversity, after "Deep Interactive Object Selection" (Xu et al., CVPR 2016).

Positive clicks lie at random inside the object; negative ones come from one of three strategies: anywhere off the object,
spread in a band around it, or on the image's other objects. All keep away from boundaries and from each other as far as there
is room: an object too thin for the margin gets a smaller one, where the authors skipped it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maskwright.errors import MaskError
from maskwright.prompts import Click
from maskwright.vision.distances import to_mask
from maskwright.vision.masks import Mask

STEP = 10.0
"""Clicks of one region are more than this far apart, px."""

MARGIN = 5.0
"""Clicks are more than this far from the boundary, px, where the region is more than twice as deep."""

BAND = 40.0
"""The width of the band around the object, px."""

MOST_ON, MOST_OFF, AROUND, MOST_ON_OTHERS = 10, 15, 15, 10
"""Clicks at most: on the object, anywhere off it, in the band around it, on each other object."""

NO_NEGATIVES = 0.3
"""How often there are positive clicks only. The authors nearly always gave negative ones, but a user's first click has none."""


def simulate_clicks(
    mask: Mask, others: Sequence[Mask], rng: np.random.Generator, no_negatives: float = NO_NEGATIVES
) -> tuple[Click, ...]:
    """Positive and negative clicks for one object, drawn afresh (the authors drew 15 sets per object once).

    Args:
        mask: the object, bool (height, width).
        others: the image's other objects; where they overlap the object they are not clicked.
        rng: the source of all that is random.
        no_negatives: 0..1, how often negative clicks are left out; 0 for the authors' sampling.

    Returns:
        At least one positive click; then negative ones, none where there is no room for them.

    Raises:
        MaskError: the mask is empty.

    Example:
        >>> mask = np.zeros((40, 60), bool)
        >>> mask[10:30, 20:40] = True
        >>> simulate_clicks(mask, [], np.random.default_rng(2), no_negatives=1)
        (Click(x=31.0, y=17.0, positive=True),)
    """
    if not mask.any():
        raise MaskError("the mask is empty; there is nothing to click on")
    clicks = [Click(x, y) for x, y in scattered(mask, MOST_ON, rng)]
    if rng.random() < no_negatives:
        return tuple(clicks)
    strategy = rng.integers(3 if others else 2)
    if strategy == 0:
        pixels = scattered(~mask, MOST_OFF, rng)
    elif strategy == 1:
        pixels = around(mask, AROUND, rng)
    else:
        pixels = [pixel for other in others for pixel in scattered(other & ~mask, MOST_ON_OTHERS, rng)]
    return (*clicks, *(Click(x, y, positive=False) for x, y in pixels))


def scattered(region: Mask, most: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """1 to `most` random pixels of a region, more than `MARGIN` px from its boundary and `STEP` px from each other.

    Where the region is nowhere deeper than twice the margin, half its depth is the margin: a thin region gets clicks along
    its middle. The image's border is no boundary.

    Args:
        region: bool (height, width).
        most: how many at most; fewer where there is no more room.
        rng: the source of chance.

    Returns:
        (x, y) of each; none where the region is empty.
    """
    if not region.any():
        return []
    depth = to_mask(~region)
    candidates = np.argwhere(depth > min(MARGIN, depth.max() / 2))
    chosen: list[tuple[int, int]] = []
    for _ in range(rng.integers(1, most + 1)):
        if not len(candidates):
            break
        row, column = candidates[rng.integers(len(candidates))]
        chosen.append((int(column), int(row)))
        candidates = candidates[np.hypot(*(candidates - (row, column)).T) > STEP]
    return chosen


def around(mask: Mask, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Pixels spread in the band of `BAND` px around an object: the first at random, each next where there is most room.

    Room is the distance to the object, to the band's outer limit and to the pixels before, whichever is least.

    Args:
        mask: the object, bool (height, width).
        count: how many; fewer where no pixel more than `STEP` px from all before is left.
        rng: the source of chance.

    Returns:
        (x, y) of each; none where the object fills the image.
    """
    distance = to_mask(mask)
    near = (distance > 0) & (distance <= BAND)
    candidates = np.argwhere(near)
    room = np.minimum(distance, to_mask(distance > BAND))[near]
    apart = np.full(len(candidates), np.inf)
    chosen: list[tuple[int, int]] = []
    while len(chosen) < count and (apart > STEP).any():
        free = np.where(apart > STEP, np.minimum(room, apart), -1)
        row, column = candidates[int(free.argmax()) if chosen else int(rng.integers(len(candidates)))]
        chosen.append((int(column), int(row)))
        apart = np.minimum(apart, np.hypot(*(candidates - (row, column)).T))
    return chosen
