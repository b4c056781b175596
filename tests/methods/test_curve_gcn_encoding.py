"""Curve-GCN's encoding: crops, shares of them, first rings, who sees and who follows whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.methods.curve_gcn_encoding import (
    HEAT,
    adjacency,
    box_around,
    corners,
    crop_of,
    distances_around,
    encode_box,
    encode_drag,
    filled,
    first_ring,
    following,
    roles,
    to_pixels,
    to_shares,
)
from maskwright.prompts import Box
from maskwright.vision.crops import Crop


@given(st.floats(-50, 4000), st.floats(-50, 4000), st.floats(1, 3000), st.floats(1, 3000), st.floats(1.05, 1.3))
def test_crops_are_square_and_hold_the_box(x: float, y: float, width: float, height: float, context: float) -> None:
    crop = crop_of(Box(x, y, x + width, y + height), context=context)
    assert abs(crop.width - crop.height) <= 1
    assert crop.width == pytest.approx(context * (max(width, height) + 1), abs=1)
    assert (np.abs(corners(Box(x, y, x + width, y + height), crop) - 0.5) <= 0.5 + 1 / crop.width).all()


def test_shares_and_pixels_undo_each_other() -> None:
    crop = Crop(-20, 7, 180, 210, 256)
    points = np.random.default_rng(0).uniform(-30, 220, (50, 2))
    assert to_pixels(to_shares(points, crop), crop) == pytest.approx(points, abs=1e-3)
    assert to_shares([(-20.5, 6.5), (179.5, 209.5)], crop).tolist() == [[0, 0], [1, 1]]


def test_a_box_around_points_holds_their_pixels() -> None:
    assert box_around([(3.4, 7.6), (9.5, -0.4)]) == Box(3, 0, 10, 8)


def test_the_channel_is_1_in_the_box() -> None:
    channel = encode_box(np.array([[0.25, 0.5], [0.75, 2.0]], np.float32), 8)
    expected = np.zeros((1, 8, 8), np.float32)
    expected[0, 4:, 2:6] = 1
    assert np.array_equal(channel, expected)
    assert channel.dtype == np.float32


def test_the_first_ring_is_the_papers_circle_in_a_square_box() -> None:
    crop = crop_of(Box(100, 100, 499, 499))
    ring = first_ring(corners(Box(100, 100, 499, 499), crop), 40)
    assert np.hypot(*(ring - 0.5).T) == pytest.approx(0.35, abs=0.003)
    assert ring[0] == pytest.approx([0.848, 0.5], abs=1e-3)
    assert ring[10] == pytest.approx([0.5, 0.152], abs=1e-3)  # counter-clockwise on the screen: over the top
    wide = first_ring(np.array([[0.1, 0.4], [0.9, 0.6]], np.float32), 40)
    assert np.ptp(wide, axis=0) == pytest.approx([0.64, 0.16])


@pytest.mark.parametrize("vertices", [3, 4, 5, 6, 40, 41, 200])
def test_all_see_their_neighbours_alike(vertices: int) -> None:
    links = adjacency(vertices)
    assert links.dtype == np.float32
    assert np.array_equal(links, links.T)
    assert links.sum(1) == pytest.approx(1)
    assert not links.diagonal().any()
    assert np.array_equal(np.roll(links, (1, 1), (0, 1)), links)
    neighbours = {3: 2, 4: 3, 200: 20}.get(vertices, 4)
    assert ((links > 0).sum(1) == neighbours).all()


@given(st.integers(3, 60), st.integers(0, 59), st.integers(0, 100), st.sets(st.integers(0, 59), max_size=5))
def test_neighbours_follow_less_and_less_up_to_the_reach_or_the_first_pinned_one(
    vertices: int, index: int, reach: int, pinned: set[int]
) -> None:
    index %= vertices
    pinned = {i % vertices for i in pinned}
    shares = following(vertices, index, reach, pinned)
    assert shares[index] == 1
    for i in set(range(vertices)) - {index}:
        ways = [range(1, (side * (i - index)) % vertices + 1) for side in (1, -1)]
        open_ways = [
            len(way)
            for side, way in zip((1, -1), ways, strict=True)
            if len(way) <= reach and not any((index + side * step) % vertices in pinned for step in way)
        ]
        assert shares[i] == pytest.approx(1 - min(open_ways) / (reach + 1) if open_ways else 0)
    part = roles(shares, index, pinned)
    assert set(np.flatnonzero(part[:, 1]).tolist()) == pinned | {index}
    assert np.array_equal(part[:, 0] > 0, (shares > 0) & (part[:, 1] == 0))
    assert distances_around(vertices, index).max() == vertices // 2


def test_a_drag_is_told_by_the_outlines_inside_and_the_points_in_place() -> None:
    angles = 2 * np.pi * np.arange(12) / 12
    ring = 0.5 + 0.3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    maps = encode_drag(ring, ring, 3, [0, 6], side=64)
    assert maps.shape == (3, 64, 64)
    assert maps.dtype == np.float32
    x, y = ring.T
    enclosed = abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2
    assert maps[0].mean() == pytest.approx(enclosed, rel=0.01)
    # Between the four cells that meet at (0.5, 0.8), and at (0.8, 0.5).
    there = [(y, x) for y in (50, 51) for x in (31, 32)]
    assert all(maps[2][cell] > np.exp2(-8 / HEAT**2) for cell in there)
    assert all(maps[1][cell] == maps[2][cell] for cell in there)
    assert maps[2][32, 51] < 1e-6
    assert maps[1][32, 51] > np.exp2(-8 / HEAT**2)
    assert (maps[1] >= maps[2]).all()


@given(st.integers(8, 64), st.floats(0.1, 0.4))
def test_what_a_line_fills_is_the_square_that_it_encloses(side: int, reach: float) -> None:
    square = 0.5 + reach * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    mask = filled(square, side)
    # Each edge is drawn as well, and may reach half a pixel and a rounding further.
    assert abs(np.sqrt(mask.sum()) - 2 * reach * side) <= 2
    assert mask.dtype == np.uint8
    assert filled(np.array([[-90.0, -90], [90, -90], [90, 90], [-90, 90]]), side).all()


def test_outlines_far_beyond_the_crop_and_points_dragged_again_are_told_alike() -> None:
    square = np.array([[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]])
    maps = encode_drag(square, square, 0, [], side=8)
    assert (maps[0] == 1).all()
    assert (maps[1:] == 0).all()
    near = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75]])
    assert np.array_equal(encode_drag(near, near, 1, [1, 2], side=8), encode_drag(near, near, 1, [2], side=8))
