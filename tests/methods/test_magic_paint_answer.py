"""From logits to classes: as if every pixel were interpolated; specks go to what is around them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.methods import magic_paint_answer
from maskwright.methods.magic_paint_answer import at_full_size, largest, without_specks

Logits = NDArray[np.float32]


def smooth(seed: int, count: int, rows: int, columns: int) -> Logits:
    """Logits with borders that run everywhere."""
    logits = np.random.default_rng(seed).normal(size=(count, rows, columns)).astype(np.float32)
    return np.stack([cv2.GaussianBlur(one, (0, 0), 1.5) for one in logits]).reshape(logits.shape)


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 40), st.integers(1, 40), st.floats(0.1, 9), st.floats(0.1, 9))
def test_every_pixel_is_as_if_interpolated(
    seed: int, count: int, rows: int, columns: int, scale_y: float, scale_x: float
) -> None:
    logits = smooth(seed, count, rows, columns)
    height, width = max(1, round(rows * scale_y)), max(1, round(columns * scale_x))
    exact = np.stack([_bilinear(one.astype(np.float64), height, width) for one in logits])
    best = np.sort(exact, axis=0)
    # Where two classes are equal but for rounding, either is right.
    sure = best[-1] - best[-2] > 1e-5
    assert np.array_equal(at_full_size(logits, height, width)[sure], exact.argmax(axis=0)[sure])


def _bilinear(values: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Interpolation between pixels' centres by its definition; on the rim the rim repeats."""
    for axis, native in ((0, height), (1, width)):
        given_here = values.shape[axis]
        place = np.clip((np.arange(native) + 0.5) * given_here / native - 0.5, 0, given_here - 1)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, given_here - 1)
        share = (place - low).reshape((-1, 1) if axis == 0 else (1, -1))
        values = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return values


def test_pieces_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = smooth(1, 4, 90, 70)
    whole = at_full_size(logits, 270, 210)
    monkeypatch.setattr(magic_paint_answer, "TILE", 10)
    assert np.array_equal(at_full_size(logits, 270, 210), whole)


def test_a_class_that_is_largest_at_no_corner_may_be_so_between_them() -> None:
    logits = np.array([[[1, -1]], [[-1, 1]], [[0.5, 0.5]]], np.float32)
    assert at_full_size(logits, 1, 8).tolist() == [[0, 0, 0, 2, 2, 1, 1, 1]]


def test_of_equal_logits_the_first_wins() -> None:
    assert largest(np.zeros((3, 2, 2), np.float32)).tolist() == [[0, 0], [0, 0]]
    assert at_full_size(np.zeros((3, 2, 2), np.float32), 5, 5).max() == 0


def spotted(*spots: tuple[int, int, int, int]) -> Logits:
    """Class 0 everywhere but for squares (class, row, column, side) on 200 x 200; specks are under 8 px."""
    logits = np.zeros((3, 200, 200), np.float32)
    logits[0] = 0.5
    for k, row, column, side in spots:
        logits[k, row : row + side, column : column + side] = k
    return logits


def test_specks_without_paint_go_and_larger_parts_stay() -> None:
    logits = spotted((1, 10, 10, 2), (1, 50, 50, 3), (2, 100, 100, 2), (1, 199, 199, 1))
    touched = np.zeros((200, 200), bool)
    touched[101, 101] = True
    found = largest(without_specks(logits, touched))
    assert not found[:40, :40].any()
    assert found[199, 199] == 0
    assert (found[50:53, 50:53] == 1).all()
    assert (found[100:102, 100:102] == 2).all()
    assert found.sum() == 9 * 1 + 4 * 2


def test_a_speck_in_a_class_becomes_that_class_even_where_a_third_comes_second() -> None:
    logits = spotted((1, 40, 40, 60))
    logits[2, 60:62, 60:62] = 5
    logits[0, 60:62, 60:62] = 4  # above class 1
    found = largest(without_specks(logits, np.zeros((200, 200), bool)))
    assert (found[40:100, 40:100] == 1).all()
    # Between pixels too.
    assert (at_full_size(logits, 600, 600)[123:297, 123:297] == 1).all()


def test_nothing_but_specks_stays_as_it_is() -> None:
    logits = np.random.default_rng(0).normal(size=(40, 200, 200)).astype(np.float32)
    before = largest(logits)
    small = np.zeros((200, 200), bool)
    touched = np.ones((200, 200), bool)
    assert np.array_equal(largest(without_specks(logits.copy(), touched)), before)
    every = np.zeros((2, 200, 200), np.float32)
    every[1, ::2, ::2] = 1
    assert not largest(without_specks(every, small)).any()
