"""Methods that were asked for, and the images they have prepared: each loaded, and prepared, once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress

import numpy as np

from maskwright.errors import MaskwrightError, NotFoundError
from maskwright.methods import MethodInfo
from maskwright.methods.base import Method, PreparedImage
from maskwright.prompts import ExtremePoints
from maskwright.workspace.project import ImageFile, Project

_PREPARED_IMAGES = 4  # a 24-megapixel image takes 72 MB


class LoadedMethods:
    """Loads methods and prepares images. Safe to use from several threads.

    Args:
        project: holds the images.
        infos: what can be asked for, by name.
        load: turns a name into the method; called at a method's first use.
    """

    def __init__(self, project: Project, infos: Mapping[str, MethodInfo], load: Callable[[str], Method]) -> None:
        self.infos = infos
        self._project = project
        self._load = load
        self._lock = threading.Lock()  # guards the three below
        self._loaded: dict[str, Method] = {}
        self._prepared: OrderedDict[tuple[str, str, str], PreparedImage] = OrderedDict()
        self._load_locks: dict[str, threading.Lock] = {}

    def info(self, name: str) -> MethodInfo:
        """What is known of the method of that name.

        Raises:
            NotFoundError: there is none.
        """
        if name not in self.infos:
            raise NotFoundError(f"method {name!r} does not exist; there are: {', '.join(self.infos)}")
        return self.infos[name]

    def method(self, name: str) -> Method:
        """The method of that name, loaded once.

        Raises:
            NotFoundError: there is none.
            WeightsError, MissingExtraError: it cannot be loaded.
        """
        self.info(name)
        with self._lock:
            lock = self._load_locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def prepared(self, image: ImageFile, method: Method) -> PreparedImage:
        """The image as the method prepared it; the last ones are kept.

        Raises:
            ImageError: the image cannot be used.
        """
        key = (method.name, image.name, image.version)
        with self._lock:
            if key in self._prepared:
                self._prepared.move_to_end(key)
                return self._prepared[key]
        prepared = method.prepare(self._project.read(image))
        with self._lock:
            self._prepared[key] = prepared
            while len(self._prepared) > _PREPARED_IMAGES:
                self._prepared.popitem(last=False)
        return prepared

    def warm_up(self) -> None:
        """Let the first method run once, so that the first gesture need not wait until its graph is read.

        What is wrong with the method will be said when somebody asks for it.
        """
        with suppress(MaskwrightError):
            method = self.method(next(iter(self.infos)))
            if ExtremePoints in method.accepts:
                prompt = ExtremePoints(((8, 32), (56, 32), (32, 8), (32, 56)))
                method.predict([prompt], method.prepare(np.zeros((64, 64, 3), np.uint8)))
