"""A session: what was done to one image, as a list of gestures (events).

Objects and the painting are derived by going through the events up to a cursor; undo and redo move the cursor. Each event that
changes a mask keeps the mask it led to (docs/adr/0002-events-keep-their-masks.md), so deriving needs neither a model nor the
image. What is done to the painting, and what it leads to: `painting_events`.

Everything here is pure: sessions are frozen, a change gives a new one, and nothing touches a file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from maskwright.errors import NotFoundError
from maskwright.prompts import Outline, Prompt
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.painting_events import Paint, Painting, PaintingEvent, painting_of


@dataclass(frozen=True, slots=True)
class Segmented:
    """What a method was told and which mask came of it: the part that all events with a mask share.

    Attributes:
        method: its name.
        prompts: as the method was given them.
        mask: the object's.
        score: the method's own belief in it, 0..1.
        outline: what a method that draws outlines drew; the mask is what it fills. None for masks that were not drawn so.
    """

    method: str
    prompts: tuple[Prompt, ...]
    mask: KeptMask
    score: float
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class AddObject:
    """A new object was segmented."""

    type: ClassVar[str] = "add_object"
    object_id: int
    segmented: Segmented
    label: str | None = None


@dataclass(frozen=True, slots=True)
class SetPrompts:
    """An object was segmented anew: other prompts, or another method that took over its mask."""

    type: ClassVar[str] = "set_prompts"
    object_id: int
    segmented: Segmented


@dataclass(frozen=True, slots=True)
class ChooseCandidate:
    """An object was given another candidate of the prediction that its prompts led to: mask and score change, prompts stay."""

    type: ClassVar[str] = "choose_candidate"
    object_id: int
    segmented: Segmented


@dataclass(frozen=True, slots=True)
class SetLabel:
    """An object was given another label (None: none)."""

    type: ClassVar[str] = "set_label"
    object_id: int
    label: str | None


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """An object was removed."""

    type: ClassVar[str] = "delete_object"
    object_id: int


ObjectEvent: TypeAlias = AddObject | SetPrompts | ChooseCandidate | SetLabel | DeleteObject

Event: TypeAlias = ObjectEvent | PaintingEvent


@dataclass(frozen=True, slots=True)
class SessionObject:
    """An object as it stands after the events so far."""

    id: int
    label: str | None
    segmented: Segmented


@dataclass(frozen=True, slots=True)
class Session:
    """The history of one image.

    Attributes:
        events: every gesture that undo or redo can still reach, oldest first.
        cursor: how many of them count now, 0..len(events).
        revision: grows by one with every change, undo and redo included; tells two states of a session apart.

    Example:
        >>> import numpy as np
        >>> done = Segmented("dextr", (), KeptMask.of(np.ones((2, 2), bool)), 0.9)
        >>> session = Session().record(AddObject(1, done)).record(SetLabel(1, "cat"))
        >>> session.objects[0].label, session.undo().objects[0].label
        ('cat', None)
        >>> session.undo().redo().objects == session.objects
        True
    """

    events: tuple[Event, ...] = ()
    cursor: int = 0
    revision: int = 0

    @property
    def objects(self) -> tuple[SessionObject, ...]:
        """The objects that the events up to the cursor lead to, in the order they were added."""
        objects: dict[int, SessionObject] = {}
        for event in self.events[: self.cursor]:
            match event:
                case AddObject(object_id, segmented, label):
                    objects[object_id] = SessionObject(object_id, label, segmented)
                case SetPrompts(object_id, segmented) | ChooseCandidate(object_id, segmented):
                    objects[object_id] = replace(objects[object_id], segmented=segmented)
                case SetLabel(object_id, label):
                    objects[object_id] = replace(objects[object_id], label=label)
                case DeleteObject(object_id):
                    del objects[object_id]
        return tuple(objects.values())

    @property
    def painting(self) -> Painting | None:
        """The painting that the events up to the cursor lead to; None where nothing was painted."""
        return painting_of(event for event in self.events[: self.cursor] if isinstance(event, PaintingEvent))

    @property
    def next_object_id(self) -> int:
        """An id that no event before the cursor has used, so that a deleted object's id never comes back."""
        done = self.events[: self.cursor]
        return 1 + max((event.object_id for event in done if isinstance(event, ObjectEvent)), default=0)

    @property
    def can_undo(self) -> bool:
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        return self.cursor < len(self.events)

    def object(self, object_id: int) -> SessionObject:
        """The object of that id.

        Raises:
            NotFoundError: there is none now.
        """
        for found in self.objects:
            if found.id == object_id:
                return found
        known = ", ".join(str(o.id) for o in self.objects) or "none"
        raise NotFoundError(f"object {object_id} does not exist in this image; it has: {known}")

    def record(self, event: Event) -> Session:
        """The session after one more gesture; what had been undone is forgotten.

        Raises:
            NotFoundError: the event is about an object, or a painting, that does not exist.
        """
        if isinstance(event, PaintingEvent):
            if self.painting is None and not isinstance(event, Paint):
                raise NotFoundError("this image has no painting yet; paint on it first")
        elif not isinstance(event, AddObject):
            self.object(event.object_id)
        return Session((*self.events[: self.cursor], event), self.cursor + 1, self.revision + 1)

    def undo(self) -> Session:
        """The session one gesture earlier; itself when there is none."""
        return replace(self, cursor=self.cursor - 1, revision=self.revision + 1) if self.can_undo else self

    def redo(self) -> Session:
        """The session with the last undone gesture back; itself when there is none."""
        return replace(self, cursor=self.cursor + 1, revision=self.revision + 1) if self.can_redo else self
