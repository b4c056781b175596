"""The ResNet encoders: dilation, key names, loading."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch

from maskwright.errors import WeightsError
from maskwright.nets.backbones.resnet import RESNET50, RESNET101, ResNet, StridePlace

SMALL = (2, 2, 2, 2)
STRIDE_PLACES: tuple[StridePlace, ...] = ("1x1", "3x3")


def randomised(net: ResNet) -> ResNet:
    """The network in eval mode, with running statistics and scales that differ from the identity."""
    for name, value in net.state_dict().items():
        if name.endswith(("running_mean", "bias")):
            value.normal_(0, 0.1)
        elif name.endswith("running_var") or (name.endswith("weight") and value.ndim == 1):
            value.uniform_(0.5, 1.5)
    return net.eval()


def torchvision_keys(blocks: tuple[int, ...]) -> set[str]:
    """Parameter and buffer names of torchvision's bottleneck ResNets without the classifier."""

    def norm(name: str) -> set[str]:
        return {f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")}

    keys = {"conv1.weight"} | norm("bn1")
    for stage, count in enumerate(blocks, 1):
        for block in range(count):
            for i in (1, 2, 3):
                keys |= {f"layer{stage}.{block}.conv{i}.weight"} | norm(f"layer{stage}.{block}.bn{i}")
        keys |= {f"layer{stage}.0.downsample.0.weight"} | norm(f"layer{stage}.0.downsample.1")
    return keys


@pytest.mark.parametrize(("blocks", "parameters"), [(RESNET50, 25_557_032), (RESNET101, 44_549_160)])
def test_names_and_count_are_torchvisions(blocks: tuple[int, int, int, int], parameters: int) -> None:
    with torch.device("meta"):
        net = ResNet(blocks)
    assert set(net.state_dict()) == torchvision_keys(blocks)
    classifier = 2048 * 1000 + 1000
    assert sum(p.numel() for p in net.parameters()) == parameters - classifier


@pytest.mark.parametrize("stride_on", STRIDE_PLACES)
@pytest.mark.parametrize("output_stride", [8, 16])
def test_dilation_keeps_what_the_strided_network_computes(stride_on: StridePlace, output_stride: int) -> None:
    torch.manual_seed(0)
    coarse = randomised(ResNet(SMALL, output_stride=32, stride_on=stride_on, width=4))
    fine = ResNet(SMALL, output_stride=output_stride, stride_on=stride_on, width=4).eval()
    fine.load_state_dict(coarse.state_dict())
    image = torch.randn(1, 3, 200, 136)
    with torch.no_grad():
        expected, found = coarse(image)[-1], fine(image)[-1]
    step = 32 // output_stride
    assert expected.std() > 0.01
    torch.testing.assert_close(found[:, :, ::step, ::step], expected)


def test_place_of_the_stride_matters() -> None:
    torch.manual_seed(0)
    caffe = randomised(ResNet(SMALL, stride_on="1x1", width=4))
    other = ResNet(SMALL, stride_on="3x3", width=4).eval()
    other.load_state_dict(caffe.state_dict())
    assert caffe.layer2[0].conv1.stride == (2, 2)
    assert caffe.layer2[0].conv2.stride == (1, 1)
    assert other.layer2[0].conv1.stride == (1, 1)
    assert other.layer2[0].conv2.stride == (2, 2)
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert not torch.allclose(caffe(image)[-1], other(image)[-1], rtol=0.1)


def test_pooling_rounds_down() -> None:
    with torch.device("meta"):
        features = ResNet(SMALL, width=4)(torch.zeros(1, 3, 512, 510))
    assert [tuple(f.shape[2:]) for f in features] == [(128, 128), (64, 64), (64, 64), (64, 64)]
    # 512 px: 256 after the stem, then 128; rounded up it would be 129.


def test_unknown_output_stride_is_refused() -> None:
    with pytest.raises(ValueError, match="8, 16 or 32"):
        ResNet(SMALL, output_stride=4, width=4)


def test_loading_copies_everything_and_fills_extra_channels() -> None:
    torch.manual_seed(0)
    source = randomised(ResNet(SMALL, width=4))
    state = {**source.state_dict(), "fc.weight": torch.zeros(1000, 128), "fc.bias": torch.zeros(1000)}
    net = ResNet(SMALL, in_channels=5, width=4)
    net.load_rgb_weights(state)
    loaded = net.state_dict()
    for name, value in source.state_dict().items():
        if name != "conv1.weight":
            assert torch.equal(loaded[name], value), name
    stem = loaded["conv1.weight"]
    assert torch.equal(stem[:, :3], state["conv1.weight"])
    assert torch.equal(stem[:, 3], state["conv1.weight"][:, 2])
    assert torch.equal(stem[:, 4], state["conv1.weight"][:, 2])


def test_old_files_without_batch_counters_load() -> None:
    state = {k: v for k, v in ResNet(SMALL, width=4).state_dict().items() if not k.endswith("num_batches_tracked")}
    net = ResNet(SMALL, width=4)
    net.load_rgb_weights(state)
    assert torch.equal(net.conv1.weight, state["conv1.weight"])


@pytest.mark.parametrize(
    ("blocks", "width", "count"),
    [
        ((2, 2, 3, 2), 4, "0 parameters missing, 18 unknown"),
        ((2, 2, 1, 2), 4, "15 parameters missing"),
        (SMALL, 8, "0 unknown"),
    ],
)
def test_weights_of_another_network_are_refused(blocks: tuple[int, int, int, int], width: int, count: str) -> None:
    net = ResNet(SMALL, width=4)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(WeightsError, match=count):
        net.load_rgb_weights(ResNet(blocks, width=width).state_dict())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
