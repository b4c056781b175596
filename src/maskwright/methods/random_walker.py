"""Random walker (Grady; PAMI 2006), by scikit-image (extra [bench]): a classical competitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MissingExtraError
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.boxes import ACCEPTED, pixel_box
from maskwright.methods.class_seeds import PAINT, spread
from maskwright.methods.seeds import BACKGROUND, OBJECT, Seeds, divided
from maskwright.prompts import Click, ExtremePoints, Prompt

LARGEST = 40_000
"""Of larger images a smaller copy is walked on when clicks or paint are given, px: an eighth of the time, no more clicks."""

BETA, BETA_SEEDS = 130, 1000
"""How much edges hold the walkers up: in a box, and from clicks or paint.

scikit-image's own value, the first, wants long seeds; from small ones it stays too near to them.
"""


@dataclass(frozen=True)
class RandomWalker(Unprepared):
    """Each pixel goes to the seeds that a walker, held up by colour edges, reaches first.

    Seeds of clicks: see `seeds.divided`. Otherwise background are all pixels outside the box of the prompts (where the box
    fills the image, the image's outermost pixels). Object are the two lines that join the left with the right and the top with
    the bottom extreme point, without their outer twentieths; of a plain box, the lines between the middles of its sides.
    Boundary points only widen the box (see `pixel_box`). Only the box and one pixel around it are solved for: seeds cut the
    rest off, so the answer is that of the whole image.

    Of paint, the painted pixels are the seeds of their classes, and every pixel gets a class; with one class alone, everything
    becomes that class.

    The score is the mean probability inside the mask. The mask so far is not used.

    Example:
        >>> from maskwright.prompts import Box
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = RandomWalker()
        >>> int(method.predict([Box(20, 10, 39, 29)], method.prepare(image)).mask.sum())
        400
    """

    name: ClassVar[str] = "random-walker"
    accepts: ClassVar[frozenset[type[Prompt]]] = ACCEPTED | {Click, *PAINT}

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Let the walkers walk.

        Raises:
            PromptError: neither paint alone, nor clicks alone, the first of them positive, nor extreme points or a box and
                boundary points; or a prompt outside the image.
            MissingExtraError: scikit-image is not installed.
        """
        if any(isinstance(prompt, PAINT) for prompt in prompts):
            return spread(prompts, prepared, LARGEST, lambda image, seeds: _probabilities(image, seeds, BETA_SEEDS))
        if any(isinstance(prompt, Click) for prompt in prompts):
            return divided(prompts, prepared, LARGEST, lambda image, _, seeds: _probability(image, seeds, BETA_SEEDS))
        image = prepared.image
        height, width = image.shape[:2]
        box = pixel_box(prompts, height, width, self.name)
        seeds = _seeds(prompts, box, height, width)
        x0, y0, x1, y1 = box
        window = (slice(max(y0 - 1, 0), y1 + 2), slice(max(x0 - 1, 0), x1 + 2))
        probability = np.zeros((height, width))
        probability[window] = _probability(image[window], seeds[window], BETA)
        found: Mask = probability > 0.5
        score = float(probability[found].mean()) if found.any() else 0.0
        return Prediction((Candidate(found, score),))


def load(engine: str = "onnxruntime", threads: int | None = None) -> RandomWalker:
    """The method; it has no graph, so the engine does not matter.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    _solver()
    return RandomWalker()


def _solver() -> Callable[..., NDArray[np.float64]]:
    try:
        from skimage.segmentation import random_walker
    except ImportError:
        raise MissingExtraError("bench", "the random walker") from None
    return cast(Callable[..., NDArray[np.float64]], random_walker)


def _probability(image: Image, seeds: Seeds, beta: float) -> NDArray[np.float64]:
    """That a walker from each pixel reaches the object first: 0..1, shape (height, width)."""
    return np.asarray(_probabilities(image, seeds, beta)[OBJECT - 1])


def _probabilities(image: Image, seeds: NDArray[np.uint8], beta: float) -> NDArray[np.float64]:
    """That a walker from each pixel reaches the seeds 1, 2, ... n first: 0..1, shape (n, height, width); n at least 2."""
    if (seeds != 0).all():
        return np.stack([seeds == number for number in range(1, max(2, int(seeds.max())) + 1)]).astype(np.float64)
    if np.ptp(image) == 0:  # scikit-image divides by the deviation of the colours: it gets others, that hold nobody up
        image, beta = np.repeat(seeds[..., None], 3, axis=2), 0
    # "bf", the direct solver: exact, and on images some ten times faster than the iterative ones, which stop early
    all_of_them = _solver()(image, seeds, channel_axis=-1, return_full_prob=True, mode="bf", beta=beta)
    return np.asarray(np.clip(all_of_them, 0, 1), np.float64)


def _seeds(prompts: Sequence[Prompt], box: tuple[int, int, int, int], height: int, width: int) -> Seeds:
    x0, y0, x1, y1 = box
    seeds = np.full((height, width), BACKGROUND, np.uint8)
    seeds[y0 : y1 + 1, x0 : x1 + 1] = 0
    if not seeds.any():
        seeds[[0, -1], :] = seeds[:, [0, -1]] = BACKGROUND
    points = next((np.array(p.points) for p in reversed(prompts) if isinstance(p, ExtremePoints)), None)
    if points is None:
        points = np.array([(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2), ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1)])
    for a, b in ((points[:, 0].argmin(), points[:, 0].argmax()), (points[:, 1].argmin(), points[:, 1].argmax())):
        end = (points[b] - points[a]) / 20
        ends = np.round([points[a] + end, points[b] - end]).astype(int)
        cv2.line(seeds, ends[0].tolist(), ends[1].tolist(), OBJECT)
    return seeds
