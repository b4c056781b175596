"""VGG-19: its sizes, what its weight loaders accept, and that loaded weights compute what they did at home."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.errors import WeightsError
from maskwright.nets.backbones.vgg19 import VGG19

TINY = (4, 5, 6, 7, 8)

torchvision_plan = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


def torchvision_features(widths: tuple[int, ...]) -> nn.Sequential:
    """The layers of torchvision's vgg19 with other widths, numbered as there; its max pooling replaced by average pooling."""
    layers: list[nn.Module] = []
    inputs = 3
    for width, (_, count) in zip(widths, torchvision_plan, strict=True):
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        layers.append(nn.AvgPool2d(2, ceil_mode=True))
    return nn.Sequential(*layers)


def torchvision_state(widths: tuple[int, ...]) -> dict[str, Tensor]:
    """A full state dict as torchvision gives it, classifier included."""
    torch.manual_seed(1)
    state = {f"features.{name}": value for name, value in torchvision_features(widths).state_dict().items()}
    return {**state, "classifier.0.weight": torch.zeros(2, 3)}


def caffe_state(count: int = 14, prefix: str = "c.") -> dict[str, Tensor]:
    torch.manual_seed(2)
    names = [f"conv{block}_{number}" for block, (_, c) in enumerate(torchvision_plan, 1) for number in range(1, c + 1)]
    own = VGG19(TINY).state_dict()
    pairs = [f"{name}.{part}" for name in names[:count] for part in ("weight", "bias")]
    return {prefix + pair: torch.randn_like(own[f"convs.{pair}"]).half() for pair in pairs}


def test_parameters_and_work_are_the_published_ones() -> None:
    with torch.device("meta"):
        net = VGG19()
    # torchvision's vgg19.features has 20,024,384; conv5_3 and conv5_4 are left out.
    assert sum(p.numel() for p in net.parameters()) == 20_024_384 - 2 * (512 * 512 * 9 + 512)
    assert not any(p.requires_grad for p in net.parameters())
    products = 0

    def add(module: nn.Conv2d, _: object, output: Tensor) -> None:
        nonlocal products
        products += output.numel() * module.weight[0].numel()

    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(add)
    features = net(torch.zeros(1, 3, 480, 640, device="meta"))
    assert round(products / 1e9) == 114
    assert [tuple(f.shape[1:]) for f in features] == [
        (64, 480, 640),
        (128, 240, 320),
        (256, 120, 160),
        (512, 60, 80),
        (512, 30, 40),
    ]


def test_odd_sides_are_averaged_over_what_is_there() -> None:
    net = VGG19((1, 1, 1, 1, 1))
    for conv in net.convs.values():
        assert isinstance(conv, nn.Conv2d)
        nn.init.dirac_(conv.weight)
    net.mean.zero_()
    features = net(torch.arange(15.0).view(1, 1, 3, 5).expand(1, 3, 3, 5))
    assert features[1][0, 0].tolist() == [[3, 5, 6.5], [10.5, 12.5, 14]]


def test_torchvision_weights_compute_what_they_did() -> None:
    state = torchvision_state(TINY)
    home = torchvision_features(TINY)
    home.load_state_dict({name.removeprefix("features."): v for name, v in state.items() if name.startswith("features.")})
    net = VGG19(TINY)
    net.load_torchvision(state)
    rgb = torch.rand(2, 3, 37, 50) * 255
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = (rgb / 255 - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)
    expected = []
    for i, layer in enumerate(home.children()):
        x = layer(x)
        if i in (3, 8, 13, 22, 31):
            expected.append(x)
    for found, features in zip(net(rgb), expected, strict=True):
        assert features.std() > 0
        torch.testing.assert_close(found, features * 255 * deviation.mean(), rtol=1e-4, atol=1e-4)


def test_caffe_weights_see_blue_first() -> None:
    state = caffe_state()
    net = VGG19(TINY)
    assert net.load_caffe(state) == 14
    rgb = torch.rand(1, 3, 16, 16) * 255
    bgr = rgb.flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1)
    first = F.conv2d(bgr, state["c.conv1_1.weight"].float(), state["c.conv1_1.bias"].float(), padding=1)
    torch.testing.assert_close(net.convs["conv1_1"](rgb - net.mean), first, rtol=1e-4, atol=1e-3)
    assert torch.equal(net.convs["conv5_2"].state_dict()["weight"], state["c.conv5_2.weight"].float())


def test_shorter_files_leave_the_rest_as_it_was() -> None:
    net = VGG19(TINY)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert net.load_caffe(caffe_state(count=8, prefix="")) == 8
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name in before if name[:11] in {f"convs.conv{b}" for b in (1, 2, 3)}}


@pytest.mark.parametrize("missing", ["c.conv2_1.weight", "c.conv2_1.bias", "c.conv1_1.weight"])
def test_gaps_are_refused(missing: str) -> None:
    net = VGG19(TINY)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = caffe_state()
    del state[missing]
    with pytest.raises(WeightsError, match=r"all from conv1_1 to the last one|1 parameters missing"):
        net.load_caffe(state)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_other_networks_are_refused() -> None:
    net = VGG19(TINY)
    with pytest.raises(WeightsError, match=r"28 parameters missing.*give torchvision's state dict of vgg19"):
        net.load_torchvision({"conv1.weight": torch.zeros(64, 3, 7, 7)})
    with pytest.raises(WeightsError, match="0 parameters missing, 28 of another shape"):
        net.load_torchvision(torchvision_state((8, 9, 10, 11, 12)))
    with pytest.raises(WeightsError, match="these convolutions of VGG-19: none"):
        net.load_caffe(torchvision_state(TINY))


def test_published_weights_load(shared: Path) -> None:
    from safetensors.torch import load_file

    path = shared / "weights" / "vgg19_conv1_3.safetensors"
    if not path.is_file():
        pytest.skip(f"needs {path.name}")
    net = VGG19()
    assert net.load_caffe(load_file(path)) == 8
    rows, columns = torch.meshgrid(torch.arange(48), torch.arange(64), indexing="ij")
    disc = ((rows - 24) ** 2 + (columns - 32) ** 2 < 200) * 150.0 + 50
    means = [float(f.mean()) for f in net(disc.expand(1, 3, 48, 64))]
    # Features of natural size, random layers included: nothing explodes or dies.
    assert all(1 < mean < 1000 for mean in means)
