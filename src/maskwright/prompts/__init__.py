"""Prompts: what a person gives to say which pixels are meant.

All points are `(x, y)` in **pixel coordinates** of the upright image: integers are pixel centres, so the top-left pixel is
(0, 0), the bottom-right one (width - 1, height - 1), and a point belongs to the pixel that it rounds to.

Prompts are frozen, hashable and turn into plain JSON (`to_json`) and back (`from_json`): sessions, the HTTP API and the command
line's files all use that one form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

from maskwright.errors import PromptError
from maskwright.prompts.checks import Point
from maskwright.prompts.marks import BoundaryPoint, Box, Click, ExtremePoints, Phrase
from maskwright.prompts.outlines import Outline, OutlineForm, OutlineRing, Part, VertexDrag
from maskwright.prompts.paint import Fill, Region, Stroke

__all__ = [
    "PROMPT_KINDS",
    "BoundaryPoint",
    "Box",
    "Click",
    "ExtremePoints",
    "Fill",
    "Outline",
    "OutlineForm",
    "OutlineRing",
    "Paint",
    "Part",
    "Phrase",
    "Point",
    "Prompt",
    "Region",
    "Stroke",
    "VertexDrag",
    "from_json",
    "to_json",
]

Paint: TypeAlias = Stroke | Fill | Region
"""What paints."""

Prompt: TypeAlias = Click | ExtremePoints | BoundaryPoint | Box | Outline | OutlineForm | Part | VertexDrag | Paint | Phrase

PROMPT_KINDS: dict[str, type[Prompt]] = {cls.kind: cls for cls in get_args(Prompt)}


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
