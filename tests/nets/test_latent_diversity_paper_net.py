"""Latent Diversity's published networks: sizes, what they see, the first layer in pieces, start, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.context_aggregation import AdaptiveNorm, ContextAggregation
from maskwright.nets.latent_diversity_paper import LatentDiversityPaper, SelectionPaper

TINY_VGG = (4, 5, 6, 7, 8)
TINY_DILATIONS = (1, 2, 4, 1)


def tiny(click_maps: bool = False, width: int = 12) -> LatentDiversityPaper:
    torch.manual_seed(0)
    return LatentDiversityPaper(click_maps=click_maps, width=width, vgg_widths=TINY_VGG, dilations=TINY_DILATIONS)


def shaken(net: nn.Module) -> nn.Module:
    """The network away from its start, where norms are off and convolutions are the identity."""
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.2 * torch.randn_like(p))
    return net


def inputs(height: int = 37, width: int = 50, batch: int = 1) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.rand(batch, 3, height, width) * 255, torch.rand(batch, 4, height, width)


def stack(net: LatentDiversityPaper, rgb: Tensor, maps: Tensor) -> Tensor:
    """The paper's input: colours, click maps, and VGG's features at full resolution, all divided by 255."""
    features = net.image_part.vgg(rgb)
    grown = [F.interpolate(f, rgb.shape[2:], mode="bilinear", align_corners=False) for f in features]
    click_channels = net.in_channels - 3 - sum(net.image_part.vgg.widths)
    return torch.cat([rgb / 255, maps[:, :click_channels], *(g / 255 for g in grown)], dim=1)


@pytest.mark.parametrize(("click_maps", "channels"), [(False, 1_477), (True, 1_479)])
def test_sizes_are_the_published_ones(click_maps: bool, channels: int) -> None:
    with torch.device("meta"):
        net = LatentDiversityPaper(click_maps=click_maps)
    assert net.in_channels == channels
    assert net.first_layer().shape == (64, channels, 1, 1)
    learned = [p for p in net.parameters() if p.requires_grad]
    convolutions = sum(p.numel() for p in learned if p.ndim == 4) + 6
    assert convolutions == 64 * channels + 9 * 64 * 64 * 9 + 64 * 6 + 6
    assert round(convolutions / 1e6, 3) == 0.427
    # Beside them, two scalars and 64 shifts in each of ten norms.
    assert sum(p.numel() for p in learned) == convolutions + 10 * (2 + 64)
    assert not any(p.requires_grad for p in net.image_part.vgg.parameters())


def test_work_is_the_published_one() -> None:
    with torch.device("meta"):
        net = LatentDiversityPaper()
    weights = sum(p.numel() for name, p in net.named_parameters() if p.ndim == 4 and "vgg" not in name)
    # In the plain form, every weight works at every pixel.
    assert round(weights * 640 * 480 / 1e9) == 131


def test_shapes() -> None:
    with torch.device("meta"):
        net = LatentDiversityPaper()
        rgb, maps = torch.zeros(1, 3, 321, 481), torch.zeros(1, 4, 321, 481)
        image = net.image_part(rgb)
        assert image.shape == (1, 64, 321, 481)
        assert net.click_part(image, maps).shape == (1, 6, 321, 481)
        assert net(rgb, maps).shape == (1, 6, 321, 481)
        assert SelectionPaper()(rgb, maps, net(rgb, maps)).shape == (1, 6)


def test_selection_sees_thirteen_channels() -> None:
    with torch.device("meta"):
        net = SelectionPaper()
    assert net.first.weight.shape == (64, 13, 1, 1)
    assert sum(p.numel() for p in net.parameters() if p.ndim == 4) + 6 == 64 * 13 + 9 * 64 * 64 * 9 + 64 * 6 + 6


def test_receptive_field_is_513() -> None:
    # Two channels see as far as 64; norms are left out, since their statistics see the whole image.
    net = ContextAggregation(1, width=2)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
    net.norm, net.norms = nn.Identity(), nn.ModuleList(nn.Identity() for _ in net.norms)  # type: ignore[assignment]
    for shape in ((1, 2, 1, 601), (1, 2, 601, 1)):
        line = torch.zeros(shape, dtype=torch.float64).requires_grad_()
        net.double()(line).flatten()[300].backward()
        assert line.grad is not None
        seen = line.grad[0, 0].flatten().nonzero().flatten()
        assert (int(seen[0]), int(seen[-1])) == (300 - 256, 300 + 256)


@pytest.mark.parametrize("click_maps", [False, True])
@pytest.mark.parametrize("size", [(37, 50), (1, 7), (64, 64)])
def test_the_first_layer_in_pieces_is_the_plain_one(click_maps: bool, size: tuple[int, int]) -> None:
    net = shaken(tiny(click_maps)).double()
    assert isinstance(net, LatentDiversityPaper)
    rgb, maps = (x.double() for x in inputs(*size, batch=2))
    plain = F.conv2d(stack(net, rgb, maps), net.first_layer())
    image = net.image_part(rgb)
    pieces = image + net.click_part.clicks(maps[:, : net.click_part.clicks.in_channels])
    assert plain.std() > 0.1
    torch.testing.assert_close(pieces, plain, rtol=1e-12, atol=1e-12)
    expected = torch.sigmoid(net.click_part.context(plain))
    torch.testing.assert_close(net.click_part(image, maps), expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(net(rgb, maps), expected, rtol=1e-10, atol=1e-12)


def test_a_kept_image_part_serves_every_click() -> None:
    net = shaken(tiny())
    assert isinstance(net, LatentDiversityPaper)
    rgb, maps = inputs()
    image = net.image_part(rgb)
    before = image.clone()
    for other in (maps, 1 - maps):
        assert torch.equal(net.click_part(image, other), net(rgb, other))
    assert torch.equal(image, before)


def test_at_the_start_the_first_channels_pass_through() -> None:
    net = tiny(click_maps=True, width=16)
    rgb, maps = inputs()
    first = F.conv2d(stack(net, rgb, maps), net.first_layer())
    # All of the stack is positive, so leaky ReLU leaves it alone.
    torch.testing.assert_close(net.click_part.context.hidden(first), stack(net, rgb, maps)[:, :16])
    full = LatentDiversityPaper()
    torch.testing.assert_close(full.first_layer()[:, :64, 0, 0], torch.eye(64))
    assert not full.first_layer()[:, 64:].any()


def test_the_distance_maps_come_first() -> None:
    net = shaken(tiny(click_maps=False))
    rgb, maps = inputs()
    other = maps.clone()
    other[:, 2:] = 0
    assert torch.equal(net(rgb, maps), net(rgb, other))
    with_clicks = shaken(tiny(click_maps=True))
    assert not torch.equal(with_clicks(rgb, maps), with_clicks(rgb, other))


def test_norms_use_each_images_own_statistics_in_training_and_in_use() -> None:
    norm = AdaptiveNorm(3)
    with torch.no_grad():
        norm.w0.fill_(0.3)
        norm.w1.fill_(2)
        norm.shift.copy_(torch.tensor([0.0, 1.0, -1.0]))
    x = torch.randn(2, 3, 9, 8) * 4 + torch.tensor([5.0, 100.0]).view(2, 1, 1, 1)
    expected = 0.3 * x + 2 * (F.instance_norm(x, eps=1e-3) + norm.shift.view(3, 1, 1))
    torch.testing.assert_close(norm.train()(x), expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(norm.eval()(x), expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(norm(x[1:]), norm(x)[1:])
    assert norm(x.bfloat16()).dtype == torch.bfloat16


def test_statistics_of_half_precision_are_wide() -> None:
    norm = AdaptiveNorm(1)
    with torch.no_grad():
        norm.w0.fill_(0)
        norm.w1.fill_(1)
    # Squares of 300 overflow float16; sums of 250,000 numbers too.
    x = (torch.randn(1, 1, 500, 500) * 300).half()
    assert norm(x).float().std().item() == pytest.approx(1, abs=0.01)


def test_selection_averages_its_logits() -> None:
    net = SelectionPaper(width=16, dilations=TINY_DILATIONS)
    rgb, maps = inputs()
    masks = torch.rand(1, 6, 37, 50)
    everywhere = net.context(net.first(torch.cat([rgb / 255, maps, masks], dim=1)))
    torch.testing.assert_close(net(rgb, maps, masks), everywhere.mean((2, 3)))


def exported(module: nn.Module, given: tuple[Tensor, ...], path: Path) -> Callable[..., NDArray[np.float32]]:
    """The module as a graph for images of any size, and ONNX Runtime to run it."""
    names = [f"x{i}" for i in range(len(given))]
    sides = {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        module,
        given,
        path,
        dynamo=True,
        external_data=False,
        verbose=False,
        input_names=names,
        output_names=["y"],
        dynamic_shapes=(sides,) * len(given),
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(*tensors: Tensor) -> NDArray[np.float32]:
        (found,) = session.run(["y"], {name: x.numpy() for name, x in zip(names, tensors, strict=True)})
        return found

    return run


# The exporter itself uses names that its own version deprecates.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@torch.no_grad()
def test_exports_to_onnx_for_images_of_any_size(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="torch.onnx needs the [train] extra")
    net = shaken(tiny()).eval()
    assert isinstance(net, LatentDiversityPaper)
    selection = shaken(SelectionPaper(width=16, dilations=TINY_DILATIONS)).eval()
    rgb, maps = inputs(48, 64)
    masks = net(rgb, maps)
    image_graph = exported(net.image_part, (rgb,), tmp_path / "image.onnx")
    click_graph = exported(net.click_part, (net.image_part(rgb), maps), tmp_path / "click.onnx")
    selection_graph = exported(selection, (rgb, maps, masks), tmp_path / "selection.onnx")
    for size in ((48, 64), (45, 61)):
        rgb, maps = inputs(*size)
        image = net.image_part(rgb)
        masks = net.click_part(image, maps)
        assert masks.std() > 1e-2
        np.testing.assert_allclose(image_graph(rgb), image, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(click_graph(image, maps), masks, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(selection_graph(rgb, maps, masks), selection(rgb, maps, masks), rtol=1e-3, atol=1e-4)
