"""Nearest colour: every pixel takes the class of the painted pixel most like it (extra [bench]): a simple competitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MissingExtraError
from maskwright.methods.base import Image, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.class_seeds import PAINT, Beliefs, spread
from maskwright.prompts import Prompt
from maskwright.vision.painting import ClassMap

LARGEST = 40_000
"""Of larger images a smaller copy is looked at, px."""

APART = 50.0
"""What the image's mean side (geometric) counts beside differences of colour, where black and white are 100 apart."""

HALF = 10.0
"""At this distance, a pixel's certainty is a half."""


@dataclass(frozen=True)
class NearestColour(Unprepared):
    """Each pixel takes the class of the nearest painted pixel, by colour (CIE L*a*b*) and place.

    Every pixel gets a class; with one class alone, everything becomes that class. The score is the mean of 1 / (1 + d / 10)
    over the distances d. The mask so far is not used.

    Example:
        >>> from maskwright.prompts import Stroke
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = NearestColour()
        >>> paint = [Stroke(((22, 20), (37, 20)), class_id=1, radius=2), Stroke(((5, 5), (50, 5)), class_id=2, radius=2)]
        >>> classes = method.predict(paint, method.prepare(image)).candidates[0].class_map
        >>> np.bincount(classes.ravel()).tolist()
        [0, 400, 2000]
    """

    name: ClassVar[str] = "nearest-colour"
    accepts: ClassVar[frozenset[type[Prompt]]] = frozenset(PAINT)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Look the nearest painted pixels up.

        Raises:
            PromptError: no paint, another kind of prompt, or paint outside the image.
            MissingExtraError: SciPy is not installed.
        """
        return spread(prompts, prepared, LARGEST, nearest)


def load(engine: str = "onnxruntime", threads: int | None = None) -> NearestColour:
    """The method; it has no graph, so the engine does not matter.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    _tree()
    return NearestColour()


def nearest(image: Image, seeds: ClassMap) -> Beliefs:
    """A pixel's certainty for the class of the nearest seed, 0 for all others."""
    features = _features(image)
    known = seeds > 0
    distances, which = _tree()(features[known]).query(features.reshape(-1, 5))
    classes = seeds[known][which].reshape(seeds.shape)
    certainty = (1 / (1 + distances / HALF)).reshape(seeds.shape)
    return np.stack([np.where(classes == number, certainty, 0) for number in range(1, int(seeds.max()) + 1)])


def _features(image: Image) -> NDArray[np.float32]:
    """Colour and place of each pixel, shape (height, width, 5)."""
    height, width = image.shape[:2]
    colours = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    rows, columns = np.mgrid[:height, :width] * (APART / (height * width) ** 0.5)
    return np.dstack([colours, columns, rows]).astype(np.float32)


def _tree() -> Any:
    try:
        from scipy.spatial import KDTree
    except ImportError:
        raise MissingExtraError("bench", "nearest colour") from None
    return KDTree
