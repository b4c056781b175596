"""Training samples of painting: a crop, its pixels' classes, and strokes as a person's first ones."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.encoding import GREY
from maskwright.methods.magic_paint_encoding import SIZE
from maskwright.prompts import Stroke
from maskwright.training.augment import random_light, random_pose
from maskwright.training.paint_photos import VOID, PaintSet, UInt8, classes_of
from maskwright.training.random_samples import Stream
from maskwright.training.scenes import crop_matrix
from maskwright.vision.crops import Crop
from maskwright.vision.distances import inside
from maskwright.vision.masks import Mask
from maskwright.vision.painting import lay
from maskwright.vision.strokes import medial_line

SCALES = 0.75, 1.5
"""The photo's longer side, as a share of the size it has in use."""

LEAST_SHARE = 0.005
"""Of the crop: nobody paints what is smaller."""

MOST_CLASSES = 8
"""That are painted."""

DROPPED = 0.35
"""How often a class is left unpainted, in every second sample."""

RADII = 1.0, 8.0
"""Of strokes, px of the network's square."""

MISS = 2.0
"""How far a stroke lies off the place that was meant, px, as far as it has room."""

SPARSE = 4
"""Of a stroke's points so many become one: paint is the same, and quicker to lay."""

DOTS, SPILLS = 0.10, 0.02
"""How often a stroke is a single dot; how often it does not keep within what is meant."""


@dataclass(frozen=True, eq=False)
class PaintSample:
    """One training sample.

    Attributes:
        rgb: uint8, (S, S, 3).
        truth: uint8, (S, S): 1 to K of the classes that are painted, 0 of all others, `VOID` where nothing counts.
        painted: uint8, (S, S): the first strokes' classes, 0 elsewhere.
    """

    rgb: UInt8
    truth: UInt8
    painted: UInt8


class PaintSamples(Stream[PaintSample]):
    """An endless stream of random samples.

    Args:
        sets: where photos come from, drawn by their weights.
        size: side of the crops, px.
        seed: each worker draws its own numbers from it.
    """

    def __init__(self, sets: list[PaintSet], size: int, seed: int) -> None:
        super().__init__(size, seed)
        weights = np.array([s.mix.weight for s in sets])
        self.sets, self.weights = sets, weights / weights.sum()

    def one(self, rng: np.random.Generator) -> PaintSample | None:
        """A sample, or None where the crop has less than two classes worth painting."""
        chosen = self.sets[rng.choice(len(self.sets), p=self.weights)]
        photo = chosen.photos[rng.integers(len(chosen.photos))]
        pose, posed = random_pose(rng, *photo.image.shape[:2])
        matrix = crop_matrix(random_crop(rng, *posed, self.size)) @ pose
        warped = cv2.warpAffine(
            classes_of(rng, photo, chosen.mix), matrix[:2], (self.size,) * 2, flags=cv2.INTER_NEAREST, borderValue=VOID
        )
        truth = with_few_classes(rng, np.asarray(warped, np.uint8))
        if truth is None:
            return None
        rgb = cv2.warpAffine(photo.image, matrix[:2], (self.size,) * 2, flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3)
        painted = np.zeros_like(truth)
        for class_id in range(1, int(truth[truth != VOID].max()) + 1):
            of_class = truth == class_id
            # One stroke, and of four more each with half the chance of the one before.
            for _ in range(1 + min(4, int(rng.geometric(0.5)) - 1)):
                lay(painted, random_stroke(rng, random_part(rng, of_class), class_id))
        return PaintSample(random_light(rng, np.asarray(rgb, np.uint8)), truth, painted)


def random_crop(rng: np.random.Generator, height: int, width: int, size: int) -> Crop:
    """A square of a photo that will have `size` px, at a scale near that of use; along a side that is too short, beyond it.

    Args:
        height, width: of the photo, px.
        size: side of the resized crop, px.
    """
    side = max(8, round(size * max(height, width) / (SIZE * rng.uniform(*SCALES))))
    left, top = (round(rng.uniform(min(0, length - side), max(0, length - side))) for length in (width, height))
    return Crop(left, top, left + side, top + side, size)


def with_few_classes(rng: np.random.Generator, classes: UInt8) -> UInt8 | None:
    """Number the classes that are painted, in random order; the others become 0.

    Args:
        classes: uint8 (S, S), 1 to 254, or `VOID`.

    Returns:
        As `PaintSample.truth`; None where fewer than two classes are large enough.
    """
    large = np.flatnonzero(np.bincount(classes.ravel(), minlength=256)[:VOID] >= LEAST_SHARE * classes.size)
    if len(large) < 2:
        return None
    chosen = rng.permutation(large)[:MOST_CLASSES]
    if rng.random() < 0.5:
        chosen = np.array([chosen[0], *(k for k in chosen[1:] if rng.random() >= DROPPED)])
    numbers = np.zeros(256, np.uint8)
    numbers[chosen], numbers[VOID] = np.arange(1, len(chosen) + 1), VOID
    return numbers[classes]


def random_part(rng: np.random.Generator, mask: Mask) -> Mask:
    """A connected part of a mask, the likelier the larger it is."""
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.asarray(numbers == 1 + rng.choice(count - 1, p=areas / areas.sum()))


def random_stroke(rng: np.random.Generator, region: Mask, class_id: int) -> Stroke:
    """A stroke in a region, as a person might paint it: along its middle, across it, or a dot.

    Args:
        region: bool (S, S), connected.
        class_id: of the stroke.
    """
    left, top, width, height = cv2.boundingRect(region.view(np.uint8))
    depth = inside(region[top : top + height, left : left + width])
    deepest = float(depth.max())
    room = deepest + 5 if rng.random() < SPILLS else max(0.5, 0.6 * deepest)
    radius = min(float(np.exp(rng.uniform(*np.log(RADII)))), room)
    roomy = depth >= min(radius, deepest)
    kind = rng.random()
    if kind < DOTS:
        points = _random_pixels(rng, roomy, 1)
    elif kind < 0.55:
        points = np.array(medial_line(depth > 0, share=float(rng.uniform(0.3, 1.0)), rng=rng))
    else:
        points = _across(rng, roomy)
    points = np.concatenate([points[:-1:SPARSE], points[-1:]])
    points += np.array([left, top]) + rng.uniform(-1, 1, 2) * min(MISS, max(0.0, room - radius))
    points = np.clip(points, 0, np.array(region.shape[::-1]) - 1)
    return Stroke(tuple((x, y) for x, y in points.tolist()), class_id, radius)


def _across(rng: np.random.Generator, region: Mask) -> NDArray[np.float64]:
    """Points of a bent line from a pixel of a region towards another, up to where it would leave the region."""
    start, end = _random_pixels(rng, region, 2)
    steps = np.linspace(0, 1, max(2, int(np.abs(end - start).max()) + 1))[:, None]
    bend = rng.normal(0, 0.15) * np.array([start[1] - end[1], end[0] - start[0]])
    points = start + steps * (end - start) + 4 * steps * (1 - steps) * bend
    columns, rows = np.round(np.clip(points, 0, np.array(region.shape[::-1]) - 1)).astype(int).T
    off = np.flatnonzero(~region[rows, columns])
    return np.asarray(points[: max(1, off[0]) if len(off) else None])


def _random_pixels(rng: np.random.Generator, mask: Mask, count: int) -> NDArray[np.float64]:
    """Pixels (x, y) of a mask, (count, 2)."""
    places = np.flatnonzero(mask)
    rows, columns = np.divmod(rng.choice(places, count), mask.shape[1])
    return np.stack([columns, rows], axis=1).astype(float)
