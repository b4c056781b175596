"""What a method is: the prompts it accepts, what it prepares once per image, what it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from maskwright.prompts import Outline, Prompt
from maskwright.vision.masks import Image, Mask, as_image
from maskwright.vision.painting import ClassMap

__all__ = ["Candidate", "Image", "Mask", "Method", "Prediction", "PreparedImage", "Unprepared"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One possible mask.

    Attributes:
        mask: bool, shape (height, width) of the image.
        score: the method's own belief in this mask, 0..1; comparable within one prediction only.
        outline: what a method that draws outlines drew; the mask is what it fills. None from other methods.
        notice: a sentence for the person about what was done beside what was asked, such as that a crossing was repaired.
        class_map: what a method that paints painted: every pixel's class, 0 where none is known; the mask is where one is. None
            from other methods.
    """

    mask: Mask
    score: float
    outline: Outline | None = None
    notice: str | None = None
    class_map: ClassMap | None = None


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a method answers: candidates, best first.

    Example:
        >>> import numpy as np
        >>> Prediction((Candidate(np.ones((2, 3), bool), 0.9),)).mask.sum()
        np.int64(6)
    """

    candidates: tuple[Candidate, ...]

    @property
    def mask(self) -> Mask:
        """The best candidate's mask."""
        return self.candidates[0].mask


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """An image and what a method computed from it once.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        cache: the method's own per-image results; empty for methods that prepare nothing.
    """

    image: Image
    cache: dict[str, Any] = field(default_factory=dict)


class Method(Protocol):
    """One way of turning prompts into masks. Numpy in, numpy out; safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name used on the command line and in the HTTP API, such as "dextr"."""
        ...

    @property
    def accepts(self) -> frozenset[type[Prompt]]:
        """The kinds of prompts that `predict` understands."""
        ...

    def prepare(self, image: Image) -> PreparedImage:
        """Compute what depends on the image alone.

        Raises:
            ImageError: the array is not uint8 of shape (height, width, 3).
        """
        ...

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Predict the object that the prompts mean.

        Args:
            prompts: all prompts given so far for this object, oldest first.
            prepared: the answer of `prepare` for the image.
            mask: the object's mask so far, for methods that continue from one; others ignore it.

        Raises:
            PromptError: the prompts are too few, of a kind not accepted, or outside the image.
        """
        ...


class Unprepared:
    """What methods share that compute nothing before there are prompts: most networks see a crop, which the prompts decide."""

    def prepare(self, image: Image) -> PreparedImage:
        """The image, checked.

        Raises:
            ImageError: the array is not uint8 of shape (height, width, 3).
        """
        return PreparedImage(as_image(image))
