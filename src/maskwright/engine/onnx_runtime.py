"""The default engine: ONNX Runtime on the CPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from maskwright.errors import WeightsError

_one_at_a_time = threading.Lock()
"""Graphs of a process take turns: several at once would fight for the same cores and all be slower.

ONNX Runtime could share one pool of threads instead, but only by a switch that makes every other session of the process fail
that is not made for it: a library must not do that to the program that uses it.
"""


class OnnxRuntimeEngine:
    """A graph in ONNX Runtime.

    Args:
        graph: an ONNX file.
        threads: threads for this graph; they sleep while it does not run.

    Raises:
        WeightsError: the file is no graph that ONNX Runtime can run.
    """

    def __init__(self, graph: Path, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # Spinning threads would burn a core while the person looks at the mask.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own classes of errors share no base but this
            raise WeightsError(f"{graph} is no graph that ONNX Runtime can run: {str(error).splitlines()[0]}") from error

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Compute all outputs."""
        names = [output.name for output in self._session.get_outputs()]
        with _one_at_a_time:
            return dict(zip(names, self._session.run(names, dict(inputs)), strict=True))
