"""Where control points belong on the true line."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lines import Line, lines

from maskwright.vision.outline_matching import POINTS, places, worst
from maskwright.vision.outlines import curve_of


def walked(line: Line, count: int) -> list[tuple[float, float]]:
    """So many points evenly along a closed line, edge by edge."""
    edges = [(line[i], line[(i + 1) % len(line)]) for i in range(len(line))]
    lengths = [math.dist(a, b) for a, b in edges]
    found = []
    for k in range(count):
        left = k * sum(lengths) / count
        for (a, b), length in zip(edges, lengths, strict=True):
            if left < length:
                found.append((float(a[0] + (b[0] - a[0]) * left / length), float(a[1] + (b[1] - a[1]) * left / length)))
                break
            left -= length
    return found


@given(lines(), st.integers(0, 59), st.booleans(), st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
@settings(deadline=None, max_examples=50)
def test_the_line_itself_is_matched_wherever_it_begins_and_lies(
    line: Line, first: int, backwards: bool, shift: tuple[float, float]
) -> None:
    points = np.roll(line, first, axis=0)
    points = points[::-1] if backwards else points
    there = places(points + shift, "polygon", line)
    # The matched points are a 640th of the line apart.
    assert np.abs(there - points).max() <= 2 * math.pi * 70 / POINTS + 0.5
    if not first and not backwards:
        assert np.allclose(there, points, atol=1e-6)


@given(lines(), lines(), st.sampled_from(["polygon", "spline"]))
@settings(deadline=None, max_examples=10)
def test_no_other_start_matches_better(points: Line, truth: Line, curve: str) -> None:
    ours, theirs = np.array(walked(curve_of(points, curve), POINTS)), np.array(walked(truth, POINTS))

    def cost(start: int) -> float:
        return float(((ours - np.roll(theirs, -start, axis=0)) ** 2).sum())

    start = int(np.hypot(*(theirs - places(points, curve, truth)[0]).T).argmin())
    assert cost(start) <= min(map(cost, range(POINTS))) * 1.001 + 1e-6


@given(lines(), st.integers(0, 59), st.floats(3, 30), st.integers(1, 20))
@settings(deadline=None, max_examples=30)
def test_what_lies_on_the_line_is_left_alone_while_another_lies_beside(line: Line, index: int, off: float, slid: int) -> None:
    points = np.array(walked(line, 40))
    index %= 40
    away = points[index] - 70
    points[index] += off * away / np.linalg.norm(away)
    # Points that have slid along the line are far from their places, but on it.
    others = (index + 5 + np.arange(25)) % 40
    points[others] = np.array(walked(line, 40 * 25))[(25 * others + 10 * slid) % 1000]
    assert worst(points, "polygon", line, enough=1)[0] == index
    points[index] = walked(line, 40)[index]
    point, far, there = worst(points, "polygon", line, enough=1)
    distances = np.hypot(*(there - points).T)
    assert (point, far) == (distances.argmax(), distances.max())
