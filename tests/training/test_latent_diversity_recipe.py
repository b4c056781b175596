"""Latent Diversity's fast preset: its recipe learns, its export runs, a run may start from another network's graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.engine import load_engine, verify, weight_file  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.training.click_samples import ClickSamples  # noqa: E402
from maskwright.training.export import averaged_net, write_graph  # noqa: E402
from maskwright.training.latent_diversity import (  # noqa: E402
    Batch,
    LatentDiversitySettings,
    answers_of,
    loss_of,
    new_net,
    train,
)
from maskwright.training.loop import optimizer_of  # noqa: E402
from maskwright.training.objects import SetMix, load_set  # noqa: E402
from maskwright.training.scenes import Staging  # noqa: E402


@pytest.fixture
def settings(shapes_data: Path, encoder_weights: Path, tmp_path: Path) -> LatentDiversitySettings:
    return LatentDiversitySettings(
        data=shapes_data,
        init=encoder_weights,
        out=tmp_path / "run",
        mixes=(SetMix("shapes", 1.0),),
        stages=((64, 20),),
        batch=6,
        recycled=2,
        learning_rate=1e-3,
        encoder_factor=1.0,
        warm_up=2,
        threads=1,
        checkpoint_every=20,
    )


def test_the_network_overfits_a_few_samples(settings: LatentDiversitySettings) -> None:
    torch.manual_seed(0)
    sets = [load_set(settings.data / "shapes", settings.mixes[0], 100)]
    stream = iter(ClickSamples(sets, 64, seed=1, staging=Staging(pasted=0.0), settled=0.35, by_dextr=0.0))
    batch = Batch.of([next(stream) for _ in range(6)])
    net = new_net(settings).train()
    optimizer = optimizer_of(net, settings)
    losses = []
    for _ in range(45):
        logits, scores = answers_of(net, batch)
        loss, ious = loss_of(logits, scores, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert ious.amax(1).mean() > 0.75


def test_a_run_from_another_networks_graph_starts_with_what_fits(
    settings: LatentDiversitySettings, exported_dextr: tuple[FastDextr, Path]
) -> None:
    dextr, graph = exported_dextr
    rgb = torch.randn(1, 3, 64, 64)
    started = new_net(replace(settings, init=graph)).eval()
    with torch.no_grad():
        # Without prompts DEXTR sees the image alone; so does what starts from it, as the prompts' first layer is new.
        expected = dextr.features(rgb, torch.zeros(1, 2, 64, 64))
        found = started.features(rgb, torch.rand(1, 3, 64, 64))
    for a, b in zip(found, expected, strict=True):
        assert (a - b).abs().max() < 0.02 * b.abs().max()
    checkpoint = train(replace(settings, init=graph, frozen=4))
    state = torch.load(checkpoint, weights_only=True)
    assert state["step"] == 20
    # DEXTR knows no clicks: the first layer for them has all to learn, and is not frozen.
    assert state["net"]["encoder.prompt_stem.weight"].any()


def test_training_on_from_an_earlier_runs_graph_leaves_the_encoders_beginning_as_it_is(
    settings: LatentDiversitySettings, tmp_path: Path
) -> None:
    short = replace(settings, stages=((64, 2),), learning_rate=None, checkpoint_every=2)
    begun = replace(short, init=weight_file("latent-diversity-fast").path, frozen=4, out=tmp_path / "second")
    before, after = new_net(begun).state_dict(), averaged_net("latent-diversity", train(begun)).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    beginning = ("encoder.stem", "encoder.prompt_stem", "encoder.first", *(f"encoder.blocks.{i}." for i in range(begun.frozen)))
    assert not [name for name in changed if name.startswith(beginning)]
    assert [name for name in changed if name.startswith(f"encoder.blocks.{begun.frozen}.")]


@pytest.mark.parametrize("candidates", [1, 6])
def test_an_exported_graph_answers_as_the_network_does(
    settings: LatentDiversitySettings, tmp_path: Path, candidates: int
) -> None:
    net = averaged_net("latent-diversity", train(replace(settings, candidates=candidates)))
    example = (torch.randn(1, 3, 96, 96), torch.rand(1, 3, 96, 96))
    path = tmp_path / "tiny.onnx"
    write_graph(net, example, ("rgb", "prompts"), ("logits", "scores"), path)
    engine = load_engine(verify(weight_file("tiny", tmp_path)))
    answer = engine.run({"rgb": example[0].numpy(), "prompts": example[1].numpy()})
    with torch.no_grad():
        expected = dict(zip(("logits", "scores"), net(*example), strict=True))
    assert answer["logits"].shape == (1, candidates, 48, 48)
    for name, value in expected.items():
        assert np.abs(answer[name] - value.numpy()).max() < 0.02 * np.abs(value.numpy()).max() + 1e-3
    assert path.stat().st_size < 7e6


def test_a_checkpoint_of_another_method_is_named(settings: LatentDiversitySettings) -> None:
    checkpoint = train(settings)
    with pytest.raises(DataError, match="no checkpoint of dextr"):
        averaged_net("dextr", checkpoint)


def test_a_graph_of_another_network_is_named(settings: LatentDiversitySettings, tmp_path: Path) -> None:
    graph = tmp_path / "other.onnx"
    write_graph(torch.nn.Conv2d(3, 4, 3).eval(), (torch.zeros(1, 3, 8, 8),), ("x",), ("y",), graph)
    with pytest.raises(DataError, match="another network"):
        new_net(replace(settings, init=graph))
    graph.write_bytes(b"nothing")
    with pytest.raises(DataError, match="no ONNX graph"):
        new_net(replace(settings, init=graph))
