"""The class-balanced losses against slow float64 references, and their gradients."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch

from maskwright.training.losses import balanced_bce, balanced_cross_entropy


def naive_binary(logits: torch.Tensor, target: torch.Tensor, void: torch.Tensor) -> float:
    """The paper's formula pixel by pixel: sum over the batch, divided by its size."""
    pixels = [
        (z, t)
        for z, t, v in zip(logits.flatten().tolist(), target.flatten().tolist(), void.flatten().tolist(), strict=True)
        if not v
    ]
    positives = sum(1 for _, t in pixels if t)
    negatives = len(pixels) - positives
    total = 0.0
    for z, t in pixels:
        # Of p and 1 - p each in its own way: the difference would lose its digits where p is next to 1.
        p, q = 1 / (1 + math.exp(-z)), 1 / (1 + math.exp(z))
        total += negatives / len(pixels) * -math.log(p) if t else positives / len(pixels) * -math.log(q)
    return total / logits.shape[0]


def naive_multiclass(logits: torch.Tensor, target: torch.Tensor, void: torch.Tensor) -> float:
    batch, classes, height, width = logits.shape
    known = [(n, y, x) for n in range(batch) for y in range(height) for x in range(width) if not void[n, y, x]]
    counts = [sum(1 for i in known if int(target[i]) == c) for c in range(classes)]
    inverse = [1 / c if c else 0.0 for c in counts]
    total = 0.0
    for n, y, x in known:
        scores = [math.exp(float(logits[n, c, y, x])) for c in range(classes)]
        label = int(target[n, y, x])
        total += inverse[label] / sum(inverse) * -math.log(scores[label] / sum(scores))
    return total / batch


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), batch=st.integers(1, 3), share=st.floats(0, 1), scale=st.floats(0.1, 8))
@example(seed=7463, batch=1, share=0.9375, scale=6.0)
def test_binary_is_the_formula(seed: int, batch: int, share: float, scale: float) -> None:
    rng = torch.Generator().manual_seed(seed)
    shape = (batch, 1, 3, 4)
    logits = scale * torch.randn(shape, generator=rng, dtype=torch.float64)
    target = torch.rand(shape, generator=rng) < share
    void = torch.rand(shape, generator=rng) < 0.2
    void[0, 0, 0, 0] = False
    expected = naive_binary(logits, target, void)
    assert balanced_bce(logits, target, void).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert balanced_bce(logits, target.float(), void, "mean").item() == pytest.approx(expected / 12, rel=1e-9, abs=1e-12)
    nothing = torch.zeros(shape, dtype=torch.bool)
    assert balanced_bce(logits, target).item() == balanced_bce(logits, target, nothing).item()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), batch=st.integers(1, 3), classes=st.integers(2, 5))
def test_multiclass_is_the_formula(seed: int, batch: int, classes: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn((batch, classes, 3, 4), generator=rng, dtype=torch.float64)
    target = torch.randint(classes, (batch, 3, 4), generator=rng)
    void = torch.rand((batch, 3, 4), generator=rng) < 0.2
    void[0, 0, 0] = False
    expected = naive_multiclass(logits, target, void)
    target[void] = 255
    assert balanced_cross_entropy(logits, target, void).item() == pytest.approx(expected, rel=1e-9)
    assert balanced_cross_entropy(logits, target, void, "mean").item() == pytest.approx(expected / 12, rel=1e-9)


def test_two_classes_are_the_binary_loss() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 2, 5, 6, dtype=torch.float64)
    target = torch.rand(2, 5, 6) < 0.3
    void = torch.rand(2, 5, 6) < 0.1
    binary = balanced_bce((logits[:, 1] - logits[:, 0])[:, None], target[:, None], void[:, None])
    torch.testing.assert_close(balanced_cross_entropy(logits, target, void), binary)


def test_counts_are_the_batchs() -> None:
    logits = torch.zeros(2, 1, 1, 4)
    target = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 0]]).view(2, 1, 1, 4)
    # 2 object and 6 other pixels in the batch: (6/8 * 2 + 2/8 * 6) log 2 / 2; image by image it would be log 2.
    assert balanced_bce(logits, target).item() == pytest.approx(1.5 * math.log(2))


def test_gradients() -> None:
    torch.manual_seed(0)
    target = torch.rand(2, 1, 3, 4) < 0.4
    void = torch.rand(2, 1, 3, 4) < 0.2
    logits = torch.randn(2, 1, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: balanced_bce(z, target, void), (logits,))
    labels = torch.randint(3, (2, 3, 4))
    scores = torch.randn(2, 3, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: balanced_cross_entropy(z, labels, void[:, 0]), (scores,))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_huge_logits_stay_finite(dtype: torch.dtype) -> None:
    logits = torch.tensor([3e4, -3e4, 3e4, -3e4], dtype=dtype).view(1, 1, 2, 2).requires_grad_()
    target = torch.tensor([1, 1, 0, 0]).view(1, 1, 2, 2)
    loss = balanced_bce(logits, target)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(3e4, rel=1e-2)
    assert logits.grad is not None
    assert logits.grad.flatten().tolist() == [0, -0.5, 0.5, 0]


@pytest.mark.parametrize("value", [0, 1])
def test_a_single_class_balances_nothing(value: int) -> None:
    logits = torch.randn(2, 1, 3, 3, requires_grad=True)
    loss = balanced_bce(logits, torch.full((2, 1, 3, 3), value))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_all_void_is_zero() -> None:
    void = torch.ones(1, 1, 2, 2, dtype=torch.bool)
    assert balanced_bce(torch.randn(1, 1, 2, 2), torch.ones(1, 1, 2, 2), void).item() == 0
    assert balanced_cross_entropy(torch.randn(1, 3, 2, 2), torch.ones(1, 2, 2), void[:, 0]).item() == 0


def test_misfits_are_refused() -> None:
    logits = torch.zeros(2, 1, 3, 3)
    with pytest.raises(ValueError, match="target is of shape"):
        balanced_bce(logits, torch.zeros(2, 3, 3))
    with pytest.raises(ValueError, match="void is of shape"):
        balanced_bce(logits, torch.zeros(2, 1, 3, 3), torch.zeros(2, 3, 3))
    with pytest.raises(ValueError, match=r"targets span 0\.\.255, logits have 3 classes"):
        balanced_cross_entropy(torch.zeros(1, 3, 1, 2), torch.tensor([[[0, 255]]]))
