"""Endless streams of random training samples, and the batches that a worker process makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from maskwright.training.objects import PhotoSet
from maskwright.training.scenes import Scenes, Staging

S = TypeVar("S")


class Stream(IterableDataset[S]):
    """An endless stream of random samples; `one` makes them.

    Args:
        size: side of the crops, px.
        seed: each worker draws its own numbers from it.
    """

    def __init__(self, size: int, seed: int) -> None:
        super().__init__()
        self.size, self.seed = size, seed

    def __iter__(self) -> Iterator[S]:
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((self.seed, worker.id if worker else 0))
        cv2.setNumThreads(0)
        while True:
            sample = self.one(rng)
            if sample is not None:
                yield sample

    def one(self, rng: np.random.Generator) -> S | None:
        """A sample, or None where what was drawn is of no use."""
        raise NotImplementedError

    def batches(self, count: int) -> Iterator[list[S]]:
        """Lists of `count` samples, made by one worker process ahead of their use."""
        loader = DataLoader(self, count, num_workers=1, prefetch_factor=4, collate_fn=list, multiprocessing_context="fork")
        return iter(loader)


class RandomSamples(Stream[S]):
    """An endless stream of objects in random scenes.

    Args:
        sets: where objects come from, drawn by their weights.
        size, seed: as for `Stream`.
        staging: how often objects are shown otherwise than in their photo.
    """

    def __init__(self, sets: list[PhotoSet], size: int, seed: int, staging: Staging) -> None:
        super().__init__(size, seed)
        self.scenes = Scenes(sets, size, staging)
