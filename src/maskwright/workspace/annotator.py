"""Gestures at work: asks methods for masks and records what came of it. The one place where sessions meet models."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np

from maskwright.errors import ImageError, MaskError, MaskwrightError, NotFoundError
from maskwright.methods import MethodInfo
from maskwright.methods.base import Candidate, Mask, Method, Prediction, PreparedImage
from maskwright.prompts import ExtremePoints, Outline, Prompt
from maskwright.vision import outlines
from maskwright.workspace.labels import clean_name, with_label
from maskwright.workspace.project import ImageFile, Project
from maskwright.workspace.session import (
    AddObject,
    ChooseCandidate,
    DeleteObject,
    KeptMask,
    Segmented,
    Session,
    SessionObject,
    SetLabel,
    SetPrompts,
)

_PREPARED_IMAGES = 4  # a 24-megapixel image takes 72 MB


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
    """

    def __init__(self, project: Project, methods: Mapping[str, MethodInfo], load_method: Callable[[str], Method]) -> None:
        self.project = project
        self.methods = methods
        self._load_method = load_method
        self._lock = threading.Lock()  # guards the four below
        self._loaded: dict[str, Method] = {}
        self._prepared: OrderedDict[tuple[str, str, str], PreparedImage] = OrderedDict()
        self._image_locks: dict[str, threading.RLock] = {}
        self._load_locks: dict[str, threading.Lock] = {}

    def session(self, image: ImageFile) -> Session:
        """The image's session as it is stored.

        Raises:
            StoreError: it cannot be read.
        """
        return self.project.store.load(image.name)

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
        label = self._known_label(label)
        with self._change(image) as session:
            event = AddObject(session.next_object_id, _segmented(method, prompts, candidates[0]), label)
            return Recorded(self._save(image, session, session.record(event)), candidates)

    def set_prompts(self, image: ImageFile, object_id: int, method: str, prompts: Sequence[Prompt]) -> Recorded:
        """Segment an object anew; another method than its last takes over its mask. Raises as `add_object` does."""
        with self._change(image) as session:
            candidates = self._predict(image, method, prompts, session.object(object_id)).candidates
            event = SetPrompts(object_id, _segmented(method, prompts, candidates[0]))
            return Recorded(self._save(image, session, session.record(event)), candidates)

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
        with self._change(image) as session:
            found = session.object(object_id)
            kept = found.segmented.mask
            _check_size(image, found, image.width or kept.width, image.height or kept.height)
            if mask.shape != (kept.height, kept.width):
                raise MaskError(
                    f"the mask is {mask.shape[1]} x {mask.shape[0]} px, {image.name} {kept.width} x {kept.height} px; "
                    "give one of the candidates that the last gesture was answered with"
                )
            chosen = replace(found.segmented, mask=KeptMask.of(mask), score=score, outline=None)
            changed = chosen.mask != kept
            return self._save(image, session, session.record(ChooseCandidate(object_id, chosen)) if changed else session)

    def set_label(self, image: ImageFile, object_id: int, label: str | None) -> Session:
        """Name an object's class (None: none); a label the project lacks is added to it.

        Raises:
            NotFoundError: there is no such object.
            StoreError: the label is no name, or cannot be stored.
        """
        with self._change(image) as session:
            session.object(object_id)
            return self._save(image, session, session.record(SetLabel(object_id, self._known_label(label))))

    def delete_object(self, image: ImageFile, object_id: int) -> Session:
        """Remove an object. Raises NotFoundError, StoreError."""
        with self._change(image) as session:
            return self._save(image, session, session.record(DeleteObject(object_id)))

    def undo(self, image: ImageFile) -> Session:
        """Take the last gesture back, if there is one. Raises StoreError."""
        with self._change(image) as session:
            return self._save(image, session, session.undo())

    def redo(self, image: ImageFile) -> Session:
        """Do the last gesture taken back again, if there is one. Raises StoreError."""
        with self._change(image) as session:
            return self._save(image, session, session.redo())

    def method(self, name: str) -> Method:
        """The method of that name, loaded once.

        Raises:
            NotFoundError: there is none.
            WeightsError, MissingExtraError: it cannot be loaded.
        """
        if name not in self.methods:
            raise NotFoundError(f"method {name!r} does not exist; there are: {', '.join(self.methods)}")
        with self._lock:
            lock = self._load_locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._loaded:
                self._loaded[name] = self._load_method(name)
            return self._loaded[name]

    def warm_up(self) -> None:
        """Let the first method run once, so that the first gesture need not wait until its graph is read.

        What is wrong with the method will be said when somebody asks for it.
        """
        with suppress(MaskwrightError):
            method = self.method(next(iter(self.methods)))
            if ExtremePoints in method.accepts:
                prompt = ExtremePoints(((8, 32), (56, 32), (32, 8), (32, 56)))
                method.predict([prompt], method.prepare(np.zeros((64, 64, 3), np.uint8)))

    @contextmanager
    def _change(self, image: ImageFile) -> Iterator[Session]:
        """Keep all others from changing the image's session between reading and saving it."""
        with self._lock:
            lock = self._image_locks.setdefault(image.name, threading.RLock())
        with lock:
            yield self.session(image)

    def _save(self, image: ImageFile, before: Session, after: Session) -> Session:
        if after is not before:
            self.project.store.save(image.name, before, after)
        return after

    def _known_label(self, label: str | None) -> str | None:
        if label is None:
            return None
        with self._lock:
            labels = self.project.store.labels()
            if (more := with_label(labels, label)) != labels:
                self.project.store.set_labels(more)
        return clean_name(label)

    def _predict(self, image: ImageFile, method: str, prompts: Sequence[Prompt], before: SessionObject | None) -> Prediction:
        loaded = self.method(method)
        prepared = self._prepare(image, loaded)
        height, width = prepared.image.shape[:2]
        mask: Mask | None = None
        if before is not None:
            _check_size(image, before, width, height)
            mask = before.segmented.mask.mask()
        return loaded.predict(prompts, prepared, mask)

    def _prepare(self, image: ImageFile, method: Method) -> PreparedImage:
        key = (method.name, image.name, image.version)
        with self._lock:
            if key in self._prepared:
                self._prepared.move_to_end(key)
                return self._prepared[key]
        prepared = method.prepare(self.project.read(image))
        with self._lock:
            self._prepared[key] = prepared
            while len(self._prepared) > _PREPARED_IMAGES:
                self._prepared.popitem(last=False)
        return prepared


def _segmented(method: str, prompts: Sequence[Prompt], best: Candidate) -> Segmented:
    return Segmented(method, tuple(prompts), KeptMask.of(best.mask), float(best.score), best.outline)


def _check_size(image: ImageFile, found: SessionObject, width: int, height: int) -> None:
    """Check that an object was made on an image of this size."""
    kept = found.segmented.mask
    if (kept.height, kept.width) != (height, width):
        raise ImageError(
            f"{image.name} is {width} x {height} px now, but object {found.id} was made on {kept.width} x "
            f"{kept.height} px: the file was replaced. Put the old one back, or delete the object"
        )
