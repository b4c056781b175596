"""Simulated clicks and the scenes around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="needs the extra train")

from maskwright.prompts import Click
from maskwright.training.click_samples import DETAIL, ClickSample, ClickSamples, random_crop, with_click
from maskwright.training.objects import SetMix, load_set
from maskwright.training.scenes import Staging
from maskwright.training.spoil import MISTAKES, ragged, spoiled
from maskwright.vision.crops import Crop


def square(size: int = 64) -> np.ndarray:
    mask = np.zeros((size, size), np.uint8)
    mask[size // 4 : 3 * size // 4, size // 4 : 3 * size // 4] = 1
    return mask


def sample(target: np.ndarray) -> ClickSample:
    size = len(target)
    return ClickSample(np.zeros((size, size, 3), np.uint8), target, Crop(0, 0, size, size, size // DETAIL))


@given(st.integers(0, 10_000))
def test_a_first_click_is_positive_and_on_the_object(seed: int) -> None:
    clicked = with_click(np.random.default_rng(seed), sample(square()), None)
    assert clicked is not None
    (click,) = clicked.clicks
    assert click.positive
    assert square()[int(click.y), int(click.x)] == 1
    assert clicked.crop == sample(square()).crop  # all of the photo


@given(st.integers(0, 10_000), st.booleans())
def test_a_later_click_corrects_the_larger_error(seed: int, too_small: bool) -> None:
    truth = square()
    seen = np.zeros((64, 64), bool)
    seen[16:48, 16 : 30 if too_small else 60] = True
    clicked = with_click(np.random.default_rng(seed), sample(truth), seen)
    assert clicked is not None
    (click,) = clicked.clicks
    assert click.positive == too_small
    assert truth[int(click.y), int(click.x)] != seen[int(click.y), int(click.x)]


def test_a_later_click_is_seen_from_nearby() -> None:
    seen = np.zeros((64, 64), bool)
    seen[20:30, 20:30] = True
    before = replace(sample(square()), clicks=(Click(25, 25),))
    clicked = with_click(np.random.default_rng(0), before, seen)
    assert clicked is not None
    assert clicked.before is seen
    assert clicked.clicks[0] == before.clicks[0]
    assert clicked.crop.size == 32
    assert clicked.crop.width < 64
    assert clicked.crop.height < 64
    # All that is known to be the object lies in it: the mask, and the place of the new click.
    for x, y in ((20, 20), (29, 29), (clicked.clicks[1].x, clicked.clicks[1].y)):
        assert clicked.crop.x0 <= x < clicked.crop.x1
        assert clicked.crop.y0 <= y < clicked.crop.y1


def test_where_nothing_is_wrong_nobody_clicks() -> None:
    assert with_click(np.random.default_rng(0), sample(square()), square().astype(bool)) is None


@given(st.integers(0, 10_000))
def test_a_spoiled_mask_has_mistakes_but_is_never_empty(seed: int) -> None:
    mask = spoiled(np.random.default_rng(seed), square())
    assert mask.dtype == bool
    assert mask.any()


def test_spoiled_masks_differ_from_the_truth_by_a_lot_and_by_a_little() -> None:
    truth = square().astype(bool)
    ious = []
    for seed in range(200):
        mask = spoiled(np.random.default_rng(seed), square())
        ious.append((mask & truth).sum() / (mask | truth).sum())
    assert np.mean(np.array(ious) < 0.8) > 0.2
    assert np.mean(np.array(ious) > 0.8) > 0.2


@pytest.mark.parametrize("mistake", MISTAKES)
@given(seed=st.integers(0, 10_000))
def test_every_mistake_leaves_some_of_the_mask_as_it_was(mistake: Callable[..., np.ndarray], seed: int) -> None:
    truth = square()
    changed = mistake(np.random.default_rng(seed), truth.copy(), 32.0)
    assert changed.dtype == np.uint8
    assert changed.shape == truth.shape
    assert set(np.unique(changed)) <= {0, 1}
    assert (changed != truth).sum() < truth.size / 2


def test_a_ragged_outline_is_nearly_right() -> None:
    truth = square(256).astype(bool)
    ious = []
    for seed in range(100):
        mask = ragged(np.random.default_rng(seed), square(256), 128.0) > 0
        ious.append((mask & truth).sum() / (mask | truth).sum())
    assert np.quantile(ious, 0.1) > 0.7
    assert 0.75 < np.mean(ious) < 0.95


@given(
    st.integers(0, 10_000),
    st.integers(0, 80),
    st.integers(0, 60),
    st.integers(4, 60),
    st.integers(4, 60),
)
def test_a_random_crop_holds_the_object(seed: int, x: int, y: int, width: int, height: int) -> None:
    posed = np.zeros((120, 160), np.uint8)
    posed[y : y + height, x : x + width] = 1
    crop = random_crop(np.random.default_rng(seed), posed, 64)
    assert crop.x0 <= x
    assert crop.x1 >= x + width
    assert crop.y0 <= y
    assert crop.y1 >= y + height
    assert max(crop.width, crop.height) <= 2 * min(crop.width, crop.height) + 2


def test_the_stream_gives_clicks_on_the_side_that_they_claim(shapes_data: Path) -> None:
    sets = [load_set(shapes_data / "shapes", SetMix("shapes", 1.0), 100)]
    stream = iter(ClickSamples(sets, 64, seed=0, staging=Staging(pasted=0.2), settled=0.35, by_dextr=0.5))
    signs, before = set(), set()
    for _ in range(60):
        item = next(stream)
        assert item.rgb.shape == (128, 128, 3)
        assert item.crop.size == 64
        assert item.clicks
        before.add(item.before is None)
        for click in item.clicks:
            assert bool(item.target[int(click.y), int(click.x)]) == click.positive
            signs.add(click.positive)
    assert signs == before == {True, False}


def test_a_stream_may_begin_with_dextrs_masks_alone(shapes_data: Path) -> None:
    sets = [load_set(shapes_data / "shapes", SetMix("shapes", 1.0), 100)]
    stream = iter(ClickSamples(sets, 64, seed=0, staging=Staging(pasted=0.0), settled=1.0, by_dextr=1.0))
    for item in (next(stream) for _ in range(2)):
        assert item.before is not None
        (click,) = item.clicks
        assert item.before[int(click.y), int(click.x)] != click.positive  # the click corrects it
