"""First masks made by DEXTR."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra train")

from maskwright.training.first_masks import dextr_mask


def disc() -> tuple[np.ndarray, np.ndarray]:
    """A bright disc on a dark ground, and its mask."""
    rows, columns = np.mgrid[:128, :128]
    target = ((rows - 60) ** 2 + (columns - 66) ** 2 <= 38**2).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 12, (128, 128, 3))
    return (np.where(target[..., None] > 0, (210, 160, 60), (30, 50, 40)) + noise).astype(np.uint8), target


def test_a_plain_object_is_nearly_right() -> None:
    rgb, target = disc()
    mask = dextr_mask(np.random.default_rng(3), rgb, target)
    assert mask is not None
    assert mask.dtype == bool
    truth = target > 0
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85


def test_points_miss_in_half_of_the_masks() -> None:
    rgb, target = disc()
    masks = [dextr_mask(np.random.default_rng(seed), rgb, target) for seed in range(8)]
    assert len({mask.tobytes() for mask in masks if mask is not None}) > 2


def test_too_thin_for_four_points() -> None:
    line = np.zeros((64, 64), np.uint8)
    line[30, 10:50] = 1
    assert dextr_mask(np.random.default_rng(0), np.zeros((64, 64, 3), np.uint8), line) is None
