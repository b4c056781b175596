"""The robot that drags control points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lines import Line, lines

from maskwright.bench.drag_robot import largest_ring, next_drag, true_line
from maskwright.prompts import Outline, OutlineRing
from maskwright.vision.masks import iou
from maskwright.vision.outline_matching import places
from maskwright.vision.outlines import fill, moved, of_mask


def outline_of(points: Line, curve: str = "polygon") -> Outline:
    return Outline((OutlineRing(tuple((x, y) for x, y in points.tolist())),), curve)


@given(lines(), st.integers(0, 59), st.floats(12, 40), st.integers(0, 100))
@settings(deadline=None, max_examples=50)
def test_the_point_that_is_off_is_dragged_home(line: Line, index: int, off: float, reach: int) -> None:
    index %= len(line)
    points = np.array(of_mask(fill(outline_of(line), 140, 140), vertices=len(line)).rings[0].points)
    truth = points.copy()
    away = points[index % len(points)] - 70
    points[index % len(points)] += off * away / np.linalg.norm(away)
    drag = next_drag(outline_of(points), truth, reach, enough=1)
    assert drag is not None
    assert (drag.ring, drag.reach) == (0, reach)
    near = min((drag.index - index) % len(points), (index - drag.index) % len(points))
    assert near <= 1
    there = places(points, "polygon", truth)
    assert (drag.x, drag.y) == pytest.approx(there[drag.index].tolist(), abs=0.006)
    assert np.hypot(*(there - points).T).argmax() == drag.index


@given(lines(), st.sampled_from(["polygon", "spline"]))
@settings(deadline=None, max_examples=10)
def test_dragged_by_hand_again_and_again_the_outline_becomes_the_object(line: Line, curve: str) -> None:
    truth = fill(outline_of(line, curve), 150, 150)
    wanted = true_line(truth)
    assert wanted is not None
    turn = np.linspace(0, -2 * np.pi, 24, endpoint=False)
    outline = outline_of(75 + 30 * np.stack([np.cos(turn), np.sin(turn)], axis=1), curve)
    before = iou(fill(outline, 150, 150), truth)
    for _ in range(80):
        drag = next_drag(outline, wanted, reach=0, enough=1)
        if drag is None:
            break
        outline = moved(outline, drag.ring, drag.index, (drag.x, drag.y))
    assert iou(fill(outline, 150, 150), truth) > max(before, 0.85)  # corners between control points are cut


def test_what_is_right_is_left_alone() -> None:
    square = np.array([[0.0, 0], [8, 0], [8, 8], [0, 8]])
    assert next_drag(outline_of(square), square, reach=2, enough=1) is None
    assert next_drag(outline_of(square + 0.6), square, reach=2, enough=1) is None
    assert next_drag(outline_of(square + 0.9), square, reach=2, enough=1) is not None


def test_the_true_line_is_that_of_the_one_part() -> None:
    truth = np.zeros((60, 80), bool)
    truth[10:40, 10:60] = True
    truth[20:30, 20:30] = False
    line = true_line(truth)
    assert line is not None
    assert line.tolist() == [[9.5, 9.5], [59.5, 9.5], [59.5, 39.5], [9.5, 39.5]]
    truth[50, 70] = True  # a speck
    assert true_line(truth) is not None
    truth[45:55, 65:75] = True
    assert true_line(truth) is None


def test_the_largest_ring_is_no_hole() -> None:
    def square(side: float, hole: bool = False) -> OutlineRing:
        return OutlineRing(((0, 0), (0, side), (side, side), (side, 0)), hole=hole)

    outline = Outline((square(5), square(9), square(20, hole=True), square(7)), "polygon")
    assert largest_ring(outline) == 1
    drag = next_drag(outline, np.array([[0.0, 0], [30, 0], [30, 30], [0, 30]]), reach=1, enough=1)
    assert drag is not None
    assert drag.ring == 1
