"""What goes over the wire about paintings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, FiniteFloat

from maskwright.studio.schema_parts import STROKE, Color, Request

_FILL = {"kind": "fill", "points": [[12, 30], [40, 31], [25, 60]], "class_id": 1, "freeze": False}

PaintJson = Annotated[
    dict[str, Any],
    Field(
        description="A stroke of a round brush, `radius` px, or a filled polygon. Points are [x, y] in pixels, "
        "integers being pixel centres. With `freeze`, what was painted before stays. `class_id` means nothing here: the label "
        "says the class.",
        examples=[STROKE, _FILL],
    ),
]
PaintLabel = Annotated[
    str | None,
    Field(description="What is painted; a new label is added to the project. null erases.", examples=["sky"]),
]
PaintMethod = Annotated[str, Field(description='A method that accepts "stroke".', examples=["magic-paint", "brush"])]
X = Annotated[FiniteFloat, Field(description="Column of a pixel of the region.", examples=[25])]
Y = Annotated[FiniteFloat, Field(description="Row of a pixel of the region.", examples=[28])]


class ClassMap(BaseModel):
    """Every pixel's class, 0 where there is none, as run lengths, row by row, top row first."""

    size: Annotated[list[int], Field(min_length=2, max_length=2, description="[height, width]")]
    runs: Annotated[list[int], Field(description="Class, length, class, length, ...", examples=[[0, 96120, 1, 240, 0, 210840]])]


class ClassRecord(BaseModel):
    """A class of a painting."""

    class_id: Annotated[int, Field(description="Its number in the maps, 1 to 254; it stays while there is paint of the class.")]
    label: str
    color: Color


class ClassMaps(BaseModel):
    """A painting's classes and where they are."""

    classes: Annotated[list[ClassRecord], Field(description="All that are in the maps.")]
    painted: Annotated[ClassMap, Field(description="What paint covers.")]
    class_map: Annotated[ClassMap, Field(description="What the method made of it; where there is paint, it is the paint.")]


class PaintingRecord(ClassMaps):
    """The painting of an image."""

    method: Annotated[str, Field(description="The method that made `class_map`.")]


class PaintPreviewRequest(Request):
    """What would the painting be with this on top?"""

    method: PaintMethod
    prompt: PaintJson
    label: PaintLabel


class PaintPreview(ClassMaps):
    """The painting as it would be."""

    milliseconds: Annotated[float, Field(description="How long the server took.")]


class Paint(PaintPreviewRequest):
    """Paint on the image, or erase."""

    type: Literal["paint"]


class AcceptRegion(Request):
    """Make the connected region around a pixel of `class_map` paint of its class."""

    type: Literal["accept_region"]
    x: X
    y: Y


class DeleteClass(Request):
    """Take away all paint of a class; the rest is predicted anew."""

    type: Literal["delete_class"]
    label: Annotated[str, Field(examples=["sky"])]


class SetPaintMethod(Request):
    """Let another method make `class_map` of the paint: one that propagates it, or "brush", which does not."""

    type: Literal["set_paint_method"]
    method: PaintMethod


class RegionToObject(Request):
    """Make the connected region around a pixel of `class_map` an object with its class's label; the painting stays."""

    type: Literal["region_to_object"]
    x: X
    y: Y
