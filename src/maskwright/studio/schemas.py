"""What goes over the wire: the studio's requests and answers. Images, masks and boxes are in pixels of the upright image."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from maskwright.studio.paint_schemas import AcceptRegion, DeleteClass, Paint, PaintingRecord, RegionToObject, SetPaintMethod
from maskwright.studio.schema_parts import Color, Notice, OutlineJson, PromptJson, Prompts, Request, Score


class Mask(BaseModel):
    """A mask as COCO's run-length code: runs go down the columns, left column first, and start with background."""

    size: Annotated[list[int], Field(min_length=2, max_length=2, description="[height, width]")]
    counts: list[int]


class ImageRecord(BaseModel):
    """An image of the folder."""

    id: Annotated[str, Field(description="Opaque; stays the same as long as the file's name does.")]
    name: str
    width: int | None
    height: int | None
    objects: Annotated[int, Field(description="How many objects it has.")]
    painted: Annotated[bool, Field(description="Whether there is paint on it.")]
    error: Annotated[str | None, Field(description="Why it cannot be used.")] = None


class LabelRecord(BaseModel):
    """A label (an object's class name) and its colour."""

    name: Annotated[str, Field(max_length=200)]
    color: Color


class MethodRecord(BaseModel):
    """A method, and the kinds of prompts it accepts."""

    name: str
    title: str
    gesture: str
    accepts: list[str]


class ProjectRecord(BaseModel):
    """The folder that is open."""

    folder: str
    read_only: Annotated[bool, Field(description="Annotations can be looked at, not changed.")]
    images: list[ImageRecord]
    labels: list[LabelRecord]
    methods: list[MethodRecord]
    version: Annotated[str, Field(description="maskwright's.")]


class ObjectRecord(BaseModel):
    """An object of an image."""

    id: int
    label: str | None
    color: str
    method: Annotated[str, Field(description="The method that gave its mask last.")]
    prompts: list[PromptJson]
    mask: Mask
    area: Annotated[int, Field(description="Pixels of the mask.")]
    box: Annotated[
        list[int] | None, Field(description="[x0, y0, x1, y1]: pixel centres that still belong to it; null: an empty mask.")
    ]
    score: Score
    outline: Annotated[OutlineJson | None, Field(description="What the mask was drawn by; null: it was not drawn so.")] = None


class CandidateRecord(BaseModel):
    """One possible mask."""

    mask: Mask
    score: Score


class SessionState(BaseModel):
    """All objects of an image, and its painting, as they stand."""

    image: ImageRecord
    revision: Annotated[int, Field(description="Grows with every change, undo and redo included.")]
    can_undo: bool
    can_redo: bool
    objects: list[ObjectRecord]
    painting: Annotated[PaintingRecord | None, Field(description="null: nothing was painted yet.")]
    candidates: Annotated[
        list[CandidateRecord] | None,
        Field(
            description="In the answer to `add_object` and `set_prompts`, by a method that gives several: all possible masks, "
            "best first; the object has the first. `choose_candidate` takes any of them. Else null."
        ),
    ] = None
    notice: Notice = None


class Rejected(BaseModel):
    """A file that was not taken, and why."""

    name: str
    message: str


class Upload(BaseModel):
    """What became of the files of an upload."""

    images: list[ImageRecord]
    rejected: list[Rejected]


class ImportAnswer(BaseModel):
    """What came of an import."""

    images: Annotated[int, Field(description="How many images have new objects.")]
    objects: Annotated[int, Field(description="How many objects are new.")]
    notes: Annotated[list[str], Field(description="What was left out, and why.")]


class PreviewRequest(Request):
    """What would a method make of these prompts?"""

    method: Annotated[str, Field(examples=["dextr", "latent-diversity"])]
    prompts: Prompts
    object_id: Annotated[int | None, Field(description="The object that the method goes on from.")] = None


class Preview(BaseModel):
    """Possible masks, best first."""

    candidates: list[CandidateRecord]
    outline: Annotated[OutlineJson | None, Field(description="The best one's, by methods that draw outlines; else null.")]
    notice: Notice
    milliseconds: Annotated[float, Field(description="How long the server took.")]


class OutlineRequest(Request):
    """By which outline can this object be edited? `vertices` control points a ring; without, as few as the tolerance takes."""

    object_id: int
    vertices: Annotated[int | None, Field(ge=6, le=200)] = None
    tolerance: Annotated[float, Field(ge=0, le=1000, description="Pixels that the outline may be off the mask's edge.")] = 1.0
    curve: Literal["polygon", "spline"] = "polygon"


class AddObject(Request):
    """Segment a new object."""

    type: Literal["add_object"]
    method: Annotated[str, Field(examples=["dextr", "latent-diversity"])]
    prompts: Prompts
    label: str | None = None


class SetPrompts(Request):
    """Segment an object anew: other prompts, or another method, which takes over its mask."""

    type: Literal["set_prompts"]
    object_id: int
    method: Annotated[str, Field(examples=["dextr", "latent-diversity"])]
    prompts: Prompts


class ChooseCandidate(Request):
    """Give an object another candidate's mask; its prompts and method stay. The next click goes on from it."""

    type: Literal["choose_candidate"]
    object_id: int
    mask: Annotated[
        Mask, Field(description="As it came in `candidates`.", examples=[{"size": [480, 640], "counts": [96120, 240, 210840]}])
    ]
    score: Annotated[float, Field(ge=0, le=1, description="As it came in `candidates`.", examples=[0.71])]


class SetLabel(Request):
    """Name an object's class; null: none."""

    type: Literal["set_label"]
    object_id: int
    label: str | None


class DeleteObject(Request):
    """Remove an object."""

    type: Literal["delete_object"]
    object_id: int


ObjectGesture = AddObject | SetPrompts | ChooseCandidate | SetLabel | DeleteObject
PaintingGesture = Paint | AcceptRegion | DeleteClass | SetPaintMethod | RegionToObject
Gesture = Annotated[ObjectGesture | PaintingGesture, Field(discriminator="type")]


class Labels(BaseModel):
    """The project's labels, in the order they are shown."""

    labels: Annotated[list[LabelRecord], Field(max_length=1000)]


class Problem(BaseModel):
    """What went wrong."""

    message: Annotated[str, Field(description="What is wrong, where, and what to do instead.")]
    kind: Annotated[str, Field(description="The error's class.", examples=["PromptError"])]


class ErrorAnswer(BaseModel):
    """The answer to a request that could not be served."""

    error: Problem
