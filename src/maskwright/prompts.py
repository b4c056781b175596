"""Prompts: what a person gives to say which pixels are meant.

All points are `(x, y)` in **pixel coordinates** of the upright image: integers are pixel centres, so the top-left pixel is
(0, 0), the bottom-right one (width - 1, height - 1), and a point belongs to the pixel that it rounds to.

Prompts are frozen, hashable and turn into plain JSON (`to_json`) and back (`from_json`): sessions, the HTTP API and the command
line's files all use that one form.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, TypeAlias

from maskwright.errors import PromptError

Point: TypeAlias = tuple[float, float]


def _number(value: object, what: str) -> float:
    try:
        # Real: numpy's numbers too.
        if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:  # a whole number too large for a float
        value = "hundreds of digits long"
    raise PromptError(f"{what} is {value!r}; give a finite number (pixel coordinates of the image)")


def _points(values: Iterable[Any], what: str) -> tuple[Point, ...]:
    points = []
    for i, value in enumerate(values):
        if isinstance(value, str | Mapping) or not hasattr(value, "__len__") or len(value) != 2:
            raise PromptError(f"{what}: point {i + 1} is {value!r}; give two numbers, x and y")
        points.append((_number(value[0], f"{what}: x of point {i + 1}"), _number(value[1], f"{what}: y of point {i + 1}")))
    return tuple(points)


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
        object.__setattr__(self, "x", _number(self.x, "x of the click"))
        object.__setattr__(self, "y", _number(self.y, "y of the click"))


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
        points = _points(self.points, "extreme points")
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
        object.__setattr__(self, "x", _number(self.x, "x of the boundary point"))
        object.__setattr__(self, "y", _number(self.y, "y of the boundary point"))


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
        for name in ("x0", "y0", "x1", "y1"):
            object.__setattr__(self, name, _number(getattr(self, name), f"{name} of the box"))
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise PromptError(f"box {self.x0:g},{self.y0:g},{self.x1:g},{self.y1:g} is inside out; give left,top,right,bottom")


@dataclass(frozen=True, slots=True)
class VertexDrag:
    """Vertex number `index` of the current contour, moved to (x, y)."""

    kind: ClassVar[str] = "vertex_drag"
    index: int
    x: float
    y: float

    def __post_init__(self) -> None:
        if isinstance(self.index, bool) or not isinstance(self.index, int) or self.index < 0:
            raise PromptError(f"vertex index is {self.index!r}; give a whole number from 0")
        object.__setattr__(self, "x", _number(self.x, "x of the vertex"))
        object.__setattr__(self, "y", _number(self.y, "y of the vertex"))


@dataclass(frozen=True, slots=True)
class Stroke:
    """A brush stroke of one class: a polyline of `radius` px (0.5 = one pixel wide)."""

    kind: ClassVar[str] = "stroke"
    points: tuple[Point, ...]
    class_id: int
    radius: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _points(self.points, "stroke"))
        if not self.points:
            raise PromptError("the stroke has no points; give at least one")
        if _number(self.radius, "radius of the stroke") < 0.5:
            raise PromptError(f"radius of the stroke is {self.radius:g} px; give at least 0.5 (one pixel wide)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that say what is meant, such as "the red car"."""

    kind: ClassVar[str] = "phrase"
    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip():
            raise PromptError("the phrase is empty; give at least one word")


Prompt: TypeAlias = Click | ExtremePoints | BoundaryPoint | Box | VertexDrag | Stroke | Phrase

PROMPT_KINDS: dict[str, type[Prompt]] = {
    cls.kind: cls for cls in (Click, ExtremePoints, BoundaryPoint, Box, VertexDrag, Stroke, Phrase)
}


def to_json(prompt: Prompt) -> dict[str, Any]:
    """Turn a prompt into plain JSON values; `kind` names its class.

    Example:
        >>> to_json(BoundaryPoint(7, 9))
        {'kind': 'boundary_point', 'x': 7.0, 'y': 9.0}
    """
    return {"kind": prompt.kind} | dataclasses.asdict(prompt)


def from_json(value: object) -> Prompt:
    """Turn `to_json`'s form back into a prompt.

    Raises:
        PromptError: the value is not an object, names no known kind, or its fields do not fit.

    Example:
        >>> from_json({"kind": "click", "x": 3, "y": 4})
        Click(x=3.0, y=4.0, positive=True)
    """
    if not isinstance(value, Mapping):
        raise PromptError(f"a prompt is {type(value).__name__}; give an object such as {{'kind': 'click', 'x': 3, 'y': 4}}")
    kind = value.get("kind")
    cls = PROMPT_KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise PromptError(f"prompt kind {kind!r} is not known; known: {', '.join(PROMPT_KINDS)}")
    fields = {k: v for k, v in value.items() if k != "kind"}
    try:
        return cls(**fields)
    except TypeError:
        names = ", ".join(f.name for f in dataclasses.fields(cls))
        raise PromptError(f"prompt {kind!r} takes {names}; given: {', '.join(map(str, fields)) or 'nothing'}") from None
