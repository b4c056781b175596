"""The robot that paints: strokes where a class map is most wrong (Magic Paint)."""

from __future__ import annotations

import numpy as np

from maskwright.prompts import Stroke
from maskwright.vision.distances import inside, pixel_of
from maskwright.vision.masks import Mask
from maskwright.vision.painting import ClassMap
from maskwright.vision.strokes import largest_error, medial_line

SHARES = (0.3, 1.0)
"""How much of the line along the middle a stroke follows: a share drawn evenly from here."""

THICKNESS = 0.35
"""Radius of a stroke, as a share of the radius of the largest disk inside what is wrong."""

RADII = (0.5, 8.0)
"""px; the thinnest stroke is one pixel wide."""


def next_paint(classes: ClassMap, truth: ClassMap, void: Mask | None, rng: np.random.Generator) -> Stroke | None:
    """Paint the largest error with the class that it should have.

    The stroke follows the middle of the error (see `medial_line`), on a random stretch of it, and is no wider than the error is
    there: it paints what is right, but for corners that it cuts.

    Args:
        classes: as it is, uint8 (height, width); before the first stroke all 0.
        truth: as it should be, 1 to 254; 0 does not count.
        void: further pixels that do not count, bool (height, width), or None.
        rng: the source of chance.

    Returns:
        The stroke, or None where nothing is wrong.

    Example:
        >>> truth = np.ones((30, 40), np.uint8)
        >>> truth[:, 30:] = 2
        >>> next_paint(truth, truth, None, np.random.default_rng(0))
        >>> stroke = next_paint(np.zeros_like(truth), truth, None, np.random.default_rng(0))
        >>> stroke.class_id, stroke.radius
        (1, 5.25)
    """
    error = largest_error(classes, truth, void)
    if error is None:
        return None
    points = medial_line(error, share=rng.uniform(*SHARES), rng=rng)
    depth = inside(error)
    room = min(depth[row, column] for column, row in (pixel_of(*point) for point in points)) - 0.5
    low, high = RADII
    radius = min(max(min(THICKNESS * float(depth.max()), float(room)), low), high)
    return Stroke(points, int(truth[error][0]), round(radius, 2))
