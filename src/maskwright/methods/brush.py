"""The brush: every pixel has the class that is painted on it, and no other has any. What Magic Paint is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from maskwright.methods.base import Candidate, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.class_seeds import PAINT, checked_paint
from maskwright.prompts import Prompt


class Brush(Unprepared):
    """The method `brush`: drawing by hand.

    Example:
        >>> import numpy as np
        >>> from maskwright.prompts import Stroke
        >>> brush = Brush()
        >>> prepared = brush.prepare(np.zeros((2, 4, 3), np.uint8))
        >>> brush.predict([Stroke(((0, 0), (2, 0)), class_id=3)], prepared).candidates[0].class_map.tolist()
        [[3, 3, 3, 0], [0, 0, 0, 0]]
    """

    name: ClassVar[str] = "brush"
    accepts: ClassVar[frozenset[type[Prompt]]] = frozenset(PAINT)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Lay the paint; the one candidate's class map is what is painted. Its score is 1.

        Args:
            prompts: all paint so far, oldest first.
            prepared: the answer of `prepare`.
            mask: ignored.

        Raises:
            PromptError: no paint, another kind of prompt, or paint outside the image.
        """
        classes = checked_paint(prompts, *prepared.image.shape[:2])
        return Prediction((Candidate(classes > 0, 1.0, class_map=classes),))


def load(engine: str = "onnxruntime", threads: int | None = None) -> Brush:
    """The method; it has no graph, so the engine does not matter."""
    return Brush()
