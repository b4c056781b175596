"""Runs a protocol: every object of a data set, one method, timed."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

from maskwright.bench.datasets import BenchObject, Dataset, Sample
from maskwright.bench.environment import environment
from maskwright.bench.report import Report
from maskwright.errors import DataError
from maskwright.methods.base import Image, Mask, Method, Prediction, PreparedImage
from maskwright.prompts import Prompt

T = TypeVar("T")
Record: TypeAlias = dict[str, Any]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of objects done and their total."""


class Gesture(Protocol):
    """Asks the method for a prediction from all prompts so far and the mask so far; the runner times it."""

    @property
    def accepts(self) -> frozenset[type[Prompt]]:
        """The kinds of prompts that the method understands."""
        ...

    def __call__(self, prompts: Sequence[Prompt], mask: Mask | None) -> Prediction:
        """Make the gesture."""
        ...


class Unplayable(DataError):
    """The robot cannot gesture at this object (such as one of a single pixel)."""


class Rules(Protocol):
    """A protocol of the benchmark: the robot's game with one object, and the figures over all of them."""

    @property
    def name(self) -> str:
        """The protocol's name on the command line."""
        ...

    @property
    def options(self) -> Mapping[str, Any]:
        """What the figures depend on beside the data, as JSON values."""
        ...

    def check(self, method: Method) -> None:
        """Refuse a method that cannot take part.

        Raises:
            PromptError: it does not understand the robot's gestures.
        """
        ...

    def play(self, sample: Sample, gesture: Gesture, rng: np.random.Generator) -> Record:
        """Let the robot work on one object.

        Returns:
            The object's record, JSON values.

        Raises:
            Unplayable: the robot cannot gesture at this object; it is left out of the figures, and the report says so.
        """
        ...

    def metrics(self, records: Sequence[Record]) -> dict[str, Any]:
        """The protocol's figures, JSON values."""
        ...


def run(
    rules: Rules,
    method: Method,
    dataset: Dataset,
    *,
    seed: int = 0,
    options: Mapping[str, Any] = MappingProxyType({}),
    progress: Progress | None = None,
) -> Report:
    """Play every object of a data set and report.

    Each object has its own source of chance, from `seed` and the object's id: its gestures do not depend on the other objects.
    Per gesture, the time is that of `method.predict` alone; `method.prepare` is timed per image. The very first call of each is
    made twice and timed the second time, so that loading a graph is not taken for work.

    Args:
        rules: the protocol.
        method: the method under test.
        dataset: the objects.
        seed: of all chance in the robot.
        options: how the method and the data set were opened, for the report.
        progress: called after each object.

    Raises:
        DataError: an image or mask cannot be read, or the robot could not gesture at any object.
        PromptError: the method does not understand the robot's gestures.
    """
    rules.check(method)
    table = _TimedMethod(method)
    records: list[Record] = []
    skipped: list[Record] = []
    started = time.perf_counter()
    for number, item in enumerate(dataset, start=1):
        record: Record = {"id": item.id, "image": item.image_path.name, "category": item.category}
        try:
            records.append(record | table.play(rules, item, np.random.default_rng([seed, zlib.crc32(item.id.encode())])))
        except Unplayable as error:
            skipped.append(record | {"reason": str(error)})
        if progress is not None:
            progress(number, len(dataset))
    if not records:
        raise DataError(f"{dataset.name}: no object that the robot can gesture at; the first: {skipped[0]['reason']}")
    return Report(
        protocol=rules.name,
        method=method.name,
        data=dataset.name,
        objects=len(records),
        metrics=rules.metrics(records),
        latency_ms={
            "prepare_p50": _percentile(table.prepare_ms, 50),
            "p50": _percentile(table.predict_ms, 50),
            "p95": _percentile(table.predict_ms, 95),
        },
        seconds=round(time.perf_counter() - started, 3),
        environment=environment() | {"options": {"seed": seed, **rules.options, **options}, "skipped": skipped},
        per_object=records,
    )


class _TimedMethod:
    """A method with a stopwatch, and the prepared image that consecutive objects share."""

    def __init__(self, method: Method) -> None:
        self.method = method
        self.prepare_ms: list[float] = []
        self.predict_ms: list[float] = []
        self._prepared: tuple[Path, PreparedImage] | None = None

    def play(self, rules: Rules, item: BenchObject, rng: np.random.Generator) -> Record:
        sample = item.load()
        first = len(self.predict_ms)
        record = rules.play(sample, _TimedGesture(self, item.image_path, sample.image), rng)
        return record | {"ms": [round(ms, 3) for ms in self.predict_ms[first:]]}

    def prepared(self, path: Path, image: Image) -> PreparedImage:
        if self._prepared is None or self._prepared[0] != path:
            if not self.prepare_ms:
                self.method.prepare(image)  # the first call of all loads and allocates
            self._prepared = path, _timed(self.prepare_ms, lambda: self.method.prepare(image))
        return self._prepared[1]


@dataclass(frozen=True)
class _TimedGesture:
    """Gestures at one image."""

    table: _TimedMethod
    path: Path
    image: Image

    @property
    def accepts(self) -> frozenset[type[Prompt]]:
        return self.table.method.accepts

    def __call__(self, prompts: Sequence[Prompt], mask: Mask | None) -> Prediction:
        method, prepared = self.table.method, self.table.prepared(self.path, self.image)
        if not self.table.predict_ms:
            # So does this one; of an image prepared for it alone, since what a method keeps there would be found again.
            method.predict(prompts, method.prepare(self.image), mask)
        return _timed(self.table.predict_ms, lambda: method.predict(prompts, prepared, mask))


def _timed(milliseconds: list[float], work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    milliseconds.append((time.perf_counter() - started) * 1000)
    return result


def _percentile(values: Sequence[float], share: float) -> float:
    """0 where nothing was timed: no object may need a gesture."""
    return round(float(np.percentile(values, share)), 3) if values else 0.0
