"""Prompts that say on the image itself where the object is, and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from maskwright.errors import PromptError
from maskwright.prompts.checks import Point, flag, number, pairs, set_corners


@dataclass(frozen=True, slots=True)
class Click:
    """A point that lies on the object (`positive`) or off it.

    Example:
        >>> Click(12, 30, positive=False)
        Click(x=12.0, y=30.0, positive=False)
    """

    kind: ClassVar[str] = "click"
    x: float
    y: float
    positive: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", number(self.x, "x of the click"))
        object.__setattr__(self, "y", number(self.y, "y of the click"))
        object.__setattr__(self, "positive", flag(self.positive, "positive of the click"))


@dataclass(frozen=True, slots=True)
class ExtremePoints:
    """The object's left-, right-, top- and bottom-most points, in any order (DEXTR, section 3.1).

    One point may serve as two (a corner), but the four must span an area: at least 2 px in width and in height.

    Example:
        >>> ExtremePoints(((3, 20), (50, 22), (30, 4), (28, 41))).box
        Box(x0=3.0, y0=4.0, x1=50.0, y1=41.0)
    """

    kind: ClassVar[str] = "extreme_points"
    points: tuple[Point, Point, Point, Point]

    def __post_init__(self) -> None:
        points = pairs(self.points, "extreme points")
        if len(points) != 4:
            raise PromptError(
                f"{len(points)} extreme points given; give four: the object's left-, right-, top- and bottom-most points"
            )
        object.__setattr__(self, "points", points)
        box = self.box
        if box.x1 - box.x0 < 1 or box.y1 - box.y0 < 1:
            raise PromptError(
                f"the four extreme points span no area (x {box.x0:g}..{box.x1:g}, y {box.y0:g}..{box.y1:g}); "
                "place them on the object's left, right, top and bottom ends"
            )

    @property
    def box(self) -> Box:
        """The tight box around the four points."""
        xs, ys = zip(*self.points, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class BoundaryPoint:
    """A further point on the object's true boundary, without a sign (DEXTR, section 4.3: the fifth click and beyond).

    Example:
        >>> BoundaryPoint(7, 9)
        BoundaryPoint(x=7.0, y=9.0)
    """

    kind: ClassVar[str] = "boundary_point"
    x: float
    y: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", number(self.x, "x of the boundary point"))
        object.__setattr__(self, "y", number(self.y, "y of the boundary point"))


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box; its corners are pixel centres that still belong to it.

    Example:
        >>> Box(10, 20, 110, 220)
        Box(x0=10.0, y0=20.0, x1=110.0, y1=220.0)
    """

    kind: ClassVar[str] = "box"
    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        set_corners(self, "box")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that say what is meant, such as "the red car"."""

    kind: ClassVar[str] = "phrase"
    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip():
            raise PromptError("the phrase is empty; give at least one word")
