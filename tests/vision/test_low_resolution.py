"""Masks on the small square and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.vision.low_resolution import SIDE, from_logits, to_logits
from maskwright.vision.masks import Mask, iou


def blobs(height: int, width: int, seed: int) -> Mask:
    """A few disks, and a box cut out of them."""
    rng = np.random.default_rng(seed)
    rows, columns = np.ogrid[:height, :width]
    mask = np.zeros((height, width), bool)
    for _ in range(3):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, max(height, width) / 2)
        mask |= (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    mask[height // 3 : height // 2, width // 3 : width // 2] = False
    return mask


sizes = st.integers(1, 700)


@given(sizes, sizes, st.integers(0, 99))
def test_what_is_deep_inside_or_far_outside_comes_back(height: int, width: int, seed: int) -> None:
    mask = blobs(height, width, seed)
    logits = to_logits(mask)
    assert (logits.shape, logits.dtype.name) == ((SIDE, SIDE), "float32")
    back = from_logits(logits, height, width)
    assert (back.shape, back.dtype.name) == ((height, width), "bool")
    # Sure: all that lies within two places of the square has the same value. The border repeats the image's last pixels.
    reach = int(np.ceil(2 * max(1, max(height, width) / SIDE)))
    padded = np.pad(mask, reach, mode="edge")
    window = np.lib.stride_tricks.sliding_window_view
    spans = window(window(padded, 2 * reach + 1, axis=0).all(axis=-1), 2 * reach + 1, axis=1).all(axis=-1)
    voids = window(window(~padded, 2 * reach + 1, axis=0).all(axis=-1), 2 * reach + 1, axis=1).all(axis=-1)
    assert back[spans].all()
    assert not back[voids].any()


@pytest.mark.parametrize(("height", "width"), [(256, 256), (120, 160), (480, 640), (601, 1000), (2051, 1027), (3000, 4000)])
def test_little_is_lost(height: int, width: int) -> None:
    mask = blobs(height, width, seed=1)
    assert iou(from_logits(to_logits(mask), height, width), mask) > 0.97


@pytest.mark.parametrize(("height", "width"), [(2051, 1027), (1025, 4099)])
def test_large_images_keep_their_places(height: int, width: int) -> None:
    mask = np.zeros((height, width), bool)
    mask[height // 2 :, width // 2 :] = True
    difference = from_logits(to_logits(mask), height, width) != mask
    place = max(height, width) / SIDE
    rows, columns = np.nonzero(difference)
    assert (np.minimum(abs(rows - height // 2), abs(columns - width // 2)) <= place).all()


def test_a_square_of_the_same_size_is_exact() -> None:
    mask = np.random.default_rng(0).random((SIDE, SIDE)) < 0.5
    assert (to_logits(mask) == np.where(mask, 10, -10)).all()
    assert (from_logits(to_logits(mask), SIDE, SIDE) == mask).all()


def test_logits_tell_how_much_of_a_place_is_the_object() -> None:
    mask = np.zeros((512, 1024), bool)
    mask[:, 2:] = True  # half of the first column of places
    logits = to_logits(mask)
    assert np.abs(logits[:128, 0]).max() < 0.1
    assert (logits[:128, 1:] == 10).all()
    assert (logits[128:] == 0).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1), (3, 5000), (3, 2)])
def test_the_narrowest_images(height: int, width: int) -> None:
    full = np.ones((height, width), bool)
    assert from_logits(to_logits(full), height, width).all()
    assert not from_logits(to_logits(~full), height, width).any()
