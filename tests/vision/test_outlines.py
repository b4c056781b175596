"""Outlines: filled, traced, simplified, repaired, turned into polygons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from maskwright.errors import MaskError, PromptError
from maskwright.prompts import Outline, OutlineRing, Point
from maskwright.vision.masks import Mask, iou
from maskwright.vision.outlines import (
    crosses_itself,
    curve_of,
    fill,
    of_mask,
    repaired,
    simplified,
    to_polygons,
    with_curve,
)
from maskwright.vision.polygons import to_mask

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=16)).filter(lambda mask: bool(mask.any()))
curves = st.sampled_from(["polygon", "spline"])
coordinates = st.floats(-30, 90).map(lambda v: round(v, 6)) | st.integers(-3, 40).map(float)
points = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=30)


def ring(*corners: Point, hole: bool = False) -> OutlineRing:
    return OutlineRing(corners, hole=hole)


def square(x0: float, y0: float, side: float, hole: bool = False) -> OutlineRing:
    """The pixels from (x0, y0) on, so many each way."""
    x0, y0 = x0 - 0.5, y0 - 0.5
    return ring((x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side), hole=hole)


def disc(radius: float) -> Mask:
    rows, columns = np.mgrid[:160, :160]
    return np.asarray((columns - 80) ** 2 + (rows - 75) ** 2 < radius**2)


def crossing(outline: Outline) -> bool:
    return any(crosses_itself(r.points, outline.curve) for r in outline.rings)


@given(masks)
def test_tolerance_nothing_gives_back_the_mask(mask: Mask) -> None:
    outline = of_mask(mask, tolerance=0)
    assert (fill(outline, *mask.shape) == mask).all()
    assert not crossing(outline)


@given(masks, st.none() | st.integers(3, 20), st.floats(0, 5), curves)
@settings(deadline=None, max_examples=40)
def test_every_part_and_hole_becomes_a_ring(mask: Mask, vertices: int | None, tolerance: float, curve: str) -> None:
    exact = of_mask(mask, tolerance=0)
    outline = of_mask(mask, vertices=vertices, tolerance=tolerance, curve=curve)
    assert [r.hole for r in outline.rings] == [r.hole for r in exact.rings]
    assert outline.curve == curve
    assert vertices is None or all(len(r.points) >= vertices for r in outline.rings)


@pytest.mark.parametrize(("curve", "most"), [("polygon", 60), ("spline", 40)])
def test_as_many_points_as_the_tolerance_needs(curve: str, most: int) -> None:
    mask = disc(60) & ~disc(30)
    counts = []
    for tolerance in (0.5, 1, 2, 4):
        outline = of_mask(mask, tolerance=tolerance, curve=curve)
        counts.append(len(outline.rings[0].points))
        assert iou(fill(outline, *mask.shape), mask) > 1 - 0.04 * tolerance
        assert [r.hole for r in outline.rings] == [False, True]
    assert counts == sorted(counts, reverse=True)
    assert counts[1] < most


@pytest.mark.parametrize("curve", ["polygon", "spline"])
@pytest.mark.parametrize("vertices", [6, 40, 200, 400])
def test_as_many_points_as_asked_for(vertices: int, curve: str) -> None:
    mask = disc(60)
    outline = of_mask(mask, vertices=vertices, curve=curve)
    assert len(outline.rings[0].points) == vertices
    assert iou(fill(outline, *mask.shape), mask) > (0.8 if vertices == 6 else 0.985)


@pytest.mark.parametrize("curve", ["polygon", "spline"])
def test_a_bridge_of_one_pixel_crosses_nothing(curve: str) -> None:
    mask = np.zeros((40, 90), bool)
    mask[10:30, 5:25] = mask[10:30, 60:80] = True
    mask[20, 25:60] = True
    mask[9, 4] = mask[31, 81] = mask[30, 80] = True  # pixels that meet at a corner
    for wanted in ({"vertices": 12}, {"vertices": 40}, {"tolerance": 3.0}):
        outline = of_mask(mask, curve=curve, **wanted)
        assert not crossing(outline)
        assert iou(fill(outline, *mask.shape), mask) > 0.6


def test_a_ring_with_a_spike_that_crosses_itself_keeps_its_parts() -> None:
    ring = OutlineRing(((0, 0), (9, 9), (9, 0), (9, -5), (9, 0), (0, 9)))
    areas = [shapely.area(shapely.polygons(part.exterior)) for part in to_polygons(Outline((ring,), "polygon"))]
    assert areas == pytest.approx([20.25, 20.25])


def test_an_island_in_a_hole_is_kept() -> None:
    rings = (square(0, 0, 9), square(2, 2, 5, hole=True), square(4, 4, 1))
    mask = fill(Outline(rings, "polygon"), 9, 9)
    assert mask.sum() == 81 - 25 + 1
    again = of_mask(mask)
    assert [r.hole for r in again.rings] == [False, True, False]
    assert (fill(again, 9, 9) == mask).all()


def test_what_lies_outside_the_image_is_cut_off() -> None:
    assert fill(Outline((square(-3, -3, 5),), "polygon"), 4, 6).sum() == 4
    assert fill(Outline((square(2, 2, 50),), "polygon"), 4, 6).sum() == 8
    assert not fill(Outline((square(20, 0, 5),), "polygon"), 4, 6).any()
    assert not fill(Outline((square(-20, 0, 5),)), 4, 6).any()


@st.composite
def stars(draw: st.DrawFn) -> tuple[Point, ...]:
    """A ring around a place in or beside the image, that goes in and out."""
    radii = np.array(draw(st.lists(st.floats(2, 30), min_size=3, max_size=14)))
    turn = draw(st.floats(0, 6)) + 2 * np.pi * np.arange(len(radii)) / len(radii)
    x, y = draw(st.floats(0, 50)) + radii * np.cos(turn), draw(st.floats(0, 40)) + radii * np.sin(turn)
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


@given(st.lists(st.tuples(stars(), st.booleans()), min_size=1, max_size=4), curves)
@settings(deadline=None)
def test_filled_as_its_polygons_are(drawn: list[tuple[tuple[Point, ...], bool]], curve: str) -> None:
    rings = [OutlineRing(corners, hole=hole and k > 0) for k, (corners, hole) in enumerate(drawn)]
    outline = Outline(tuple(rings), curve)
    ours, theirs = fill(outline, 40, 50), to_mask(to_polygons(outline), 40, 50)
    # Where rings meet, the line has new corners, which filling rounds to a fifth of a pixel: pixels at a line may differ.
    lines = [shapely.linearrings(curve_of(r.points, curve)) for r in outline.rings]
    for row, column in np.argwhere(ours ^ theirs).tolist():
        assert min(shapely.distance(line, shapely.Point(column, row)) for line in lines) < 0.4


def test_a_crossing_rings_polygons_are_its_parts() -> None:
    bow_tie = Outline((ring((10, 10), (60, 60), (60, 10), (10, 60)),), "polygon")
    assert len(to_polygons(bow_tie)) == 2
    assert iou(to_mask(to_polygons(bow_tie), 80, 80), fill(bow_tie, 80, 80)) > 0.98


def test_polygons_keep_the_outlines_own_points() -> None:
    outline = Outline((square(1, 1, 9), square(3, 3, 2, hole=True), square(20, 1, 4)), "polygon")
    first, second = to_polygons(outline)
    assert {(x - 0.5, y - 0.5) for x, y in first.exterior.tolist()} == set(outline.rings[0].points)
    assert [{(x - 0.5, y - 0.5) for x, y in hole.tolist()} for hole in first.holes] == [set(outline.rings[1].points)]
    assert {(x - 0.5, y - 0.5) for x, y in second.exterior.tolist()} == set(outline.rings[2].points)
    alone = Outline((square(1, 1, 9),))
    assert len(to_polygons(alone)[0].exterior) == 4 * 32
    assert to_polygons(Outline((square(1, 1, 2), square(0, 0, 9, hole=True)), "polygon")) == []


def test_crossings_are_seen() -> None:
    bow_tie = [(0, 0), (8, 8), (8, 0), (0, 8)]
    assert crosses_itself(bow_tie, "polygon")
    assert crosses_itself(bow_tie, "spline")
    doubled = [(0, 0), (8, 0), (8, 0), (8, 8), (0, 8), (0, 8), (0, 8)]
    assert not crosses_itself(doubled, "polygon")
    assert not crosses_itself(doubled, "spline")
    assert crosses_itself([(0, 0), (8, 0), (4, 0), (4, 8)], "polygon")  # back on itself


@given(points, st.booleans(), curves)
@settings(deadline=None, max_examples=40)
def test_nothing_crosses_after_the_repair(corners: list[Point], hole: bool, curve: str) -> None:
    crossed = OutlineRing(tuple(corners), hole=hole)
    whole = square(5, 5, 20)
    outline = Outline((whole, crossed), curve)
    mended = repaired(outline, 40, 50)
    assert not crossing(mended)
    assert mended.rings[0] == whole
    if not crosses_itself(corners, curve):
        assert mended == outline


def test_a_repair_changes_little_else() -> None:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    round_ring = 80 + 60 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    round_ring[[7, 8]] = round_ring[[8, 7]]  # a small loop
    outline = Outline((OutlineRing(tuple((x, y) for x, y in round_ring.tolist()), pinned=(3,)),))
    mended = repaired(outline, 160, 160)
    (only,) = mended.rings
    assert len(only.points) == 40
    assert only.pinned == ()
    assert iou(fill(mended, 160, 160), disc_at_80()) > 0.97
    bow_tie = Outline((ring((10, 10), (60, 60), (60, 10), (10, 60)),), "polygon")
    mended = repaired(bow_tie, 160, 160)
    assert not crossing(mended)
    assert iou(fill(mended, 160, 160), fill(bow_tie, 160, 160)) > 0.95
    outside = replace(bow_tie, rings=(ring((-60, -60), (-10, -10), (-10, -60), (-60, -10)),))
    assert not crossing(repaired(outside, 160, 160))
    nothing = replace(bow_tie, rings=(ring((0, 0.75), (0, 0.75), (0.75, 0)),))
    assert not crossing(repaired(nothing, 160, 160))
    assert not fill(repaired(outside, 160, 160), 160, 160).any()


def disc_at_80() -> Mask:
    rows, columns = np.mgrid[:160, :160]
    return np.asarray((columns - 80) ** 2 + (rows - 80) ** 2 < 60**2)


@given(points, st.floats(0, 20), curves, st.sets(st.integers(0, 2)))
@settings(deadline=None, max_examples=40)
def test_simplifying_leaves_fewer_points_or_nothing_changed(
    corners: list[Point], tolerance: float, curve: str, pins: set[int]
) -> None:
    outline = Outline((OutlineRing(tuple(corners), pinned=tuple(pins)),), curve)
    simple = simplified(outline, tolerance)
    (before,), (after,) = outline.rings, simple.rings
    assert after == before or len(after.points) < len(before.points)
    assert {after.points[i] for i in after.pinned} == {before.points[i] for i in before.pinned}
    assert crosses_itself(before.points, curve) or not crosses_itself(after.points, curve)


def test_simplifying_stays_near() -> None:
    outline = of_mask(disc(60), vertices=200, curve="spline")
    counts = [len(simplified(outline, tolerance).rings[0].points) for tolerance in (0.3, 1, 3)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] < 60
    assert iou(fill(simplified(outline, 1), 160, 160), disc(60)) > 0.97


def test_the_curve_alone_changes() -> None:
    outline = Outline((square(1, 1, 9), square(3, 3, 2, hole=True)), "polygon")
    assert with_curve(with_curve(outline, "spline"), "polygon") == outline


def test_what_is_refused() -> None:
    mask = np.ones((4, 4), bool)
    with pytest.raises(MaskError, match="the mask is empty"):
        of_mask(~mask)
    for bad in (-1, float("nan"), float("inf")):
        with pytest.raises(MaskError, match="give a number of pixels from 0"):
            of_mask(mask, tolerance=bad)
        with pytest.raises(MaskError, match="give a number of pixels from 0"):
            simplified(of_mask(mask), bad)
    for wrong in (2, 401, 7.5):
        with pytest.raises(PromptError, match="number of vertices"):
            of_mask(mask, vertices=wrong)  # type: ignore[arg-type]
    with pytest.raises(PromptError, match="'bezier'"):
        of_mask(mask, curve="bezier")
    with pytest.raises(MaskError, match="within"):
        fill(Outline((ring((0, 0), (1e9, 0), (0, 1)),)), 5, 5)
