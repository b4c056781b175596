"""The parts that requests and answers have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_RING = {"points": [[3, 20], [30, 4], [50, 22], [28, 41]], "pinned": [1], "hole": False}
_OUTLINE = {"kind": "outline", "rings": [_RING], "curve": "spline"}
STROKE = {"kind": "stroke", "points": [[12, 30], [25, 28], [40, 31]], "class_id": 1, "radius": 6, "freeze": False}
"""An example."""

_EXTREME_POINTS = {"kind": "extreme_points", "points": [[3, 20], [50, 22], [30, 4], [28, 41]]}

PromptJson = Annotated[
    dict[str, Any],
    Field(
        description="A prompt: `kind` and that kind's fields, points as [x, y] in pixels, integers being pixel centres.",
        examples=[
            _EXTREME_POINTS,
            {"kind": "boundary_point", "x": 7, "y": 9},
            {"kind": "click", "x": 12, "y": 30, "positive": True},
            {"kind": "box", "x0": 3, "y0": 4, "x1": 50, "y1": 41},
            {"kind": "outline_form", "vertices": 40, "curve": "spline"},
            _OUTLINE,
            {"kind": "vertex_drag", "index": 3, "x": 26, "y": 44, "ring": 0, "reach": 2},
            {"kind": "part", "x0": 10, "y0": 12, "x1": 20, "y1": 22, "hole": True},
            STROKE,
        ],
    ),
]
Prompts = Annotated[
    list[PromptJson], Field(max_length=1000, description="All prompts given so far for the object, oldest first.")
]
OutlineJson = Annotated[
    dict[str, Any],
    Field(
        description="An outline as a prompt that can be gone on from: rings of control points [x, y] in pixels, integers being "
        "pixel centres; `curve` is polygon or spline.",
        examples=[_OUTLINE],
    ),
]
Notice = Annotated[
    str | None, Field(description="A sentence for the person: what was done beside what was asked, such as a repair.")
]
Score = Annotated[float, Field(description="The method's own belief in the mask, 0..1.")]
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", examples=["#e69f00"])]


class Request(BaseModel):
    """A request with a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")
