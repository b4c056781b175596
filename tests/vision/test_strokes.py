"""Lines along the middle of what is wrong."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import MaskError, MissingExtraError
from maskwright.prompts import Point
from maskwright.vision.distances import inside, pixel_of
from maskwright.vision.strokes import largest_error, medial_line

pytest.importorskip("skimage", reason="needs the extra [bench]")


def connected(seed: int, height: int, width: int, coarse: int) -> NDArray[np.bool_]:
    """The largest part of blurred noise."""
    noise = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), coarse).reshape(height, width)
    count, parts, stats, _ = cv2.connectedComponentsWithStats((smooth >= np.median(smooth)).astype(np.uint8))
    assert count > 1
    return np.asarray(parts == 1 + stats[1:, cv2.CC_STAT_AREA].argmax())


def length(line: tuple[Point, ...]) -> float:
    return float(np.hypot(*np.diff(np.array(line), axis=0).T).sum())


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 250),
    width=st.integers(1, 250),
    coarse=st.integers(1, 20),
    share=st.floats(0, 1),
    chance=st.booleans(),
)
def test_points_lie_in_the_region_and_come_out_the_same_each_time(
    seed: int, height: int, width: int, coarse: int, share: float, chance: bool
) -> None:
    region = connected(seed, height, width, coarse)
    before = region.copy()
    first, second = (medial_line(region, share=share, rng=np.random.default_rng(1) if chance else None) for _ in range(2))
    assert first == second
    assert np.array_equal(region, before)
    assert len(first) >= 1
    for x, y in first:
        column, row = pixel_of(x, y)
        assert region[row, column]


@given(x=st.integers(0, 400), y=st.integers(0, 300))
def test_a_single_pixel_is_a_dot(x: int, y: int) -> None:
    region = np.zeros((301, 401), bool)
    region[y, x] = True
    assert medial_line(region) == ((x, y),)


@pytest.mark.parametrize("size", [(1, 2), (2, 2), (3, 3), (2, 1)])
def test_tiny_regions_are_dots(size: tuple[int, int]) -> None:
    region = np.zeros((20, 20), bool)
    region[5 : 5 + size[0], 5 : 5 + size[1]] = True
    ((x, y),) = medial_line(region)
    assert region[int(y), int(x)]


def test_a_disk_is_a_dot_in_its_middle() -> None:
    rows, columns = np.mgrid[:200, :200]
    (point,) = medial_line((columns - 90) ** 2 + (rows - 110) ** 2 <= 70**2)
    assert point == pytest.approx((90, 110), abs=1)


@pytest.mark.parametrize("thick", [1, 2, 7])
@pytest.mark.parametrize("turned", [False, True])
def test_a_long_thin_region_is_followed(thick: int, turned: bool) -> None:
    region = np.zeros((60, 900), bool)
    region[30 : 30 + thick, 20:880] = True
    line = np.array(medial_line(region.T if turned else region))
    line = line[:, ::-1] if turned else line
    assert np.ptp(line[:, 0]) > 830
    assert abs(line[:, 1] - (30 + (thick - 1) / 2)).max() <= 0.6


def test_an_arc_is_followed_along_its_middle() -> None:
    region = cv2.ellipse(np.zeros((300, 300), np.uint8), (150, 150), (100, 100), 0, 0, 230, 1, 21) > 0
    line = medial_line(region)
    radii = [np.hypot(x - 150, y - 150) for x, y in line]
    assert min(radii) > 96
    assert max(radii) < 104
    assert length(line) == pytest.approx(np.radians(230) * 100, rel=0.1)


def test_half_a_ring_is_followed() -> None:
    rows, columns = np.mgrid[:240, :240]
    distance = np.hypot(columns - 120, rows - 120)
    line = medial_line((distance >= 80) & (distance <= 100))
    assert length(line) == pytest.approx(np.pi * 90, rel=0.15)
    assert all(85 <= np.hypot(x - 120, y - 120) <= 95 for x, y in line)


def test_the_line_is_smooth_and_keeps_clear_of_the_rim() -> None:
    region = connected(4, 200, 300, 12)
    line = np.array(medial_line(region))
    steps = np.diff(line, axis=0)
    turns = np.degrees(np.abs(np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))))
    assert len(turns) > 10
    assert np.quantile(turns, 0.9) < 45
    depth = inside(region)
    assert min(depth[row, column] for column, row in (pixel_of(x, y) for x, y in line)) > 0.1 * depth.max()


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_share_of_the_line_about_its_middle_or_anywhere(share: float) -> None:
    region = np.zeros((60, 700), bool)
    region[20:31, 50:650] = True
    whole, middle = medial_line(region), medial_line(region, share=share)
    assert length(middle) == pytest.approx(share * length(whole), abs=15)
    assert np.mean([x for x, _ in middle]) == pytest.approx(349.5, abs=8)
    starts = set()
    for seed in range(10):
        part = medial_line(region, share=share, rng=np.random.default_rng(seed))
        assert length(part) == pytest.approx(share * length(whole), abs=15)
        starts.add(part[0])
    assert len(starts) > 5 if share < 1 else starts == {whole[0]}


def test_an_empty_region_is_named() -> None:
    with pytest.raises(MaskError, match="the region has no pixel"):
        medial_line(np.zeros((4, 5), bool))


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.morphology", None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        medial_line(np.ones((4, 5), bool))


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 20), width=st.integers(1, 20), most=st.integers(1, 4))
def test_the_largest_error_is_the_largest_of_all_parts(seed: int, height: int, width: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.choice([*range(1, most + 1), 0, 255], (height, width)).astype(np.uint8)
    classes = rng.integers(0, most + 1, (height, width)).astype(np.uint8)
    void = rng.random((height, width)) < 0.1
    areas = []
    for class_id in range(1, 255):
        wrong = (truth == class_id) & (classes != class_id) & ~void
        _, _, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=8)
        areas += stats[1:, cv2.CC_STAT_AREA].tolist()
    error = largest_error(classes, truth, void)
    if not areas:
        assert error is None
        return
    assert error is not None
    assert error.sum() == max(areas)
    assert len(set(truth[error])) == 1
    assert 1 <= truth[error][0] <= 254
    assert not (error & (void | (classes == truth))).any()
    assert cv2.connectedComponents(error.astype(np.uint8), connectivity=8)[0] == 2


def test_nothing_is_wrong_where_all_is_right_or_void() -> None:
    truth = np.array([[1, 2, 255, 0]], np.uint8)
    assert largest_error(truth, truth) is None
    assert largest_error(np.zeros_like(truth), truth, np.array([[True, True, False, False]])) is None
