"""Outlines of masks and back; filling, against the COCO API's own."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from maskwright.errors import MaskError
from maskwright.vision.masks import Mask, iou
from maskwright.vision.polygons import Polygon, Ring, as_ring, from_mask, to_mask

# pycocotools' own call of numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=16))
coordinates = st.floats(-12, 40) | st.integers(-12, 40).map(float) | st.integers(-24, 80).map(lambda n: n / 2)
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8)


def area(ring: Ring) -> float:
    """Signed, positive when clockwise on the screen."""
    (x, y), (x2, y2) = ring.T, np.roll(ring, -1, axis=0).T
    return float((x * y2 - x2 * y).sum() / 2)


@given(masks)
def test_there_and_back_is_exact(mask: Mask) -> None:
    assert (to_mask(from_mask(mask), *mask.shape) == mask).all()


@given(masks)
def test_parts_areas_and_senses(mask: Mask) -> None:
    parts = from_mask(mask)
    assert len(parts) == cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0] - 1
    assert all(area(part.exterior) > 0 for part in parts)
    assert all(area(hole) < 0 for part in parts for hole in part.holes)
    assert sum(area(part.exterior) + sum(map(area, part.holes)) for part in parts) == mask.sum()


@given(masks)
def test_only_corners_and_right_angles(mask: Mask) -> None:
    for part in from_mask(mask):
        for ring in (part.exterior, *part.holes):
            steps = np.roll(ring, -1, axis=0) - ring
            assert ((steps != 0).sum(axis=1) == 1).all()
            assert (np.abs(np.roll(steps, -1, axis=0) * steps).sum(axis=1) == 0).all()


@given(outlines, st.integers(1, 30), st.integers(1, 30))
def test_filled_as_the_coco_api_does(outline: list[tuple[float, float]], height: int, width: int) -> None:
    theirs = coco.decode(coco.merge(coco.frPyObjects([[n for point in outline for n in point]], height, width)))
    # Its division of nothing by nothing makes corners drawn twice undefined there: not compared.
    fine = np.trunc(5 * np.array(outline) + 0.5)
    if (fine == np.roll(fine, 1, axis=0)).all(axis=1).any():
        return
    assert (to_mask([Polygon(np.array(outline))], height, width) == theirs).all()


def test_hole_and_two_parts() -> None:
    mask = np.zeros((8, 12), bool)
    mask[1:6, 1:6] = mask[2:4, 8:11] = True
    mask[3, 3] = False
    ring, bar = from_mask(mask)
    assert ring.exterior.tolist() == [[1, 1], [6, 1], [6, 6], [1, 6]]
    assert [hole.tolist() for hole in ring.holes] == [[[3, 4], [4, 4], [4, 3], [3, 3]]]
    assert bar.exterior.tolist() == [[8, 2], [11, 2], [11, 4], [8, 4]]
    assert bar.holes == ()


def test_an_island_in_a_hole_is_a_part_of_its_own() -> None:
    mask = np.ones((7, 7), bool)
    mask[1:6, 1:6] = False
    mask[3, 3] = True
    assert [len(part.holes) for part in from_mask(mask)] == [1, 0]


def test_pixels_that_meet_at_a_corner_are_two_parts() -> None:
    assert len(from_mask(np.eye(2, dtype=bool))) == len(from_mask(np.eye(2, dtype=bool)[::-1])) == 2


def test_empty_mask() -> None:
    assert from_mask(np.zeros((3, 3), bool)) == []
    assert not to_mask([], 3, 4).any()
    assert to_mask([], 3, 4).shape == (3, 4)


def test_overlapping_polygons_unite_and_outside_is_cut_off() -> None:
    square = np.array([[-5, -5], [3, -5], [3, 3], [-5, 3]])
    mask = to_mask([Polygon(square), Polygon(square + 1), Polygon(square + 100)], 6, 6)
    assert mask.sum() == 16
    assert mask[:4, :4].all()


def test_repeated_corners_change_nothing() -> None:
    square = np.array([[1, 1], [3, 1], [3, 3], [1, 3]])
    assert (to_mask([Polygon(square.repeat(2, axis=0))], 4, 4) == to_mask([Polygon(square)], 4, 4)).all()
    assert not to_mask([Polygon(np.ones((3, 2)))], 4, 4).any()


@pytest.mark.parametrize("tolerance", [1.0, 2.0, 3.0])
def test_tolerance_drops_corners_and_keeps_close(tolerance: float) -> None:
    rows, columns = np.mgrid[:200, :200]
    squared = (columns - 100) ** 2 + (rows - 100) ** 2
    disc = (squared < 80**2) & (squared > 30**2)
    (exact,) = from_mask(disc)
    (simple,) = from_mask(disc, tolerance)
    assert len(simple.exterior) < len(exact.exterior) / 3
    assert len(simple.holes) == 1
    for corners, ring in ((exact.exterior, simple.exterior), (exact.holes[0], simple.holes[0])):
        line = ring.astype(np.float32)[:, None]
        distances = [abs(cv2.pointPolygonTest(line, (float(x), float(y)), True)) for x, y in corners]
        assert max(distances) <= tolerance + 1e-4
    assert iou(to_mask([simple], 200, 200), disc) > 1 - 0.04 * tolerance


def test_what_is_too_small_for_the_tolerance_stays_and_its_holes_close() -> None:
    mask = np.ones((20, 20), bool)
    mask[10, 10] = False
    (part,) = from_mask(mask, tolerance=3)
    assert part.holes == ()
    dot = np.zeros((20, 20), bool)
    dot[4, 5] = True
    (part,) = from_mask(dot, tolerance=3)
    assert part.exterior.tolist() == [[5, 4], [6, 4], [6, 5], [5, 5]]


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf")])
def test_bad_tolerance(tolerance: float) -> None:
    with pytest.raises(MaskError, match="tolerance"):
        from_mask(np.ones((2, 2), bool), tolerance)


@pytest.mark.parametrize(
    "points",
    [[], [[0, 0], [1, 1]], [[0, 0, 1], [1, 1, 1], [2, 2, 2]], [[0, 0], [1, 1], [float("nan"), 2]], "abc", [[0], [1, 2]]],
)
def test_bad_outline(points: Any) -> None:
    with pytest.raises(MaskError, match="outline"):
        as_ring(points)


def test_claims_that_would_fill_the_memory_are_refused() -> None:
    with pytest.raises(MaskError, match="within"):
        as_ring([[0, 0], [1e9, 0], [0, 1]])
    zigzag = np.array([[0, 0], [1e6, 1e6]] * 20)
    with pytest.raises(MaskError, match="px long"):
        to_mask([Polygon(zigzag)], 5, 5)
    with pytest.raises(MaskError, match="px in all"):
        to_mask([], 1_000_000, 1_000_000)
