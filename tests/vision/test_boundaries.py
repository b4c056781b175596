"""Bands and the boundary measure, against slow references."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from maskwright.errors import MaskError
from maskwright.vision.boundaries import band, boundary_f, default_tolerance, inner
from maskwright.vision.masks import Mask

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12))


def seg2bmap(mask: Mask) -> Mask:
    """DAVIS's boundary map, pixel by pixel."""
    height, width = mask.shape
    line = np.zeros_like(mask)
    for y in range(height):
        for x in range(width):
            right, below = min(x + 1, width - 1), min(y + 1, height - 1)
            line[y, x] = any(mask[y, x] != mask[v, u] for v, u in ((y, right), (below, x), (below, right)))
    return line


def slow_f(pred: Mask, truth: Mask, tolerance: float) -> float:
    """DAVIS's F measure by comparing all boundary pixels with each other."""
    ours, theirs = np.argwhere(seg2bmap(pred)), np.argwhere(seg2bmap(truth))
    if not len(ours) and not len(theirs):
        return 1.0
    if not len(ours) or not len(theirs):
        return 0.0
    squares = ((ours[:, None] - theirs[None]) ** 2).sum(axis=2)
    precision = (squares.min(axis=1) <= tolerance**2).mean()
    recall = (squares.min(axis=0) <= tolerance**2).mean()
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


@given(st.data(), masks, st.sampled_from([0, 1, 1.5, 2, 3, 5]))
def test_boundary_f_against_the_slow_one(data: st.DataObject, truth: Mask, tolerance: float) -> None:
    pred = data.draw(arrays(bool, truth.shape))
    assert boundary_f(pred, truth, tolerance) == pytest.approx(slow_f(pred, truth, tolerance))
    assert boundary_f(truth, truth, tolerance) == 1


def test_boundary_f_by_hand() -> None:
    truth = np.zeros((30, 30), bool)
    truth[10:20, 10:20] = True
    shifted = np.roll(truth, 3, axis=1)
    assert boundary_f(shifted, truth, 3) == 1
    # Without tolerance only the pieces of the long sides that lie on each other agree: 2 x 8 of 40 pixels, by DAVIS's map.
    assert 0.3 < boundary_f(shifted, truth, 0) < 0.5
    assert boundary_f(np.zeros_like(truth), truth, 3) == 0
    assert boundary_f(np.zeros_like(truth), np.ones_like(truth), 3) == 1


def test_shapes_and_tolerance_are_checked() -> None:
    mask = np.ones((3, 3), bool)
    with pytest.raises(MaskError, match="3 x 2 px"):
        boundary_f(mask[:2], mask, 1)
    with pytest.raises(MaskError, match="tolerance is nan"):
        boundary_f(mask, mask, float("nan"))
    with pytest.raises(MaskError, match="the band's width is -1"):
        band(mask, -1)


def test_default_tolerance_is_davis() -> None:
    assert [default_tolerance(480, 854), default_tolerance(100, 100), default_tolerance(1, 1)] == [8, 2, 1]


@given(masks)
def test_inner_boundary(mask: Mask) -> None:
    height, width = mask.shape
    found = inner(mask)
    for y in range(height):
        for x in range(width):
            around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
            beside = [mask[v, u] for v, u in around if 0 <= v < height and 0 <= u < width]
            assert found[y, x] == (mask[y, x] and not all(beside))


@given(masks, st.sampled_from([0, 1, 1.5, 3]))
def test_band(mask: Mask, width: float) -> None:
    line = np.argwhere(inner(mask))
    found = band(mask, width)
    for y, x in np.ndindex(mask.shape):
        near = len(line) and ((line - (y, x)) ** 2).sum(axis=1).min() <= width**2
        assert found[y, x] == bool(near)
