"""Graph cut (Boykov, Jolly; ICCV 2001), by OpenCV's max-flow: the classical competitor for clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods import colour_model
from maskwright.methods.base import Image, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.seeds import BACKGROUND, OBJECT, Seeds, divided
from maskwright.prompts import Click, Prompt

LARGEST = 640 * 480
"""Of larger images a smaller copy is cut, px."""


@dataclass(frozen=True)
class GraphCut(Unprepared):
    """The cheapest cut between the clicks: colours say which side a pixel is on, contrast where the cut runs.

    Costs: the negative logarithm of the colours' likelihood (see `colour_model`), and 50 exp(-beta d2) / distance between
    neighbours among eight, d2 their squared difference in colour, beta such that the image's mean exponent is a half. Seeds are
    fixed, see `seeds.divided`. This is the energy of `cv2.grabCut`, which finds its global minimum; its own rounds of learning
    colours from the last cut are left out. The mask so far is not used; the score says next to nothing.

    Example:
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = GraphCut()
        >>> int(method.predict([Click(30, 20)], method.prepare(image)).mask.sum())
        400
    """

    name: ClassVar[str] = "graph-cut"
    accepts: ClassVar[frozenset[type[Prompt]]] = frozenset({Click})

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Cut the image between the clicks.

        Raises:
            PromptError: no click, the first one negative, another kind of prompt, or a click outside the image.
        """
        return divided(prompts, prepared, LARGEST, cut)


def load(engine: str = "onnxruntime", threads: int | None = None) -> GraphCut:
    """The method; it has no graph, so the engine does not matter."""
    return GraphCut()


def cut(image: Image, clicks: Sequence[Click], seeds: Seeds) -> NDArray[np.float64]:
    """1 on the object's side of the cheapest cut, else 0."""
    of_object, of_background = (model.packed() for model in colour_model.of_clicks(image, clicks))
    labels = np.full(seeds.shape, cv2.GC_PR_BGD, np.uint8)
    labels[seeds == BACKGROUND] = cv2.GC_BGD
    labels[seeds == OBJECT] = cv2.GC_FGD
    nowhere = (0, 0, 0, 0)  # the box of another mode
    cv2.grabCut(np.ascontiguousarray(image), labels, nowhere, of_background, of_object, 1, cv2.GC_EVAL_FREEZE_MODEL)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float64)
