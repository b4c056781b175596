"""Gestures at work: asks methods for masks and records what came of it. Here, and in `painter`, sessions meet models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from maskwright.errors import MaskError
from maskwright.methods import MethodInfo
from maskwright.methods.base import Candidate, Mask, Method, Prediction
from maskwright.prompts import Outline, Prompt
from maskwright.vision import outlines
from maskwright.workspace.formats import coco_masks
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.loaded_methods import LoadedMethods
from maskwright.workspace.open_sessions import OpenSessions, check_size
from maskwright.workspace.painter import Painter
from maskwright.workspace.project import ImageFile, Project
from maskwright.workspace.session import (
    AddObject,
    ChooseCandidate,
    DeleteObject,
    Segmented,
    Session,
    SessionObject,
    SetLabel,
    SetPrompts,
)

IMPORTED = "import"
"""Stands for the method of objects that no method made here."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """What came of a gesture that asked a method.

    Attributes:
        session: the image's session with the gesture; the object has the best candidate's mask.
        candidates: all that the method answered, best first; `Annotator.choose_candidate` takes any of them.
    """

    session: Session
    candidates: tuple[Candidate, ...]


class Annotator:
    """Annotates the images of a project. Safe to use from several threads: changes to one image happen one after the other.

    Args:
        project: the folder and its store.
        methods: what can be asked for, by name.
        load_method: turns a name into the method; called at a method's first use.

    Attributes:
        painter: what is done to the images' paintings.
    """

    def __init__(self, project: Project, methods: Mapping[str, MethodInfo], load_method: Callable[[str], Method]) -> None:
        self.project = project
        self.methods = methods
        self._sessions = OpenSessions(project)
        self._loaded = LoadedMethods(project, methods, load_method)
        self.painter = Painter(self._sessions, self._loaded)

    def session(self, image: ImageFile) -> Session:
        """The image's session as it is stored.

        Raises:
            StoreError: it cannot be read.
        """
        return self._sessions.load(image)

    def predict(self, image: ImageFile, method: str, prompts: Sequence[Prompt], object_id: int | None = None) -> Prediction:
        """What a method makes of the prompts; nothing is recorded.

        Args:
            object_id: the object whose mask the method goes on from, if it is of the kind that does.

        Raises:
            NotFoundError: there is no such method or object.
            PromptError: the method cannot work with the prompts.
            ImageError: the image cannot be used.
            WeightsError, MissingExtraError: the method cannot be loaded.
        """
        before = None if object_id is None else self.session(image).object(object_id)
        return self._predict(image, method, prompts, before)

    def outline(
        self, image: ImageFile, object_id: int, *, vertices: int | None = None, tolerance: float = 1.0, curve: str = "polygon"
    ) -> Outline:
        """An outline to edit an object by, whatever method its mask is from; nothing is recorded.

        Args:
            vertices: control points of each ring; None: as few as keep within the tolerance.
            tolerance: px that the outline may be off the mask's edge; of no account where `vertices` is given.
            curve: "polygon" or "spline".

        Raises:
            NotFoundError: there is no such object.
            MaskError, PromptError: its mask is empty, or it cannot be outlined in this way.
        """
        mask = self.session(image).object(object_id).segmented.mask.mask()
        return outlines.of_mask(mask, vertices=vertices, tolerance=tolerance, curve=curve)

    def add_object(self, image: ImageFile, method: str, prompts: Sequence[Prompt], label: str | None = None) -> Recorded:
        """Segment a new object. Raises what `predict` raises, and StoreError."""
        candidates = self._predict(image, method, prompts, None).candidates
        label = self._sessions.known_label(label)
        with self._sessions.change(image) as session:
            event = AddObject(session.next_object_id, _segmented(method, prompts, candidates[0]), label)
            return Recorded(self._sessions.save(image, session, session.record(event)), candidates)

    def import_objects(self, image: ImageFile, objects: Iterable[tuple[str | None, KeptMask]]) -> int:
        """Add objects that were made elsewhere, except those that are there already, mask and label.

        Args:
            objects: the label and the mask, of the image's size, of each.

        Returns:
            How many were added.

        Raises:
            StoreError: a label is no name, or they cannot be stored; none is added then.
        """
        given = list(objects)
        labels = {label: self._sessions.known_label(label) for label in dict.fromkeys(label for label, _ in given)}
        with self._sessions.change(image) as session:
            there = {(found.label, mask) for found in session.objects for mask in _as_imported(found.segmented)}
            after = session
            for name, mask in given:
                label = labels[name]
                if (label, mask) not in there:
                    there.add((label, mask))
                    after = after.record(AddObject(after.next_object_id, Segmented(IMPORTED, (), mask, 1.0), label))
            self._sessions.save(image, session, after)
            return len(after.objects) - len(session.objects)

    def set_prompts(self, image: ImageFile, object_id: int, method: str, prompts: Sequence[Prompt]) -> Recorded:
        """Segment an object anew; another method than its last takes over its mask. Raises as `add_object` does."""
        with self._sessions.change(image) as session:
            candidates = self._predict(image, method, prompts, session.object(object_id)).candidates
            event = SetPrompts(object_id, _segmented(method, prompts, candidates[0]))
            return Recorded(self._sessions.save(image, session, session.record(event)), candidates)

    def choose_candidate(self, image: ImageFile, object_id: int, mask: Mask, score: float) -> Session:
        """Give an object another candidate's mask; its method and prompts stay, the old mask's outline does not.

        The mask that it has anyway is not recorded.

        Args:
            mask: bool, shape (height, width) of the image.
            score: the candidate's, 0..1.

        Raises:
            NotFoundError: there is no such object.
            MaskError: the mask is not of the image's size.
            ImageError: the image was replaced by one of another size.
            StoreError: it cannot be stored.
        """
        with self._sessions.change(image) as session:
            found = session.object(object_id)
            kept = found.segmented.mask
            _check_size(image, found, (image.height or kept.height, image.width or kept.width))
            if mask.shape != (kept.height, kept.width):
                raise MaskError(
                    f"the mask is {mask.shape[1]} x {mask.shape[0]} px, {image.name} {kept.width} x {kept.height} px; "
                    "give one of the candidates that the last gesture was answered with"
                )
            chosen = replace(found.segmented, mask=KeptMask.of(mask), score=score, outline=None)
            if chosen.mask == kept:
                return session
            return self._sessions.save(image, session, session.record(ChooseCandidate(object_id, chosen)))

    def set_label(self, image: ImageFile, object_id: int, label: str | None) -> Session:
        """Name an object's class (None: none); a label the project lacks is added to it.

        Raises:
            NotFoundError: there is no such object.
            StoreError: the label is no name, or cannot be stored.
        """
        with self._sessions.change(image) as session:
            session.object(object_id)
            return self._sessions.save(image, session, session.record(SetLabel(object_id, self._sessions.known_label(label))))

    def delete_object(self, image: ImageFile, object_id: int) -> Session:
        """Remove an object. Raises NotFoundError, StoreError."""
        with self._sessions.change(image) as session:
            return self._sessions.save(image, session, session.record(DeleteObject(object_id)))

    def undo(self, image: ImageFile) -> Session:
        """Take the last gesture back, if there is one. Raises StoreError."""
        with self._sessions.change(image) as session:
            return self._sessions.save(image, session, session.undo())

    def redo(self, image: ImageFile) -> Session:
        """Do the last gesture taken back again, if there is one. Raises StoreError."""
        with self._sessions.change(image) as session:
            return self._sessions.save(image, session, session.redo())

    def warm_up(self) -> None:
        """Let the first method run once, so that the first gesture need not wait until its graph is read."""
        self._loaded.warm_up()

    def _predict(self, image: ImageFile, method: str, prompts: Sequence[Prompt], before: SessionObject | None) -> Prediction:
        loaded = self._loaded.method(method)
        prepared = self._loaded.prepared(image, loaded)
        mask: Mask | None = None
        if before is not None:
            height, width = prepared.image.shape[:2]
            _check_size(image, before, (height, width))
            mask = before.segmented.mask.mask()
        return loaded.predict(prompts, prepared, mask)


def _segmented(method: str, prompts: Sequence[Prompt], best: Candidate) -> Segmented:
    return Segmented(method, tuple(prompts), KeptMask.of(best.mask), float(best.score), best.outline)


def _as_imported(segmented: Segmented) -> tuple[KeptMask, ...]:
    """An object's mask, and what COCO makes of it where an outline drew it: a line by its own points, filled anew."""
    kept = segmented.mask
    if segmented.outline is None:
        return (kept,)
    written = coco_masks.segmentation(kept.mask(), segmented.outline)
    return kept, KeptMask.of(coco_masks.from_segmentation(written, kept.height, kept.width))


def _check_size(image: ImageFile, found: SessionObject, now: tuple[int, int]) -> None:
    """Check that an object was made on an image of this height and width."""
    kept = found.segmented.mask
    check_size(image, f"object {found.id}", (kept.height, kept.width), now, "delete the object")
