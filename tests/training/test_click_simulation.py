"""Simulated clicks: where they may lie, how many, how far apart; thin objects too."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.errors import MaskError
from maskwright.training.click_simulation import AROUND, BAND, MARGIN, STEP, around, scattered, simulate_clicks
from maskwright.vision.distances import to_mask
from maskwright.vision.masks import Mask

HEIGHT, WIDTH = 60, 80


@st.composite
def blobs(draw: st.DrawFn) -> Mask:
    """Ellipses and bars of all sizes, thin and cut off by the image's border ones among them."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for _ in range(draw(st.integers(1, 2))):
        centre = (draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1)))
        axes = (draw(st.integers(0, 40)), draw(st.integers(0, 25)))
        cv2.ellipse(mask, centre, axes, draw(st.integers(0, 90)), 0, 360, 1, cv2.FILLED)
    return mask.astype(bool)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def apart(pixels: list[tuple[int, int]]) -> bool:
    return all(hypot(ax - bx, ay - by) > STEP for (ax, ay), (bx, by) in combinations(pixels, 2))


@given(blobs(), st.integers(0, 999), st.integers(1, 15))
def test_scattered_clicks(region: Mask, seed: int, most: int) -> None:
    pixels = scattered(region, most, generator(seed))
    depth = to_mask(~region)
    assert 1 <= len(pixels) <= most
    assert apart(pixels)
    least = MARGIN if depth.max() > 2 * MARGIN else depth.max() / 2
    assert all(region[y, x] and depth[y, x] > least for x, y in pixels)
    assert scattered(region, most, generator(seed)) == pixels


def test_a_line_one_pixel_wide_is_clicked() -> None:
    line = np.zeros((30, 30), bool)
    line[15, 2:28] = True
    assert all(y == 15 and 2 <= x < 28 for x, y in scattered(line, 10, generator(0)))


def test_every_number_of_clicks_comes_up() -> None:
    rng = generator(0)
    assert {len(scattered(np.ones((200, 200), bool), 5, rng)) for _ in range(60)} == {1, 2, 3, 4, 5}


def test_an_empty_region_has_no_pixels() -> None:
    nothing = np.zeros((5, 5), bool)
    assert scattered(nothing, 3, generator(0)) == []
    assert around(~nothing, 3, generator(0)) == []


@given(blobs(), st.integers(0, 999))
def test_clicks_around(mask: Mask, seed: int) -> None:
    pixels = around(mask, AROUND, generator(seed))
    distance = to_mask(mask)
    assert apart(pixels)
    assert all(0 < distance[y, x] <= BAND for x, y in pixels)
    assert len(pixels) <= AROUND
    if len(pixels) < AROUND:
        # No room was left: every pixel of the band lies within a step of a click.
        rows, columns = np.nonzero((distance > 0) & (distance <= BAND))
        assert all(min((hypot(x - a, y - b) for a, b in pixels), default=0) <= STEP for y, x in zip(rows, columns, strict=True))


def test_each_click_around_has_the_most_room() -> None:
    mask = np.zeros((120, 140), bool)
    mask[50:70, 60:80] = True
    pixels = around(mask, 6, generator(3))
    distance = to_mask(mask)
    room = np.minimum(distance, to_mask(distance > BAND))
    rows, columns = np.mgrid[:120, :140]
    for (x, y), (next_x, next_y) in pairwise(pixels):
        room = np.minimum(room, np.hypot(columns - x, rows - y))
        assert room[next_y, next_x] == pytest.approx(room[distance <= BAND].max(), rel=1e-6)


@given(blobs(), blobs(), st.integers(0, 999))
def test_every_click_has_its_sign(mask: Mask, other: Mask, seed: int) -> None:
    clicks = simulate_clicks(mask, [other], generator(seed))
    assert clicks[0].positive
    assert all(mask[int(c.y), int(c.x)] == c.positive for c in clicks)
    assert sum(c.positive for c in clicks) <= 10
    assert clicks == simulate_clicks(mask, [other], generator(seed))


def test_all_three_strategies_come_up_and_at_times_none() -> None:
    mask, other = np.zeros((200, 200), bool), np.zeros((200, 200), bool)
    mask[80:100, 20:40] = True
    other[80:120, 120:180] = True
    distance = to_mask(mask)
    seen = set()
    for seed in range(60):
        negative = [(int(c.x), int(c.y)) for c in simulate_clicks(mask, [other], generator(seed)) if not c.positive]
        if not negative:
            seen.add("none")
        elif len(negative) == 15 and all(distance[y, x] <= BAND for x, y in negative):
            seen.add("around")
        elif all(other[y, x] for x, y in negative):
            seen.add("others")
        else:
            seen.add("anywhere")
    assert seen == {"none", "around", "others", "anywhere"}
    assert all(not c.positive for c in simulate_clicks(mask, [other], generator(1), no_negatives=0)[-1:])


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(MaskError, match="nothing to click on"):
        simulate_clicks(np.zeros((5, 5), bool), [], generator(0))
