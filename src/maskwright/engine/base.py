"""The one interface behind which a graph file runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """A loaded graph: named arrays in, named arrays out.

    Implementations are safe to call from several threads.
    """

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Compute all outputs.

        Args:
            inputs: every input of the graph by name, float32.

        Returns:
            Every output of the graph by name, float32.
        """
        ...
