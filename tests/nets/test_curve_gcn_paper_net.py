"""Curve-GCN's published networks: their sizes, what they load, what a drag may move."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch
from torch import Tensor, nn

from maskwright.errors import WeightsError
from maskwright.nets.backbones.resnet import RESNET50, ResNet
from maskwright.nets.curve_gcn_paper import CurveGcnPaper, features_at
from maskwright.nets.ring_gcn import GraphConvolution, RingGcn, circle

TINY = (1, 1, 1, 1)


def count(*modules: nn.Module) -> int:
    return sum(p.numel() for module in modules for p in module.parameters())


@pytest.fixture(scope="module")
def full() -> CurveGcnPaper:
    """The whole network, with shapes only: no memory, no arithmetic."""
    with torch.device("meta"):
        return CurveGcnPaper().eval()


@pytest.fixture(scope="module")
def tiny() -> CurveGcnPaper:
    """A small network whose points move."""
    torch.manual_seed(0)
    net = CurveGcnPaper(size=64, blocks=TINY, width=8).eval()
    for module in (net.stages, net.interactive):
        for p in module.parameters():
            nn.init.normal_(p, std=0.02)
    return net


def test_parameters_are_the_published_ones(full: CurveGcnPaper) -> None:
    assert count(full.backbone) == 25_557_032 - 2_049_000  # torchvision's ResNet-50 without its classifier
    assert round(count(full.edge, full.vertex) / 1e6, 1) == 19.8
    assert count(full.edge) == (9 * 512 + 1) * 16 + (16 * 784 + 1) * 784
    assert [round(count(stage) / 1e6, 3) for stage in full.stages] == [0.471] * 3
    assert count(full.stages[0]) == 2 * (258 + 1) * 128 + 6 * 4 * (128 + 1) * 128 + 2 * (128 + 1) * 32 + (32 + 1) * 2
    assert count(full.interactive) == count(full.stages[0]) + 2 * 2 * 128  # 260 features instead of 258
    assert count(full.fuse) == 9 * 514 * 256 + 9 * 256 * 256 + 2 * 2 * 256


def test_shapes_are_the_published_ones(full: CurveGcnPaper) -> None:
    x = torch.zeros(2, 3, 224, 224, device="meta")
    last = full.backbone(x)[-1]
    assert last.shape == (2, 2048, 28, 28)
    assert full.pyramid(last).shape == (2, 512, 28, 28)
    points, seen = full(x)
    assert points.shape == (2, 40, 2)
    assert seen.features.shape == (2, 256, 28, 28)
    assert seen.edge.shape == seen.vertex.shape == (2, 28, 28)


def test_backbone_is_dilated_as_published(full: CurveGcnPaper) -> None:
    stages = [full.backbone.layer1, full.backbone.layer2, full.backbone.layer3, full.backbone.layer4]
    assert [len(stage) for stage in stages] == [3, 4, 6, 3]
    convs = [[m for m in stage.modules() if isinstance(m, nn.Conv2d)] for stage in stages]
    assert [max(m.stride[0] for m in stage) for stage in convs] == [1, 2, 1, 1]
    assert [max(m.dilation[0] for m in stage) for stage in convs] == [1, 1, 2, 4]


def test_it_starts_at_the_circle() -> None:
    torch.manual_seed(0)
    net = CurveGcnPaper(size=64, blocks=TINY, width=8)
    features = torch.randn(1, 32, 8, 8)
    torch.testing.assert_close(net.outline(features), circle(40), rtol=0, atol=0.02)  # first shifts are next to 0
    right, up = circle(40)[0, 0], circle(40)[0, 10]
    torch.testing.assert_close(right, torch.tensor([0.85, 0.5]))
    torch.testing.assert_close(up, torch.tensor([0.5, 0.15]))
    with pytest.raises(ValueError, match="3 control points are asked for; give 5 or more"):
        net.outline(features, 3)


@pytest.mark.parametrize("vertices", [5, 40, 200])
def test_any_number_of_control_points(tiny: CurveGcnPaper, vertices: int) -> None:
    points, _ = tiny(torch.zeros(2, 3, 64, 64), vertices)
    assert points.shape == (2, vertices, 2)


@settings(max_examples=10, deadline=None)
@given(vertices=st.integers(5, 12), seed=st.integers(0, 100))
def test_graph_convolution_is_the_matrix_form(vertices: int, seed: int) -> None:
    torch.manual_seed(seed)
    conv = GraphConvolution(3, 4)
    nodes = torch.randn(1, vertices, 3)
    adjacency = torch.zeros(vertices, vertices)
    for i in range(vertices):
        for step in (-2, -1, 1, 2):
            adjacency[i, (i + step) % vertices] = 1
    expected = nodes @ conv.own.weight.T + conv.own.bias + adjacency @ nodes @ conv.others.weight.T + conv.others.bias
    torch.testing.assert_close(conv(nodes), expected)


def test_a_ring_has_no_first_point() -> None:
    torch.manual_seed(0)
    gcn, nodes = RingGcn(6), torch.randn(2, 11, 6)
    torch.testing.assert_close(gcn(nodes.roll(3, 1)), gcn(nodes).roll(3, 1))


def slow_lookup(features: Tensor, x: float, y: float) -> Tensor:
    """Bilinear at (x, y) times the grid, corners clamped to the last cell: the published rule."""
    last = features.shape[-1] - 1
    u, v = min(max(x * (last + 1), 0), last), min(max(y * (last + 1), 0), last)
    left, top = int(u), int(v)
    right, bottom = min(left + 1, last), min(top + 1, last)
    a, b = u - left, v - top
    upper = (1 - a) * features[:, top, left] + a * features[:, top, right]
    lower = (1 - a) * features[:, bottom, left] + a * features[:, bottom, right]
    return (1 - b) * upper + b * lower


@settings(max_examples=40, deadline=None)
@given(grid=st.integers(2, 9), x=st.floats(-0.2, 1.2), y=st.floats(-0.2, 1.2))
def test_lookup_is_the_published_rule(grid: int, x: float, y: float) -> None:
    features = torch.randn(1, 2, grid, grid, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    point = torch.tensor([[[x, y]]], dtype=torch.float64)
    torch.testing.assert_close(features_at(features, point)[0, 0], slow_lookup(features[0], x, y))


def test_the_first_lookup_takes_the_cell() -> None:
    features = torch.arange(16.0).view(1, 1, 4, 4)
    points = torch.tensor([[[0.49, 0.26], [0.5, 0.99], [1.2, -0.3]]])
    assert features_at(features, points, nearest=True).flatten().round().tolist() == [5, 14, 3]


def test_what_is_seen_depends_on_where_points_are(tiny: CurveGcnPaper) -> None:
    torch.manual_seed(1)
    features = torch.randn(1, 32, 8, 8, requires_grad=True)
    tiny.outline(features, 8).sum().backward()
    assert features.grad is not None
    assert features.grad.abs().sum() > 0


@settings(max_examples=25, deadline=None)
@given(vertices=st.integers(5, 15), index=st.integers(0, 14), reach=st.integers(0, 8))
def test_a_drag_moves_its_window_alone(tiny: CurveGcnPaper, vertices: int, index: int, reach: int) -> None:
    index %= vertices
    torch.manual_seed(0)
    features, points, place = torch.randn(1, 32, 8, 8), circle(vertices), torch.tensor([[0.3, 1.4]])
    moved = tiny.drag(features, points, torch.tensor([index]), place, reach)
    assert torch.equal(moved[0, index], place[0])  # even where it lies outside the crop
    follows = {(index + step) % vertices for step in range(-reach, reach + 1)} - {index}
    changed = set((moved != points)[0].any(1).nonzero().flatten().tolist()) - {index}
    assert changed == follows
    others = [i for i in range(vertices) if i != index]
    assert moved[0, others].min() >= 0
    assert moved[0, others].max() <= 1


def test_every_outline_of_a_batch_has_its_own_drag(tiny: CurveGcnPaper) -> None:
    torch.manual_seed(0)
    features, points = torch.randn(2, 32, 8, 8), circle(12).repeat(2, 1, 1)
    index, place = torch.tensor([0, 7]), torch.tensor([[0.9, 0.5], [0.1, 0.2]])
    both = tiny.drag(features, points, index, place)
    for i in (0, 1):
        alone = tiny.drag(features[i : i + 1], points[i : i + 1], index[i : i + 1], place[i : i + 1])
        torch.testing.assert_close(both[i : i + 1], alone, rtol=1e-4, atol=1e-4)


def test_gradients_pass_through_a_drag(tiny: CurveGcnPaper) -> None:
    torch.manual_seed(0)
    features, points = torch.randn(1, 32, 8, 8, requires_grad=True), circle(9).requires_grad_()
    tiny.drag(features, points, torch.tensor([4]), torch.tensor([[0.2, 0.5]])).square().sum().backward()
    assert features.grad is not None
    assert features.grad.abs().sum() > 0
    assert points.grad is not None
    assert points.grad[0, 0].abs().sum() > 0


@pytest.mark.parametrize("extreme_points", [False, True])
def test_resnet50_weights_really_arrive(extreme_points: bool) -> None:
    torch.manual_seed(0)
    donor = ResNet(RESNET50, width=4, stride_on="3x3")
    state = donor.state_dict() | {"fc.weight": torch.zeros(1000, 128), "fc.bias": torch.zeros(1000)}
    net = CurveGcnPaper(extreme_points=extreme_points, size=32, width=4).eval()
    net.load_resnet50(state)
    stem = net.backbone.conv1.weight
    assert stem.shape[1] == 3 + extreme_points
    assert torch.equal(stem[:, :3], donor.conv1.weight)
    assert torch.equal(stem[:, 2], stem[:, -1])
    if not extreme_points:
        x = torch.randn(1, 3, 32, 32)
        torch.testing.assert_close(net.backbone(x)[-1], donor.eval()(x)[-1])
    with pytest.raises(WeightsError, match="not of this ResNet"):
        net.load_resnet50({name: value for name, value in state.items() if "layer4" not in name})
