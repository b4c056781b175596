"""The paper preset's distances, maps, loss and optimiser; the network learns with them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the [train] extra")

import torch

from maskwright.nets.magic_paint_paper import MagicPaintPaper
from maskwright.training import magic_paint_paper
from maskwright.training.magic_paint_paper import (
    hardest_share,
    paper_distances,
    paper_input,
    paper_loss,
    paper_maps,
    paper_optimizer,
)


def owned(height: int, width: int, cells: dict[tuple[int, int], int]) -> torch.Tensor:
    owners = torch.full((height, width), -1)
    for place, k in cells.items():
        owners[place] = k
    return owners


def test_distances_are_feelvoss() -> None:
    torch.manual_seed(0)
    embedding = 0.3 * torch.randn(5, 4, 40)
    owners = owned(4, 40, {(0, 0): 0, (3, 1): 0, (2, 30): 1})
    found = paper_distances(embedding, owners, 3)
    vectors = embedding.permute(1, 2, 0)
    for row, column in ((0, 0), (1, 5), (3, 39)):
        each = [(vectors[row, column] - vectors[q]).square().sum() for q in ((0, 0), (3, 1))]
        assert found[0, 0, row, column] == pytest.approx(float(1 - 2 / (1 + min(each).exp())), abs=1e-5)
    assert max(found[0, 0, 0, 0], found[1, 1, 2, 30]) < 1e-5
    assert (found[2] == 1).all()
    # 15 cells are near, 16 are not.
    assert (found[0, 1, :, :16] < 1).all()
    assert (found[0, 1, :, 17:] == 1).all()
    assert (found[1, 1, :, :15] == 1).all()
    assert found[1, 1, 0, 15] == found[1, 0, 0, 15] < 1


def test_training_compares_with_some_of_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magic_paint_paper, "MOST_CELLS", 3)
    embedding = torch.randn(5, 6, 6)
    owners = torch.zeros(6, 6, dtype=torch.long)
    assert (paper_distances(embedding, owners, 1)[0, 0] < 1e-5).all()
    assert (paper_distances(embedding, owners, 1, np.random.default_rng(0))[0, 0] < 1e-5).sum() == 3


def test_maps_hold_what_was_before() -> None:
    distances = torch.rand(2, 2, 4, 4)
    maps = paper_maps(distances, None)
    assert maps.shape == (3, 3, 4, 4)
    assert torch.equal(maps[0, :2], 1 - distances.amin(0))
    assert (maps[0, 2] == 1).all()
    assert (maps[1:, 2] == 0).all()
    before = torch.rand(3, 4, 4)
    assert torch.equal(paper_maps(distances, before)[:, 2], before)


def test_the_loss_takes_the_hardest_pixels() -> None:
    logits = torch.zeros(2, 1, 1, 4)
    logits[1, 0, 0] = torch.tensor([9.0, -9, 2, 0])
    target = torch.tensor([[1, 1, 1, -100]])
    each = torch.nn.functional.cross_entropy(logits[None, :, 0], target[None], reduction="none")[0, 0]
    assert paper_loss(logits, target) == pytest.approx(float(each[:3].mean()))
    assert paper_loss(logits, target, share=0.34) == pytest.approx(float(each[1]))
    assert [hardest_share(step) for step in (0, 100_000)] == [1, pytest.approx(0.15)]


def test_input_and_optimizer() -> None:
    image = np.full((4, 6, 3), 255, np.uint8)
    assert paper_input(image)[0, :, 0, 0].tolist() == pytest.approx([2.2489, 2.4286, 2.64], abs=1e-3)
    (group,) = paper_optimizer(torch.nn.Conv2d(1, 1, 1)).param_groups
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (7e-4, 0.9, 4e-5)


def test_the_network_learns() -> None:
    torch.manual_seed(0)
    net = MagicPaintPaper(blocks=(1, 1, 1, 1), width=8).train()
    image = np.full((64, 64, 3), 40, np.uint8)
    image[:, 32:] = 200
    x = torch.cat([paper_input(image), paper_input(image[:, ::-1].copy())])
    target = torch.ones(64, 64, dtype=torch.long)
    target[:, 32:] = 2
    owners = owned(16, 16, {(8, 3): 0, (8, 12): 1})
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    losses = []
    for _ in range(25):
        features, embedding = net(x)
        rounds = [net.logits(features[i : i + 1], paper_maps(paper_distances(embedding[i], owners, 2), None)) for i in range(2)]
        loss = torch.stack([paper_loss(rounds[0], target), paper_loss(rounds[1], target)]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
