"""Robots: simulated users who know the truth and gesture as a person would.

The first gesture of the robot `extreme` is `maskwright.vision.masks.extreme_points`; here is what it does next, and what the
robots that click do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import BoundaryPoint, Click, Point
from maskwright.vision.boundaries import inner
from maskwright.vision.distances import innermost, inside, pixel_of
from maskwright.vision.masks import Mask

APART = 5.0
"""Nobody clicks the same place twice: a new boundary point keeps at least so many px from the earlier points."""

EFFECTIVE_WIDTH = 4.133
"""The width of a target in deviations of the clicks aimed at it; on one axis 4 % miss (Fitts's law, ISO 9241-9)."""


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


def next_click(prediction: Mask, truth: Mask, given: Sequence[Click] = (), *, void: Mask | None = None) -> Click | None:
    """The click of the field's robot: the deepest pixel of the larger error (Latent Diversity's successors, from BRS on).

    How deep a wrong pixel lies is its Euclidean distance to the nearest pixel that is not wrong in the same way; beyond the
    image nothing is wrong. Missed and added pixels are two maps; in both, pixels that were clicked count as depth 0. The click
    is positive where the deepest missed pixel lies strictly deeper than the deepest added one, and goes to the deepest pixel,
    the first in scan order.

    Args:
        prediction, truth: bool, (height, width); before the first click the prediction is empty.
        given: the clicks so far.
        void: pixels where nothing is wrong, bool (height, width).

    Returns:
        The click, or None when nothing is wrong, or only in pixels that were clicked.

    Example:
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:14, 5:14] = True
        >>> next_click(np.zeros_like(truth), truth)
        Click(x=9.0, y=9.0, positive=True)
    """
    error = _deepest_error(prediction, truth, given, void)
    return None if error is None else Click(error.x, error.y, error.positive)


def sloppy_click(
    prediction: Mask, truth: Mask, given: Sequence[Click] = (), *, void: Mask | None = None, rng: np.random.Generator
) -> Click | None:
    """A click aimed where `next_click` clicks, missing as people miss.

    People do not click the exact middle of what is wrong (RClicks, Antonov et al., NeurIPS 2024). How far they stray is taken
    from pointing studies: clicks on a target scatter normally, with a deviation of its width over `EFFECTIVE_WIDTH` on each
    axis. The target here is the disk around the aim in which all is wrong in the same way: twice as wide as the aim is deep. So
    12 % of the clicks leave this disk, and fewer the wrong region. That the same law holds for clicks on parts of photos is an
    assumption.

    Args:
        prediction, truth, given, void: as for `next_click`.
        rng: the source of chance.

    Returns:
        The click, on a pixel of the image; its sign is that of the error aimed at, wherever it falls. None where `next_click`
        gives none.

    Example:
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:14, 5:14] = True
        >>> sloppy_click(np.zeros_like(truth), truth, rng=np.random.default_rng(0))
        Click(x=9.0, y=9.0, positive=True)
    """
    error = _deepest_error(prediction, truth, given, void)
    if error is None:
        return None
    height, width = truth.shape
    column, row = pixel_of(*rng.normal((error.x, error.y), 2 * error.depth / EFFECTIVE_WIDTH))
    return Click(min(max(column, 0), width - 1), min(max(row, 0), height - 1), error.positive)


class _Error(NamedTuple):
    """Where a robot aims: the pixel, how deep it lies in px, and the sign of the click that it needs."""

    x: int
    y: int
    depth: float
    positive: bool


def _deepest_error(prediction: Mask, truth: Mask, given: Sequence[Click], void: Mask | None) -> _Error | None:
    counted = True if void is None else ~void
    errors = []
    for positive, wrong in ((False, prediction & ~truth), (True, truth & ~prediction)):
        depth = inside(wrong & counted)
        for click in given:
            column, row = pixel_of(click.x, click.y)
            depth[row, column] = 0
        y, x = divmod(int(depth.argmax()), depth.shape[1])
        errors.append(_Error(x, y, float(depth[y, x]), positive))
    deepest = max(errors, key=lambda error: error.depth)  # of equals the first: the negative click
    return deepest if deepest.depth > 0 else None


def _offset(rng: np.random.Generator, radius: float) -> NDArray[np.int64]:
    """A whole-pixel step drawn evenly from the disk of `radius` px."""
    reach = int(radius)
    while True:
        step = rng.integers(-reach, reach + 1, size=2)
        if (step**2).sum() <= radius**2:
            return step
