"""An engine for tests: a Python function in place of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.float32]]


class FakeEngine:
    """Answers with what `function` makes of the inputs, and keeps the inputs of every call in `calls`.

    Example:
        >>> engine = FakeEngine(lambda arrays: {"y": arrays["x"] + 1})
        >>> engine.run({"x": np.zeros(1, np.float32)})
        {'y': array([1.], dtype=float32)}
    """

    def __init__(self, function: Callable[[Arrays], dict[str, NDArray[np.float32]]]) -> None:
        self._function = function
        self.calls: list[Arrays] = []

    def run(self, inputs: Arrays) -> dict[str, NDArray[np.float32]]:
        """Call the function."""
        self.calls.append(inputs)
        return self._function(inputs)
