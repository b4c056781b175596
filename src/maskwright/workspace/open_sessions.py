"""The sessions of a project while gestures change them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from maskwright.errors import ImageError
from maskwright.workspace.labels import clean_name
from maskwright.workspace.project import ImageFile, Project
from maskwright.workspace.session import Session

_SESSIONS = 4  # kept, so that a preview need not read a hundred strokes with their class maps


class OpenSessions:
    """Reads and changes sessions. Safe to use from several threads: changes to one image happen one after the other."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lock = threading.Lock()  # guards the two below
        self._image_locks: dict[str, threading.RLock] = {}
        self._known: OrderedDict[str, Session] = OrderedDict()

    def load(self, image: ImageFile) -> Session:
        """The image's session as it is stored.

        Raises:
            StoreError: it cannot be read.
        """
        with self._lock:
            known = self._known.get(image.name)
        return self._keep(image, self.project.store.load(image.name, known))

    @contextmanager
    def change(self, image: ImageFile) -> Iterator[Session]:
        """Keep all others from changing the image's session between reading and saving it."""
        with self._lock:
            lock = self._image_locks.setdefault(image.name, threading.RLock())
        with lock:
            yield self.load(image)

    def save(self, image: ImageFile, before: Session, after: Session) -> Session:
        """Store a changed session; `before` is what `change` gave. Raises StoreError."""
        if after is before:
            return after
        self.project.store.save(image.name, before, after)
        return self._keep(image, after)

    def known_label(self, label: str | None) -> str | None:
        """The label without surrounding blanks; the project knows it from now on.

        Raises:
            StoreError: it is no name, or cannot be stored.
        """
        if label is None:
            return None
        self.project.store.add_label(label)
        return clean_name(label)

    def _keep(self, image: ImageFile, session: Session) -> Session:
        with self._lock:
            self._known[image.name] = session
            self._known.move_to_end(image.name)
            while len(self._known) > _SESSIONS:
                self._known.popitem(last=False)
        return session


def check_size(image: ImageFile, what: str, kept: tuple[int, int], now: tuple[int, int], way_out: str) -> None:
    """Check that something was made on an image of this size.

    Args:
        what: "object 3", "the painting".
        kept, now: height and width, px.
        way_out: what to do, besides putting the old file back.

    Raises:
        ImageError: it was not.
    """
    if kept != now:
        raise ImageError(
            f"{image.name} is {now[1]} x {now[0]} px now, but {what} was made on {kept[1]} x {kept[0]} px: the file was "
            f"replaced. Put the old one back, or {way_out}"
        )
