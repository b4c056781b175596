"""Soft masks of contours against analytic shapes and blurred hard masks; the accuracy loss has its minimum at the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch
from torch import Tensor

from maskwright.nets.splines import polygon_points
from maskwright.training.curve_losses import resample_contour
from maskwright.training.soft_raster import accuracy_loss, soft_mask
from maskwright.vision.polygons import Polygon, to_mask

SQUARE = torch.tensor([[[0.75, 0.75], [0.75, 0.25], [0.25, 0.25], [0.25, 0.75]]], dtype=torch.float64)


def star(radii: list[float]) -> np.ndarray:
    """Corners around the middle, counter-clockwise on the screen; rarely convex."""
    angle = 0.3 + np.arange(len(radii)) * 2 * np.pi / len(radii)
    return 0.5 + np.stack([radii * np.cos(angle), -np.asarray(radii) * np.sin(angle)], axis=1)


def circle(radius: float, count: int = 200, x: float = 0.5, y: float = 0.5) -> Tensor:
    angle = torch.arange(count, dtype=torch.float64) * 2 * math.pi / count
    return torch.stack([x + radius * angle.cos(), y - radius * angle.sin()], dim=1)[None]


def area(contour: Tensor) -> Tensor:
    """Shoelace formula, positive for counter-clockwise on the screen."""
    x, y = contour.unbind(2)
    return (x.roll(-1, 1) * y - x * y.roll(-1, 1)).sum(1) / 2


@settings(max_examples=40, deadline=None)
@given(radii=st.lists(st.floats(0.05, 0.35), min_size=3, max_size=12), sharpness=st.floats(0.9, 1.6))
def test_the_sum_is_the_area_and_its_gradient_the_areas(radii: list[float], sharpness: float) -> None:
    size = 32
    contour = torch.from_numpy(star(radii))[None].requires_grad_()
    drawn = soft_mask(contour, size, sharpness).sum((1, 2)) / size**2
    expected = area(contour)
    assert drawn.item() == pytest.approx(expected.item(), rel=3e-3)
    (found,) = torch.autograd.grad(drawn.sum(), contour)
    (known,) = torch.autograd.grad(expected.sum(), contour)
    torch.testing.assert_close(found, known, rtol=5e-3, atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(radii=st.lists(st.floats(0.1, 0.45), min_size=5, max_size=9))
def test_it_is_the_blurred_mask_also_where_it_is_not_convex(radii: list[float]) -> None:
    size, fine = 16, 8
    ring = star(radii)
    hard = to_mask([Polygon(ring * size * fine)], size * fine, size * fine).astype(np.float64)
    centres, pixels = (np.arange(size) + 0.5) * fine, np.arange(size * fine) + 0.5
    kernel = np.exp(-0.5 * ((centres[:, None] - pixels) / fine) ** 2)  # sharpness 1: a deviation of one coarse pixel
    kernel /= math.sqrt(2 * math.pi) * fine
    expected = kernel @ hard @ kernel.T
    found = soft_mask(torch.from_numpy(resample_contour(ring, 320))[None], size, sharpness=1)[0].numpy()
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_a_straight_edge_is_the_normal_distribution() -> None:
    drawn = soft_mask(SQUARE, 16, sharpness=2)[0]
    distances = torch.arange(-3.5, 4, dtype=torch.float64)  # the left edge lies between pixels 3 and 4
    torch.testing.assert_close(drawn[8, :8], torch.special.ndtr(2 * distances), rtol=0, atol=1e-6)
    torch.testing.assert_close(drawn, drawn.T)
    torch.testing.assert_close(drawn, drawn.flip(0))


@settings(max_examples=30, deadline=None)
@given(radii=st.lists(st.floats(0.05, 0.45), min_size=3, max_size=9), start=st.integers(0, 8))
def test_start_and_direction_do_not_matter(radii: list[float], start: int) -> None:
    contour = torch.from_numpy(star(radii))[None]
    drawn = soft_mask(contour, 16)
    torch.testing.assert_close(soft_mask(contour.roll(start, 1), 16), drawn)
    torch.testing.assert_close(soft_mask(contour.flip(1), 16), drawn)
    # Upside down, so that x and y are not mistaken for each other.
    torch.testing.assert_close(soft_mask(contour * torch.tensor([1, -1]) + torch.tensor([0, 1]), 16), drawn.flip(1))


def test_flipped_loops_and_second_rounds_are_counted() -> None:
    eight = torch.tensor([[[0.1, 0.1], [0.9, 0.9], [0.9, 0.4], [0.1, 0.6]]], dtype=torch.float64)
    drawn = soft_mask(polygon_points(eight, 64), 40, 4)[0]
    assert drawn.max() > 0.9
    assert drawn.min() < -0.5
    twice = soft_mask(circle(0.3).repeat(1, 2, 1), 16)
    torch.testing.assert_close(twice, 2 * soft_mask(circle(0.3), 16))


def test_points_pull_outwards_where_the_mask_is_too_small() -> None:
    target = soft_mask(circle(0.4), 64)
    predicted = circle(0.3, 40).requires_grad_()
    accuracy_loss(soft_mask(predicted, 64), target).sum().backward()
    assert predicted.grad is not None
    outwards = predicted.detach() - 0.5
    step = -(predicted.grad * outwards).sum(2) / 0.3
    along = (predicted.grad * outwards.flip(2) * torch.tensor([1, -1])).sum(2).abs() / 0.3
    # Moving a point outwards by dr adds the area of an edge's length times dr.
    torch.testing.assert_close(step, torch.full_like(step, 2 * math.pi * 0.3 / 40), rtol=0.05, atol=0)
    assert along.max() < 0.05 * step.min()


@pytest.mark.parametrize("soft_target", [True, False])
def test_the_least_loss_is_at_the_truth(soft_target: bool) -> None:
    size = 64
    ys, xs = np.mgrid[:size, :size] + 0.5
    truth = soft_mask(circle(0.3), size) if soft_target else torch.from_numpy(np.hypot(xs - 32, ys - 32) < 0.3 * 64)[None]
    radii, shifts = torch.linspace(0.25, 0.35, 41), torch.linspace(-0.05, 0.05, 41)
    by_radius = [accuracy_loss(soft_mask(circle(float(r)), size), truth).item() for r in radii]
    by_shift = [accuracy_loss(soft_mask(circle(0.3, x=0.5 + float(s)), size), truth).item() for s in shifts]
    assert radii[int(np.argmin(by_radius))] == pytest.approx(0.3, abs=0.003)
    assert shifts[int(np.argmin(by_shift))] == pytest.approx(0.0, abs=0.003)
    turned = accuracy_loss(soft_mask(circle(0.3).roll(33, 1), size), truth).item()
    assert turned <= min(by_radius) + 1e-6
    if soft_target:
        assert turned == pytest.approx(0, abs=1e-12)


def test_descent_finds_corners() -> None:
    target = soft_mask(polygon_points(SQUARE, 40), 32).float()
    points = circle(0.3, 20).float().requires_grad_()
    optimizer = torch.optim.Adam([points], lr=0.005)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = accuracy_loss(soft_mask(polygon_points(points, 8), 32), target).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.15 * losses[0]


def test_gradients() -> None:
    contour = torch.from_numpy(star([0.3, 0.15, 0.4, 0.2, 0.35]))[None].requires_grad_()
    weights = torch.rand(1, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda c: (soft_mask(c, 6) * weights).sum(), (contour,))


def test_degenerate_contours_are_empty() -> None:
    contour = torch.full((1, 5, 2), 0.5, requires_grad=True)
    drawn = soft_mask(contour, 8)
    drawn.square().sum().backward()
    assert not drawn.any()
    assert contour.grad is not None
    assert contour.grad.isfinite().all()


def test_misfits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(5, 2\); give \(batch, k, 2\)"):
        soft_mask(torch.zeros(5, 2), 8)
    with pytest.raises(ValueError, match="three points or more"):
        soft_mask(torch.zeros(1, 2, 2), 8)
    with pytest.raises(ValueError, match=r"target is of shape \(1, 8, 9\)"):
        accuracy_loss(torch.zeros(1, 8, 8), torch.zeros(1, 8, 9))
