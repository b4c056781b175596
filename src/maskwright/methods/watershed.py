"""Watershed (Meyer; 1992), by scikit-image (extra [bench]): a classical competitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MissingExtraError
from maskwright.methods.base import Image, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.class_seeds import PAINT, Beliefs, spread
from maskwright.prompts import Prompt
from maskwright.vision.painting import ClassMap

LARGEST = 640 * 480
"""Of larger images a smaller copy is flooded, px."""

BLUR = 2.0
"""Deviation of the Gaussian that noise is taken out with before edges are looked for, px."""


@dataclass(frozen=True)
class Watershed(Unprepared):
    """Each class floods the image from its paint; where two meet, edges hold them apart.

    The height of the land is the gradient's length in CIE L*a*b*, of the image without its noise. Every pixel gets a class;
    with one class alone, everything becomes that class. Floods know no doubt: the score is 1, and 0 without paint. The mask so
    far is not used.

    Example:
        >>> from maskwright.prompts import Stroke
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = Watershed()
        >>> paint = [Stroke(((22, 20), (37, 20)), class_id=1, radius=2), Stroke(((5, 5), (50, 5)), class_id=2, radius=2)]
        >>> classes = method.predict(paint, method.prepare(image)).candidates[0].class_map
        >>> classes[20, 15:25].tolist()
        [2, 2, 2, 2, 2, 1, 1, 1, 1, 1]
    """

    name: ClassVar[str] = "watershed"
    accepts: ClassVar[frozenset[type[Prompt]]] = frozenset(PAINT)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Flood the image from the paint.

        Raises:
            PromptError: no paint, another kind of prompt, or paint outside the image.
            MissingExtraError: scikit-image is not installed.
        """
        return spread(prompts, prepared, LARGEST, flooded)


def load(engine: str = "onnxruntime", threads: int | None = None) -> Watershed:
    """The method; it has no graph, so the engine does not matter.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    _watershed()
    return Watershed()


def flooded(image: Image, seeds: ClassMap) -> Beliefs:
    """1 for the class that reaches a pixel first, else 0."""
    basins = _watershed()(_edges(image), seeds.astype(np.int32))
    return np.stack([basins == number for number in range(1, int(seeds.max()) + 1)]).astype(np.float32)


def _edges(image: Image) -> NDArray[np.float32]:
    """How steep the colours are at each pixel."""
    colours = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    smooth = cv2.GaussianBlur(colours, (0, 0), BLUR).reshape(colours.shape)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx) for dx in (1, 0))
    return np.asarray(np.sqrt((across**2 + down**2).reshape(colours.shape).sum(axis=2)), np.float32)


def _watershed() -> Callable[..., NDArray[np.int32]]:
    try:
        from skimage.segmentation import watershed
    except ImportError:
        raise MissingExtraError("bench", "watershed") from None
    return cast(Callable[..., NDArray[np.int32]], watershed)
