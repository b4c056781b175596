"""Magic Paint's paper preset: sizes that the specification states or that follow from it, shapes, weights that arrive."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch

from maskwright.nets.backbones.resnet import RESNET50, ResNet
from maskwright.nets.magic_paint_paper import EMBEDDING, MagicPaintPaper, PaintHead
from maskwright.training import magic_paint_paper

TINY = (1, 1, 1, 1)


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def full() -> MagicPaintPaper:
    """The whole network, with shapes only: no memory, no arithmetic."""
    with torch.device("meta"):
        return MagicPaintPaper().eval()


def test_a_head_of_width_64_has_the_stated_parameters() -> None:
    # Features of 64 channels, G, L, their rivals, two maps of strokes, the probability of before, two constants.
    assert round(count(PaintHead(64 + 8, 64)) / 1e3, 1) == 30.9


def test_the_head_is_feelvoss(full: MagicPaintPaper) -> None:
    layers = [m for m in full.head.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [(m.kernel_size[0], m.groups > 1, m.out_channels) for m in layers] == [
        *[(7, True, 259), (1, False, 256)],
        *[(7, True, 256), (1, False, 256)] * 3,
        (1, False, 1),
    ]
    assert count(full.head) == 80_025 + 3 * 79_104 + 257


def test_the_backbone_is_resnet_50(full: MagicPaintPaper) -> None:
    assert count(full.backbone) == 25_557_032 - 2_049_000
    assert count(full.pyramid) == 256 * (2048 * (1 + 3 * 9 + 1) + 5 * 256) + 6 * 512
    assert count(full.embed) == 256 * 10 + 257 * EMBEDDING


def test_shapes(full: MagicPaintPaper) -> None:
    features, embedding = full(torch.zeros(2, 3, 480, 640, device="meta"))
    assert features.shape == (2, 256, 120, 160)
    assert embedding.shape == (2, 100, 120, 160)
    assert full.logits(features[:1], torch.zeros(4, 3, 120, 160, device="meta")).shape == (4, 1, 120, 160)
    assert magic_paint_paper.WINDOW * 2 + 1 == 31


def test_resnet50_weights_really_arrive() -> None:
    torch.manual_seed(0)
    donor = ResNet(RESNET50, stride_on="3x3", width=4)
    for name, value in donor.named_buffers():
        if name.endswith("running_mean"):
            value.normal_()
    net = MagicPaintPaper(width=4)
    net.load_resnet50(donor.state_dict())
    assert torch.equal(net.backbone.conv1.weight, donor.conv1.weight)
    assert torch.equal(net.backbone.state_dict()["layer3.5.bn3.running_mean"], donor.state_dict()["layer3.5.bn3.running_mean"])


def test_every_parameter_learns() -> None:
    torch.manual_seed(0)
    net = MagicPaintPaper(blocks=TINY, width=8).train()
    features, embedding = net(torch.randn(2, 3, 64, 64))
    maps = torch.rand(3, 3, 16, 16)
    (net.logits(features[:1], maps).sum() + embedding.sum()).backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []
