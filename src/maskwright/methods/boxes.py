"""The box that the classical methods start from, whatever gesture it came with."""

from __future__ import annotations

from collections.abc import Sequence

from maskwright.errors import PromptError
from maskwright.methods.checks import check_inside
from maskwright.prompts import BoundaryPoint, Box, ExtremePoints, Point, Prompt
from maskwright.vision.distances import pixel_of

ACCEPTED: frozenset[type[Prompt]] = frozenset({ExtremePoints, BoundaryPoint, Box})


def pixel_box(prompts: Sequence[Prompt], height: int, width: int, method: str) -> tuple[int, int, int, int]:
    """The tight box around all prompts, in whole pixels.

    A boundary point has no sign, and the classical methods have no use for "the edge runs here": it only widens the box
    where it lies outside.

    Args:
        prompts: extreme points or a box, and any boundary points.
        height, width: of the image, px.
        method: named in errors.

    Returns:
        x0, y0, x1, y1, the first and the last pixel inside.

    Raises:
        PromptError: a prompt of another kind, one outside the image, or neither extreme points nor a box among them.

    Example:
        >>> pixel_box([Box(2, 3, 8, 9), BoundaryPoint(11.4, 5)], 20, 20, "grabcut")
        (2, 3, 11, 9)
    """
    points: list[Point] = []
    for prompt in prompts:
        if isinstance(prompt, ExtremePoints):
            points += prompt.points
        elif isinstance(prompt, Box):
            points += [(prompt.x0, prompt.y0), (prompt.x1, prompt.y1)]
        elif isinstance(prompt, BoundaryPoint):
            points.append((prompt.x, prompt.y))
        else:
            raise PromptError(f"{method} does not understand {prompt.kind}; give extreme_points or a box")
    if not any(isinstance(prompt, ExtremePoints | Box) for prompt in prompts):
        raise PromptError(f"{method} needs extreme_points or a box; neither is given")
    check_inside(points, height, width)
    columns, rows = zip(*(pixel_of(x, y) for x, y in points), strict=True)
    return min(columns), min(rows), min(max(columns), width - 1), min(max(rows), height - 1)
