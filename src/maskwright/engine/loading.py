"""Choosing an engine by name."""

from __future__ import annotations

import os
from pathlib import Path

from maskwright.engine.base import Engine
from maskwright.errors import NotFoundError

ENGINES = ("onnxruntime", "openvino")


def default_threads() -> int:
    """As many threads as there are usable cores, at most 8: beyond that, one small graph gains nothing."""
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def check_engine(name: str) -> None:
    """Refuse an engine that there is not.

    Raises:
        NotFoundError: so it is.
    """
    if name not in ENGINES:
        raise NotFoundError(f"engine {name!r} is not known; choose one of {', '.join(ENGINES)}")


def load_engine(graph: Path, engine: str = "onnxruntime", threads: int | None = None) -> Engine:
    """Load a graph file.

    Args:
        graph: an ONNX file.
        engine: one of `ENGINES`.
        threads: None: `default_threads()`. Graphs in ONNX Runtime take turns, so that their threads never compete.

    Raises:
        NotFoundError: there is no such engine.
        WeightsError: the file is no graph that the engine can run.
        MissingExtraError: the engine's package is not installed.
    """
    check_engine(engine)
    if engine == "openvino":
        from maskwright.engine.openvino import OpenVinoEngine

        return OpenVinoEngine(graph, threads or default_threads())
    from maskwright.engine.onnx_runtime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(graph, threads or default_threads())
