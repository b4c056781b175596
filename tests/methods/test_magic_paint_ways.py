"""Ways across the image: as short as they can be, long where they cross edges."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.methods import magic_paint_ways
from maskwright.methods.magic_paint_distances import rounded
from maskwright.methods.magic_paint_ways import STEP, UNIT, bounded, ways


def shortest(embedding: NDArray[np.float32], owned: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Dijkstra's algorithm, cell by cell."""
    lengths = np.where(owned, 0, np.inf)
    queue = [(0.0, row, column) for row, column in np.argwhere(owned).tolist()]
    while queue:
        length, row, column = heapq.heappop(queue)
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < owned.shape[0] and 0 <= c < owned.shape[1]:
                apart = ((embedding[:, row, column].astype(float) - embedding[:, r, c]) ** 2).sum()
                longer = length + min(apart * UNIT, UNIT) + STEP
                if longer < lengths[r, c]:
                    lengths[r, c] = longer
                    heapq.heappush(queue, (longer, r, c))
    return lengths


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.2]))
def test_ways_are_the_shortest(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    embedding = rounded(rng.normal(0, spread, (32, 9, 14)).astype(np.float32))
    owned = rng.random((3, 9, 14)) < 0.03
    owned[:, rng.integers(9), rng.integers(14)] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(magic_paint_ways, "ROUNDS", 200)  # as many as it takes
        found = ways(embedding, owned)
    assert np.array_equal(found, [shortest(embedding, own) for own in owned])


def test_a_way_goes_around_a_wall_rather_than_through_it() -> None:
    embedding = np.zeros((2, 20, 30), np.float32)
    embedding[0, 2:, 15] = 2
    owned = np.zeros((1, 20, 30), bool)
    owned[0, 18, 2] = True
    (lengths,) = ways(embedding, owned)
    assert lengths[18, 20] == STEP * (17 + 18 + 17)  # up to the gap, across, and down again
    assert lengths[17, 15] > UNIT


def test_what_the_decoder_sees_is_bounded() -> None:
    lengths = np.array([0, STEP, UNIT, 1 << 29], np.int32)
    seen = bounded(lengths)
    assert seen.dtype == np.float32
    assert seen[0] == 0
    assert seen[2] == 0.5
    assert 0.99 < seen[3] <= 1
