"""The paper's input, losses and optimiser; both networks learn with them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch
from torch import Tensor

from maskwright.nets.latent_diversity_paper import LatentDiversityPaper, SelectionPaper
from maskwright.prompts import Click
from maskwright.training.click_simulation import simulate_clicks
from maskwright.training.latent_diversity_paper import (
    THRESHOLD,
    paper_input,
    paper_loss,
    paper_optimizer,
    paper_selection_loss,
)

DILATIONS = (1, 2, 4, 8, 1)


def tiny() -> LatentDiversityPaper:
    torch.manual_seed(0)
    return LatentDiversityPaper(width=16, vgg_widths=(8, 8, 8, 8, 8), dilations=DILATIONS)


def test_input_is_the_papers() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    rgb, maps = paper_input(image, [Click(4, 3), Click(20, 10, positive=False)])
    assert torch.equal(rgb[0].permute(1, 2, 0), torch.from_numpy(image).float())
    assert rgb.dtype == maps.dtype == torch.float32
    assert (maps[0] == 0).nonzero().tolist() == [[0, 3, 4], [1, 10, 20], [2, 3, 4], [3, 10, 20]]


def test_the_loss_is_the_authors() -> None:
    torch.manual_seed(0)
    target = torch.rand(1, 1, 9, 8) < 0.4
    pixels = [(x, y, bool(target[0, 0, y, x])) for x in range(8) for y in range(9)]
    clicks = [Click(x, y, on) for x, y, on in pixels[::20]]
    assert {click.positive for click in clicks} == {True, False}
    _, maps = paper_input(np.zeros((9, 8, 3), np.uint8), clicks)
    f = torch.rand(1, 6, 9, 8)
    y = target.float()
    iou = 1 - torch.minimum(f, y).mean((2, 3)) / torch.maximum(f, y).mean((2, 3))
    ranks = 0.0025 * torch.tensor([32, 16, 8, 4, 2, 1])
    constraint = ((maps[:, 0] == 0) | (maps[:, 1] == 0)).float()
    expected = iou.min() + (ranks * iou).sum() + ((f - y).abs() * constraint / constraint.mean()).mean()
    torch.testing.assert_close(paper_loss(f, target, maps), expected)


def test_selection_learns_the_mask_nearest_to_the_target() -> None:
    target = torch.zeros(1, 1, 8, 8)
    target[..., :4] = 1
    masks = torch.rand(1, 6, 8, 8) * 0.3
    masks[:, 4] = target[:, 0] * 0.9
    masks.requires_grad_()
    logits = torch.randn(1, 6, requires_grad=True)
    loss = paper_selection_loss(logits, masks, target)
    loss.backward()
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits, torch.tensor([4])))
    assert masks.grad is None


def test_only_f_learns() -> None:
    net = tiny()
    (group,) = paper_optimizer(net).param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (1e-4, (0.9, 0.999), 0)
    frozen = {id(p) for p in net.image_part.vgg.parameters()}
    assert {id(p) for p in group["params"]} == {id(p) for p in net.parameters()} - frozen


def samples(count: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Images of two discs, one of them clicked: colours, click maps and target."""
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[:40, :56]
    found = []
    for _ in range(count):
        here = (xs - rng.uniform(12, 16)) ** 2 + (ys - rng.uniform(14, 26)) ** 2 < rng.uniform(7, 11) ** 2
        there = (xs - rng.uniform(40, 44)) ** 2 + (ys - rng.uniform(14, 26)) ** 2 < rng.uniform(7, 11) ** 2
        image = np.clip(rng.normal(70, 12, (40, 56, 3)) + 110 * (here | there)[..., None], 0, 255).astype(np.uint8)
        rgb, maps = paper_input(image, simulate_clicks(here, [there], rng))
        found.append((rgb, maps, torch.from_numpy(here)[None, None]))
    return found


def test_learns_three_images() -> None:
    torch.manual_seed(0)
    net, data = tiny(), samples(3)
    selection = SelectionPaper(width=16, dilations=(1, 2))
    rgb, maps, target = (torch.cat(parts) for parts in zip(*data, strict=True))
    vgg = {name: value.clone() for name, value in net.image_part.vgg.state_dict().items()}
    optimizer = paper_optimizer(net)
    for group in optimizer.param_groups:  # a small network in a small time
        group["lr"] = 3e-3
    features = net.image_part.vgg(rgb)
    losses = []
    for _ in range(80):
        optimizer.zero_grad()
        masks = net.click_part(net.image_part.project(rgb, features), maps)
        loss = paper_loss(masks, target, maps)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        masks = net(rgb, maps)
    chosen = masks > THRESHOLD
    iou = (chosen & target).sum((2, 3)) / (chosen | target).sum((2, 3))
    assert losses[-1] < 0.3 * losses[0]
    assert iou.amax(1).min() > 0.85
    assert all(torch.equal(value, vgg[name]) for name, value in net.image_part.vgg.state_dict().items())

    optimizer = paper_optimizer(selection)
    for group in optimizer.param_groups:
        group["lr"] = 3e-2
    # Candidates that differ clearly, in another order for each image.
    candidates = torch.stack([masks[i].roll(i, 0) * (torch.arange(6) == i).view(6, 1, 1) for i in range(3)])
    for _ in range(60):
        optimizer.zero_grad()
        loss = paper_selection_loss(selection(rgb, maps, candidates), candidates, target)
        loss.backward()
        optimizer.step()
    assert selection(rgb, maps, candidates).argmax(1).tolist() == [0, 1, 2]
