"""Events as plain JSON values: the form in which the store keeps them.

A field that is younger than the form is written only where it says something, and may be missing: older stores still load.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maskwright import prompts as words
from maskwright.errors import StoreError
from maskwright.prompts import Outline
from maskwright.workspace.kept import KeptClassMap, KeptMask
from maskwright.workspace.painting_events import ClassMaps, DeleteClass, Paint, PaintingEvent, SetPaintMethod
from maskwright.workspace.session import (
    AddObject,
    ChooseCandidate,
    DeleteObject,
    Event,
    ObjectEvent,
    Segmented,
    SetLabel,
    SetPrompts,
)


def event_to_json(event: Event) -> dict[str, Any]:
    """Turn an event into plain JSON values.

    Example:
        >>> event_to_json(SetLabel(2, "cat"))
        {'type': 'set_label', 'object_id': 2, 'label': 'cat'}
    """
    return {"type": event.type} | (_painted_to_json(event) if isinstance(event, PaintingEvent) else _object_to_json(event))


def event_from_json(value: Mapping[str, Any]) -> Event:
    """Turn `event_to_json`'s form back into an event.

    Raises:
        StoreError: the value is not such a form.
        PromptError: a prompt in it is malformed.
    """
    try:
        kind = value["type"]
        if kind in (Paint.type, DeleteClass.type, SetPaintMethod.type):
            return _painted_from_json(kind, value)
        if kind in (AddObject.type, SetPrompts.type, ChooseCandidate.type, SetLabel.type, DeleteObject.type):
            return _object_from_json(kind, value)
    except (KeyError, TypeError, ValueError) as e:
        raise StoreError(f"a stored gesture is damaged ({type(e).__name__}: {e})") from e
    raise StoreError(f"a stored gesture is of the unknown type {kind!r}; upgrade maskwright")


def _object_to_json(event: ObjectEvent) -> dict[str, Any]:
    value: dict[str, Any] = {"object_id": event.object_id}
    if isinstance(event, AddObject | SetPrompts | ChooseCandidate):
        done = event.segmented
        value |= {
            "method": done.method,
            "prompts": [words.to_json(p) for p in done.prompts],
            "mask": {"size": [done.mask.height, done.mask.width], "counts": done.mask.counts},
            "score": done.score,
        }
        if done.outline is not None:
            value["outline"] = words.to_json(done.outline)
    if isinstance(event, AddObject | SetLabel):
        value["label"] = event.label
    return value


def _object_from_json(kind: str, value: Mapping[str, Any]) -> ObjectEvent:
    object_id = int(value["object_id"])
    if kind == SetLabel.type:
        return SetLabel(object_id, value["label"])
    if kind == DeleteObject.type:
        return DeleteObject(object_id)
    (height, width), counts = value["mask"]["size"], value["mask"]["counts"]
    done = Segmented(
        method=value["method"],
        prompts=tuple(words.from_json(p) for p in value["prompts"]),
        mask=KeptMask(int(height), int(width), counts),
        score=float(value["score"]),
        outline=_outline(value.get("outline")),
    )
    if kind == AddObject.type:
        return AddObject(object_id, done, value["label"])
    return SetPrompts(object_id, done) if kind == SetPrompts.type else ChooseCandidate(object_id, done)


def _painted_to_json(event: PaintingEvent) -> dict[str, Any]:
    value: dict[str, Any] = {} if isinstance(event, SetPaintMethod) else {"label": event.label}
    if not isinstance(event, SetPaintMethod):
        value["prompt"] = words.to_json(event.prompt)
    maps = event.maps
    return value | {"method": maps.method, "painted": _map_to_json(maps.painted), "class_map": _map_to_json(maps.class_map)}


def _painted_from_json(kind: str, value: Mapping[str, Any]) -> PaintingEvent:
    maps = ClassMaps(value["method"], _map_from_json(value["painted"]), _map_from_json(value["class_map"]))
    if kind == SetPaintMethod.type:
        return SetPaintMethod(maps)
    prompt = words.from_json(value["prompt"])
    if kind == DeleteClass.type and isinstance(prompt, words.Region):
        return DeleteClass(value["label"], prompt, maps)
    if kind == Paint.type and isinstance(prompt, words.Paint):
        return Paint(prompt, value["label"], maps)
    raise ValueError(f"its paint is of the kind {prompt.kind}")


def _map_to_json(kept: KeptClassMap) -> dict[str, Any]:
    return {"size": [kept.height, kept.width], "classes": list(kept.classes), "code": kept.code}


def _map_from_json(value: Mapping[str, Any]) -> KeptClassMap:
    height, width = value["size"]
    return KeptClassMap(int(height), int(width), tuple(int(n) for n in value["classes"]), value["code"])


def _outline(value: object) -> Outline | None:
    if value is None:
        return None
    outline = words.from_json(value)
    if not isinstance(outline, Outline):
        raise ValueError(f"its outline is of the kind {outline.kind}")
    return outline
