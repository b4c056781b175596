"""The painting of an image: what was done to it, as events of its session, and what they lead to.

As with objects, each event keeps the class maps that it led to (docs/adr/0002-events-keep-their-masks.md): deriving a painting
asks no method.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from maskwright import prompts as words
from maskwright.errors import NotFoundError
from maskwright.workspace.kept import KeptClassMap


@dataclass(frozen=True, slots=True)
class ClassMaps:
    """What a method made of all paint so far: the part that all events of a painting share.

    Attributes:
        method: its name.
        painted: what the paint covers. It is kept too: a hundred strokes take longer to lay anew than to be read, and might
            be laid otherwise by another OpenCV.
        class_map: the method's answer; where there is paint, it is the paint.
    """

    method: str
    painted: KeptClassMap
    class_map: KeptClassMap


@dataclass(frozen=True, slots=True)
class Paint:
    """Paint was laid on the image: a stroke, a filled polygon, or a region that was accepted.

    Attributes:
        prompt: the paint, with its class's number in this painting; 0 erases.
        label: the name of that class; None for an eraser.
        maps: what it led to.
    """

    type: ClassVar[str] = "paint"
    prompt: words.Paint
    label: str | None
    maps: ClassMaps


@dataclass(frozen=True, slots=True)
class DeleteClass:
    """All paint of a class was taken away.

    Attributes:
        label: the class's name.
        prompt: erases what the paint of that class covered.
        maps: what it led to.
    """

    type: ClassVar[str] = "delete_class"
    label: str
    prompt: words.Region
    maps: ClassMaps


@dataclass(frozen=True, slots=True)
class SetPaintMethod:
    """Another method was asked what it makes of the paint."""

    type: ClassVar[str] = "set_paint_method"
    maps: ClassMaps


PaintingEvent: TypeAlias = Paint | DeleteClass | SetPaintMethod


@dataclass(frozen=True, slots=True)
class Painting:
    """The painting of an image as it stands after the events so far.

    Attributes:
        labels: the name of each class that is in it, by its number.
        paints: all paint, erasers included, oldest first.
        maps: the method, what the paint covers, and what the method made of it.
    """

    labels: dict[int, str]
    paints: tuple[words.Paint, ...]
    maps: ClassMaps

    def number(self, label: str) -> int:
        """The class of that name.

        Raises:
            NotFoundError: there is no paint of it now.
        """
        for number, name in self.labels.items():
            if name == label:
                return number
        known = ", ".join(repr(name) for name in self.labels.values()) or "nothing"
        raise NotFoundError(f"nothing is painted as {label!r} in this image; there is: {known}")


def painting_of(events: Iterable[PaintingEvent]) -> Painting | None:
    """The painting that events lead to; None where there are none.

    Example:
        >>> import numpy as np
        >>> kept = KeptClassMap.of(np.array([[0, 1]], np.uint8))
        >>> painting = painting_of([Paint(words.Stroke(((1, 0),), 1), "cat", ClassMaps("brush", kept, kept))])
        >>> painting.labels, painting.number("cat")
        ({1: 'cat'}, 1)
    """
    labels: dict[int, str] = {}
    paints: list[words.Paint] = []
    maps: ClassMaps | None = None
    for event in events:
        maps = event.maps
        if isinstance(event, Paint | DeleteClass):
            paints.append(event.prompt)
        if isinstance(event, Paint) and event.label is not None:
            labels[event.prompt.class_id] = event.label
    if maps is None:
        return None
    # A number whose paint is gone may have another name when it comes back.
    present = sorted({*maps.painted.classes, *maps.class_map.classes})
    return Painting({number: labels[number] for number in present if number in labels}, tuple(paints), maps)
