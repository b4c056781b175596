"""Prompts that paint: what a person lays on the image for a class (Magic Paint).

A class is a number from 1 to 254 that means something to the caller alone; 0 takes paint away. With `freeze`, what was painted
before stays: only pixels without paint take the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from maskwright.errors import PromptError
from maskwright.prompts.checks import Point, flag, number, pairs, whole

NO_CLASS = 0
"""Of pixels without paint; as a prompt's class, it erases."""

MOST_CLASSES = 254
"""The largest class: in an image of bytes, 255 is left to say "do not count"."""


MOST_POINTS = 100_000
"""Of a stroke or a filled polygon."""

LARGEST_RADIUS = 1_000_000
"""Of a stroke, px: wider than any image."""


def _points(values: Iterable[Any], fewest: int, what: str) -> tuple[Point, ...]:
    points = pairs(values, what)
    if not fewest <= len(points) <= MOST_POINTS:
        raise PromptError(f"the {what} has {len(points)} points; give {fewest} to {MOST_POINTS}")
    return points


def _class(value: object, what: str) -> int:
    return whole(value, NO_CLASS, MOST_CLASSES, f"class_id of the {what}")


@dataclass(frozen=True, slots=True)
class Stroke:
    """A stroke of a round brush: all pixels whose centre lies within `radius` of the line through its points.

    Attributes:
        points: of the line, 1 to 100,000; a single one is a dot.
        class_id: 1 to 254, or 0 to erase.
        radius: px, 0.5 (one pixel wide) to 1,000,000.
        freeze: what was painted before stays.

    Example:
        >>> Stroke(((3, 4), (30, 4)), class_id=2, radius=5).freeze
        False
    """

    kind: ClassVar[str] = "stroke"
    points: tuple[Point, ...]
    class_id: int
    radius: float = 0.5
    freeze: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _points(self.points, 1, "stroke"))
        object.__setattr__(self, "class_id", _class(self.class_id, "stroke"))
        object.__setattr__(self, "radius", number(self.radius, "radius of the stroke"))
        if not 0.5 <= self.radius <= LARGEST_RADIUS:
            raise PromptError(f"radius of the stroke is {self.radius:g} px; give 0.5 (one pixel wide) to {LARGEST_RADIUS:,}")
        object.__setattr__(self, "freeze", flag(self.freeze, "freeze of the stroke"))


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled polygon: all pixels whose centre lies in it, and those that its line passes.

    Attributes:
        points: its corners, 3 to 100,000, the last joined to the first.
        class_id: 1 to 254, or 0 to erase.
        freeze: what was painted before stays.

    Example:
        >>> len(Fill(((3, 4), (30, 4), (30, 20)), class_id=2).points)
        3
    """

    kind: ClassVar[str] = "fill"
    points: tuple[Point, ...]
    class_id: int
    freeze: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _points(self.points, 3, "filled polygon"))
        object.__setattr__(self, "class_id", _class(self.class_id, "filled polygon"))
        object.__setattr__(self, "freeze", flag(self.freeze, "freeze of the filled polygon"))


@dataclass(frozen=True, slots=True)
class Region:
    """A mask as paint: a region that a person accepted, or that comes from elsewhere.

    Attributes:
        size: height and width of the image, px.
        counts: the mask as COCO's compressed run-length code.
        class_id: 1 to 254, or 0 to erase.
        freeze: what was painted before stays.

    Example:
        >>> Region((2, 3), "132", class_id=1).size
        (2, 3)
    """

    kind: ClassVar[str] = "region"
    size: tuple[int, int]
    counts: str
    class_id: int
    freeze: bool = False

    def __post_init__(self) -> None:
        sides: Sequence[object] = tuple(self.size) if isinstance(self.size, list | tuple) else ()
        if len(sides) != 2:
            raise PromptError(f"size of the region is {self.size!r}; give height and width of the image")
        object.__setattr__(self, "size", tuple(whole(side, 1, 2**31, "size of the region") for side in sides))
        if not isinstance(self.counts, str):
            raise PromptError(f"counts of the region is {self.counts!r:.50}; give COCO's compressed run-length code, text")
        object.__setattr__(self, "class_id", _class(self.class_id, "region"))
        object.__setattr__(self, "freeze", flag(self.freeze, "freeze of the region"))
