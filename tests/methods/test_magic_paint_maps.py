"""What Magic Paint's decoder sees of a class: maps of likeness, and distances that are carried on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.methods import magic_paint_distances
from maskwright.methods.magic_paint_distances import (
    MOST_CELLS,
    NONE,
    WINDOW,
    Nearest,
    cells_of,
    compared,
    distances,
    kept,
    rounded,
    squares_of,
)
from maskwright.methods.magic_paint_encoding import Laid
from maskwright.methods.magic_paint_maps import class_maps, rivals, squashed, stroke_maps


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_a_rival_is_the_least_of_all_others(seed: int, count: int) -> None:
    maps = np.random.default_rng(seed).integers(0, 4, (count, 3, 3)).astype(np.float32)
    maps /= 4
    expected = np.stack([np.delete(maps, k, axis=0).min(axis=0) for k in range(count)])
    assert np.array_equal(rivals(maps), expected)
    assert (rivals(maps[:1]) == 1).all()


def test_class_maps_show_each_class_itself_and_its_rivals() -> None:
    owners = np.full((8, 12), -1, np.int16)
    owners[0, 0], owners[4, 6] = 0, 1
    everywhere = np.random.default_rng(0).random((2, 8, 12)).astype(np.float32)
    nearby = np.maximum(everywhere, np.float32(0.5))
    ways = np.where(owners == np.arange(2)[:, None, None], 0, everywhere / 2).astype(np.float32)
    none, first, second = class_maps(everywhere, nearby, ways, owners)
    assert np.array_equal(first[:4], [everywhere[0], nearby[0], everywhere[1], nearby[1]])
    assert np.array_equal(second[:4], [everywhere[1], nearby[1], everywhere[0], nearby[0]])
    least = everywhere.min(axis=0), nearby.min(axis=0)
    assert np.array_equal(none[:4], [1 - least[0], 1 - least[1], *least])
    for maps, own, other in ((first, (0, 0), (4, 6)), (second, (4, 6), (0, 0))):
        assert [np.argwhere(maps[i]).tolist() for i in (4, 5)] == [[list(own)], [list(other)]]
        assert maps[6][own] == maps[7][other] == 0
        assert not maps[8].any()
    assert np.array_equal(first[6:8], ways)
    assert np.array_equal(second[6:8], ways[::-1])
    assert not none[4].any()
    assert none[5].sum() == 2
    assert (none[6] == 1).all()
    assert np.array_equal(none[7], np.minimum(first[6], second[6]))
    assert (none[8] == 1).all()


def test_maps_of_one_class_alone() -> None:
    owners = np.full((4, 4), -1, np.int16)
    owners[1, 1] = 0
    none, only = stroke_maps(owners, np.full((1, 4, 4), 0.25, np.float32))
    assert (only[3] == 1).all()
    assert np.array_equal(none[3], only[2])


def test_squashing_is_feelvoss() -> None:
    squares = np.array([0.1, 0.5, 1, 2, 4, 8], np.float32)
    # The values that the specification lists.
    assert squashed(squares).round(3).tolist() == pytest.approx([0.05, 0.245, 0.462, 0.762, 0.964, 0.999], abs=1e-3)
    assert np.allclose(squashed(squares), 1 - 2 / (1 + np.exp(squares)))


def embedding(seed: int = 0, height: int = 24, width: int = 40, spread: float = 0.3) -> NDArray[np.float32]:
    return rounded(np.random.default_rng(seed).normal(0, spread, (32, height, width)).astype(np.float32))


def strokes(owners: NDArray[np.int64]) -> Laid:
    return Laid(tuple(range(1, int(owners.max()) + 2)), owners.astype(np.int16), np.zeros((1, 1), bool))


@given(st.integers(0, 10_000), st.sampled_from([0.3, 3.0]))
def test_distances_are_exact_and_lead_to_their_cells(seed: int, spread: float) -> None:
    seen = embedding(seed, spread=spread)
    rng = np.random.default_rng(seed)
    owners = np.where(rng.random((24, 40)) < 0.05, rng.integers(0, 3, (24, 40)), -1)
    owners[0, :3] = 0, 1, 2
    vectors = seen.reshape(32, -1).T.astype(np.float64)
    rows, columns = np.divmod(np.arange(24 * 40), 40)
    for k, found in enumerate(distances(seen, strokes(owners))):
        painted = np.flatnonzero(owners == k)
        squares = ((vectors[painted, None] - vectors) ** 2).sum(axis=2)
        far = (abs(rows[painted, None] - rows) > WINDOW) | (abs(columns[painted, None] - columns) > WINDOW)
        for exact, answer in ((squares, found.everywhere), (np.where(far, np.inf, squares), found.nearby)):
            least = exact.min(axis=0)
            cut = least > 31
            assert np.array_equal(squares_of(answer).ravel()[~cut], least[~cut])
            assert (squares_of(answer).ravel()[cut] > 31).all()
            cells = cells_of(answer).ravel()
            assert np.array_equal(cells == -1, np.isinf(least))
            sure = ~cut & (cells >= 0)
            assert set(cells[sure]) <= set(painted.tolist())
            assert np.array_equal(((vectors[cells] - vectors) ** 2).sum(axis=1)[sure], least[sure])


def test_what_nobody_painted_is_as_unlike_as_can_be() -> None:
    owners = np.full((24, 40), -1)
    owners[0, 0] = 0
    (found,) = distances(embedding(), strokes(owners))
    assert (found.nearby[:, 16:] == NONE).all()
    assert (squashed(squares_of(found.nearby))[:, 16:] == 1).all()
    assert squares_of(found.everywhere)[0, 0] == 0


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 23), st.integers(0, 39), st.integers(1, 12)), max_size=12))
def test_distances_carried_on_equal_those_computed_anew(changes: list[tuple[int, int, int, int]]) -> None:
    """Strokes, overwriting and erasing in any order: bit for bit the same."""
    seen = embedding()
    owners = np.full((24, 40), -1)
    owners[20, [0, 1, 2]] = 0, 1, 2
    known: tuple[Nearest, ...] = ()
    for k, row, column, length in changes:
        owners[row, column : column + length] = -1 if row == -1 else k
        owners[20, [0, 1, 2]] = 0, 1, 2
        now = distances(seen, strokes(owners), known)
        known = kept(now, known)
        for carried, anew in zip(now, distances(seen, strokes(owners)), strict=True):
            assert np.array_equal(carried.painted, anew.painted)
            assert np.array_equal(carried.everywhere, anew.everywhere)
            assert np.array_equal(carried.nearby, anew.nearby)
            assert np.array_equal(carried.ways, anew.ways)


def test_only_new_cells_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = embedding()
    owners = np.full((24, 40), -1)
    owners[3, :20], owners[9, :20] = 0, 1
    known = distances(seen, strokes(owners))
    compares: list[int] = []
    real = magic_paint_distances.window_around

    def counted(row: int, column: int) -> tuple[slice, slice]:
        compares.append(row)
        return real(row, column)

    monkeypatch.setattr(magic_paint_distances, "window_around", counted)
    owners[4, :5] = 1
    again = distances(seen, strokes(owners), known)
    assert compares == [4] * 5
    assert again[0] is known[0]


def test_of_many_cells_some_are_compared_with_spread_evenly() -> None:
    cells = np.arange(64 * 64)
    some = compared(cells)
    assert len(some) == MOST_CELLS
    assert (np.diff(some) > 0).all()
    quarters = np.bincount(some // 64 // 32 * 2 + some % 64 // 32)
    assert quarters.min() > 0.9 * MOST_CELLS / 4
    assert np.array_equal(compared(cells[:MOST_CELLS]), cells[:MOST_CELLS])


def test_what_is_kept_is_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magic_paint_distances, "MOST_KEPT", 3)
    one, two, three, four = (Nearest(np.array([i]), *np.zeros((3, 1, 1), np.int32)) for i in range(4))
    assert kept((three, four), (one, four, two)) == (three, four, one)
