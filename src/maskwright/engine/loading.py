"""Choosing an engine by name."""

from __future__ import annotations

import os
from pathlib import Path

from maskwright.engine.base import Engine
from maskwright.errors import WeightsError

ENGINES = ("onnxruntime", "openvino")


def default_threads() -> int:
    """As many threads as there are usable cores, at most 8: beyond that, one small graph gains nothing."""
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def load_engine(graph: Path, backend: str = "onnxruntime", threads: int | None = None) -> Engine:
    """Load a graph file.

    Args:
        graph: an ONNX file.
        backend: one of `ENGINES`.
        threads: None: `default_threads()`. Graphs in ONNX Runtime take turns, so that their threads never compete.

    Raises:
        WeightsError: the backend is not known, or the file is no graph that it can run.
        MissingExtraError: the backend's package is not installed.
    """
    if backend == "onnxruntime":
        from maskwright.engine.onnx_runtime import OnnxRuntimeEngine

        return OnnxRuntimeEngine(graph, threads or default_threads())
    if backend == "openvino":
        from maskwright.engine.openvino import OpenVinoEngine

        return OpenVinoEngine(graph, threads or default_threads())
    raise WeightsError(f"engine {backend!r} is not known; choose one of {', '.join(ENGINES)}")
