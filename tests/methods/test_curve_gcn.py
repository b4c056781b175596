"""Curve-GCN: what becomes of boxes, outlines, drags and parts; what is computed again, repaired, refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.engine.fake import FakeEngine
from maskwright.errors import ImageError, PromptError
from maskwright.methods import curve_gcn
from maskwright.methods.base import Candidate, PreparedImage
from maskwright.methods.curve_gcn import CurveGcn
from maskwright.methods.curve_gcn_encoding import SIZE, crop_of, to_pixels
from maskwright.prompts import Box, Click, Outline, OutlineForm, OutlineRing, Part, Prompt, VertexDrag
from maskwright.vision.masks import iou
from maskwright.vision.outlines import crosses_itself, fill

Arrays = Mapping[str, NDArray[np.float32]]

HEIGHT, WIDTH = 120, 160


class Spy:
    """Fake graphs: features of nothing, a ring that stays or grows, neighbours that are left where they are or pushed."""

    def __init__(self, grow: float = 1.0, follow: Callable[[Arrays], NDArray[np.float32]] | None = None) -> None:
        self.encoder = FakeEngine(lambda arrays: {"features": np.zeros((1, 96, 64, 64), np.float32)})
        self.outline = FakeEngine(
            lambda a: {"moved": (a["points"] - a["points"].mean(1)) * np.float32(grow) + a["points"].mean(1)}
        )
        self.drag = FakeEngine(lambda a: {"moved": a["points"] + (0 if follow is None else follow(a))})
        self.method = CurveGcn(lambda: self.encoder, lambda: self.outline, lambda: self.drag)
        self.prepared: PreparedImage = self.method.prepare(image())

    def __call__(self, *prompts: Prompt) -> Candidate:
        (candidate,) = self.method.predict(prompts, self.prepared).candidates
        return candidate


def image(height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def outline_of(candidate: Candidate) -> Outline:
    assert candidate.outline is not None
    return candidate.outline


def points_of(candidate: Candidate, ring: int = 0) -> NDArray[np.float64]:
    return np.array(outline_of(candidate).rings[ring].points)


def circle(vertices: int = 20, radius: float = 30.0, curve: str = "spline", pinned: tuple[int, ...] = ()) -> Outline:
    angles = 2 * np.pi * np.arange(vertices) / vertices
    points = np.stack([80 + radius * np.cos(angles), 60 - radius * np.sin(angles)], axis=1)
    return Outline((OutlineRing(tuple(map(tuple, points.tolist())), pinned),), curve)


def test_a_box_becomes_an_outline_and_what_it_fills() -> None:
    spy = Spy(grow=1 / 0.8)  # from four fifths of the box to all of it
    answer = spy(Box(40, 30, 119, 89))
    outline = outline_of(answer)
    assert outline.curve == "spline"
    assert len(outline.rings[0].points) == 40
    assert np.array_equal(answer.mask, fill(outline, HEIGHT, WIDTH))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ellipse = ((columns - 79.5) / 40) ** 2 + ((rows - 59.5) / 30) ** 2 <= 1
    assert iou(answer.mask, ellipse) > 0.98
    assert answer.notice is None
    assert answer.score == 1.0


@pytest.mark.parametrize("vertices", [6, 7, 41, 200])
@pytest.mark.parametrize("curve", ["polygon", "spline"])
def test_the_form_says_how_many_control_points_and_which_curve(vertices: int, curve: str) -> None:
    outline = outline_of(Spy()(Box(40, 30, 119, 89), OutlineForm(vertices, curve)))
    assert outline.curve == curve
    assert len(outline.rings[0].points) == vertices


def test_the_network_sees_the_square_around_the_box() -> None:
    spy = Spy()
    spy(Box(40, 30, 119, 89))
    (seen,) = spy.encoder.calls
    assert seen["rgb"].shape == (1, 3, SIZE, SIZE)
    assert np.abs(seen["rgb"]).max() <= 1
    ys, xs = np.nonzero(seen["prompts"][0, 0])
    # 80 of 92 px, and 60 of 92.
    assert np.ptp(xs) + 1 == pytest.approx(SIZE * 80 / 92, abs=2)
    assert np.ptp(ys) + 1 == pytest.approx(SIZE * 60 / 92, abs=2)
    (ring,) = spy.outline.calls
    assert ring["points"].shape == (1, 40, 2)
    assert ring["points"].dtype == ring["adjacency"].dtype == np.float32
    assert ring["points"][0].mean(0) == pytest.approx([0.5, 0.5], abs=0.01)


def test_an_outline_alone_is_only_filled() -> None:
    spy = Spy()
    crossing = Outline((OutlineRing(((10, 10), (50, 50), (50, 10), (10, 50))),), "polygon")
    for outline in (circle(), crossing):
        answer = spy(outline)
        assert answer.outline == outline
        assert np.array_equal(answer.mask, fill(outline, HEIGHT, WIDTH))
        assert answer.notice is None
    assert not spy.encoder.calls


def test_neighbours_within_reach_follow_and_all_others_stay() -> None:
    spy = Spy()
    before = circle(pinned=(1,))
    ring = np.array(before.rings[0].points)
    answer = spy(before, VertexDrag(19, ring[19, 0] + 4, ring[19, 1] - 3, reach=2))
    shifts = points_of(answer) - ring
    expected = np.zeros((20, 2))
    for index, share in {17: 1 / 3, 18: 2 / 3, 19: 1.0, 0: 2 / 3}.items():  # around the ring's end; 1 is pinned
        expected[index] = share * 4, share * -3
    assert shifts == pytest.approx(expected, abs=0.01)
    assert (shifts[1:17] == 0).all()
    assert outline_of(answer).rings[0].pinned == (1, 19)  # a person put it there


def test_a_drag_without_reach_moves_the_point_alone_and_needs_no_network() -> None:
    spy = Spy()
    answer = spy(circle(), VertexDrag(3, 100, 20, reach=0))
    assert outline_of(answer).rings[0].pinned == (3,)
    assert points_of(answer)[3] == pytest.approx([100, 20])
    assert (points_of(answer) != np.array(circle().rings[0].points)).any(axis=1).sum() == 1
    assert not spy.encoder.calls
    assert not spy.drag.calls


def test_a_drag_says_what_was_dragged_and_where_to() -> None:
    spy = Spy()
    spy(circle(), VertexDrag(5, 80, 20, reach=2))
    (seen,) = spy.drag.calls
    crop = crop_of(Box(50, 20, 110, 90))
    assert to_pixels(seen["points"][0], crop)[5] == pytest.approx([80, 20], abs=0.01)
    assert seen["shifts"][0, 5] == pytest.approx([0, -10 / crop.height], abs=1e-3)
    assert seen["shifts"][0, [3, 4, 6, 7], 1] * crop.height == pytest.approx([-10 / 3, -20 / 3, -20 / 3, -10 / 3], abs=0.01)
    assert np.count_nonzero(np.abs(seen["shifts"]).sum(2)) == 5
    assert np.flatnonzero(seen["roles"][0, :, 0]).tolist() == [3, 4, 6, 7]
    assert np.flatnonzero(seen["roles"][0, :, 1]).tolist() == [5]
    assert seen["adjacency"].shape == (1, 20, 20)


def test_a_drag_uses_the_features_of_the_box_as_long_as_the_ring_lies_in_its_crop() -> None:
    spy = Spy(grow=1 / 0.8)
    outline = outline_of(spy(Box(40, 30, 119, 89), OutlineForm(20)))
    for x in (119, 121, 123):
        outline = outline_of(spy(outline, VertexDrag(0, x, 60)))
    assert len(spy.encoder.calls) == 1
    outline = outline_of(spy(outline, VertexDrag(0, 140, 60)))  # beyond the crop
    assert len(spy.encoder.calls) == 2
    spy(outline, VertexDrag(0, 141, 60))
    assert len(spy.encoder.calls) == 2
    spy(circle(radius=9), VertexDrag(0, 90, 60))  # hardly anything to see in a crop so large
    assert len(spy.encoder.calls) == 3


def test_a_drag_is_not_led_by_another_object_that_was_drawn_since() -> None:
    spy = Spy(grow=1 / 0.8)
    first = outline_of(spy(Box(40, 30, 99, 89), OutlineForm(20)))
    spy(Box(30, 20, 119, 95), OutlineForm(20))  # around it, in a crop that would do
    before = len(spy.encoder.calls)
    spy(first, VertexDrag(0, 101, 60))
    assert len(spy.encoder.calls) == before
    assert to_pixels(spy.drag.calls[-1]["points"][0], crop_of(Box(40, 30, 99, 89)))[0] == pytest.approx([101, 60], abs=0.5)
    spy(Box(10, 10, 149, 110), OutlineForm(20))
    spy.prepared.cache["seen"] = spy.prepared.cache["seen"][:1]  # the ring's own crop is not kept any more
    before = len(spy.encoder.calls)
    spy(first, VertexDrag(0, 101, 60))
    assert len(spy.encoder.calls) == before + 1


def test_the_same_box_in_another_form_is_seen_once_and_another_box_anew() -> None:
    spy = Spy()
    for form in (OutlineForm(12), OutlineForm(60, "polygon")):
        spy(Box(40, 30, 119, 89), form)
    assert len(spy.encoder.calls) == 1
    spy(Box(40, 31, 119, 88))  # the same crop
    assert len(spy.encoder.calls) == 2
    for i in range(8):
        spy(Box(40 + i, 30, 90, 89))
    assert len(spy.prepared.cache["seen"]) == 4


def test_a_part_is_one_ring_more_and_a_hole_is_cut_out() -> None:
    spy = Spy()
    answer = spy(circle(), Part(5, 5, 34, 34), OutlineForm(vertices=10))
    assert len(points_of(answer, ring=1)) == 10
    assert answer.mask[20, 20]
    assert answer.mask[60, 80]
    answer = spy(outline_of(answer), Part(70, 50, 90, 70, hole=True))
    assert [ring.hole for ring in outline_of(answer).rings] == [False, False, True]
    assert answer.mask[20, 20]
    assert not answer.mask[60, 80]
    moved = spy(outline_of(answer), VertexDrag(2, 30, 4, ring=1, reach=0))
    assert points_of(moved, ring=0).tolist() == points_of(answer, ring=0).tolist()
    assert points_of(moved, ring=1)[2].tolist() == [30, 4]


def test_neighbours_follow_less_where_the_ring_would_cross_itself() -> None:
    push = np.zeros((1, 20, 2), np.float32)
    push[0, 1::2, 0] = 1.2
    spy = Spy(follow=lambda arrays: push)
    before = circle(curve="polygon")
    ring = np.array(before.rings[0].points)
    answer = spy(before, VertexDrag(10, 48, 60, reach=1))
    assert not crosses_itself(points_of(answer), "polygon")
    assert answer.notice is None
    shifts = points_of(answer)[[9, 11], 0] - ring[[9, 11], 0]
    full = 1.2 * crop_of(Box(48, 30, 110, 90)).width
    assert any(shifts == pytest.approx(full / share, rel=0.05) for share in (2, 4, 8))


def test_what_crosses_itself_after_all_is_put_in_order_and_said() -> None:
    before = circle(curve="polygon")
    answer = Spy()(before, VertexDrag(0, 10, 60, reach=0))
    assert answer.notice is not None
    assert "changed their order" in answer.notice
    (ring,) = outline_of(answer).rings
    assert not crosses_itself(ring.points, "polygon")
    assert set(ring.points) == {(10, 60), *before.rings[0].points[1:]}
    assert (ring.points[0], ring.pinned) == ((10, 60), (0,))  # the hand still holds it
    assert answer.mask[60, 90]  # the object
    assert answer.mask[50:70, 30].any()  # and the way to the point, beyond its other side
    assert np.array_equal(answer.mask, fill(outline_of(answer), HEIGHT, WIDTH))


def test_what_no_order_helps_is_drawn_anew_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_gcn, "untangled", lambda outline, ring, held: None)
    answer = Spy()(circle(curve="polygon"), VertexDrag(0, 10, 60, reach=0))
    assert answer.notice is not None
    assert "repaired" in answer.notice
    assert not any(crosses_itself(ring.points, "polygon") for ring in outline_of(answer).rings)
    assert np.array_equal(answer.mask, fill(outline_of(answer), HEIGHT, WIDTH))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_no_drag_leaves_a_crossing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spy = Spy(follow=lambda a: rng.normal(0, rng.choice([0.01, 0.1, 0.5]), a["points"].shape).astype(np.float32))
    vertices = int(rng.integers(3, 80))
    outline = circle(vertices, curve=str(rng.choice(["polygon", "spline"])))
    for _ in range(4):
        ring = int(rng.integers(len(outline.rings)))
        index = int(rng.integers(len(outline.rings[ring].points)))
        near = np.array(outline.rings[ring].points[index]) + rng.normal(0, rng.choice([2, 10, 60]), 2)
        drag = VertexDrag(index, float(near[0]), float(near[1]), ring=ring, reach=int(rng.integers(0, 9)))
        count = len(outline.rings[ring].points)
        answer = spy(outline, drag)
        outline = outline_of(answer)
        assert not any(crosses_itself(ring.points, outline.curve) for ring in outline.rings)
        assert answer.notice or len(outline.rings[ring].points) == count


def test_a_point_dragged_beyond_the_image_stays_on_its_edge() -> None:
    answer = Spy(follow=lambda arrays: np.zeros((1, 1, 2), np.float32))(circle(), VertexDrag(0, 5000, 60))
    assert points_of(answer)[0].tolist() == [WIDTH - 0.5, 60]
    answer = Spy()(circle(), VertexDrag(5, 80, -1e9, reach=0))
    assert points_of(answer)[5].tolist() == [80, -0.5]


def test_outlines_far_beyond_the_image_are_seen_as_far_as_it_goes() -> None:
    spy = Spy()
    far = Outline((OutlineRing(((-90000, -90000), (90000, -90000), (90000, 90000), (-90000, 90000))),), "polygon")
    answer = spy(far, VertexDrag(0, 20, 20, reach=0))
    assert answer.mask[119, 0]
    assert spy(far, VertexDrag(0, 20, 20, reach=1)).mask.shape == (HEIGHT, WIDTH)
    assert len(spy.encoder.calls) == 1


def test_boxes_are_cut_off_at_the_image() -> None:
    assert outline_of(Spy()(Box(-500, 30, 59, 900))) == outline_of(Spy()(Box(0, 30, 59, 119)))


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "given: nothing"),
        ([OutlineForm()], "given: outline_form"),
        ([VertexDrag(0, 3, 4)], "given: vertex_drag"),
        ([Part(3, 4, 20, 20)], "given: part"),
        ([Click(3, 4)], "given: click"),
        ([Box(3, 4, 20, 20), Box(3, 4, 20, 20)], "given: box, box"),
        ([Box(3, 4, 20, 20), circle()], "given: box, outline"),
        ([circle(), VertexDrag(0, 3, 4), VertexDrag(0, 3, 4)], "outline, vertex_drag, vertex_drag"),
        ([circle(), OutlineForm()], "given: outline, outline_form"),
        ([Box(3, 4, 20, 20), OutlineForm(), OutlineForm()], "box, outline_form, outline_form"),
        ([Box(30, 40, 30, 60)], "box 30,40,30,60 spans no area"),
        ([Box(30, 40, 30, 40)], "spans no area"),
        ([Box(159, 40, 300, 60)], "spans no area of the image"),
        ([Box(200, 40, 260, 60)], "lies outside the image of 160 x 120 px"),
        ([Box(-60, 40, -20, 60)], "lies outside"),
        ([circle(), Part(200, 40, 260, 60)], "part 200,40,260,60 lies outside"),
        ([circle(), Part(20, 40, 20, 60, hole=True)], "part 20,40,20,60 spans no area"),
        ([circle(), VertexDrag(20, 3, 4)], "control point 20"),
        ([circle(), VertexDrag(0, 3, 4, ring=1)], "ring 1"),
    ],
)
def test_prompts_that_make_no_sense_are_refused(prompts: list[Prompt], message: str) -> None:
    with pytest.raises(PromptError, match=message):
        Spy()(*prompts)


def test_an_image_of_a_few_pixels() -> None:
    spy = Spy()
    answer = spy.method.predict([Box(0, 0, 2, 1)], spy.method.prepare(image(2, 3)))
    assert answer.mask.shape == (2, 3)


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError):
        Spy().method.prepare(np.zeros((4, 4), np.uint8))
