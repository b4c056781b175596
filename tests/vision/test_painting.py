"""Laying paint on class maps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import PromptError
from maskwright.prompts import Fill, Paint, Region, Stroke
from maskwright.vision import rle
from maskwright.vision.painting import footprint, lay, painted, region_at

HEIGHT, WIDTH = 24, 32

on_image = st.tuples(st.floats(0, WIDTH - 1), st.floats(0, HEIGHT - 1))
classes = st.integers(1, 254)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    """Noise."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    code = rle.encode_compressed(rng.random((HEIGHT, WIDTH)) < draw(st.sampled_from([0.05, 0.5, 1])))
    return Region((HEIGHT, WIDTH), code["counts"], draw(classes), draw(st.booleans()))


paints = st.one_of(
    st.builds(Stroke, st.lists(on_image, min_size=1, max_size=5).map(tuple), classes, st.floats(0.5, 12), st.booleans()),
    st.builds(Fill, st.lists(on_image, min_size=3, max_size=6).map(tuple), classes, st.booleans()),
    regions(),
)


def covered(paint: Paint) -> NDArray[np.bool_]:
    window, mask = footprint(paint, HEIGHT, WIDTH)
    full = np.zeros((HEIGHT, WIDTH), bool)
    full[window] = mask
    return full


@given(before=st.lists(paints, max_size=4), paint=paints)
def test_later_paint_wins_and_what_is_frozen_stays(before: list[Paint], paint: Paint) -> None:
    under = painted(before, HEIGHT, WIDTH)
    over = painted([*before, replace(paint, freeze=False)], HEIGHT, WIDTH)
    mask = covered(paint)
    assert (over[mask] == paint.class_id).all()
    assert (over[~mask] == under[~mask]).all()
    frozen = painted([*before, replace(paint, freeze=True)], HEIGHT, WIDTH)
    assert np.array_equal(frozen, np.where(under > 0, under, over))


@given(before=st.lists(paints, max_size=4), paint=paints)
def test_erasing_leaves_nothing_where_it_goes(before: list[Paint], paint: Paint) -> None:
    under = painted(before, HEIGHT, WIDTH)
    mask = covered(paint)
    erased = painted([*before, replace(paint, class_id=0, freeze=False)], HEIGHT, WIDTH)
    assert np.array_equal(erased, np.where(mask, 0, under))
    # Only pixels without paint would take an eraser that freezes: nothing happens.
    assert np.array_equal(painted([*before, replace(paint, class_id=0, freeze=True)], HEIGHT, WIDTH), under)


@given(given=st.lists(paints, max_size=5))
def test_a_map_is_its_paint_laid_one_by_one(given: list[Paint]) -> None:
    one_by_one = np.zeros((HEIGHT, WIDTH), np.uint8)
    for paint in given:
        lay(one_by_one, paint)
    whole = painted(given, HEIGHT, WIDTH)
    assert whole.dtype == np.uint8
    assert np.array_equal(whole, one_by_one)
    assert set(np.unique(whole)) <= {0} | {paint.class_id for paint in given}


@given(paint=paints.filter(lambda paint: not isinstance(paint, Region)), x=st.integers(0, 40), y=st.integers(0, 40))
def test_the_image_only_cuts_paint_off(paint: Stroke | Fill, x: int, y: int) -> None:
    moved = replace(paint, points=tuple((a + x, b + y) for a, b in paint.points))
    large = painted([moved], HEIGHT + 80, WIDTH + 80)
    cut, whole = large[y : y + HEIGHT, x : x + WIDTH], painted([paint], HEIGHT, WIDTH)
    # OpenCV rounds lines that leave the image in its own way: by a pixel.
    grown_cut, grown_whole = (cv2.dilate(classes, np.ones((3, 3), np.uint8)) for classes in (cut, whole))
    assert (grown_cut[whole > 0] > 0).all()
    assert (grown_whole[cut > 0] > 0).all()


