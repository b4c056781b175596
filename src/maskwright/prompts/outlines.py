"""Prompts about outlines: what one is made of, how it is to be drawn, and how it is changed (Curve-GCN).

Outlines lie in pixel coordinates as all prompts do: a control point on a pixel's centre has whole numbers. Points may lie
outside the image; what an outline fills there is cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from maskwright.errors import PromptError
from maskwright.prompts.checks import Point, flag, number, pairs, set_corners, whole
from maskwright.prompts.marks import Box

CURVES = ("polygon", "spline")
"""How control points are joined: by straight lines, or by a closed centripetal Catmull-Rom spline through all of them."""

FEWEST_POINTS, MOST_POINTS = 3, 400
"""Control points of a ring."""


def _curve(value: object) -> str:
    if not isinstance(value, str) or value not in CURVES:
        raise PromptError(f"the outline's curve is {value!r}; give 'polygon' or 'spline'")
    return value


@dataclass(frozen=True, slots=True)
class OutlineRing:
    """One closed curve of an outline.

    Attributes:
        points: its 3 to 400 control points, the last joined to the first; either sense will do.
        pinned: indices of the points that stay where they are when another is dragged; kept sorted, each once.
        hole: it is cut out of what the other rings fill.

    Example:
        >>> OutlineRing(((2, 2), (9, 2), (9, 7)), pinned=(2, 0, 2)).pinned
        (0, 2)
    """

    points: tuple[Point, ...]
    pinned: tuple[int, ...] = ()
    hole: bool = False

    def __post_init__(self) -> None:
        points = pairs(self.points, "the outline's ring")
        if not FEWEST_POINTS <= len(points) <= MOST_POINTS:
            raise PromptError(f"the outline's ring has {len(points)} control points; give {FEWEST_POINTS} to {MOST_POINTS}")
        object.__setattr__(self, "points", points)
        pinned = {whole(index, 0, len(points) - 1, "a pinned point's index") for index in self.pinned}
        object.__setattr__(self, "pinned", tuple(sorted(pinned)))
        object.__setattr__(self, "hole", flag(self.hole, "hole of the outline's ring"))


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline to go on from: of an earlier answer, of a mask, imported.

    Attributes:
        rings: its closed curves, at least one of which is no hole; each may also be given as `to_json` writes it.
        curve: "polygon" or "spline", for all rings.

    Example:
        >>> outline = Outline((OutlineRing(((2, 2), (9, 2), (9, 7))),), curve="polygon")
        >>> len(outline.rings), outline.curve
        (1, 'polygon')
    """

    kind: ClassVar[str] = "outline"
    rings: tuple[OutlineRing, ...]
    curve: str = "spline"

    def __post_init__(self) -> None:
        rings = tuple(_ring(value, i) for i, value in enumerate(self.rings))
        if all(ring.hole for ring in rings):
            raise PromptError(f"the outline has {len(rings)} rings, all of them holes; give at least one that is no hole")
        object.__setattr__(self, "rings", rings)
        _curve(self.curve)


def _ring(value: Any, index: int) -> OutlineRing:
    if isinstance(value, OutlineRing):
        return value
    if isinstance(value, Mapping):
        try:
            return OutlineRing(**value)
        except TypeError:
            pass  # other fields than a ring's, or no list where one must be
    raise PromptError(f"ring {index + 1} of the outline is {value!r:.100}; give an object with points, pinned and hole")


@dataclass(frozen=True, slots=True)
class OutlineForm:
    """How the outline that a box becomes is to be drawn.

    Attributes:
        vertices: control points of each ring, 6 to 200.
        curve: "polygon" or "spline".

    Example:
        >>> OutlineForm(vertices=12)
        OutlineForm(vertices=12, curve='spline')
    """

    kind: ClassVar[str] = "outline_form"
    vertices: int = 40
    curve: str = "spline"

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", whole(self.vertices, 6, 200, "the outline's number of vertices"))
        _curve(self.curve)


@dataclass(frozen=True, slots=True)
class Part:
    """One ring more for the outline, drawn within this box: a further part of the object, or a hole in it.

    The corners are pixel centres that still belong to it, as a `Box`'s are.

    Example:
        >>> Part(10, 20, 30, 40, hole=True).box
        Box(x0=10.0, y0=20.0, x1=30.0, y1=40.0)
    """

    kind: ClassVar[str] = "part"
    x0: float
    y0: float
    x1: float
    y1: float
    hole: bool = False

    def __post_init__(self) -> None:
        set_corners(self, "part")
        object.__setattr__(self, "hole", flag(self.hole, "hole of the part"))

    @property
    def box(self) -> Box:
        """Where it is drawn."""
        return Box(self.x0, self.y0, self.x1, self.y1)


@dataclass(frozen=True, slots=True)
class VertexDrag:
    """Control point number `index` of one of the outline's rings, moved to (x, y).

    Attributes:
        index: from 0, in the ring's order.
        x, y: its new place.
        ring: which ring, from 0.
        reach: how many neighbours on each side may follow, 0 to 100 (the paper's k); 0 moves the point alone.

    Example:
        >>> VertexDrag(3, 10, 20)
        VertexDrag(index=3, x=10.0, y=20.0, ring=0, reach=3)
    """

    kind: ClassVar[str] = "vertex_drag"
    index: int
    x: float
    y: float
    ring: int = 0
    reach: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", whole(self.index, 0, MOST_POINTS - 1, "the vertex's index"))
        object.__setattr__(self, "x", number(self.x, "x of the vertex"))
        object.__setattr__(self, "y", number(self.y, "y of the vertex"))
        object.__setattr__(self, "ring", whole(self.ring, 0, 9999, "the vertex's ring"))
        object.__setattr__(self, "reach", whole(self.reach, 0, 100, "the drag's reach"))
