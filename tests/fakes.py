"""Methods without weights, for tests of what lies above the methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maskwright.errors import PromptError
from maskwright.methods import MethodInfo
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.methods.checks import check_inside
from maskwright.prompts import Click, Prompt
from maskwright.vision.distances import pixel_of
from maskwright.vision.masks import as_image, as_mask

RADII = (6, 12, 18, 24, 30, 36)

CLICKS_INFO = MethodInfo(
    name="latent-diversity",
    title="Clicks",
    gesture="click on the object, and on what is wrong",
    accepts=("click",),
    source="tests",
    module="tests.fakes",
)


class FakeClicks:
    """Takes clicks and gives six candidates, which differ in a radius: best, and smallest, first.

    Without a mask to go on from, each click paints a disk: on the object, or off it. With one, only the last click does. In the
    end every click's own pixel gets its click's sign.
    """

    name = CLICKS_INFO.name
    accepts: frozenset[type[Prompt]] = frozenset({Click})

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(as_image(image))

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
        if not clicks or len(clicks) < len(prompts):
            raise PromptError("give clicks, and nothing else")
        if mask is None and not clicks[0].positive:
            raise PromptError("the first click is off the object; click on it first")
        height, width = prepared.image.shape[:2]
        check_inside(((click.x, click.y) for click in clicks), height, width)
        start = np.zeros((height, width), bool) if mask is None else as_mask(mask, like=prepared.image)
        rows, columns = np.ogrid[:height, :width]
        candidates = []
        for i, radius in enumerate(RADII):
            answer = start.copy()
            for click in clicks if mask is None else clicks[-1:]:
                answer[(columns - click.x) ** 2 + (rows - click.y) ** 2 <= radius**2] = click.positive
            for click in clicks:
                column, row = pixel_of(click.x, click.y)
                answer[min(row, height - 1), min(column, width - 1)] = click.positive
            candidates.append(Candidate(answer, 0.9 - 0.1 * i))
        return Prediction(tuple(candidates))


def load(engine: str = "onnxruntime", threads: int | None = None) -> FakeClicks:
    """As a method's module has it."""
    return FakeClicks()
