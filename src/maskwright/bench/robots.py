"""Robots: simulated users who know the truth and gesture as a person would.

The first gesture of the robot `extreme` is `maskwright.vision.masks.extreme_points`; here is what it does next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import BoundaryPoint, Point
from maskwright.vision.boundaries import inner
from maskwright.vision.distances import innermost
from maskwright.vision.masks import Mask

APART = 5.0
"""Nobody clicks the same place twice: a new boundary point keeps at least so many px from the earlier points."""


def next_boundary_point(
    prediction: Mask,
    truth: Mask,
    given: Sequence[Point] = (),
    *,
    void: Mask | None = None,
    rng: np.random.Generator | None = None,
    jitter: float = 0.0,
) -> BoundaryPoint | None:
    """The correction that DEXTR's fifth click stands for (section 4.3): the boundary point nearest to the largest error.

    The largest error is the wrong pixel that lies deepest among wrong pixels (missed or added, no matter which), the first in
    scan order where several are equally deep. The point is the object pixel beside its background that lies nearest to it; the
    image's border is no boundary: where it cuts the object off, a person has nothing to correct.

    Args:
        prediction, truth: bool, (height, width).
        given: the points given so far, (x, y); the new one lies at least `APART` px away from each.
        void: pixels where nothing is wrong, bool (height, width).
        rng: the source of jitter; needed when `jitter` is not 0.
        jitter: the point moves to a pixel drawn evenly from the disk of this radius in px, inside the image.

    Returns:
        The point, or None when nothing is wrong or the object has no boundary left to point at.

    Example:
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:15, 5:15] = True
        >>> prediction = truth.copy()
        >>> prediction[5:15, 10:] = False
        >>> next_boundary_point(prediction, truth)
        BoundaryPoint(x=12.0, y=5.0)
    """
    wrong = prediction ^ truth if void is None else (prediction ^ truth) & ~void
    boundary = np.argwhere(inner(truth))[:, ::-1]
    if len(given):
        distances = np.hypot(*(boundary[:, None, :] - np.asarray(given, float)[None]).transpose(2, 0, 1))
        boundary = boundary[(distances >= APART).all(axis=1)]
    if not wrong.any() or not len(boundary):
        return None
    target = boundary[np.hypot(*(boundary - np.asarray(innermost(wrong))).T).argmin()]
    if jitter:
        if rng is None:
            raise ValueError("jitter needs rng")
        target = np.clip(target + _offset(rng, jitter), 0, (truth.shape[1] - 1, truth.shape[0] - 1))
    return BoundaryPoint(float(target[0]), float(target[1]))


def _offset(rng: np.random.Generator, radius: float) -> NDArray[np.int64]:
    """A whole-pixel step drawn evenly from the disk of `radius` px."""
    reach = int(radius)
    while True:
        step = rng.integers(-reach, reach + 1, size=2)
        if (step**2).sum() <= radius**2:
            return step
