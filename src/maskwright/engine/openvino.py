"""An engine for Intel and AMD processors: OpenVINO (extra `openvino`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MissingExtraError, WeightsError


class OpenVinoEngine:
    """A graph in OpenVINO.

    Args:
        graph: an ONNX file.
        threads: threads for this graph.

    Raises:
        MissingExtraError: the package `openvino` is not installed.
        WeightsError: the file is no graph that OpenVINO can run.
    """

    def __init__(self, graph: Path, threads: int) -> None:
        try:
            import openvino
        except ImportError:
            raise MissingExtraError("openvino", "the OpenVINO engine") from None
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        try:
            self._model = openvino.Core().compile_model(str(graph), "CPU", settings)
        except RuntimeError as error:
            raise WeightsError(f"{graph} is no graph that OpenVINO can run: {str(error).splitlines()[0]}") from error

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Compute all outputs."""
        # A request of its own for each call: requests may not be shared between threads.
        answer = self._model.create_infer_request().infer(dict(inputs))
        return {port.any_name: np.array(value) for port, value in answer.items()}
