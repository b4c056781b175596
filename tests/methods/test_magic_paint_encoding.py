"""What Magic Paint's networks see: the grid, and paint on its cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.methods.encoding import GREY
from maskwright.methods.magic_paint_encoding import SIZE, Grid, encode, laid

SIDES = st.integers(1, 2000)


@given(SIDES, SIDES)
def test_the_longer_side_fills_the_square_and_cells_cover_the_image(height: int, width: int) -> None:
    grid = Grid.of(height, width)
    assert max(grid.rows, grid.columns) == SIZE
    assert min(grid.rows, grid.columns) >= 1
    for pixels, native in ((grid.rows, height), (grid.columns, width)):
        assert pixels == pytest.approx(native * SIZE / max(height, width), abs=0.5) or pixels == 1
    for cells, pixels in zip(grid.cells, (grid.rows, grid.columns), strict=True):
        assert cells % 4 == 0
        assert pixels <= 4 * cells <= min(pixels + 15, SIZE)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 700), (2000, 3), (30, 40), (600, 512)])
def test_the_image_lies_at_the_upper_left_of_a_grey_square(height: int, width: int) -> None:
    grid = Grid.of(height, width)
    seen = encode(np.full((height, width, 3), 255, np.uint8), grid)
    assert seen.shape == (3, SIZE, SIZE)
    assert (seen[:, : grid.rows, : grid.columns] == 1).all()
    assert np.allclose(seen[:, grid.rows :], GREY / 127.5 - 1, atol=1e-6)
    assert np.allclose(seen[:, :, grid.columns :], GREY / 127.5 - 1, atol=1e-6)


def slow(classes: NDArray[np.uint8], grid: Grid) -> tuple[list[int], NDArray[np.int64]]:
    """Owners by the rules, one pixel after the other, for images larger than the square."""
    order: list[int] = []
    counts: dict[tuple[int, int], dict[int, int]] = {}
    for row, column in np.argwhere(classes).tolist():
        k = int(classes[row, column])
        order += [k] * (k not in order)
        y = (2 * row + 1) * grid.rows // (2 * grid.height) // 4
        x = (2 * column + 1) * grid.columns // (2 * grid.width) // 4
        of_cell = counts.setdefault((y, x), {})
        of_cell[k] = of_cell.get(k, 0) + 1
    owners = np.zeros(grid.cells, np.int64)
    for cell, of_cell in counts.items():
        owners[cell] = max(order, key=lambda k: of_cell.get(k, 0))
    return order, owners


@given(st.integers(0, 10_000), st.integers(64, 150), st.integers(64, 150), st.sampled_from([0.002, 0.05, 0.9]))
def test_paint_comes_to_the_cells_by_its_rules(seed: int, height: int, width: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    classes = (rng.integers(1, 255, 5)[rng.integers(0, 5, (height, width))]).astype(np.uint8)
    classes[rng.random((height, width)) > density] = 0
    grid = Grid.of(height, width, size=64)
    found = laid(classes, grid)
    order, owners = slow(classes, grid)
    assert np.array_equal(np.array([0, *found.order])[found.owners + 1], owners)
    # Classes that own no cell are left out; the others keep their order.
    assert list(found.order) == [k for k in order if (owners == k).any()]
    assert found.touched.shape == (grid.rows, grid.columns)
    assert found.touched.sum() <= (classes > 0).sum()
    assert found.touched.any() == classes.any()


def test_one_pixel_of_a_small_image_covers_all_cells_that_it_lies_on() -> None:
    classes = np.zeros((8, 16), np.uint8)
    classes[3, 5] = 9
    found = laid(classes, Grid.of(8, 16, size=64))  # each pixel is a cell
    assert np.argwhere(found.owners == 0).tolist() == [[3, 5]]
    classes = np.zeros((4, 8), np.uint8)
    classes[1, 2] = 9
    found = laid(classes, Grid.of(4, 8, size=64))  # each pixel is four
    assert np.argwhere(found.owners == 0).tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]
    assert found.touched[8:16, 16:24].all()
    assert found.touched.sum() == 64


def test_large_paint_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 4, (300, 200)).astype(np.uint8)
    grid = Grid.of(300, 200, size=64)
    whole = laid(classes, grid)
    monkeypatch.setattr("maskwright.methods.magic_paint_encoding._PIXELS_AT_ONCE", 1000)
    parts = laid(classes, grid)
    assert parts.order == whole.order
    assert np.array_equal(parts.owners, whole.owners)
    assert np.array_equal(parts.touched, whole.touched)


def test_no_paint_at_all() -> None:
    found = laid(np.zeros((20, 30), np.uint8), Grid.of(20, 30))
    assert found.order == ()
    assert (found.owners == -1).all()
    assert not found.touched.any()
