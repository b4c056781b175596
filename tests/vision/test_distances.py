"""Distance maps and the innermost point, against the definition taken literally."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from maskwright.errors import MaskError, PromptError
from maskwright.vision import distances
from maskwright.vision.distances import DistanceMap, innermost, inside, to_mask, to_points
from maskwright.vision.masks import Mask

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12))


def slow(mask: Mask) -> DistanceMap:
    """Each pixel's distance to the nearest true one, by trying all."""
    rows, columns = np.nonzero(mask)
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
    squares = (y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2
    return np.sqrt(squares.min(axis=2, initial=1 << 40)).astype(np.float32)


@given(masks)
def test_to_mask(mask: Mask) -> None:
    found = to_mask(mask)
    assert found.dtype == np.float32
    if mask.any():
        np.testing.assert_array_equal(found, slow(mask))  # to the last bit, so that equals are equal
    else:
        assert np.isinf(found).all()
    np.testing.assert_array_equal(to_mask(mask, truncate=2.5), np.minimum(found, np.float32(2.5)))


def test_exact_on_a_large_map() -> None:
    found = to_points([(0, 0)], 600, 800)
    rows, columns = np.mgrid[:600, :800]
    np.testing.assert_allclose(found, np.hypot(rows, columns), rtol=1e-6)


def test_to_points() -> None:
    assert to_points([], 2, 3, truncate=255).tolist() == [[255] * 3] * 2
    assert to_points([(0.4, 0), (2.4, 0.4)], 1, 4).tolist() == [[0, 1, 0, 1]]


@pytest.mark.parametrize("point", [(-1, 0), (0, -0.6), (4, 0), (0, 2.5)])
def test_points_outside(point: tuple[float, float]) -> None:
    with pytest.raises(PromptError, match=r"lies outside the image; give x in 0\.\.3 and y in 0\.\.2"):
        to_points([point], 3, 4)


@given(masks)
def test_innermost_by_the_rule_taken_literally(mask: Mask) -> None:
    # Pad by one, distance to the nearest zero, first maximum in reading order.
    padded = np.pad(mask, 1)
    depth = np.where(padded, slow(~padded), 0)[1:-1, 1:-1]
    np.testing.assert_allclose(inside(mask), depth, rtol=1e-6)
    if not mask.any():
        with pytest.raises(MaskError, match="no innermost point"):
            innermost(mask)
        return
    row, column = np.argwhere(depth == depth.max())[0]
    assert innermost(mask) == (column, row)


@given(masks.filter(lambda mask: bool(mask.any())), st.integers(0, 5))
def test_excluded_pixels_are_not_chosen_again(mask: Mask, clicks: int) -> None:
    chosen: list[tuple[float, float]] = [(-3, 200)]  # outside: no matter
    for _ in range(min(clicks, int(mask.sum()))):
        x, y = innermost(mask, chosen)
        assert mask[y, x]
        assert (x, y) not in chosen
        chosen.append((x, y))
    if len(chosen) - 1 == mask.sum():
        with pytest.raises(MaskError):
            innermost(mask, chosen)


def test_pixel_of_rounds_halves_up() -> None:
    # Python's round() would send 0.5 and 2.5 down, 1.5 up.
    assert [distances.pixel_of(x, 0)[0] for x in (-0.5, 0.49, 0.5, 1.5, 2.5)] == [0, 0, 1, 2, 3]
