"""Closed curves through control points: what they pass through, that they close smoothly, their gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch
from torch import Tensor

from maskwright.nets.splines import catmull_rom, polygon_points
from maskwright.vision.splines import sample


def ring(count: int, seed: int | None = None) -> Tensor:
    """Points of a circle, counter-clockwise on screen from the right; with a seed, moved at random."""
    angle = torch.arange(count, dtype=torch.float64) * 2 * math.pi / count
    points = torch.stack([0.5 + 0.35 * angle.cos(), 0.5 - 0.35 * angle.sin()], dim=1)[None]
    if seed is not None:
        points = points + 0.1 * torch.randn(points.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return points


def pyramid(p: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Barry and Goldman's pyramid between the middle two of four points, as the formula is written."""
    t = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1) ** 0.5)])
    at = t[1] + share * (t[2] - t[1])
    a = [((t[i + 1] - at) * p[i] + (at - t[i]) * p[i + 1]) / (t[i + 1] - t[i]) for i in range(3)]
    b = [((t[i + 2] - at) * a[i] + (at - t[i]) * a[i + 1]) / (t[i + 2] - t[i]) for i in range(2)]
    curve: NDArray[np.float64] = ((t[2] - at) * b[0] + (at - t[1]) * b[1]) / (t[2] - t[1])
    return curve


@settings(max_examples=20, deadline=None)
@given(count=st.integers(3, 9), seed=st.integers(0, 1000), per_segment=st.integers(1, 5))
def test_spline_is_the_formula(count: int, seed: int, per_segment: int) -> None:
    points = ring(count, seed)
    found = catmull_rom(points, per_segment)[0].numpy()
    p = points[0].numpy()
    for k in range(count * per_segment):
        i, step = divmod(k, per_segment)
        four = p[[(i + j) % count for j in (-1, 0, 1, 2)]]
        np.testing.assert_allclose(found[k], pyramid(four, step / per_segment), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(3, 12), seed=st.integers(0, 1000))
def test_training_draws_what_people_see(count: int, seed: int) -> None:
    points = ring(count, seed)
    pixels = points[0].numpy() * 200
    np.testing.assert_allclose(catmull_rom(points, 6)[0].numpy() * 200, sample(pixels, 6), atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(3, 12), seed=st.integers(0, 1000), start=st.integers(1, 11))
def test_curves_pass_through_their_points_wherever_they_start(count: int, seed: int, start: int) -> None:
    points = ring(count, seed)
    for curve in (catmull_rom, polygon_points):
        samples = curve(points, 4)
        torch.testing.assert_close(samples[:, ::4], points)
        torch.testing.assert_close(curve(points.roll(start, 1), 4), samples.roll(4 * start, 1))


def test_spline_closes_without_a_kink() -> None:
    fine = 10_000
    points = ring(7, seed=4)
    samples = catmull_rom(points, fine)
    gap = (points.roll(-1, 1) - points).norm(dim=2, keepdim=True).sqrt()
    speed = (samples.roll(-1, 1) - samples).view(1, 7, fine, 2) * fine / gap[:, :, None]
    # The speed at a segment's end is the next one's at its beginning: in the knots' own unit, around the whole ring.
    torch.testing.assert_close(speed[:, :, -1], speed.roll(-1, 1)[:, :, 0], rtol=1e-2, atol=1e-3)


def test_spline_of_a_circle_is_nearly_the_circle() -> None:
    samples = catmull_rom(ring(40), 32)
    radius = (samples - 0.5).norm(dim=2)
    assert samples.shape == (1, 1280, 2)
    assert (radius - 0.35).abs().max() < 1e-4


def test_every_sample_is_moved_by_its_neighbours_alone() -> None:
    points = ring(12, seed=0).requires_grad_()
    samples = catmull_rom(points, 4)
    samples[0, 5 * 4 + 2].sum().backward()
    assert points.grad is not None
    assert points.grad[0].abs().sum(1).nonzero().flatten().tolist() == [4, 5, 6, 7]
    torch.testing.assert_close(points.grad[0].sum(0), torch.ones(2, dtype=torch.float64))  # moved together, all moves
    assert torch.autograd.gradcheck(lambda p: polygon_points(p, 3), (ring(5, seed=1).requires_grad_(),))


@pytest.mark.parametrize("twins", [2, 5])
def test_coincident_points_are_harmless(twins: int) -> None:
    points = ring(6).float()
    points[:, :twins] = points[:, :1].clone()
    points.requires_grad_()
    samples = catmull_rom(points, 8)
    samples.square().sum().backward()
    assert points.grad is not None
    assert samples.isfinite().all()
    assert points.grad.isfinite().all()
    assert points.grad.abs().max() < 1000
    assert (samples - 0.5).abs().max() < 0.6


def test_misfits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(4, 2\); give \(batch, n, 2\)"):
        catmull_rom(torch.zeros(4, 2), 4)
    with pytest.raises(ValueError, match="three points or more"):
        polygon_points(torch.zeros(1, 2, 2), 4)
    with pytest.raises(ValueError, match="per_segment is 0"):
        catmull_rom(torch.zeros(1, 4, 2), 0)
