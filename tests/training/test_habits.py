"""Objects as people draw them, inside or outside of what they see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="needs the extra train")

from maskwright.training.contour_samples import KEPT, by_random_habit
from maskwright.training.habits import drawn_by_habit


def disc(radius: float, size: int = 96) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    return ((rows - size // 2) ** 2 + (columns - size // 2) ** 2 <= radius**2).astype(np.uint8)


@given(st.floats(8, 40), st.floats(-6, 6))
def test_a_disc_stays_a_disc_of_another_radius(radius: float, inwards: float) -> None:
    moved = drawn_by_habit(disc(radius), inwards)
    assert moved.dtype == np.uint8
    assert np.sqrt(moved.sum() / np.pi) == pytest.approx(np.sqrt(disc(radius).sum() / np.pi) - inwards, abs=0.8)


@given(st.integers(0, 10_000))
def test_a_habit_moves_the_outline_by_at_most_so_much(seed: int) -> None:
    mask = disc(30)
    drawn = by_random_habit(np.random.default_rng(seed), mask, 3.0)
    assert (drawn >= drawn_by_habit(mask, 3.0)).all()
    assert (drawn <= drawn_by_habit(mask, -3.0)).all()


def test_most_people_have_one_and_some_have_none() -> None:
    mask = disc(30)
    drawn = [by_random_habit(np.random.default_rng(seed), mask, 3.0) for seed in range(100)]
    areas = np.array([one.sum() for one in drawn], int) - int(mask.sum())
    assert 20 < sum(one is mask for one in drawn) < 60
    assert (areas > 0).sum() > 10
    assert (areas < 0).sum() > 10
    assert all(by_random_habit(np.random.default_rng(seed), mask, 0.0) is mask for seed in range(10))


@given(st.integers(0, 10_000))
def test_a_thin_object_never_vanishes(seed: int) -> None:
    line = np.zeros((40, 40), np.uint8)
    line[20:22, 5:35] = 1
    assert by_random_habit(np.random.default_rng(seed), line, 5.0).sum() >= KEPT * line.sum()
