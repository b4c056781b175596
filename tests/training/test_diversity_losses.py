"""The losses of several candidates against slow references pixel by pixel, and their gradients."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch

from maskwright.training.diversity_losses import RANKS, click_loss, hindsight_loss, jaccard_distance, selection_loss

sizes = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5))


def random_maps(seed: int, shape: tuple[int, int, int, int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Probabilities, target, and a third map of bits (void or clicks)."""
    rng = torch.Generator().manual_seed(seed)
    count, _, height, width = shape
    probabilities = torch.rand(shape, generator=rng, dtype=torch.float64)
    target = torch.rand((count, 1, height, width), generator=rng) < 0.5
    return probabilities, target, torch.rand((count, 1, height, width), generator=rng) < 0.3


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shape=sizes)
def test_jaccard_is_the_formula(seed: int, shape: tuple[int, int, int, int]) -> None:
    a, b, void = random_maps(seed, shape)
    found = jaccard_distance(a, b, void)
    assert found.shape == shape[:2]
    for n in range(shape[0]):
        known = [(y, x) for y in range(shape[2]) for x in range(shape[3]) if not void[n, 0, y, x]]
        for m in range(shape[1]):
            pairs = [(float(a[n, m, y, x]), float(b[n, 0, y, x])) for y, x in known]
            union = sum(max(pair) for pair in pairs)
            expected = 1 - sum(min(pair) for pair in pairs) / union if union else 0
            assert found[n, m].item() == pytest.approx(expected, abs=1e-12)


def test_jaccard_of_masks_is_one_minus_iou() -> None:
    a, b, _ = random_maps(1, (2, 3, 9, 8))
    masks = a > 0.4
    iou = (masks & b).sum((2, 3)) / (masks | b).sum((2, 3))
    torch.testing.assert_close(jaccard_distance(masks.float(), b), 1 - iou)
    assert torch.equal(jaccard_distance(masks.float(), masks[:, 1:2]) == 0, torch.tensor([[False, True, False]] * 2))


def test_jaccard_of_nothing_is_zero_and_flat() -> None:
    empty = torch.zeros(1, 2, 3, 3, requires_grad=True)
    distance = jaccard_distance(empty, torch.zeros(1, 1, 3, 3))
    distance.sum().backward()
    assert not distance.any()
    assert empty.grad is not None
    assert not empty.grad.any()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 4))
def test_hindsight_is_the_minimum_and_the_ranked_sum(seed: int, count: int) -> None:
    distances = torch.rand(count, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    rows = distances.tolist()
    ranked = [min(row) + sum(weight * d for weight, d in zip(RANKS, row, strict=True)) for row in rows]
    assert hindsight_loss(distances).item() == pytest.approx(sum(ranked) / count)
    assert hindsight_loss(distances, None).item() == pytest.approx(sum(min(row) for row in rows) / count)


def test_hindsight_pulls_the_best_candidate_and_ranks_the_rest() -> None:
    distances = torch.tensor([[0.5, 0.2, 0.9]], requires_grad=True)
    hindsight_loss(distances, (0.08, 0.04, 0.02)).backward()
    assert distances.grad is not None
    assert distances.grad.flatten().tolist() == pytest.approx([0.08, 1.04, 0.02])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shape=sizes)
def test_clicks_are_the_authors_formula(seed: int, shape: tuple[int, int, int, int]) -> None:
    probabilities, target, clicks = random_maps(seed, shape)
    total = 0.0
    for n in range(shape[0]):
        mean = clicks[n].double().mean()
        weights = clicks[n] / mean if mean else torch.zeros_like(clicks[n])
        total += float(((probabilities[n] - target[n].double()).abs() * weights).mean())
    assert click_loss(probabilities, target, clicks).item() == pytest.approx(total / shape[0], abs=1e-12)


def test_selection_is_cross_entropy_where_one_is_best() -> None:
    torch.manual_seed(0)
    logits = torch.randn(5, 6, dtype=torch.float64)
    ious = torch.rand(5, 6) * 0.5
    best = torch.tensor([3, 0, 5, 2, 2])
    ious[range(5), best] = 0.9
    torch.testing.assert_close(selection_loss(logits, ious), torch.nn.functional.cross_entropy(logits, best))


def test_ties_teach_nothing_about_each_other() -> None:
    logits = torch.tensor([[2.0, -1.0, 0.5], [2.0, -1.0, 0.5]], requires_grad=True)
    loss = selection_loss(logits, torch.tensor([[0.500, 0.505, 0.507], [0.7, 0.1, 0.705]]))
    loss.backward()
    right = math.exp(2) + math.exp(0.5)
    assert loss.item() == pytest.approx(-math.log(right / (right + math.exp(-1))) / 2)
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx([0, 0, 0], abs=1e-6)
    assert logits.grad[1, 1] > 0
    # The right two keep their proportion: both rise in it.
    assert (logits.grad[1, 0] / logits.grad[1, 2]).item() == pytest.approx(math.exp(1.5), rel=1e-4)


def test_gradients() -> None:
    probabilities, target, clicks = random_maps(3, (2, 3, 3, 4))
    probabilities.requires_grad_()
    assert torch.autograd.gradcheck(lambda p: jaccard_distance(p, target, clicks), (probabilities,))
    assert torch.autograd.gradcheck(lambda p: click_loss(p, target, clicks), (probabilities,))
    logits = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: selection_loss(z, torch.tensor([[0.1, 0.5, 0.505], [0, 0, 0.9]])), (logits,))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_float32(dtype: torch.dtype) -> None:
    a = torch.full((1, 1, 512, 512), 0.5, dtype=dtype)
    b = torch.ones(1, 1, 512, 512)
    assert jaccard_distance(a, b).item() == 0.5
    assert click_loss(a, b, b).item() == 0.5
    assert selection_loss(torch.zeros(1, 6, dtype=dtype), torch.eye(6)[:1]).dtype == torch.float32


def test_misfits_are_refused() -> None:
    maps = torch.zeros(2, 6, 4, 5)
    with pytest.raises(ValueError, match=r"target is of shape \(2, 4, 5\).*ask for \(2, 1, 4, 5\)"):
        jaccard_distance(maps, torch.zeros(2, 4, 5))
    with pytest.raises(ValueError, match="clicks is of shape"):
        click_loss(maps, torch.zeros(2, 1, 4, 5), torch.zeros(2, 2, 4, 5))
    with pytest.raises(ValueError, match="6 ranks were given for 3 candidates"):
        hindsight_loss(torch.zeros(1, 3))
    with pytest.raises(ValueError, match=r"logits are of shape \(2, 6\)"):
        selection_loss(torch.zeros(2, 6), torch.zeros(2, 5))
