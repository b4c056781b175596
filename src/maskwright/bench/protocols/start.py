"""What protocols begin with: an object's extreme points, and another method's mask to go on from."""

from __future__ import annotations

import numpy as np

from maskwright.bench.datasets import Sample
from maskwright.bench.runner import Unplayable
from maskwright.errors import MaskError, PromptError
from maskwright.methods.base import Mask, Method
from maskwright.prompts import ExtremePoints
from maskwright.vision.masks import extreme_points


def check_start(start: Method) -> None:
    """Refuse to start from a method that takes no extreme points.

    Raises:
        PromptError: so it is.
    """
    if ExtremePoints not in start.accepts:
        raise PromptError(f"{start.name} takes no extreme points; start from a method that does, such as dextr")


def first_mask(start: Method, sample: Sample) -> Mask:
    """The method's mask of the object's exact extreme points.

    Raises:
        Unplayable: the object is less than 2 px wide or high.
    """
    return start.predict([given_points(sample.mask)], start.prepare(sample.image)).mask


def given_points(truth: Mask, rng: np.random.Generator | None = None, jitter: float = 0.0) -> ExtremePoints:
    """The extreme points of an object as the robot gives them; `rng` and `jitter` as for `extreme_points`.

    Raises:
        Unplayable: the object is less than 2 px wide or high.
    """
    try:
        return extreme_points(truth, rng, jitter)
    except MaskError as error:
        raise Unplayable(str(error)) from error
