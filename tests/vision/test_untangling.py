"""Rings that cross themselves are put in order: nothing moves, and nothing crosses any more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskwright.prompts import Outline, OutlineRing
from maskwright.vision.outlines import crosses_itself
from maskwright.vision.untangling import untangled


def ring_of(count: int, radius: float = 50.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return 100 + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def outline_of(points: np.ndarray, curve: str, pinned: tuple[int, ...] = ()) -> Outline:
    other = OutlineRing(((0, 0), (9, 0), (9, 9)))
    return Outline((other, OutlineRing(tuple((x, y) for x, y in points.tolist()), pinned)), curve)


@given(st.integers(0, 10_000), st.integers(4, 60), st.floats(0, 60), st.sampled_from(["polygon", "spline"]))
@settings(max_examples=60, deadline=None)
def test_the_same_points_without_a_crossing(seed: int, count: int, off: float, curve: str) -> None:
    rng = np.random.default_rng(seed)
    points = ring_of(count)
    held = int(rng.integers(count))
    points[held] += rng.uniform(-off, off, 2)
    pinned = tuple(sorted({held, int(rng.integers(count))}))
    given_outline = outline_of(points, curve, pinned)
    found = untangled(given_outline, 1, held)
    if found is None:
        assert curve == "spline"  # segments bulge; the polygon's edges can always be put in order
        return
    other, ring = found.rings
    assert other == given_outline.rings[0]
    assert not crosses_itself(ring.points, curve)
    assert sorted(ring.points) == sorted(given_outline.rings[1].points)
    assert ring.points[held] == given_outline.rings[1].points[held]
    assert {ring.points[i] for i in ring.pinned} == {given_outline.rings[1].points[i] for i in pinned}


@given(st.integers(0, 10_000), st.integers(4, 25))
@settings(max_examples=30, deadline=None)
def test_even_points_without_any_order_become_a_ring(seed: int, count: int) -> None:
    points = np.random.default_rng(seed).uniform(0, 100, (count, 2))
    found = untangled(outline_of(points, "polygon"), 1)
    assert found is not None
    assert not crosses_itself(found.rings[1].points, "polygon")


@pytest.mark.parametrize("curve", ["polygon", "spline"])
def test_what_does_not_cross_stays_as_it_is(curve: str) -> None:
    outline = outline_of(ring_of(12), curve, (3,))
    assert untangled(outline, 1, held=5) == outline


def test_a_point_that_passed_its_neighbours_changes_places_with_them_and_few_others() -> None:
    points = ring_of(40)
    points[7] = (points[9] + points[10]) / 2 + 0.5
    found = untangled(outline_of(points, "polygon"), 1, held=20)
    assert found is not None
    moved = [k for k, point in enumerate(found.rings[1].points) if point != tuple(points[k].tolist())]
    assert moved == [7, 8, 9]
