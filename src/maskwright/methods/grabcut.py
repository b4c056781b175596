"""GrabCut (Rother, Kolmogorov, Blake; SIGGRAPH 2004), by OpenCV: the classical competitor that needs a box alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from maskwright.methods.base import Candidate, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.boxes import ACCEPTED, pixel_box
from maskwright.prompts import Prompt

ITERATIONS = 5


@dataclass(frozen=True)
class GrabCut(Unprepared):
    """Two colour models, of the box's inside and of the rest of the image, and a graph cut between them, five times over.

    From extreme points it takes their box; boundary points only widen it (see `pixel_box`). What lies outside the box is
    background for certain; where the box fills the image, the image's outermost pixels are, because some must be. It has no
    belief to offer: the score is 1. The mask so far is not used.

    Example:
        >>> from maskwright.prompts import Box
        >>> image = np.full((40, 60, 3), 30, np.uint8)
        >>> image[10:30, 20:40] = 200
        >>> method = GrabCut()
        >>> int(method.predict([Box(15, 5, 45, 34)], method.prepare(image)).mask.sum())
        400
    """

    name: ClassVar[str] = "grabcut"
    accepts: ClassVar[frozenset[type[Prompt]]] = ACCEPTED

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Cut the object out of its box.

        Raises:
            PromptError: neither extreme points nor a box, a prompt of another kind, or one outside the image.
        """
        image = prepared.image
        height, width = image.shape[:2]
        x0, y0, x1, y1 = pixel_box(prompts, height, width, self.name)
        labels = np.full((height, width), cv2.GC_BGD, np.uint8)
        labels[y0 : y1 + 1, x0 : x1 + 1] = cv2.GC_PR_FGD
        if not (labels == cv2.GC_BGD).any():
            labels[[0, -1], :] = labels[:, [0, -1]] = cv2.GC_BGD
        if (labels == cv2.GC_BGD).all():  # an image of one or two pixels' width: nothing is left to cut
            return Prediction((Candidate(labels == cv2.GC_PR_FGD, 1.0),))
        cv2.setRNGSeed(0)  # the colour models start from random clusters: the same prompts must give the same mask
        outside, inside = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(np.ascontiguousarray(image), labels, (0, 0, 0, 0), outside, inside, ITERATIONS, cv2.GC_INIT_WITH_MASK)
        return Prediction((Candidate((labels == cv2.GC_PR_FGD) | (labels == cv2.GC_FGD), 1.0),))


def load(engine: str = "onnxruntime", threads: int | None = None) -> GrabCut:
    """The method; it has no graph, so the engine does not matter."""
    return GrabCut()
