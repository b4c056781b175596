"""How long the steps of a script take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print a table's row: wall time and processor time of a step."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    print(f"| {what} | {time.perf_counter() - wall:.3f} s | {time.process_time() - processor:.3f} s |", flush=True)
