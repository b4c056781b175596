"""An engine that is opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from maskwright.engine.base import Engine


class OnDemand:
    """Opens an engine once, at the first run: what is loaded but never used costs nothing.

    Args:
        open_engine: opens the graph; what it raises, `run` raises.
    """

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        self._open = open_engine
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """As `Engine.run`."""
        with self._lock:
            if self._engine is None:
                self._engine = self._open()
            engine = self._engine
        return engine.run(inputs)
