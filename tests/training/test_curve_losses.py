"""Contours as targets, and the losses between contours, against slow references and known minima."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch

from maskwright.errors import MaskError
from maskwright.training import curve_losses
from maskwright.training.curve_losses import (
    boundary_loss,
    boundary_targets,
    matched,
    point_matching_loss,
    resample_contour,
)

SQUARE = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]  # clockwise on the screen
radii = st.lists(st.floats(0.05, 0.45), min_size=3, max_size=12)


def star(radii: list[float]) -> np.ndarray:
    """Corners around the middle, counter-clockwise on the screen."""
    angle = np.arange(len(radii)) * 2 * np.pi / len(radii)
    return 0.5 + np.stack([radii * np.cos(angle), -np.asarray(radii) * np.sin(angle)], axis=1)


def signed_area(points: np.ndarray) -> float:
    """Positive for counter-clockwise on the screen."""
    x, y = points.astype(np.float64).T
    return float((np.roll(x, -1) * y - x * np.roll(y, -1)).sum() / 2)


def test_a_square_is_resampled() -> None:
    found = resample_contour(SQUARE, 8)
    expected = [[0.8, 0.8], [0.8, 0.5], [0.8, 0.2], [0.5, 0.2], [0.2, 0.2], [0.2, 0.5], [0.2, 0.8], [0.5, 0.8]]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


@settings(max_examples=50, deadline=None)
@given(radii=radii, count=st.integers(3, 60), start=st.integers(0, 11), reverse=st.booleans())
def test_every_way_to_write_a_contour_gives_the_same_points(radii: list[float], count: int, start: int, reverse: bool) -> None:
    ring = star(radii)
    points = resample_contour(ring, count)
    other = np.roll(ring, start, axis=0)
    np.testing.assert_allclose(resample_contour(other[::-1] if reverse else other, count), points, atol=1e-6)
    assert points[0].tolist() == pytest.approx(max(ring.tolist()))
    np.testing.assert_allclose(resample_contour(ring * [-1, 1], count)[0], max((ring * [-1, 1]).tolist()), atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(radii=radii)
def test_points_are_even_and_counter_clockwise(radii: list[float]) -> None:
    ring = star(radii)
    points = resample_contour(ring[::-1], 2000)
    assert signed_area(points) == pytest.approx(signed_area(ring), abs=2e-3)
    assert signed_area(points) > 0
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    length = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1).sum()
    # All steps are as long, but for the few that cut a corner.
    assert np.sort(steps)[len(ring)] == pytest.approx(length / 2000, rel=1e-2)
    assert steps.max() <= length / 2000 * 1.01


def test_repeated_corners_do_no_harm() -> None:
    doubled = np.repeat(SQUARE, [1, 3, 1, 2], axis=0)
    np.testing.assert_allclose(resample_contour(doubled, 24), resample_contour(SQUARE, 24), atol=1e-6)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0, 0], [1, 1], [0, 0]], "encloses no area"),
        ([[0.5, 0.5]] * 4, "encloses no area"),
        ([[0, 0], [1, 1], [1, 0], [0, 1]], "encloses no area"),  # two loops that cancel
        ([[0, 0], [1, 1]], "at least three"),
        ([[0, 0], [1, 1], [float("nan"), 0]], "no number"),
    ],
)
def test_contours_without_a_direction_are_refused(points: object, message: str) -> None:
    with pytest.raises(MaskError, match=message):
        resample_contour(points, 12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), batch=st.integers(1, 3), count=st.integers(3, 17), chunk=st.integers(1, 400))
def test_matching_is_the_formula(seed: int, batch: int, count: int, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    p, q = rng.random((2, batch, count, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve_losses, "_CHUNK", chunk)
        found = point_matching_loss(torch.from_numpy(p), torch.from_numpy(q))
    expected = [min(np.abs(a - np.roll(b, -j, axis=0)).sum() for j in range(count)) for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(radii=radii, start=st.integers(0, 99))
def test_matching_is_zero_at_the_truth_wherever_it_starts(radii: list[float], start: int) -> None:
    target = torch.from_numpy(resample_contour(star(radii), 100))[None]
    turned = target.roll(start, 1)
    assert point_matching_loss(turned, target).item() == 0
    assert torch.equal(matched(turned, target), turned)


def test_matching_of_circles_is_known() -> None:
    angle = torch.arange(360) * math.pi / 180
    circle = torch.stack([angle.cos(), -angle.sin()], dim=1)
    predicted = torch.stack([0.5 + 0.35 * circle, 0.5 + 0.35 * circle.flip(0)])
    target = (0.5 + 0.25 * circle.roll(77, 0)).expand(2, -1, -1)
    right, reversed_ = point_matching_loss(predicted, target).tolist()
    # The mean of |cos| + |sin| is 4 / pi. A sum, so that 360 points cost 360 times as much as one.
    assert right == pytest.approx(360 * 0.1 * 4 / math.pi, rel=1e-3)
    assert reversed_ > 3 * right  # no shift brings two directions together


def test_the_gradient_is_that_of_the_best_shift() -> None:
    angle = torch.arange(16, dtype=torch.float64) * math.pi / 8
    target = torch.stack([angle.cos(), -angle.sin()], dim=1)[None]
    predicted = (1.1 * target.roll(5, 1) + 0.01).requires_grad_()
    point_matching_loss(predicted, target).sum().backward()
    assert predicted.grad is not None
    assert torch.equal(predicted.grad, torch.sign(predicted.detach() - target.roll(5, 1)))


def test_half_precision_is_summed_in_float32() -> None:
    loss = point_matching_loss(torch.full((1, 1280, 2), 100, dtype=torch.float16), torch.zeros(1, 1280, 2))
    assert loss.item() == 256_000
    assert boundary_loss(torch.zeros(1, 2, 2, dtype=torch.bfloat16), torch.zeros(1, 2, 2)).dtype == torch.float32


def test_a_square_marks_its_cells() -> None:
    edge, vertex = boundary_targets(resample_contour(SQUARE, 200), 10)
    outline = np.zeros((10, 10), bool)
    outline[2:9, 2:9] = True
    outline[3:8, 3:8] = False
    np.testing.assert_array_equal(edge, outline)
    assert np.argwhere(vertex).tolist() == [[2, 2], [2, 8], [8, 2], [8, 8]]


@settings(max_examples=40, deadline=None)
@given(radii=radii, grid=st.integers(1, 40))
def test_edges_are_closed_and_hold_the_corners(radii: list[float], grid: int) -> None:
    ring = star(radii)
    edge, vertex = boundary_targets(ring, grid, tolerance=0)
    assert edge.shape == vertex.shape == (grid, grid)
    assert set(np.unique(edge)) | set(np.unique(vertex)) <= {0, 1}
    assert (edge >= vertex).all()
    # Every point of the contour is on an edge cell or beside one.
    near = np.pad(edge, 1)
    near = np.max([np.roll(near, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)[1:-1, 1:-1]
    cells = np.clip(np.floor(resample_contour(ring, 500) * grid), 0, grid - 1).astype(int)
    assert near[cells[:, 1], cells[:, 0]].all()


def test_traced_staircases_have_few_corners() -> None:
    angle = np.linspace(0, 2 * np.pi, 1280, endpoint=False)
    circle = 0.5 + 0.4 * np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    _, few = boundary_targets(np.floor(circle * 224) / 224, 28)
    _, all_ = boundary_targets(np.floor(circle * 224) / 224, 28, tolerance=0)
    assert 6 <= few.sum() <= 16
    assert all_.sum() > 3 * few.sum()


def test_beyond_the_crop_counts_at_its_rim() -> None:
    edge, vertex = boundary_targets([[-1, -1], [2, -1], [2, 2], [-1, 2]], 4)
    assert vertex[[0, 0, -1, -1], [0, -1, 0, -1]].all()
    assert edge.sum() == 12


def test_boundary_loss_is_the_mean_over_cells() -> None:
    torch.manual_seed(0)
    logits, target = torch.randn(2, 3, 3, dtype=torch.float64, requires_grad=True), torch.rand(2, 3, 3) < 0.3
    found = boundary_loss(logits, target)
    chance = torch.sigmoid(logits)
    expected = -torch.where(target, chance, 1 - chance).log().mean((1, 2))
    torch.testing.assert_close(found, expected)
    assert torch.autograd.gradcheck(lambda z: boundary_loss(z, target), (logits,))


def test_misfits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 4, 2\) and \(1, 5, 2\); give both as \(batch, k, 2\)"):
        point_matching_loss(torch.zeros(1, 4, 2), torch.zeros(1, 5, 2))
    with pytest.raises(ValueError, match="give both"):
        matched(torch.zeros(4, 2), torch.zeros(4, 2))
    with pytest.raises(ValueError, match=r"target is of shape \(1, 3, 2\)"):
        boundary_loss(torch.zeros(1, 3, 3), torch.zeros(1, 3, 2))
