"""What every method checks before it works."""

from __future__ import annotations

from collections.abc import Iterable

from maskwright.errors import PromptError
from maskwright.prompts import Point


def check_inside(points: Iterable[Point], height: int, width: int) -> None:
    """Check that points lie on the image.

    Raises:
        PromptError: a point belongs to no pixel of the image.
    """
    for x, y in points:
        if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
            raise PromptError(
                f"point ({x:g}, {y:g}) lies outside the image of {width} x {height} px; "
                f"give x from 0 to {width - 1} and y from 0 to {height - 1}"
            )
