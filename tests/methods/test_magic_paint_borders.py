"""Borders move to edges that run near, and to nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.methods.magic_paint_borders import BAND, FINEST, along_edges, colours_of, paint_on

UInt8 = NDArray[np.uint8]


def patches(seed: int, count: int, rows: int, columns: int) -> UInt8:
    """Numbers in smooth patches."""
    noise = np.random.default_rng(seed).normal(size=(count, rows, columns)).astype(np.float32)
    return np.stack([cv2.GaussianBlur(one, (0, 0), 9) for one in noise]).argmax(axis=0).astype(np.uint8)


def photo(seed: int, rows: int, columns: int) -> UInt8:
    noise = np.random.default_rng(seed).normal(size=(rows, columns, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    return np.asarray(np.clip(128 + 300 * smooth, 0, 255), np.uint8)


def dots(seed: int, numbers: UInt8, count: int) -> UInt8:
    """Paint in single pixels, of any numbers but 0."""
    rng = np.random.default_rng(seed)
    painted = np.zeros_like(numbers)
    for _ in range(count):
        painted[rng.integers(numbers.shape[0]), rng.integers(numbers.shape[1])] = rng.integers(1, numbers.max() + 1)
    return painted


@given(st.integers(0, 1000), st.integers(2, 5), st.integers(0, 6))
@settings(max_examples=25, deadline=None)
def test_paint_and_what_is_far_from_borders_stay(seed: int, count: int, paints: int) -> None:
    numbers = patches(seed, count, 90, 240)
    if not numbers.max():
        return
    painted = dots(seed, numbers, paints)
    moved = along_edges(numbers, painted, colours_of(photo(seed, 90, 240)))
    assert np.array_equal(moved[painted > 0], painted[painted > 0])
    known = np.where(painted > 0, painted, numbers)
    band = round(BAND * 240)
    disk = np.ones((2 * band + 1,) * 2, np.uint8)
    inner = cv2.dilate(known, disk) == cv2.erode(known, disk)
    assert np.array_equal(moved[inner], numbers[inner])
    assert set(np.unique(moved)) <= set(np.unique(known))


@given(st.integers(0, 1000), st.integers(3, 5))
@settings(max_examples=15, deadline=None)
def test_numbers_mean_nothing(seed: int, count: int) -> None:
    numbers = patches(seed, count, 90, 240)
    colours = colours_of(photo(seed, 90, 240))
    painted = dots(seed, numbers, 5) if numbers.max() else np.zeros_like(numbers)
    other = np.concatenate([[0], 1 + np.random.default_rng(seed).permutation(count - 1)]).astype(np.uint8)
    assert np.array_equal(along_edges(other[numbers], other[painted], colours), other[along_edges(numbers, painted, colours)])


@pytest.mark.parametrize("off", [-3, -1, 0, 2, 3])
def test_a_border_goes_to_the_edge_beside_it(off: int) -> None:
    image = np.full((200, 480, 3), 60, np.uint8)
    cv2.circle(image, (240, 100), 60, (200, 180, 60), -1)
    wanted = (image[..., 0] == 200).astype(np.uint8)
    numbers = np.ones((200, 480), np.uint8)
    cv2.circle(numbers, (240, 100), 60 + off, (2,), -1)
    moved = along_edges(numbers, np.zeros_like(numbers), colours_of(image))
    assert ((moved == 2) != (wanted > 0)).sum() <= 60  # of 380 px of border a few, where floods meet
    assert ((numbers == 2) != (wanted > 0)).sum() >= abs(off) * 300


def test_a_thin_part_of_its_own_stays_and_so_does_a_border_without_an_edge() -> None:
    numbers = np.ones((200, 480), np.uint8)
    numbers[100:103, 50:150] = 2
    numbers[40:44, 300:304] = 0
    moved = along_edges(numbers, np.zeros_like(numbers), colours_of(np.full((200, 480, 3), 60, np.uint8)))
    assert np.array_equal(moved, numbers)


def test_large_images_are_looked_at_smaller_and_small_ones_as_they_are() -> None:
    assert colours_of(photo(0, 30, 40)).shape == (30, 40, 3)
    assert colours_of(np.zeros((1500, 3000, 3), np.uint8)).shape == (FINEST // 2, FINEST, 3)
    assert colours_of(np.zeros((1, 3000, 3), np.uint8)).shape == (1, FINEST, 3)
    assert along_edges(np.ones((1, 1), np.uint8), np.zeros((1, 1), np.uint8), colours_of(photo(0, 1, 1))).tolist() == [[1]]


@given(st.integers(0, 100), st.integers(0, 20))
def test_no_paint_is_lost_where_there_are_fewer_pixels(seed: int, count: int) -> None:
    paint = dots(seed, np.full((60, 90), 3, np.uint8), count)
    small = paint_on(paint, 20, 30)
    blocks = paint.reshape(20, 3, 30, 3).transpose(0, 2, 1, 3).reshape(20, 30, 9)
    assert np.array_equal(small > 0, blocks.any(axis=2))
    assert all(small[r, c] in blocks[r, c] for r, c in np.argwhere(small))
