"""Gestures that paint, at work: asks a method what it makes of all paint, and records what came of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from maskwright.errors import NotFoundError, PromptError
from maskwright.prompts import Paint, Region, Stroke
from maskwright.prompts.paint import MOST_CLASSES, NO_CLASS
from maskwright.vision.masks import Mask
from maskwright.vision.painting import ClassMap, lay, region_at
from maskwright.workspace import painting_events as events
from maskwright.workspace.kept import KeptClassMap, KeptMask
from maskwright.workspace.labels import clean_name
from maskwright.workspace.loaded_methods import LoadedMethods
from maskwright.workspace.open_sessions import OpenSessions, check_size
from maskwright.workspace.painting_events import ClassMaps, Painting
from maskwright.workspace.project import ImageFile
from maskwright.workspace.session import AddObject, Segmented, Session

_WAY_OUT = "undo the painting"


class Painter:
    """Paints the images of a project; each image has one painting, beside its objects.

    A class is named by its label. Its number in a painting is the smallest that is free when its first paint is laid, and stays
    as long as there is paint of it.

    Args:
        sessions: are changed.
        methods: are asked.
    """

    def __init__(self, sessions: OpenSessions, methods: LoadedMethods) -> None:
        self._sessions = sessions
        self._methods = methods

    def preview(self, image: ImageFile, method: str, paint: Paint, label: str | None) -> Painting:
        """The painting as `paint` would leave it; nothing is recorded. Raises what `paint` raises."""
        session = self._sessions.load(image)
        painting = session.record(self._painted(image, session.painting, method, paint, label)).painting
        assert painting is not None  # there is paint on it now
        return painting

    def paint(self, image: ImageFile, method: str, paint: Paint, label: str | None) -> Session:
        """Lay paint on the image.

        Args:
            method: what is asked about all paint from now on.
            paint: whatever class it names.
            label: its class; a label that the project lacks is added to it. None erases.

        Raises:
            NotFoundError: there is no such method.
            PromptError: the method does not paint, the paint lies outside the image, or there are too many classes.
            ImageError: the image cannot be used, or was replaced by one of another size.
            WeightsError, MissingExtraError: the method cannot be loaded.
            StoreError: the label is no name, or nothing can be stored.
        """
        with self._sessions.change(image) as session:
            event = self._painted(image, session.painting, method, paint, label)
            self._sessions.known_label(label)
            return self._sessions.save(image, session, session.record(event))

    def accept_region(self, image: ImageFile, x: float, y: float) -> Session:
        """Make the connected region around a point paint of the class that it is shown in; if it is already, nothing happens.

        Raises:
            NotFoundError: there is no painting.
            PromptError: there is no class at the point.
            ImageError, WeightsError, MissingExtraError, StoreError: as `paint`.
        """
        with self._sessions.change(image) as session:
            painting = _painting(session)
            region = _region_at(painting, x, y)
            maps = self._laid(image, painting, painting.maps.method, region)
            if maps.painted == painting.maps.painted:
                return session
            event = events.Paint(region, painting.labels[region.class_id], maps)
            return self._sessions.save(image, session, session.record(event))

    def delete_class(self, image: ImageFile, label: str) -> Session:
        """Take away all paint of a class; what lay beneath does not come back.

        Raises:
            NotFoundError: there is no painting, or no paint of this class.
            ImageError, WeightsError, MissingExtraError, StoreError: as `paint`.
        """
        with self._sessions.change(image) as session:
            painting = _painting(session)
            name = clean_name(label)
            region = _region(painting.maps.painted.class_map() == painting.number(name), NO_CLASS)
            event = events.DeleteClass(name, region, self._laid(image, painting, painting.maps.method, region))
            return self._sessions.save(image, session, session.record(event))

    def set_method(self, image: ImageFile, method: str) -> Session:
        """Ask another method what it makes of the paint; the one that was asked is not asked again.

        Raises:
            NotFoundError: there is no painting, or no such method.
            PromptError: the method does not paint.
            ImageError, WeightsError, MissingExtraError, StoreError: as `paint`.
        """
        with self._sessions.change(image) as session:
            painting = _painting(session)
            if method == painting.maps.method:
                return session
            event = events.SetPaintMethod(self._laid(image, painting, method, None))
            return self._sessions.save(image, session, session.record(event))

    def region_to_object(self, image: ImageFile, x: float, y: float) -> Session:
        """Make the connected region around a point an object as well, with its class's label.

        Raises:
            NotFoundError: there is no painting.
            PromptError: there is no class at the point.
            ImageError: the image was replaced by one of another size.
            StoreError: it cannot be stored.
        """
        with self._sessions.change(image) as session:
            painting = _painting(session)
            region = _region_at(painting, x, y)
            height, width = region.size
            check_size(image, "the painting", region.size, (image.height or height, image.width or width), _WAY_OUT)
            # A person chose it: there is no belief of a method's to tell.
            segmented = Segmented(painting.maps.method, (), KeptMask(height, width, region.counts), score=1.0)
            event = AddObject(session.next_object_id, segmented, painting.labels[region.class_id])
            return self._sessions.save(image, session, session.record(event))

    def _painted(
        self, image: ImageFile, painting: Painting | None, method: str, paint: Paint, label: str | None
    ) -> events.Paint:
        name = None if label is None else clean_name(label)
        paint = replace(paint, class_id=NO_CLASS if name is None else _number(painting, name))
        return events.Paint(paint, name, self._laid(image, painting, method, paint))

    def _laid(self, image: ImageFile, painting: Painting | None, method: str, paint: Paint | None) -> ClassMaps:
        """What the method makes of all paint so far, and of one paint more."""
        kind = Stroke.kind if paint is None else paint.kind
        if kind not in self._methods.info(method).accepts:
            able = ", ".join(info.name for info in self._methods.infos.values() if kind in info.accepts) or "none"
            raise PromptError(f"{method} does not paint with a {kind}; methods that do: {able}")
        loaded = self._methods.method(method)
        prepared = self._methods.prepared(image, loaded)
        height, width = prepared.image.shape[:2]
        if painting is None:
            user: ClassMap = np.zeros((height, width), np.uint8)
            paints: tuple[Paint, ...] = ()
        else:
            kept = painting.maps.painted
            check_size(image, "the painting", (kept.height, kept.width), (height, width), _WAY_OUT)
            user, paints = kept.class_map(), painting.paints
        if paint is not None:
            lay(user, paint)
            paints = (*paints, paint)
        class_map = loaded.predict(paints, prepared).candidates[0].class_map
        if class_map is None:
            raise PromptError(f"{method} gives a mask, not classes; paint with another method")
        return ClassMaps(method, KeptClassMap.of(user), KeptClassMap.of(class_map))


def _painting(session: Session) -> Painting:
    if session.painting is None:
        raise NotFoundError("this image has no painting yet; paint on it first")
    return session.painting


def _number(painting: Painting | None, label: str) -> int:
    """The class of that name: the one it has, else the smallest that is free."""
    labels = {} if painting is None else painting.labels
    taken = next((number for number, name in labels.items() if name == label), None)
    if taken is not None:
        return taken
    free = next((number for number in range(NO_CLASS + 1, MOST_CLASSES + 1) if number not in labels), None)
    if free is None:
        raise PromptError(
            f"the painting has {MOST_CLASSES} classes, the most there can be; delete one before you paint {label!r}"
        )
    return free


def _region(mask: Mask, number: int) -> Region:
    kept = KeptMask.of(mask)
    return Region((kept.height, kept.width), kept.counts, number)


def _region_at(painting: Painting, x: float, y: float) -> Region:
    classes = painting.maps.class_map.class_map()
    mask = region_at(classes, x, y)
    return _region(mask, int(classes[mask][0]))
