"""DEXTR: four extreme points, then boundary points, to one mask (Maninis et al., CVPR 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from maskwright.engine import Engine, OnDemand, load_engine, verify, weight_file
from maskwright.errors import PromptError
from maskwright.methods.base import Candidate, Prediction, PreparedImage, Unprepared
from maskwright.methods.checks import check_inside
from maskwright.methods.dextr_encoding import crop_of, encode_prompts
from maskwright.methods.encoding import decode_mask, encode_image
from maskwright.prompts import BoundaryPoint, ExtremePoints, Point, Prompt
from maskwright.vision.masks import Mask

WEIGHTS = "dextr-fast"

THRESHOLD = 0.5
"""Least probability of a pixel of the mask; the paper's 0.8 undoes the bias of its balanced loss."""


class Dextr(Unprepared):
    """The method `dextr`.

    Args:
        open_engine: opens the graph; called once, at the first prediction.

    Example:
        >>> import numpy as np
        >>> from maskwright.methods import load_method
        >>> method = load_method("dextr")
        >>> prepared = method.prepare(np.zeros((60, 80, 3), np.uint8))
        >>> points = ExtremePoints(((10, 30), (70, 30), (40, 5), (40, 55)))
        >>> method.predict([points], prepared).mask.shape
        (60, 80)
    """

    name = "dextr"
    accepts: frozenset[type[Prompt]] = frozenset({ExtremePoints, BoundaryPoint})

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        self._engine = OnDemand(open_engine)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Predict the mask of the object whose extreme points are given.

        Args:
            prompts: one `ExtremePoints`, and any number of `BoundaryPoint`s.
            prepared: the answer of `prepare`.
            mask: ignored: DEXTR has no memory of an earlier mask.

        Raises:
            PromptError: no or several `ExtremePoints`, another kind of prompt, or a point outside the image.
        """
        points = points_of(prompts)
        height, width = prepared.image.shape[:2]
        check_inside(points, height, width)
        crop = crop_of(points)
        arrays = {"rgb": encode_image(prepared.image, crop)[None], "prompts": encode_prompts(points, crop)[None]}
        logits = self._engine.run(arrays)["logits"][0, 0]
        limit = float(np.log(THRESHOLD / (1 - THRESHOLD)))
        found = logits > limit
        score = float((1 / (1 + np.exp(-logits[found]))).mean()) if found.any() else 0.0
        return Prediction((Candidate(decode_mask(logits, crop, height, width, limit), score),))


def points_of(prompts: Sequence[Prompt]) -> list[Point]:
    """The extreme points and boundary points among the prompts.

    Raises:
        PromptError: there is not exactly one `ExtremePoints`, or a prompt is of another kind.
    """
    extremes = [p for p in prompts if isinstance(p, ExtremePoints)]
    boundary = [p for p in prompts if isinstance(p, BoundaryPoint)]
    if len(extremes) != 1:
        raise PromptError(f"dextr needs one set of four extreme points; {len(extremes)} given")
    if len(extremes) + len(boundary) != len(prompts):
        kinds = sorted({p.kind for p in prompts} - {ExtremePoints.kind, BoundaryPoint.kind})
        raise PromptError(f"dextr takes extreme points and boundary points; also given: {', '.join(kinds)}")
    return [*extremes[0].points, *((p.x, p.y) for p in boundary)]


def load(engine: str, threads: int | None) -> Dextr:
    """The method with its shipped weights."""
    return Dextr(lambda: load_engine(verify(weight_file(WEIGHTS)), engine, threads))
