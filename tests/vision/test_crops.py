"""Crops: where they lie, that points and pixels agree, that pasting undoes cutting."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.prompts import Box
from maskwright.vision.crops import Crop, crop_around, cut, paste

boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(-20, 80),
    st.integers(-20, 80),
    st.integers(1, 90),
    st.integers(1, 90),
)


@given(boxes, st.floats(0, 0.5), st.floats(0, 30))
def test_a_crop_holds_the_box_and_its_margin(box: Box, relative: float, absolute: float) -> None:
    crop = crop_around(box, 64, relative, absolute)
    margin = relative * np.sqrt((box.x1 - box.x0 + 1) * (box.y1 - box.y0 + 1)) + absolute
    assert crop.x0 == pytest.approx(box.x0 - margin, abs=0.51)
    assert crop.x1 == pytest.approx(box.x1 + 1 + margin, abs=0.51)
    assert crop.y0 == pytest.approx(box.y0 - margin, abs=0.51)
    assert crop.y1 == pytest.approx(box.y1 + 1 + margin, abs=0.51)


@given(boxes)
def test_an_elongated_box_is_squeezed_no_more_than_asked(box: Box) -> None:
    crop = crop_around(box, 64, relative=0.1, absolute=8, max_aspect=2)
    # Rounding to whole pixels may add one at either side.
    assert max(crop.width, crop.height) <= 2 * min(crop.width, crop.height) + 4
    assert crop.x0 <= box.x0
    assert crop.x1 >= box.x1


def test_a_point_lands_where_its_pixel_lands() -> None:
    image = np.zeros((60, 80), np.uint8)
    image[23, 41] = 255
    crop = Crop(30, 10, 60, 40, size=120)
    x, y = crop.to_crop((41, 23))
    resized = cut(image, crop, fill=0)
    rows, columns = np.mgrid[:120, :120]
    weights = resized.astype(float)
    assert (columns * weights).sum() / weights.sum() == pytest.approx(x, abs=0.05)
    assert (rows * weights).sum() / weights.sum() == pytest.approx(y, abs=0.05)


@given(st.integers(-40, 60), st.integers(-40, 60), st.integers(4, 50), st.integers(4, 50))
def test_beyond_the_image_lies_the_fill(x: int, y: int, w: int, h: int) -> None:
    image = np.full((40, 50, 3), 200, np.uint8)
    crop = Crop(x, y, x + w, y + h, size=2 * max(w, h))  # enlarged on both sides: the outermost pixels are not mixed
    resized = cut(image, crop, fill=7)
    assert resized.shape == (crop.size, crop.size, 3)
    inside = x + w > 0 and x < 50 and y + h > 0 and y < 40
    whole = x >= 0 and y >= 0 and x + w <= 50 and y + h <= 40
    assert (resized == 200).all() if whole else (resized.min() == 7 if inside else (resized == 7).all())


def test_pasting_a_cut_of_the_same_size_gives_the_image_back(rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, (40, 40), np.uint8)
    crop = Crop(-8, 5, 24, 37, size=32)
    back = paste(cut(image, crop, fill=0).astype(np.float32), crop, 40, 40, fill=-1)
    assert (back[5:37, :24] == image[5:37, :24]).all()
    assert (back[:5] == -1).all()
    assert (back[:, 24:] == -1).all()


def test_a_crop_outside_the_image_pastes_nothing() -> None:
    back = paste(np.ones((4, 4), np.float32), Crop(50, 50, 60, 60, size=4), 20, 20, fill=0)
    assert not back.any()


def test_shrinking_averages() -> None:
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 200
    assert (cut(stripes, Crop(0, 0, 64, 64, size=16), fill=0) == 100).all()


@pytest.mark.parametrize("upright", [False, True])
def test_a_long_low_box_in_a_square_crop_is_cut_as_any_other_and_in_little_memory(
    rng: np.random.Generator, upright: bool
) -> None:
    image = rng.integers(0, 256, (12, 960, 3)).astype(np.uint8)
    bordered = np.full((960, 960, 3), 99, np.uint8)
    bordered[474:486] = image
    crop = Crop(0, -474, 960, 486, 96)
    if upright:
        image, bordered, crop = image.swapaxes(0, 1).copy(), bordered.swapaxes(0, 1).copy(), Crop(-474, 0, 486, 960, 96)
    whole = cut(bordered, Crop(0, 0, 960, 960, 96), fill=99)
    assert np.abs(cut(image, crop, fill=99).astype(int) - whole).max() <= 1  # rounded twice

    long = np.zeros((40_000, 10, 3) if upright else (10, 40_000, 3), np.uint8)
    huge = Crop(-20_000, 0, 20_000, 40_000, 256) if upright else Crop(0, -20_000, 40_000, 20_000, 256)
    tracemalloc.start()
    back = paste(cut(long, huge, fill=128)[..., 0].astype(np.float32), huge, *long.shape[:2], fill=-1)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()
    assert back.min() >= 0  # all of the image lies in the crop


@given(
    x0=st.integers(-60, 60),
    y0=st.integers(-60, 60),
    width=st.integers(1, 120),
    height=st.integers(1, 120),
    seed=st.integers(0, 99),
)
def test_pasting_is_enlarging_and_cutting_off(x0: int, y0: int, width: int, height: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(12, 12)).astype(np.float32)
    back = paste(values, Crop(x0, y0, x0 + width, y0 + height, 12), 40, 70, fill=-9)
    canvas = np.full((400, 400), -9, np.float32)
    canvas[100 + y0 : 100 + y0 + height, 100 + x0 : 100 + x0 + width] = cv2.resize(values, (width, height))
    assert np.abs(back - canvas[100:140, 100:170]).max() < 1e-5