@given(points=st.lists(on_image, min_size=2, max_size=4).map(tuple), radius=st.floats(0.5, 12))
def test_a_stroke_covers_what_lies_within_its_radius(points: tuple[tuple[float, float], ...], radius: float) -> None:
    mask = covered(Stroke(points, 1, radius))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    distance = np.full((HEIGHT, WIDTH), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        along = np.clip(((columns - x0) * dx + (rows - y0) * dy) / length, 0, 1) if length > 1e-9 else 0
        distance = np.minimum(distance, np.hypot(columns - x0 - along * dx, rows - y0 - along * dy))
    if radius >= 1:
        sure = np.abs(distance - radius) > 1e-6
        assert np.array_equal(mask[sure], distance[sure] <= radius)
    else:
        assert not mask[distance > 1].any()
    for x, y in points:
        assert mask[int(np.floor(y)) : int(np.ceil(y)) + 1, int(np.floor(x)) : int(np.ceil(x)) + 1].any()


@pytest.mark.parametrize("radius", [0.5, 0.9, 1, 1.5, 2.5, 3, 3.7, 7.5])
def test_a_straight_stroke_is_as_wide_as_it_says(radius: float) -> None:
    assert covered(Stroke(((8, 11), (15, 11)), 1, radius))[:, 12].sum() == 2 * int(radius) + 1


def test_a_dot_between_pixels_is_on_the_pixel_that_it_rounds_to() -> None:
    assert np.argwhere(painted([Stroke(((2.5, 4.5),), 5)], 8, 12)).tolist() == [[5, 3]]


def test_the_thinnest_stroke_is_one_pixel_wide() -> None:
    classes = painted([Stroke(((2, 3), (8, 3), (8, 6)), 5)], 8, 12)
    expected = np.zeros((8, 12), np.uint8)
    expected[3, 2:9] = expected[3:7, 8] = 5
    assert np.array_equal(classes, expected)
    assert np.argwhere(painted([Stroke(((2, 3),), 5)], 8, 12)).tolist() == [[3, 2]]


def test_a_dot_is_a_disk() -> None:
    rows, columns = np.mgrid[:20, :20]
    dot = painted([Stroke(((9, 8), (9, 8)), 1, radius=4)], 20, 20) > 0
    assert np.array_equal(dot, (columns - 9) ** 2 + (rows - 8) ** 2 <= 16)


def test_a_polygon_is_filled_to_its_line() -> None:
    classes = painted([Fill(((2, 1), (6, 1), (6, 4), (2, 4)), 3)], 8, 10)
    expected = np.zeros((8, 10), np.uint8)
    expected[1:5, 2:7] = 3
    assert np.array_equal(classes, expected)


def test_a_stroke_that_crosses_itself_does_not_stop_itself() -> None:
    cross = Stroke(((2, 5), (12, 5), (7, 0), (7, 10)), 4, radius=1, freeze=True)
    assert np.array_equal(painted([cross], 12, 16), painted([replace(cross, freeze=False)], 12, 16))


def test_paint_that_begins_outside_is_cut_off() -> None:
    assert painted([Stroke(((-1000, 2), (1000, 2)), 1)], 5, 6).tolist()[2] == [1] * 6
    assert (painted([Fill(((-50, -50), (50, -50), (50, 50), (-50, 50)), 1)], 5, 6) == 1).all()
    assert (painted([Stroke(((3, 3),), 1, radius=1e6)], 5, 6) == 1).all()
    assert (painted([Stroke(((3, 3), (4, 3)), 1, radius=1e6)], 5, 6) == 1).all()


@pytest.mark.parametrize(
    ("paint", "said"),
    [
        (Stroke(((40, 3),), 1), "the stroke that begins at 40,3 lies outside the image of 32 x 24 px; paint on the image"),
        (Stroke(((-2, -2),), 1, radius=2), "the stroke that begins at -2,-2 lies outside"),
        (Stroke(((-9, 5), (5, -9)), 0), "the stroke that begins at -9,5 lies outside"),
        (Fill(((-5, 0), (-3, 0), (-3, 9)), 1), "the fill that begins at -5,0 lies outside"),
        (Stroke(((0, 0), (2e6, 0)), 1), "the stroke goes farther than 1000000 px"),
        (Region((24, 33), "0", 1), "the region is of an image of 33 x 24 px, but this one is 32 x 24 px"),
        (Region((24, 32), "132", 1), "the region's counts are not those of a mask: the runs do not fill 32 x 24 px"),
        (Region((24, 32), "ö", 1), "the region's counts are not those of a mask"),
    ],
)
def test_paint_that_cannot_be_laid_is_named(paint: Paint, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        painted([paint], HEIGHT, WIDTH)


def test_an_empty_region_paints_nothing() -> None:
    nothing = rle.encode_compressed(np.zeros((HEIGHT, WIDTH), bool))["counts"]
    assert not painted([Region((HEIGHT, WIDTH), nothing, 1)], HEIGHT, WIDTH).any()


def test_the_region_at_a_point() -> None:
    classes = np.array([[1, 1, 0, 2], [0, 0, 1, 2], [1, 0, 0, 2]], np.uint8)
    assert region_at(classes, 0.4, 0.4).astype(int).tolist() == [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert region_at(classes, 3, 1).sum() == 3
    with pytest.raises(PromptError, match="there is no class at 2,0"):
        region_at(classes, 2, 0)
    for x, y in ((-1, 0), (4, 0), (0, 3)):
        with pytest.raises(PromptError, match="lies outside the image of 4 x 3 px"):
            region_at(classes, x, y)
