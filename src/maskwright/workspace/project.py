"""A project: a folder of images and the store of what was done to them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

from maskwright.atomic import write_atomically
from maskwright.errors import ImageError, NotFoundError, StoreError
from maskwright.vision.images import image_size, read_image
from maskwright.vision.masks import Image
from maskwright.workspace.names import encodable, is_image_name, natural_key, numbered, respelled, safe_name
from maskwright.workspace.store import Store, sqlite_url

STORE_FILE = Path(".maskwright", "project.sqlite")
"""Where annotations go unless told otherwise, seen from the folder of images."""

# Headers read for one listing; beyond that, sizes stay unknown until asked for again (a folder may be huge, or far away).
_HEADERS_PER_LISTING = 2000

# Decoded images kept: the one that is worked on and the one before (72 MB each at 24 megapixels).
_IMAGES_KEPT = 2


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image of the folder, as far as its header tells.

    Attributes:
        id: opaque; stays the same as long as the name does.
        name: the file's name, fit to be shown and stored (`names.encodable`).
        path: where it lies.
        version: changes when the file does.
        width, height: of the upright image in pixels; None when not known.
        error: why it cannot be used; None when nothing is known against it.
    """

    id: str
    name: str
    path: Path
    version: str
    width: int | None = None
    height: int | None = None
    error: str | None = None


class Project:
    """A folder of images with its store. Safe to use from several threads.

    Args:
        folder: the folder; its images lie in it directly, not in folders below.
        store: keeps the annotations.

    Raises:
        ImageError: the folder does not exist, is none, or has a name that is not UTF-8.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = _checked(folder)
        self.store = store
        self._lock = threading.Lock()
        self._known: dict[str, ImageFile] = {}  # by the file's own name
        self._read: OrderedDict[tuple[str, str], Image] = OrderedDict()

    @property
    def read_only(self) -> bool:
        """Whether annotations can be looked at only."""
        return self.store.read_only

    def images(self) -> tuple[ImageFile, ...]:
        """The folder's images as they are now, in natural order (2.jpg before 10.jpg).

        Raises:
            ImageError: the folder cannot be read.
        """
        try:
            with os.scandir(self.folder) as entries:
                names = [entry.name for entry in entries if is_image_name(entry.name) and not _is_folder(entry)]
        except OSError as e:
            raise ImageError(f"the folder {self.folder} cannot be read: {e.strerror}") from e
        with self._lock:
            known = self._known
            found, headers = [], 0
            for name in names:
                image = self._look(name, known.get(name), read_header=headers < _HEADERS_PER_LISTING)
                headers += image is not known.get(name) and image.width is not None
                found.append(image)
            found.sort(key=lambda image: natural_key(image.name))
            self._known = {image.path.name: image for image in found}
        return tuple(found)

    def _look(self, name: str, before: ImageFile | None, *, read_header: bool) -> ImageFile:
        path, shown = self.folder / name, encodable(name)
        image_id = hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()
        if shown != name:
            return ImageFile(image_id, shown, path, "", error=f"{shown} has a name that is not UTF-8; rename the file")
        try:
            # Not `resolve`: before Python 3.13 it does not take links that lead in a circle.
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(self.folder):
                return ImageFile(image_id, name, path, "", error=f"{name} is a link to a file outside the folder; copy it here")
            stat = path.stat()
        except OSError as e:
            return ImageFile(image_id, name, path, "", error=f"{name} cannot be read: {e.strerror}")
        # The time of its status too: an error may have come from its rights, which change nothing else of it.
        version = f"{stat.st_mtime_ns:x}-{stat.st_ctime_ns:x}-{stat.st_size:x}"
        if before and before.version == version and (before.width or not read_header):
            return before
        if not read_header:
            return ImageFile(image_id, name, path, version)
        try:
            width, height = image_size(path, name=name)
        except ImageError as e:
            return ImageFile(image_id, name, path, version, error=str(e))
        return ImageFile(image_id, name, path, version, width, height)

    def image(self, image_id: str) -> ImageFile:
        """The image of that id, looked up among the folder's images (an id is never made into a path).

        Raises:
            NotFoundError: there is none, or no longer.
        """
        with self._lock:
            before = next((image for image in self._known.values() if image.id == image_id), None)
            if before is not None and os.path.lexists(before.path):
                image = self._look(before.path.name, before, read_header=True)
                self._known[image.path.name] = image
                return image
        for image in self.images():
            if image.id == image_id:
                return image
        raise NotFoundError("there is no such image in the folder any more; reload the list")

    def read(self, image: ImageFile) -> Image:
        """The upright image, uint8 RGB of shape (height, width, 3); not to be written to, the last ones are kept.

        Raises:
            ImageError: it cannot be used; from now on its record says why.
        """
        if image.error is not None:
            raise ImageError(image.error)
        key = (image.name, image.version)
        with self._lock:
            if key in self._read:
                self._read.move_to_end(key)
                return self._read[key]
        try:
            pixels = read_image(image.path, name=image.name)
        except ImageError as e:
            with self._lock:
                self._known[image.path.name] = replace(image, error=str(e))
            raise
        pixels.flags.writeable = False  # it is shared from now on
        with self._lock:
            self._read[key] = pixels
            while len(self._read) > _IMAGES_KEPT:
                self._read.popitem(last=False)
        return pixels

    def add_image(self, name: str, content: bytes) -> ImageFile:
        """Put an image into the folder under a name that is safe and not yet taken; its bytes stay as they are.

        Args:
            name: what the file is called where it comes from.
            content: the file.

        Raises:
            ImageError: the content is no image that can be used.
            StoreError: it cannot be written; nothing is left behind.
        """
        read_image(content, name=name)
        path = _take_name(self.folder, safe_name(name))
        try:
            write_atomically(path, content)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return next(image for image in self.images() if image.name == path.name)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, or into a closed folder: its record will say so
        return False


def _take_name(folder: Path, wanted: str) -> Path:
    """Reserve a free name with an empty file, so that no other program's file is ever overwritten."""
    for name in numbered(wanted):
        path = folder / name
        try:
            path.open("xb").close()
        except FileExistsError:
            continue
        except OSError as e:
            raise StoreError(f"{name} cannot be put into {folder}: {e.strerror}; allow writing there or free some space") from e
        return path
    raise AssertionError("numbered() never ends")


