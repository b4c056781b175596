"""Latent Diversity: clicks to six candidate masks, the likeliest first (Li, Chen, Koltun; CVPR 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from maskwright.engine import Engine, OnDemand, load_engine, verify, weight_file
from maskwright.methods.base import Candidate, Prediction, PreparedImage, Unprepared
from maskwright.methods.clicks import checked_clicks, with_clicks
from maskwright.methods.encoding import decode_mask, encode_image
from maskwright.methods.latent_diversity_encoding import crop_of, encode_prompts
from maskwright.prompts import Click, Prompt
from maskwright.vision.masks import Mask, as_mask

WEIGHTS = "latent-diversity-fast"


class LatentDiversity(Unprepared):
    """The method `latent-diversity`.

    The first click is seen in the whole image; from then on the network looks closer, at the mask so far and the positive
    clicks. Every candidate has each click's own pixel on the click's side.

    Args:
        open_engine: opens the graph; called once, at the first prediction.

    Example:
        >>> from maskwright.methods import load_method
        >>> method = load_method("latent-diversity")
        >>> prepared = method.prepare(np.zeros((60, 80, 3), np.uint8))
        >>> prediction = method.predict([Click(40, 30)], prepared)
        >>> len(prediction.candidates), bool(prediction.mask[30, 40])
        (6, True)
    """

    name = "latent-diversity"
    accepts: frozenset[type[Prompt]] = frozenset({Click})

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        self._engine = OnDemand(open_engine)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Predict six candidates.

        Args:
            prompts: all clicks on the object, oldest first.
            prepared: the answer of `prepare`.
            mask: the mask to go on from: the candidate that was chosen before the last click, or any other method's mask;
                bool, (height, width). None for a new object.

        Raises:
            PromptError: no click, another kind of prompt, a click outside the image, or a first click that is negative where
                there is no mask.
            MaskError: the mask is of another size than the image, or no mask.
        """
        height, width = prepared.image.shape[:2]
        mask = None if mask is None else as_mask(mask, like=prepared.image)
        clicks = checked_clicks(prompts, height, width, mask)
        crop = crop_of(mask, clicks, height, width)
        answer = self._engine.run(
            {
                "rgb": encode_image(prepared.image, crop)[None],
                "prompts": encode_prompts(clicks, mask, crop)[None],
            }
        )
        scores = 1 / (1 + np.exp(-answer["scores"][0]))
        candidates = []
        for i in np.argsort(-scores, kind="stable"):
            found = decode_mask(answer["logits"][0, i], crop, height, width)
            candidates.append(Candidate(with_clicks(found, clicks), float(scores[i])))
        return Prediction(tuple(candidates))


def load(engine: str, threads: int | None) -> LatentDiversity:
    """The method with its shipped weights."""
    return LatentDiversity(lambda: load_engine(verify(weight_file(WEIGHTS)), engine, threads))
