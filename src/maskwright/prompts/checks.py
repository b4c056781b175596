"""What the fields of prompts must be; whatever else is given is a `PromptError` that says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, TypeAlias

from maskwright.errors import PromptError

Point: TypeAlias = tuple[float, float]


def number(value: object, what: str) -> float:
    """A finite number."""
    try:
        # Real: numpy's numbers too.
        if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:  # a whole number too large for a float
        value = "hundreds of digits long"
    raise PromptError(f"{what} is {value!r}; give a finite number (pixel coordinates of the image)")


def pairs(values: Iterable[Any], what: str) -> tuple[Point, ...]:
    """Points, each two finite numbers."""
    if not isinstance(values, Iterable):
        raise PromptError(f"{what}: {values!r} is no list of points; give two numbers, x and y, for each")
    points = []
    for i, value in enumerate(values):
        if isinstance(value, str | Mapping) or not hasattr(value, "__len__") or len(value) != 2:
            raise PromptError(f"{what}: point {i + 1} is {value!r}; give two numbers, x and y")
        points.append((number(value[0], f"{what}: x of point {i + 1}"), number(value[1], f"{what}: y of point {i + 1}")))
    return tuple(points)


def whole(value: object, least: int, most: int, what: str) -> int:
    """A whole number from `least` to `most`."""
    # Integral: numpy's numbers too.
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= int(value) <= most:
        raise PromptError(f"{what} is {value!r}; give a whole number from {least} to {most}")
    return int(value)


def flag(value: object, what: str) -> bool:
    """True or False."""
    # By name: numpy's too, without numpy, for which every --help would wait.
    if type(value).__name__ not in ("bool", "bool_"):
        raise PromptError(f"{what} is {value!r}; give true or false")
    return bool(value)


def set_corners(box: Any, what: str) -> None:
    """Check the fields x0, y0, x1, y1 of a frozen box and keep them as floats."""
    for name in ("x0", "y0", "x1", "y1"):
        object.__setattr__(box, name, number(getattr(box, name), f"{name} of the {what}"))
    if box.x1 < box.x0 or box.y1 < box.y0:
        raise PromptError(f"{what} {box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g} is inside out; give left,top,right,bottom")