def open_project(folder: Path, store_url: str | None = None) -> Project:
    """Open a folder of images.

    A folder that cannot be written to is opened for looking only (`Project.read_only`), with the annotations it has. Else
    annotations follow files whose names are written with other code points than before (`names.respelled`).

    Args:
        folder: holds the images.
        store_url: where annotations go, an SQLAlchemy URL; `FOLDER/.maskwright/project.sqlite` unless given.

    Raises:
        ImageError: there is no such folder, or its name is not UTF-8.
        StoreError: the annotations cannot be opened.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as photos:
        ...     project = open_project(Path(photos))
        ...     project.images(), project.read_only
        ...     project.close()
        ((), False)
    """
    _checked(folder)  # before a store is made in it
    project = Project(folder, Store(store_url) if store_url else _default_store(folder))
    if not project.read_only:
        with contextlib.suppress(OSError):  # `images` will say that the folder cannot be read
            project.store.rename(respelled(project.store.object_counts(), os.listdir(folder)))
    return project


def _checked(folder: Path) -> Path:
    """The folder's whole path; raises ImageError where none of that name can be a project."""
    if not os.path.isdir(folder):
        raise ImageError(f"{folder} is not a folder; give one that holds images")
    whole = folder.resolve()
    if (shown := encodable(str(whole))) != str(whole):
        raise ImageError(f"the folder {shown} has a name that is not UTF-8; rename it")
    return whole


def _default_store(folder: Path) -> Store:
    path = folder / STORE_FILE
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):  # asks the file system, which knows more than the permission bits
            pass
    except OSError:
        return Store(sqlite_url(path), read_only=True) if os.path.exists(path) else Store("sqlite://", read_only=True)
    return Store(sqlite_url(path))
