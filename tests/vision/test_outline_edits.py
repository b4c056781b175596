"""Control points inserted, deleted, moved and pinned by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.errors import PromptError
from maskwright.prompts import Outline, OutlineRing
from maskwright.vision.outlines import deleted, inserted, moved, pinned

TRIANGLE = OutlineRing(((0, 0), (8, 0), (8, 8)))
HOLE = OutlineRing(((5, 2), (6, 2), (6, 3)), hole=True)


@st.composite
def places(draw: st.DrawFn) -> tuple[Outline, int, int]:
    """An outline of two rings, and one of its control points."""
    sizes = draw(st.tuples(st.integers(4, 9), st.integers(4, 9)))
    rings = tuple(
        OutlineRing(tuple((i, 10 * k + i * i) for i in range(size)), tuple(draw(st.sets(st.integers(0, size - 1)))), k == 1)
        for k, size in enumerate(sizes)
    )
    ring = draw(st.integers(0, 1))
    return Outline(rings), ring, draw(st.integers(0, sizes[ring] - 1))


def pinned_points(outline: Outline, ring: int) -> set[tuple[float, float]]:
    return {outline.rings[ring].points[i] for i in outline.rings[ring].pinned}


@given(places())
def test_inserting_and_deleting_undo_each_other(place: tuple[Outline, int, int]) -> None:
    outline, ring, edge = place
    more = inserted(outline, ring, edge, (77, 78))
    assert more.rings[ring].points[edge + 1] == (77, 78)
    assert pinned_points(more, ring) == pinned_points(outline, ring)
    assert deleted(more, ring, edge + 1) == outline
    assert more.rings[1 - ring] == outline.rings[1 - ring]


@given(places())
def test_deleting_takes_the_point_and_its_pin(place: tuple[Outline, int, int]) -> None:
    outline, ring, index = place
    point = outline.rings[ring].points[index]
    fewer = deleted(outline, ring, index)
    assert point not in fewer.rings[ring].points
    assert pinned_points(fewer, ring) == pinned_points(outline, ring) - {point}


@given(places())
def test_moving_moves_that_point_alone(place: tuple[Outline, int, int]) -> None:
    outline, ring, index = place
    there = moved(outline, ring, index, (77, 78))
    assert there.rings[ring].points[index] == (77, 78)
    assert there.rings[ring].pinned == outline.rings[ring].pinned
    assert moved(there, ring, index, outline.rings[ring].points[index]) == outline


@given(places())
def test_pinning_and_letting_go(place: tuple[Outline, int, int]) -> None:
    outline, ring, index = place
    held = pinned(outline, ring, index, True)
    assert index in held.rings[ring].pinned
    assert pinned(held, ring, index, True) == held
    assert index not in pinned(held, ring, index, False).rings[ring].pinned


def test_a_triangle_goes_as_a_whole_but_not_the_last() -> None:
    assert deleted(Outline((TRIANGLE, HOLE)), 1, 0) == Outline((TRIANGLE,))
    assert deleted(Outline((TRIANGLE, TRIANGLE)), 0, 2) == Outline((TRIANGLE,))
    for outline in (Outline((TRIANGLE,)), Outline((TRIANGLE, HOLE))):
        with pytest.raises(PromptError, match="delete the object instead"):
            deleted(outline, 0, 1)


@pytest.mark.parametrize(
    "edit",
    [
        lambda outline, ring, index: inserted(outline, ring, index, (1, 1)),
        deleted,
        lambda outline, ring, index: moved(outline, ring, index, (1, 1)),
        lambda outline, ring, index: pinned(outline, ring, index, True),
    ],
)
def test_what_is_not_there(edit: Callable[[Outline, int, int], Outline]) -> None:
    outline = Outline((TRIANGLE, HOLE))
    for ring in (-1, 2):
        with pytest.raises(PromptError, match=f"ring {ring} of the outline is meant; it has 2"):
            edit(outline, ring, 0)
    for index in (-1, 3):
        with pytest.raises(PromptError, match=f"control point {index} of ring 1 is meant; the ring has 3"):
            edit(outline, 1, index)


def test_a_ring_can_be_full() -> None:
    full = Outline((OutlineRing(tuple((i, i * i) for i in range(400))),))
    with pytest.raises(PromptError, match="401 control points"):
        inserted(full, 0, 5, (1, 1))
