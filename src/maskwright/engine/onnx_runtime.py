"""The default engine: ONNX Runtime on the CPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from maskwright.errors import WeightsError

_pool_lock = threading.Lock()
_pool_threads: int | None = None


def _share_pool(threads: int) -> None:
    """Give the whole process one pool: with a pool for each graph, several methods would fight for the same cores."""
    global _pool_threads
    with _pool_lock:
        if _pool_threads is None:
            ort.set_global_thread_pool_sizes(threads, 1)
            _pool_threads = threads


class OnnxRuntimeEngine:
    """A graph in ONNX Runtime.

    Args:
        graph: an ONNX file.
        threads: size of the process's pool, where this is the first graph.

    Raises:
        WeightsError: the file is no graph that ONNX Runtime can run.
    """

    def __init__(self, graph: Path, threads: int) -> None:
        _share_pool(threads)
        options = ort.SessionOptions()
        options.use_per_session_threads = False
        # Spinning threads would burn a core while the person looks at the mask.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own classes of errors share no base but this
            raise WeightsError(f"{graph} is no graph that ONNX Runtime can run: {str(error).splitlines()[0]}") from error

    @property
    def inputs(self) -> dict[str, tuple[int | None, ...]]:
        """Input names and shapes."""
        return {i.name: tuple(n if isinstance(n, int) else None for n in i.shape) for i in self._session.get_inputs()}

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Compute all outputs."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, dict(inputs)), strict=True))
