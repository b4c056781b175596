"""What the classical methods make of paint: seeds of every class, which they spread over the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import PromptError
from maskwright.methods.base import Candidate, Image, Prediction, PreparedImage
from maskwright.prompts import Fill, Prompt, Region, Stroke
from maskwright.vision.painting import ClassMap, painted

PAINT = (Stroke, Fill, Region)
"""The prompts that paint."""

Beliefs: TypeAlias = NDArray[np.floating]
"""How much a pixel is believed to be of each class, 0..1, shape (n, height, width)."""

Spread: TypeAlias = Callable[[Image, ClassMap], Beliefs]
"""Spreads the classes of painted pixels over an image; the map holds each of 1 to n, n at least 2, and 0 elsewhere."""


def spread(prompts: Sequence[Prompt], prepared: PreparedImage, largest: int, how: Spread) -> Prediction:
    """The prediction of a method that gives every pixel to one of the classes that were painted.

    An image of more than `largest` px is made smaller first, and the beliefs large again. Of one class alone, `how` is not
    asked: everything becomes that class, for there is no other.

    Args:
        prompts: paint, oldest first.
        prepared: the image.
        largest: px that `how` can work on in bearable time.
        how: see `Spread`.

    Returns:
        One candidate: to each pixel the class that is believed in most, and painted pixels keep theirs; all 0 where no paint is
        left. Its score is the mean belief.

    Raises:
        PromptError: see `checked_paint`.
    """
    image = prepared.image
    height, width = image.shape[:2]
    paint = checked_paint(prompts, height, width)
    if not paint.any():
        return Prediction((Candidate(paint > 0, 0.0, class_map=paint),))
    scale = min(1.0, (largest / (height * width)) ** 0.5)
    if scale < 1:
        small = (max(1, int(width * scale)), max(1, int(height * scale)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
    seeds = shrunk(paint, *image.shape[:2])
    present = np.unique(seeds[seeds > 0])
    numbered = np.concatenate(([0], np.searchsorted(present, np.arange(1, 256)) + 1)).astype(np.uint8)
    beliefs = how(image, np.where(seeds > 0, numbered[seeds], 0)) if len(present) > 1 else np.ones((1, *seeds.shape))
    classes = np.zeros_like(paint)
    highest = np.full(paint.shape, -1, np.float32)
    for class_id, belief in zip(present, beliefs.astype(np.float32), strict=True):
        if scale < 1:
            belief = cv2.resize(belief, (width, height), interpolation=cv2.INTER_LINEAR)
        better = belief > highest
        classes[better], highest[better] = class_id, belief[better]
    classes = np.where(paint > 0, paint, classes)
    return Prediction((Candidate(classes > 0, float(highest.mean()), class_map=classes),))


def checked_paint(prompts: Sequence[Prompt], height: int, width: int) -> ClassMap:
    """What was painted, once the prompts are known to be paint.

    Args:
        prompts: all prompts of the image, oldest first.
        height, width: of the image, px.

    Raises:
        PromptError: there is no paint, a prompt is of another kind, or paint lies outside the image.

    Example:
        >>> checked_paint([Stroke(((1, 0), (2, 0)), class_id=7)], height=2, width=4).tolist()
        [[0, 7, 7, 0], [0, 0, 0, 0]]
    """
    paint = [prompt for prompt in prompts if isinstance(prompt, PAINT)]
    if len(paint) != len(prompts):
        kinds = sorted({prompt.kind for prompt in prompts} - {kind.kind for kind in PAINT})
        raise PromptError(f"paint alone is expected; also given: {', '.join(kinds)}")
    if not paint:
        raise PromptError("nothing is painted; paint a stroke of a class")
    return painted(paint, height, width)


def shrunk(classes: ClassMap, height: int, width: int) -> ClassMap:
    """A class map made smaller so that thin strokes stay: a cell with any painted pixel has the class of most of them.

    Args:
        classes: uint8, at least as large.
        height, width: of the smaller map.

    Returns:
        uint8, (height, width); between two classes of equally many pixels the smaller one.

    Example:
        >>> shrunk(np.array([[0, 3, 0, 0], [0, 0, 2, 5], [0, 0, 0, 5]], np.uint8), 1, 2).tolist()
        [[3, 5]]
    """
    rows, columns = np.nonzero(classes)
    cells = (rows * height // classes.shape[0]) * width + columns * width // classes.shape[1]
    found, amounts = np.unique(cells * 256 + classes[rows, columns], return_counts=True)
    small = np.zeros(height * width, np.uint8)
    order = np.lexsort((-found, amounts))  # what comes last stays
    small[found[order] // 256] = found[order] % 256
    return small.reshape(height, width)
