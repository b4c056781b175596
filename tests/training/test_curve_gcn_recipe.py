"""Curve-GCN's fast preset: its recipe learns, drags bring control points to their places, its three graphs run."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.engine import load_engine, verify, weight_file  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.methods.curve_gcn import CurveGcn  # noqa: E402
from maskwright.methods.curve_gcn_encoding import SIZE, adjacency  # noqa: E402
from maskwright.nets.curve_gcn_fast import DRAG_MAPS, FEATURES, STRIDE, DragGcn, FastCurveGcn  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.prompts import Box, OutlineForm, VertexDrag  # noqa: E402
from maskwright.training import drags  # noqa: E402
from maskwright.training.contour_samples import ContourSamples  # noqa: E402
from maskwright.training.curve_batches import ContourBatch, CurveForm  # noqa: E402
from maskwright.training.curve_gcn import (  # noqa: E402
    CurveGcnSettings,
    DragSettings,
    correction_loss,
    curve_loss,
    new_net,
    overfit,
    train,
)
from maskwright.training.export import averaged_net, export  # noqa: E402
from maskwright.training.objects import SetMix, load_set  # noqa: E402
from maskwright.training.scenes import Staging  # noqa: E402


@pytest.fixture
def settings(shapes_data: Path, encoder_weights: Path, tmp_path: Path) -> CurveGcnSettings:
    return CurveGcnSettings(
        data=shapes_data,
        init=encoder_weights,
        out=tmp_path / "run",
        mixes=(SetMix("shapes", 1.0),),
        stages=((64, 2),),
        batch=4,
        samples=80,
        raster=32,
        accuracy_from=64,
        warm_up=2,
        threads=1,
        checkpoint_every=20,
    )


@pytest.fixture
def batch(settings: CurveGcnSettings) -> ContourBatch:
    sets = [load_set(settings.data / "shapes", settings.mixes[0], 100)]
    return ContourBatch.of(
        list(islice(ContourSamples(sets, 64, seed=1, staging=Staging(pasted=0.0)), 3)), CurveForm(20, "spline", 4)
    )


def test_the_network_overfits_a_few_samples(settings: CurveGcnSettings) -> None:
    figures = overfit(settings, count=4, steps=60)
    assert figures["iou"] > 0.85
    assert figures["dragged"] > 0.85


def test_the_loss_is_0_at_the_truth_and_the_accuracy_loss_counts_from_its_size_on(
    settings: CurveGcnSettings, batch: ContourBatch
) -> None:
    batch = replace(batch, form=CurveForm(batch.contour.shape[1], "polygon", 1))
    off = batch.contour + 0.05
    assert curve_loss(settings, batch, batch.contour) == pytest.approx(0, abs=1e-5)
    matching = curve_loss(replace(settings, accuracy_from=65), batch, off)
    # 0.05 in x and in y, at most: a shift along the contour may fit better.
    assert 0.05 * settings.matching < matching <= 0.1 * settings.matching + 1e-4
    assert curve_loss(replace(settings, accuracy=0.0), batch, off) == matching
    assert curve_loss(settings, batch, off) > matching + 0.05


def test_drags_bring_the_worst_point_to_its_place_and_move_none_beyond_their_reach(
    batch: ContourBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drags, "ANYWHERE", 0.0)

    class Pushing(DragGcn):
        def each(self, features: Any, anew: Any, points: Any, shifts: Any, roles: Any, *_: Any) -> Any:
            return [points + 0.25 * roles[:, :, :1]]

    # Each control point on the contour, but for one.
    ring = batch.contour[:, :: batch.form.per_segment].clone()
    ring[:, 7] += 0.2
    (correction,) = drags.dragged(np.random.default_rng(3), Pushing(), torch.zeros(3, FEATURES, 16, 16), ring, batch, 1)
    answer = correction.rings[-1]
    moved = (answer - ring).abs().sum(2) > 0
    # The one, and one or two on either side.
    assert set(moved.sum(1).tolist()) <= {3, 5}
    assert torch.cdist(answer[:, 7:8], batch.contour).amin((1, 2)).max() < 1.5 * drags.MISS + 0.01
    # A half or two thirds of the way as the reach is one or two, and what the network adds.
    ways = (answer[:, [6, 8]] - ring[:, [6, 8]] - 0.25) / (answer[:, 7:8] - ring[:, 7:8])
    reached = (1 - 1 / (moved.sum(1) // 2 + 1))[:, None, None]
    assert torch.allclose(ways, reached.expand_as(ways), atol=1e-4)


def test_a_dragged_point_stays_when_others_are_dragged(batch: ContourBatch) -> None:
    ring = batch.contour[:, :: batch.form.per_segment] + 0.1
    corrections = drags.dragged(np.random.default_rng(3), DragGcn(), torch.zeros(3, FEATURES, 16, 16), ring, batch, 6)
    before = ring
    dragged: list[set[int]] = [set(), set(), set()]
    for after in (c.rings[-1] for c in corrections):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            shifts = (new - old).abs().sum(1)
            still = [j for j in dragged[i] if shifts[j] == 0]
            # The one dragged now may be one that was dragged before.
            assert len(dragged[i]) - len(still) <= 1
            dragged[i].add(int(shifts.argmax()))
        before = after


def test_several_drags_pass_gradients_on(settings: CurveGcnSettings, batch: ContourBatch) -> None:
    net = FastCurveGcn()
    features = torch.randn(3, FEATURES, 16, 16)
    first, _, last = drags.dragged(np.random.default_rng(0), net.drag, features, batch.ring, batch, 3)
    assert len(first.rings) == 2
    (gradient,) = torch.autograd.grad(last.rings[-1].sum(), first.rings[-1], retain_graph=True)
    assert gradient.abs().sum() > 0
    last.rings[-1].sum().backward()
    assert all(p.grad is not None for p in net.drag.parameters())


def test_a_correction_is_judged_by_its_last_ring_above_all_and_by_its_inside(
    settings: CurveGcnSettings, batch: ContourBatch
) -> None:
    batch = replace(batch, form=CurveForm(batch.contour.shape[1], "polygon", 1))
    true, off = batch.contour, batch.contour + 0.05
    inside = 40 * torch.nn.functional.avg_pool2d(batch.mask[:, None], 8) - 20
    # Cells that the contour cuts are part inside, and cannot be told by a logit that is all or nothing.
    best = correction_loss(settings, batch, drags.Correction([true, true], inside))
    assert best < correction_loss(settings, batch, drags.Correction([true, true], -inside)) - 5
    early = correction_loss(settings, batch, drags.Correction([off, true], inside)) - best
    late = correction_loss(settings, batch, drags.Correction([true, off], inside)) - best
    assert 0 < early < 0.5 * late


@pytest.mark.parametrize("change", [{}, {"gcn_stages": 1, "heads": False, "accuracy": 0.0}])
def test_a_trained_network_becomes_three_graphs_that_answer_as_it_does_and_start_another_run(
    settings: CurveGcnSettings, exported_dextr: tuple[FastDextr, Path], tmp_path: Path, change: dict[str, Any]
) -> None:
    # From a graph as what ships is: its norms are folded away, so all weights can be told from those of a further run.
    settings = replace(settings, init=exported_dextr[1], **change)
    checkpoint = train(settings)
    net = averaged_net("curve-gcn", checkpoint)
    assert isinstance(net, FastCurveGcn)
    names = ("encoder", "outline", "drag")
    assert export("curve-gcn", checkpoint, tmp_path / "tiny.onnx") == [tmp_path / f"tiny-{name}.onnx" for name in names]
    engines = {name: load_engine(verify(weight_file(f"tiny-{name}", tmp_path))) for name in names}
    rgb, prompts = torch.randn(1, 3, SIZE, SIZE), torch.zeros(1, 1, SIZE, SIZE)
    prompts[..., 40:200, 60:180] = 1
    with torch.no_grad():
        features = net.trunk(rgb, prompts)
        answer = engines["encoder"].run({"rgb": rgb.numpy(), "prompts": prompts.numpy()})["features"]
        # Weights are stored as float16: eleven significant bits.
        assert np.abs(answer - features.numpy()).max() < 0.02 * features.abs().max()
        for vertices in (6, 40, 200):
            points, shifts, part = torch.rand(1, vertices, 2), torch.zeros(1, vertices, 2), torch.zeros(1, vertices, 2)
            shifts[0, 2] = 0.1
            part[0, 2, 1] = part[0, 3, 0] = 1
            ring = {"features": features.numpy(), "points": points.numpy(), "adjacency": adjacency(vertices)[None]}
            links = torch.from_numpy(ring["adjacency"])
            moved = engines["outline"].run(ring)["moved"] - points.numpy()
            assert np.abs(moved - (net.outline(features, points, links) - points).numpy()).max() < 0.02 * np.abs(moved).max()
            maps = torch.rand(1, DRAG_MAPS, SIZE // STRIDE, SIZE // STRIDE)
            drag = {"maps": maps.numpy(), "shifts": shifts.numpy(), "roles": part.numpy()}
            moved = engines["drag"].run(ring | drag)["moved"] - points.numpy()
            expected = (net.drag(features, maps, points, shifts, part, links) - points).numpy()
            assert np.abs(moved - expected).max() < 0.02 * np.abs(moved).max()
    method = CurveGcn(*(lambda engine=engine: engine for engine in engines.values()))
    image = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    prepared = method.prepare(image)
    outline = method.predict([Box(20, 20, 90, 70), OutlineForm(vertices=16)], prepared).candidates[0].outline
    assert outline is not None
    assert method.predict([outline, VertexDrag(1, 60, 30)], prepared).mask.any()

    begun = replace(settings, init=tmp_path / "tiny-encoder.onnx")
    started = new_net(begun).state_dict()
    for name, value in net.state_dict().items():
        assert torch.allclose(started[name], value, rtol=1e-3, atol=1e-4), name
    with pytest.raises(DataError, match="another network"):
        new_net(replace(settings, init=tmp_path / "tiny-drag.onnx"))
    # The network of drags may be learned anew beside the others, where it alone is learned.
    (tmp_path / "tiny-drag.onnx").unlink()
    with pytest.raises(DataError, match="tiny-drag"):
        new_net(begun)
    without = new_net(replace(begun, only_drags=True)).state_dict()
    for name, value in without.items():
        if "drag.stages" in name and name.endswith("linear.weight"):
            assert not torch.allclose(started[name], value, rtol=1e-3, atol=1e-4), name
        elif "drag." not in name:
            assert torch.equal(started[name], value), name


def test_a_run_may_start_from_dextr(settings: CurveGcnSettings, exported_dextr: tuple[FastDextr, Path]) -> None:
    dextr, graph = exported_dextr
    rgb, box = torch.randn(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    box[..., 10:50, 20:40] = 1
    started = new_net(replace(settings, init=graph)).eval()
    with torch.no_grad():
        expected = dextr.features(rgb, torch.cat([0 * box, box], 1))[1:]
        for a, b in zip(started.trunk.features(rgb, box), expected, strict=True):
            assert (a - b).abs().max() < 0.02 * b.abs().max()
    assert isinstance(averaged_net("curve-gcn", train(replace(settings, init=graph))), FastCurveGcn)


def test_drags_alone_are_learned_and_the_rest_stays(settings: CurveGcnSettings) -> None:
    alone = DragSettings(
        data=settings.data,
        init=weight_file("curve-gcn-fast-encoder").path,
        out=settings.out,
        mixes=settings.mixes,
        stages=settings.stages,
        batch=4,
        samples=80,
        raster=32,
        threads=1,
    )
    before, after = new_net(alone).state_dict(), averaged_net("curve-gcn", train(alone)).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("drag.") for name in changed)
