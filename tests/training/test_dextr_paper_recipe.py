"""The paper's input and optimiser; the network learns with them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch

from maskwright.nets.dextr_paper import DextrPaper
from maskwright.prompts import Box, Point
from maskwright.training.dextr_paper import paper_crop, paper_input, paper_optimizer
from maskwright.training.losses import Reduction, balanced_bce
from maskwright.vision.crops import Crop

POINTS: list[Point] = [(3, 80), (152, 60), (90, 10), (70, 119)]


def image() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8)


def test_input_is_the_papers() -> None:
    crop = paper_crop(Box(3, 10, 152, 119))
    assert (crop.x0, crop.y0, crop.x1, crop.y1) == (-47, -40, 203, 170)
    x = paper_input(image(), crop, POINTS)
    assert x.shape == (4, 512, 512)
    assert x.dtype == np.float32
    assert x[3].min() == 0
    assert x[3].max() == 255
    assert x[:3].max() > 250
    beyond = int(40 * 512 / 210) - 3
    assert not x[:3, :beyond].any()


def test_points_are_a_set() -> None:
    crop = paper_crop(Box(3, 10, 152, 119))
    np.testing.assert_array_equal(paper_input(image(), crop, POINTS), paper_input(image(), crop, POINTS[::-1]))


def test_ten_pixels_is_the_full_width_at_half_maximum() -> None:
    crop = Crop(0, 0, 512, 512, size=512)
    x = paper_input(np.zeros((512, 512, 3), np.uint8), crop, [(100, 200)])
    assert x[3, 200, 100] == 255
    assert x[3, 200, 95] == pytest.approx(127.5)
    assert x[3, 205, 100] == pytest.approx(127.5)


def test_parameter_groups() -> None:
    net = DextrPaper(blocks=(1, 1, 1, 1), width=4)
    backbone, head = paper_optimizer(net).param_groups
    for group, rate in ((backbone, 1e-8), (head, 1e-7)):
        assert (group["lr"], group["momentum"], group["weight_decay"]) == (pytest.approx(rate), 0.9, 5e-4)
    given = {id(p) for group in (backbone, head) for p in group["params"]}
    assert given == {id(p) for p in net.parameters() if p.requires_grad}
    assert {id(p) for p in head["params"]} == {id(p) for p in net.head.parameters()}
    assert paper_optimizer(net, 512 * 512).param_groups[0]["lr"] == pytest.approx(2.6e-3, rel=0.01)


def test_sum_and_mean_train_alike() -> None:
    torch.manual_seed(0)
    x, target = torch.rand(2, 4, 32, 32) * 255, torch.rand(2, 1, 32, 32) < 0.3
    nets = [DextrPaper(blocks=(1, 1, 1, 1), width=4).double() for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    start = nets[0].state_dict()["head.1.bias"].item()
    reductions: tuple[Reduction, Reduction] = ("sum", "mean")
    for net, reduction, pixels in zip(nets, reductions, (1, 32 * 32), strict=True):
        optimizer = paper_optimizer(net, pixels)
        for _ in range(3):
            optimizer.zero_grad()
            balanced_bce(net(x.double()), target, reduction=reduction).backward()
            optimizer.step()
    assert nets[0].state_dict()["head.1.bias"].item() != start
    for name, value in nets[0].state_dict().items():
        torch.testing.assert_close(nets[1].state_dict()[name], value, rtol=1e-9, atol=1e-12, msg=name)


def discs(count: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images of one bright disc among darker ones, with its extreme points; and its masks."""
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[:size, :size]
    inputs, masks = [], []
    for _ in range(count):
        cx, cy, r = *rng.uniform(0.35 * size, 0.65 * size, 2), rng.uniform(0.15 * size, 0.3 * size)
        mask = (xs - cx) ** 2 + (ys - cy) ** 2 < r**2
        pixels = np.clip(rng.normal(90, 20, (size, size, 3)) + 80 * mask[..., None], 0, 255).astype(np.uint8)
        ends = [(cx - r, cy), (cx + r, cy), (cx, cy - r), (cx, cy + r)]
        inputs.append(paper_input(pixels, Crop(0, 0, size, size, size), ends))
        masks.append(mask[None])
    return torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(masks))


def test_learns_four_images() -> None:
    torch.manual_seed(0)
    x, target = discs(4, 64)
    net = DextrPaper(blocks=(1, 1, 1, 1), width=8).train()
    # The paper's rate as it is for a mean over pixels; the images are smaller than its 512 px.
    optimizer = paper_optimizer(net, 512 * 512)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        logits = net(x)
        loss = balanced_bce(logits, target, reduction="mean")
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    mask = logits > 0
    iou = (mask & target).sum((1, 2, 3)) / (mask | target).sum((1, 2, 3))
    assert losses[-1] < 0.2 * losses[0]
    assert iou.min() > 0.7
