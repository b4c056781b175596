"""DEXTR's published network: its size, what it loads, that it exports and learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch

from maskwright.nets.backbones.resnet import RESNET101, ResNet
from maskwright.nets.dextr_paper import DextrPaper

TINY = (1, 1, 1, 1)


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def full() -> DextrPaper:
    """The whole network, with shapes only: no memory, no arithmetic."""
    with torch.device("meta"):
        return DextrPaper().eval()


def test_parameters_are_the_published_ones(full: DextrPaper) -> None:
    assert round(count(full) / 1e6, 2) == 48.80
    assert round(count(full.head) / 1e6, 2) == 6.30
    # And exactly: torchvision's ResNet-101 without its classifier, plus the heat map's kernels in the stem.
    assert count(full.backbone) == 44_549_160 - 2_049_000 + 64 * 49
    assert count(full.head) == 4 * (2048 * 512 + 2 * 512) + (4096 * 512 + 2 * 512) + (512 + 1)


def test_work_is_the_published_one(full: DextrPaper) -> None:
    products = 0

    def add(module: torch.nn.Conv2d, _: object, output: torch.Tensor) -> None:
        nonlocal products
        products += output.numel() * module.weight[0].numel()

    hooks = [m.register_forward_hook(add) for m in full.modules() if isinstance(m, torch.nn.Conv2d)]
    full(torch.zeros(1, 4, 512, 512, device="meta"))
    for hook in hooks:
        hook.remove()
    assert round(products / 1e9, 1) == 185.7


def test_shapes(full: DextrPaper) -> None:
    x = torch.zeros(2, 4, 512, 512, device="meta")
    features = full.backbone(x)[-1]
    assert features.shape == (2, 2048, 64, 64)
    assert full.head(features).shape == (2, 1, 64, 64)
    assert full(x).shape == (2, 1, 512, 512)


def test_start(full: DextrPaper) -> None:
    torch.manual_seed(0)
    net = DextrPaper(blocks=TINY, width=16)
    weights = torch.cat([m.weight.flatten() for m in net.modules() if isinstance(m, torch.nn.Conv2d)])
    assert weights.mean().item() == pytest.approx(0, abs=1e-4)
    assert weights.std().item() == pytest.approx(0.01, rel=0.02)
    frozen = {name for name, p in full.named_parameters() if not p.requires_grad}
    norms = {name for name, m in full.backbone.named_modules() if isinstance(m, torch.nn.BatchNorm2d)}
    assert frozen == {f"backbone.{name}.{part}" for name in norms for part in ("weight", "bias")}


def test_resnet101_weights_really_arrive() -> None:
    torch.manual_seed(0)
    donor = ResNet(RESNET101, width=4)
    for name, value in donor.named_buffers():
        if name.endswith("running_mean"):
            value.normal_()
    net = DextrPaper(width=4)
    net.load_resnet101(donor.state_dict())
    stem = net.backbone.conv1.weight
    assert torch.equal(stem[:, :3], donor.conv1.weight)
    assert torch.equal(stem[:, 3], donor.conv1.weight[:, 2])
    deep = "layer3.22.bn3.running_mean"
    assert torch.equal(net.backbone.state_dict()[deep], donor.state_dict()[deep])


def test_frozen_norms_still_follow_the_data() -> None:
    net = DextrPaper(blocks=TINY, width=4).train()
    statistics = net.state_dict()["backbone.bn1.running_mean"]
    before = statistics.clone()
    net(torch.rand(2, 4, 64, 64) * 255)
    assert not torch.allclose(statistics, before)


# The exporter itself uses names that its own version deprecates.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_exports_to_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="torch.onnx needs the [train] extra")
    torch.manual_seed(0)
    net = DextrPaper(blocks=TINY, width=4)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    x = torch.rand(2, 4, 128, 160) * 255
    net.train()(x)  # running statistics other than 0 and 1
    net.eval()
    # 16 x 20 feature pixels: neither is a multiple of 3 or of 6, as 64 is not.
    torch.onnx.export(
        net,
        (x[:1],),
        tmp_path / "net.onnx",
        dynamo=True,
        external_data=False,
        verbose=False,
        input_names=["x"],
        output_names=["y"],
    )
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    for sample in x.split(1):
        with torch.no_grad():
            expected = net(sample).numpy()
        (found,) = session.run(["y"], {"x": sample.numpy()})
        assert expected.std() > 0.01
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
