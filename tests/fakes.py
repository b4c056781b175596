"""Methods without weights, for tests of what lies above the methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.methods.clicks import checked_clicks, with_clicks
from maskwright.prompts import Click, Prompt
from maskwright.vision.masks import as_image, as_mask

RADII = (6, 12, 18, 24, 30, 36)


class FakeClicks:
    """Takes clicks and gives six candidates, which differ in a radius: best, and smallest, first.

    Without a mask to go on from, each click paints a disk: on the object, or off it. With one, only the last click does. In the
    end every click's own pixel gets its click's sign.
    """

    name = "latent-diversity"
    accepts: frozenset[type[Prompt]] = frozenset({Click})

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(as_image(image))

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        height, width = prepared.image.shape[:2]
        clicks = checked_clicks(prompts, height, width, mask)
        start = np.zeros((height, width), bool) if mask is None else as_mask(mask, like=prepared.image)
        rows, columns = np.ogrid[:height, :width]
        candidates = []
        for i, radius in enumerate(RADII):
            answer = start.copy()
            for click in clicks if mask is None else clicks[-1:]:
                answer[(columns - click.x) ** 2 + (rows - click.y) ** 2 <= radius**2] = click.positive
            candidates.append(Candidate(with_clicks(answer, clicks), 0.9 - 0.1 * i))
        return Prediction(tuple(candidates))
