"""Curve-GCN's fast networks: shapes, rings of any size, where points look, a start next to rest."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.methods.curve_gcn_encoding import adjacency  # noqa: E402
from maskwright.nets.curve_gcn_fast import (  # noqa: E402
    DRAG_MAPS,
    DRAG_WIDTHS,
    FEATURES,
    DragFeatures,
    DragGcn,
    FastCurveGcn,
    OutlineGcn,
    Trunk,
    looked_up,
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("heads", [True, False])
def test_the_trunk_answers_at_stride_4(heads: bool) -> None:
    trunk = Trunk(heads).eval()
    features, logits = trunk.seen(torch.randn(2, 3, 64, 64), torch.ones(2, 1, 64, 64))
    assert features.shape == (2, FEATURES, 16, 16)
    assert (None if logits is None else logits.shape) == ((2, 3, 16, 16) if heads else None)


def test_the_trunk_builds_nothing_finer_than_it_uses() -> None:
    trunk = Trunk().eval()
    trunk(torch.randn(1, 3, 64, 64), torch.ones(1, 1, 64, 64)).sum().backward()
    assert [name for name, p in trunk.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("vertices", [6, 40, 200])
def test_rings_of_any_size_move_little_at_the_start(vertices: int) -> None:
    features, points = torch.randn(2, FEATURES, 16, 16), torch.rand(2, vertices, 2)
    links = torch.from_numpy(adjacency(vertices)).expand(2, -1, -1)
    rings = OutlineGcn().each(features, points, links)
    maps, still, roles = torch.rand(2, DRAG_MAPS, 16, 16), torch.zeros_like(points), torch.zeros_like(points)
    roles[:, ::2, 0] = 1
    moved = DragGcn()(features, maps, points, still, roles, links)
    # Those that may not follow stay.
    assert torch.equal(moved[:, 1::2], points[:, 1::2])
    assert len(rings) == 3
    for ring in (*rings, moved):
        assert ring.shape == points.shape
        assert 0 < (ring - points).abs().max() < 0.2


def test_turning_the_ring_turns_the_answer() -> None:
    features, points = torch.randn(1, FEATURES, 16, 16), torch.rand(1, 12, 2)
    links = torch.from_numpy(adjacency(12))[None]
    net = OutlineGcn()
    assert torch.allclose(net(features, points.roll(5, 1), links), net(features, points, links).roll(5, 1), atol=1e-5)


def test_points_see_the_cell_they_lie_in_and_the_rim_beyond_the_map() -> None:
    features = torch.arange(16.0).view(1, 1, 4, 4)
    seen = looked_up(features, torch.tensor([[[0.125, 0.125], [0.875, 0.375], [0.25, 0.125], [9.0, -9.0]]]))
    assert seen[0, :, 0].tolist() == pytest.approx([0, 7, 0.5, 3])


@pytest.mark.parametrize("side", [64, 80])
def test_a_drag_reads_the_features_anew_at_half_their_size(side: int) -> None:
    net, features, maps = DragFeatures(), torch.randn(2, FEATURES, side, side), torch.zeros(2, DRAG_MAPS, side, side)
    before = net(features, maps)
    assert before.shape == (2, DRAG_WIDTHS[0] + 1, side // 2, side // 2)
    maps[0, 1, 20, 20] = 1
    changed = (net(features, maps) - before).abs().sum(1) > 0
    assert changed[0, 10, 10]
    assert not changed[1].any()


def test_the_ablations_leave_out_what_they_say() -> None:
    full, plain = FastCurveGcn(), FastCurveGcn(stages=1, heads=False)
    assert len(full.outline.stages) == 3
    assert len(plain.outline.stages) == 1
    assert not [name for name in plain.state_dict() if "heads" in name]
    # 3.2: each graph network is of the paper's size, 0.471 M parameters, for fewer than its 256 features.
    for network in (*full.outline.stages, *full.drag.stages):
        assert sum(p.numel() for p in network.parameters()) == pytest.approx(0.471e6, rel=0.1)
