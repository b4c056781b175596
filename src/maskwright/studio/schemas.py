"""What goes over the wire: the studio's requests and answers. Images, masks and boxes are in pixels of the upright image."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_RING = {"points": [[3, 20], [30, 4], [50, 22], [28, 41]], "pinned": [1], "hole": False}
_OUTLINE = {"kind": "outline", "rings": [_RING], "curve": "spline"}
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


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


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
    """All objects of an image as they stand."""

    image: ImageRecord
    revision: Annotated[int, Field(description="Grows with every change, undo and redo included.")]
    can_undo: bool
    can_redo: bool
    objects: list[ObjectRecord]
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


class PreviewRequest(_Request):
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


class OutlineRequest(_Request):
    """By which outline can this object be edited? `vertices` control points a ring; without, as few as the tolerance takes."""

    object_id: int
    vertices: Annotated[int | None, Field(ge=6, le=200)] = None
    tolerance: Annotated[float, Field(ge=0, le=1000, description="Pixels that the outline may be off the mask's edge.")] = 1.0
    curve: Literal["polygon", "spline"] = "polygon"


class AddObject(_Request):
    """Segment a new object."""

    type: Literal["add_object"]
    method: Annotated[str, Field(examples=["dextr", "latent-diversity"])]
    prompts: Prompts
    label: str | None = None


class SetPrompts(_Request):
    """Segment an object anew: other prompts, or another method, which takes over its mask."""

    type: Literal["set_prompts"]
    object_id: int
    method: Annotated[str, Field(examples=["dextr", "latent-diversity"])]
    prompts: Prompts


class ChooseCandidate(_Request):
    """Give an object another candidate's mask; its prompts and method stay. The next click goes on from it."""

    type: Literal["choose_candidate"]
    object_id: int
    mask: Annotated[
        Mask, Field(description="As it came in `candidates`.", examples=[{"size": [480, 640], "counts": [96120, 240, 210840]}])
    ]
    score: Annotated[float, Field(ge=0, le=1, description="As it came in `candidates`.", examples=[0.71])]


class SetLabel(_Request):
    """Name an object's class; null: none."""

    type: Literal["set_label"]
    object_id: int
    label: str | None


class DeleteObject(_Request):
    """Remove an object."""

    type: Literal["delete_object"]
    object_id: int


Gesture = Annotated[AddObject | SetPrompts | ChooseCandidate | SetLabel | DeleteObject, Field(discriminator="type")]


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
