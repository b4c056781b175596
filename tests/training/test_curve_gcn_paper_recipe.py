"""The paper's crops, targets, losses, corrections and optimiser; the networks learn with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch
from torch import Tensor

from maskwright.nets.curve_gcn_paper import CurveGcnPaper, Seen
from maskwright.nets.ring_gcn import circle
from maskwright.prompts import Box
from maskwright.training.curve_gcn_paper import (
    BOUNDARY_WEIGHT,
    GRADIENT_NORM,
    paper_accuracy_loss,
    paper_corrections,
    paper_crop,
    paper_curve,
    paper_input,
    paper_loss,
    paper_optimizer,
    paper_schedule,
    paper_target,
)
from maskwright.training.curve_losses import boundary_loss, matched, point_matching_loss
from maskwright.vision.crops import Crop
from maskwright.vision.polygons import Polygon, from_mask, to_mask

SIZE, SAMPLES = 64, 160


@dataclass(frozen=True)
class Batch:
    """A few images of one blob each, as a small network sees them."""

    x: Tensor
    contours: Tensor
    edges: Tensor
    vertices: Tensor


@pytest.fixture(scope="module")
def batch() -> Batch:
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[:SIZE, :SIZE]
    found = []
    for _ in range(4):
        cx, cy = rng.uniform(28, 36, 2)
        around = np.arctan2(ys - cy, xs - cx)
        radius = rng.uniform(16, 22) * (1 + rng.uniform(0.15, 0.35) * np.cos(3 * around + rng.uniform(0, 6)))
        mask = np.hypot(xs - cx, ys - cy) < radius
        image = np.clip(rng.normal(80, 10, (SIZE, SIZE, 3)) + 100 * mask[..., None], 0, 255).astype(np.uint8)
        crop = Crop(0, 0, SIZE, SIZE, SIZE)
        found.append((paper_input(image, crop), *paper_target(from_mask(mask, 1.0)[0], crop, SAMPLES)))
    return Batch(*(torch.from_numpy(np.stack(parts)) for parts in zip(*found, strict=True)))


def tiny() -> CurveGcnPaper:
    torch.manual_seed(0)
    return CurveGcnPaper(size=SIZE, blocks=(1, 1, 1, 1), width=16)


@settings(max_examples=60, deadline=None)
@given(
    corners=st.tuples(st.integers(0, 99), st.integers(0, 79), st.integers(0, 99), st.integers(0, 79)),
    context=st.floats(0.1, 0.2),
)
def test_crops_are_square_and_hold_the_box(corners: tuple[int, int, int, int], context: float) -> None:
    (x0, x1), (y0, y1) = sorted(corners[::2]), sorted(corners[1::2])
    crop = paper_crop(Box(x0, y0, x1, y1), 80, 100, context)
    assert crop.width == crop.height
    assert crop.width <= max(x1 - x0 + 1, y1 - y0 + 1) * (1 + context) + 1
    # Rounding may take half a pixel of the shorter side where the crop is no wider than the box.
    assert crop.x0 <= x0 + 1
    assert crop.x1 >= x1
    assert crop.y0 <= y0 + 1
    assert crop.y1 >= y1
    if x1 - x0 >= y1 - y0:
        assert crop.x0 >= 0
        assert crop.x1 <= 100
    else:
        assert crop.y0 >= 0
        assert crop.y1 <= 80


def test_portrait_is_landscape_turned() -> None:
    wide, tall = paper_crop(Box(5, 40, 84, 59), 100, 90), paper_crop(Box(40, 5, 59, 84), 90, 100)
    assert (wide.x0, wide.y0, wide.x1, wide.y1) == (tall.y0, tall.x0, tall.y1, tall.x1)
    assert (wide.x0, wide.x1) == (0, 90)  # cut at both borders


def test_input_is_the_papers() -> None:
    image = np.random.default_rng(0).integers(0, 256, (300, 224, 3), dtype=np.uint8)
    crop = Crop(0, 100, 224, 324, 224)
    x = paper_input(image, crop, [(50, 150)])
    assert x.shape == (4, 224, 224)
    assert x.dtype == np.float32
    expected = (image[100:].transpose(2, 0, 1) / 255 - np.reshape([0.485, 0.456, 0.406], (3, 1, 1))) / np.reshape(
        [0.229, 0.224, 0.225], (3, 1, 1)
    )
    np.testing.assert_allclose(x[:3, :200], expected, atol=1e-5)
    np.testing.assert_allclose(x[0, 200:], -0.485 / 0.229, atol=1e-5)  # black beyond the image
    assert x[3, 50, 50] == 1
    assert x[3, 50, 45] == pytest.approx(0.5)
    np.testing.assert_array_equal(paper_input(image, crop), x[:3])


def test_targets_lie_where_the_part_is() -> None:
    square = Polygon(np.array([[20.0, 10.0], [60.0, 10.0], [60.0, 50.0], [20.0, 50.0]]))
    contour, edge, vertex = paper_target(square, Crop(10, 0, 90, 80, 224), 4)
    np.testing.assert_allclose(contour, [[0.625, 0.625], [0.625, 0.125], [0.125, 0.125], [0.125, 0.625]], atol=1e-6)
    assert edge.shape == vertex.shape == (28, 28)
    assert np.argwhere(vertex).tolist() == [[3, 3], [3, 17], [17, 3], [17, 17]]
    assert edge.sum() == 4 * 14


def test_the_curve_has_the_papers_points() -> None:
    points = circle(40)
    for curve in ("spline", "polygon"):
        drawn = paper_curve(points, curve)
        assert drawn.shape == (1, 1280, 2)
        torch.testing.assert_close(drawn[:, ::32], points)
    assert (paper_curve(points, "spline") - paper_curve(points, "polygon")).abs().max() > 1e-4


@pytest.mark.parametrize("curve", ["spline", "polygon"])
def test_losses_are_the_papers(batch: Batch, curve: str) -> None:
    torch.manual_seed(0)
    points = circle(40) + 0.02 * torch.randn(4, 40, 2)
    seen = Seen(torch.zeros(4, 1, 8, 8), torch.randn(4, 8, 8), torch.randn(4, 8, 8))
    drawn = paper_curve(points, curve, SAMPLES)
    expected = point_matching_loss(drawn, batch.contours).mean()
    for logits, target in ((seen.edge, batch.edges), (seen.vertex, batch.vertices)):
        expected = expected + BOUNDARY_WEIGHT * boundary_loss(logits, target).mean()
    torch.testing.assert_close(paper_loss(points, seen, batch.contours, batch.edges, batch.vertices, curve), expected)

    found = paper_accuracy_loss(points, batch.contours, curve, SIZE).item()
    # In pixels: nearly the count of those by which the filled outlines differ.
    differ = [
        (to_mask([Polygon(a * SIZE)], SIZE, SIZE) ^ to_mask([Polygon(b * SIZE)], SIZE, SIZE)).sum()
        for a, b in zip(drawn.numpy(), batch.contours.numpy(), strict=True)
    ]
    assert found == pytest.approx(float(np.mean(differ)), rel=0.1)


def test_losses_are_zero_at_the_truth() -> None:
    points = circle(40)
    contours = paper_curve(points, "spline", SAMPLES).roll(17, 1)
    assert paper_accuracy_loss(points, contours, "spline", SIZE).item() == pytest.approx(0, abs=1e-2)
    assert point_matching_loss(paper_curve(points, "spline", SAMPLES), contours).item() == pytest.approx(0, abs=1e-4)


def test_corrections_bring_the_worst_point_to_its_place(batch: Batch) -> None:
    net, features = tiny().eval(), torch.zeros(4, 64, 8, 8)
    start = circle(40).repeat(4, 1, 1).requires_grad_()
    first, second = paper_corrections(net, features, start, batch.contours, 2)
    places = matched(paper_curve(start, samples=SAMPLES), batch.contours)[:, ::4]
    distance = (places - start).abs().sum(2)
    for i, worst in enumerate(distance.argmax(1).tolist()):
        torch.testing.assert_close(first[i, worst], places[i, worst])
        still = [j for j in range(40) if min((j - worst) % 40, (worst - j) % 40) > 2]
        assert torch.equal(first[i, still], start[i, still])
    assert not torch.equal(first, second)
    # Gradients flow through both, into what was there before.
    second.sum().backward()
    assert start.grad is not None
    assert (start.grad != 0).any()


def test_optimizer_is_the_papers() -> None:
    net = tiny()
    optimizer = paper_optimizer(net)
    decayed, free = optimizer.param_groups
    assert {id(p) for g in (decayed, free) for p in g["params"]} == {id(p) for p in net.parameters()}
    norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    expected = {id(p) for m in norms for p in m.parameters()} | {id(p) for n, p in net.named_parameters() if n.endswith("bias")}
    assert {id(p) for p in free["params"]} == expected
    schedule = paper_schedule(optimizer)
    rates = []
    for _ in range(15):
        rates.append(decayed["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([3e-5] * 7 + [3e-6] * 7 + [3e-7])


def ious(points: Tensor, batch: Batch) -> list[float]:
    """How well what the splines fill agrees with what the contours fill."""
    found = []
    drawn = paper_curve(points.detach(), samples=SAMPLES)
    for a, b in zip(drawn.numpy(), batch.contours.numpy(), strict=True):
        one, other = (to_mask([Polygon(ring * SIZE)], SIZE, SIZE) for ring in (a, b))
        found.append(float((one & other).sum() / (one | other).sum()))
    return found


def test_learns_four_images(batch: Batch) -> None:
    net = tiny().train()
    optimizer = paper_optimizer(net)
    for group in optimizer.param_groups:  # a small network in a small time
        group["lr"] = 1e-3
    losses = []
    for step in range(45):
        optimizer.zero_grad()
        points, seen = net(batch.x)
        loss = paper_loss(points, seen, batch.contours, batch.edges, batch.vertices)
        if step >= 30:
            loss = loss + paper_accuracy_loss(points, batch.contours, size=SIZE) / SIZE
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    with torch.no_grad():
        points, seen = net(batch.x)
    edge, true_edge = seen.edge > 0, batch.edges > 0
    assert min(ious(points, batch)) > 0.9 > max(ious(circle(40).expand(4, -1, -1), batch))
    assert (edge & true_edge).sum() / (edge | true_edge).sum() > 0.9


def test_neighbours_learn_to_follow() -> None:
    """Eight outlines that are dented in one place: after one drag, those whose neighbours follow must lie better."""
    net, rng = tiny(), np.random.default_rng(0)
    features, truth = torch.randn(8, 64, 8, 8), circle(40)
    contours = paper_curve(truth, samples=SAMPLES).expand(8, -1, -1)
    steps = (np.arange(40) - rng.integers(40, size=(8, 1)) + 20) % 40 - 20
    dents = np.exp(-(steps[:, :, None] ** 2) / 4) * rng.normal(0, 0.1, (8, 1, 2))
    points = truth + torch.from_numpy(dents).float()

    def loss(reach: int) -> Tensor:
        (after,) = paper_corrections(net, features, points, contours, 1, reach=reach)
        return point_matching_loss(paper_curve(after, samples=SAMPLES), contours).mean()

    optimizer = torch.optim.Adam(net.interactive.parameters(), lr=1e-3)
    for _ in range(80):
        optimizer.zero_grad()
        loss(reach=2).backward()
        optimizer.step()
    assert loss(reach=2) < 0.6 * loss(reach=0)
