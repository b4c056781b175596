"""Training samples for clicks: an object seen from any distance, clicks on it and beside it, at times a mask to go on from.

From the second click on the network looks closer, in training as in use: so a sample keeps more of the photo than it shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.latent_diversity_encoding import crop_of
from maskwright.prompts import Click
from maskwright.training.first_masks import dextr_mask
from maskwright.training.objects import PhotoSet
from maskwright.training.random_samples import RandomSamples
from maskwright.training.scenes import Staging
from maskwright.training.spoil import spoiled
from maskwright.vision.crops import Crop
from maskwright.vision.distances import inside
from maskwright.vision.masks import Mask

UInt8 = NDArray[np.uint8]

FAR = 9.0
"""Sides of the widest random photo, in sides of the object."""

DETAIL = 2
"""Sides of a sample's photo, in sides of the network's crop: what a later click looks at closely is not just enlarged."""


@dataclass(frozen=True, eq=False)
class ClickSample:
    """One training sample.

    Attributes:
        rgb: what the simulated person sees, uint8, (P, P, 3).
        target: the object, uint8 0 or 1, (P, P).
        crop: what the network sees of it.
        clicks: in pixel coordinates of `rgb`, oldest first.
        before: the mask so far, bool (P, P); None: there is none.
    """

    rgb: UInt8
    target: UInt8
    crop: Crop
    clicks: tuple[Click, ...] = ()
    before: Mask | None = None


class ClickSamples(RandomSamples[ClickSample]):
    """An endless stream of random samples.

    Args:
        sets, seed, staging: as for the base class.
        size: side of the network's crops, px; a photo's is `DETAIL` times as long.
        settled: how often a sample begins with a mask to go on from, 0..1.
        by_dextr: how often that mask is DEXTR's, 0..1; else it is the truth, spoiled.
    """

    def __init__(self, sets: list[PhotoSet], size: int, seed: int, staging: Staging, settled: float, by_dextr: float) -> None:
        super().__init__(sets, DETAIL * size, seed, staging)
        self.settled, self.by_dextr = settled, by_dextr

    def one(self, rng: np.random.Generator) -> ClickSample | None:
        """A sample, or None where the drawn object is hardly in view."""
        scene = self.scenes.posed(rng)
        if scene is None:
            return None
        image, mask, pose, posed = scene
        settled = rng.random() < self.settled
        if not settled and rng.random() < 0.5:
            part = crop_of(None, (), posed.shape[0], posed.shape[1], self.size)  # where a first click is seen in use
        else:
            part = random_crop(rng, posed, self.size)
        rgb, target = self.scenes.view(rng, image, mask, pose, part)
        if target.sum() < 80 * DETAIL**2:
            return None
        sample = ClickSample(rgb, target, Crop(0, 0, self.size, self.size, self.size // DETAIL))
        if settled:
            before = dextr_mask(rng, rgb, target) if rng.random() < self.by_dextr else spoiled(rng, target)
            return None if before is None else with_click(rng, sample, before)
        first = with_click(rng, sample, None)
        return first if first is None or rng.random() < 0.8 else _with_random_clicks(rng, first)


def random_crop(rng: np.random.Generator, posed: UInt8, size: int) -> Crop:
    """A crop that holds the object and lies within the image: from the object's surroundings to the whole image.

    Args:
        posed: the object's mask, uint8 0 or 1, with at least one pixel.
        size: side of the resized crop, px.
    """
    height, width = posed.shape
    x0, y0, w, h = cv2.boundingRect(posed)
    side = float(np.sqrt(w * h))
    grow = side * float(np.exp(rng.uniform(np.log(1.15), np.log(FAR)))) - side
    spans = []
    for start, length, limit in ((x0, w, width), (y0, h, height)):
        wanted = length + grow * float(np.exp(rng.uniform(-0.3, 0.3)))
        before = (wanted - length) * rng.uniform(0.2, 0.8)
        low, high = max(start - before, 0.0), min(start + wanted - before, float(limit))
        spans.append((int(low), max(int(np.ceil(high)), int(low) + 8)))
    (left, right), (top, bottom) = spans
    # Squeezed into a square at most twofold, as in use: the shorter side reaches beyond the image.
    if (short := (right - left) / 2 - (bottom - top)) > 0:
        top, bottom = top - round(short / 2), bottom + round(short / 2)
    elif (short := (bottom - top) / 2 - (right - left)) > 0:
        left, right = left - round(short / 2), right + round(short / 2)
    return Crop(left, top, right, bottom, size)


def with_click(rng: np.random.Generator, sample: ClickSample, mask: Mask | None) -> ClickSample | None:
    """The sample with one more click, where a person would click on seeing `mask`: in the larger error, more often deep inside.

    Args:
        mask: what the person sees and the network then goes on from, bool (P, P); None: nothing yet.

    Returns:
        The sample with `mask` as the mask so far, and the crop around it; None where nothing is wrong by more than a pixel or
        two.
    """
    truth = sample.target.astype(bool)
    missed, added = (truth, np.zeros_like(truth)) if mask is None else (truth & ~mask, mask & ~truth)
    depths = inside(missed), inside(added)
    positive = bool(depths[0].max() > depths[1].max())
    depth = depths[0 if positive else 1]
    deepest = float(depth.max())
    if deepest < (1 if mask is None else 2):
        return None
    # Half of the clicks hit the middle exactly; the rest fall anywhere not too near the error's rim.
    least = deepest if rng.random() < 0.5 else deepest * rng.uniform(0.15, 0.9)
    ys, xs = np.nonzero(depth >= least)
    i = int(rng.integers(len(xs)))
    clicks = (*sample.clicks, Click(float(xs[i]), float(ys[i]), positive))
    return replace(sample, clicks=clicks, before=mask, crop=crop_of(mask, clicks, len(truth), len(truth), sample.crop.size))


def _with_random_clicks(rng: np.random.Generator, sample: ClickSample) -> ClickSample:
    """One to four clicks more, on the object or beside it, as people give them before they look."""
    clicks = list(sample.clicks)
    outside = cv2.distanceTransform(1 - sample.target, cv2.DIST_L2, 3)
    reach = 0.2 * sample.target.shape[0] if rng.random() < 0.7 else np.inf
    within, beside = np.nonzero(inside(sample.target.astype(bool)) > 2), np.nonzero((outside > 3) & (outside < reach))
    for _ in range(int(rng.integers(1, 5))):
        positive = bool(rng.random() < 0.5)
        ys, xs = within if positive else beside
        if len(xs):
            i = int(rng.integers(len(xs)))
            clicks.append(Click(float(xs[i]), float(ys[i]), positive))
    return replace(sample, clicks=tuple(clicks))
