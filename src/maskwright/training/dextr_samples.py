"""Training samples for DEXTR: an object, seen by a simulated user who does not click exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskwright.methods.dextr_encoding import crop_of, encode_prompts
from maskwright.prompts import Point
from maskwright.training.objects import PhotoSet
from maskwright.training.random_samples import RandomSamples
from maskwright.training.scenes import Staging
from maskwright.vision.boundaries import inner
from maskwright.vision.crops import Crop
from maskwright.vision.distances import inside

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """One training sample.

    Attributes:
        rgb: uint8, shape (3, S, S).
        prompts: float32, shape (2, S, S).
        target: uint8 0 or 1, shape (1, S, S).
        points: the simulated user's points in crop pixel coordinates, shape (n, 2).
    """

    rgb: Tensor
    prompts: Tensor
    target: Tensor
    points: list[Point]


class Samples(RandomSamples[Sample]):
    """An endless stream of random samples.

    Args:
        sets: where objects come from, drawn by their weights.
        size: side of the crops, px.
        seed: each worker draws its own numbers from it.
        staging: how often objects are shown otherwise than in their photo.
        miss: the largest miss of a point, as a share of the crop's side.
    """

    def __init__(self, sets: list[PhotoSet], size: int, seed: int, staging: Staging, miss: float) -> None:
        super().__init__(sets, size, seed, staging)
        self.miss = miss

    def one(self, rng: np.random.Generator) -> Sample | None:
        """A sample, or None where the drawn object is hardly in view after the random pose."""
        scene = self.scenes.posed(rng)
        if scene is None:
            return None
        image, mask, pose, posed = scene
        height, width = posed.shape
        exact = extreme_points(rng, posed)
        crop = crop_of(exact, self.size)
        miss = 0.0 if rng.random() < 0.6 else rng.uniform(0, self.miss)
        points = [
            (
                float(np.clip(x + rng.uniform(-miss, miss) * crop.width, 0, width - 1)),
                float(np.clip(y + rng.uniform(-miss, miss) * crop.height, 0, height - 1)),
            )
            for x, y in exact
        ]
        if rng.random() < 0.2:
            points += boundary_points(rng, posed, int(rng.integers(1, 4)), miss, crop)
        crop = crop_of(points, self.size)
        if crop.width < 24 or crop.height < 24:
            return None
        rgb, target = self.scenes.view(rng, image, mask, pose, crop)
        if target.sum() < 64:
            return None
        prompts = encode_prompts(points, crop)
        return Sample(
            torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1))),
            torch.from_numpy(prompts),
            torch.from_numpy(target)[None],
            [crop.to_crop(p) for p in points],
        )


def extreme_points(rng: np.random.Generator, mask: UInt8) -> list[Point]:
    """Left-, right-, top- and bottom-most points: any pixel of the object within 1 % of the end."""
    ys, xs = np.nonzero(mask)
    points: list[Point] = []
    for values, sign in ((xs, -1), (xs, 1), (ys, -1), (ys, 1)):
        end = (values * sign).max()
        near = np.flatnonzero(values * sign >= end - max(1, 0.01 * np.ptp(values)))
        i = rng.choice(near)
        points.append((float(xs[i]), float(ys[i])))
    return points


def boundary_points(rng: np.random.Generator, mask: UInt8, count: int, miss: float, crop: Crop) -> list[Point]:
    """Random points of the mask's boundary, missed a little; none where the object fills the image."""
    ys, xs = np.nonzero(inner(mask.astype(bool)))
    if not len(xs):
        return []  # the object fills the image: it has no boundary
    chosen = rng.integers(len(xs), size=count)
    offsets = rng.uniform(-miss, miss, (count, 2)) * (crop.width, crop.height) / 2
    return [(float(xs[i] + dx), float(ys[i] + dy)) for i, (dx, dy) in zip(chosen, offsets, strict=True)]


def with_boundary_point(rng: np.random.Generator, sample: Sample, error: NDArray[np.bool_]) -> Sample | None:
    """The same sample with one more point where the network erred most (DEXTR, section 4.3, hard examples).

    Args:
        sample: what the network saw.
        error: True where its mask was wrong, shape (S, S).

    Returns:
        None where no error is wide enough to be worth a click, or the object has no boundary.
    """
    size = sample.target.shape[-1]
    depth = inside(error)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    if depth[y, x] < 3:
        return None
    ys, xs = np.nonzero(inner(sample.target[0].bool().numpy()))
    if not len(xs):
        return None
    nearest = int(((xs - x) ** 2 + (ys - y) ** 2).argmin())
    dx, dy = rng.uniform(-0.006, 0.006, 2) * size
    points = [*sample.points, (float(xs[nearest] + dx), float(ys[nearest] + dy))]
    # The points are already in the crop's own pixels.
    prompts = encode_prompts(points, Crop(0, 0, size, size, size))
    return Sample(sample.rgb, torch.from_numpy(prompts), sample.target, points)
