"""Geodesic distance (Bai, Sapiro; IJCV 2009), by scikit-image's shortest paths (extra [bench]): a classical competitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MissingExtraError
from maskwright.methods import colour_model
from maskwright.methods.base import Image, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.seeds import BACKGROUND, OBJECT, Seeds, divided
from maskwright.prompts import Click, Prompt

LARGEST = 640 * 480
"""Of larger images a smaller copy is divided, px."""

STEP = 0.005
"""The least cost of a path's pixel: of paths that cross nothing, the shorter is nearer."""


@dataclass(frozen=True)
class Geodesic(Unprepared):
    """Each pixel goes to the click that is nearest along paths on which the belief in the object changes little.

    The belief is the object's share of the colours' likelihood (see `colour_model`); a path costs its slope, plus `STEP` per
    pixel. Seeds: see `seeds.divided`. The mask so far is not used. The score is the mean share of the background's distance in
    both.

    Example:
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = Geodesic()
        >>> mask = method.predict([Click(30, 20)], method.prepare(image)).mask
        >>> bool(mask[10:30, 20:40].mean() > 0.98), int(mask.sum()) <= 400  # corners may go: the belief is smoothed
        (True, True)
    """

    name: ClassVar[str] = "geodesic"
    accepts: ClassVar[frozenset[type[Prompt]]] = frozenset({Click})

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Give each pixel to the nearest click.

        Raises:
            PromptError: no click, the first one negative, another kind of prompt, or a click outside the image.
            MissingExtraError: scikit-image is not installed.
        """
        return divided(prompts, prepared, LARGEST, nearness)


def load(engine: str = "onnxruntime", threads: int | None = None) -> Geodesic:
    """The method; it has no graph, so the engine does not matter.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    _shortest_paths()
    return Geodesic()


def nearness(image: Image, clicks: Sequence[Click], seeds: Seeds) -> NDArray[np.float64]:
    """The background's share of both distances, 0..1: above a half where the object's seeds are nearer."""
    paths = _shortest_paths()
    of_object, of_background = (model.density(image) for model in colour_model.of_clicks(image, clicks))
    belief = cv2.GaussianBlur(of_object / (of_object + of_background), (0, 0), 1.0)
    slope = np.hypot(*(cv2.Sobel(belief, cv2.CV_64F, dx, 1 - dx, ksize=3) / 8 for dx in (0, 1)))
    to_object, to_background = (paths(STEP + slope).find_costs(np.argwhere(seeds == kind))[0] for kind in (OBJECT, BACKGROUND))
    share: NDArray[np.float64] = to_background / (to_object + to_background)
    return share


def _shortest_paths() -> Any:
    try:
        from skimage.graph import MCP_Geometric
    except ImportError:
        raise MissingExtraError("bench", "geodesic distance") from None
    return MCP_Geometric
