"""The fast preset's recipe: it learns, it goes on where it stopped, its export runs as the network does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.engine import load_engine, verify, weight_file  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.training.dextr import DextrSettings, loss_of, new_net, overfit, train  # noqa: E402
from maskwright.training.export import averaged_net  # noqa: E402
from maskwright.training.loop import optimizer_of, schedule  # noqa: E402
from maskwright.training.objects import SetMix  # noqa: E402


@pytest.fixture
def settings(shapes_data: Path, encoder_weights: Path, tmp_path: Path) -> DextrSettings:
    return DextrSettings(
        data=shapes_data,
        init=encoder_weights,
        out=tmp_path / "run",
        mixes=(SetMix("shapes", 1.0),),
        stages=((64, 20), (96, 10)),
        batch=4,
        recycled=1,
        warm_up=2,
        threads=1,
        checkpoint_every=20,
    )


def test_the_network_overfits_a_few_samples(settings: DextrSettings) -> None:
    assert overfit(settings, count=4, steps=40) > 0.85


def test_a_stopped_run_goes_on_from_its_checkpoint(settings: DextrSettings) -> None:
    train(replace(settings, stages=((64, 20),)))
    lines: list[int] = []
    checkpoint = train(settings, lambda line: lines.append(line["step"]))
    state = torch.load(checkpoint, weights_only=True)
    assert state["step"] == 30
    assert not lines  # the next report would come at step 40: steps 1 to 20 were not run again
    log = [json.loads(line) for line in (settings.out / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == [20]


def test_an_exported_graph_answers_as_the_network_does(exported_dextr: tuple[FastDextr, Path]) -> None:
    net, graph = exported_dextr
    rgb, prompts = torch.randn(1, 3, 64, 64), torch.rand(1, 2, 64, 64)
    engine = load_engine(verify(weight_file("dextr", graph.parent)))
    answer = engine.run({"rgb": rgb.numpy(), "prompts": prompts.numpy()})["logits"]
    with torch.no_grad():
        expected = net(rgb, prompts).numpy()
    # Weights are stored as float16: eleven significant bits.
    assert np.abs(answer - expected).max() < 0.02 * np.abs(expected).max()
    assert graph.stat().st_size < 7e6
    assert b"/src/" not in graph.read_bytes()


def test_training_on_from_a_graph_leaves_the_encoders_beginning_as_it_is(settings: DextrSettings, tmp_path: Path) -> None:
    short = replace(settings, stages=((64, 2),), checkpoint_every=2)
    begun = replace(short, init=weight_file("dextr-fast").path, out=tmp_path / "second")
    before, after = new_net(begun).state_dict(), averaged_net("dextr", train(begun)).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    beginning = ("encoder.stem", "encoder.prompt_stem", "encoder.first", *(f"encoder.blocks.{i}." for i in range(begun.frozen)))
    assert not [name for name in changed if name.startswith(beginning)]
    assert [name for name in changed if name.startswith(f"encoder.blocks.{begun.frozen}.")]
    # What has learned much already moves slower than what starts from ImageNet weights.
    rates = [optimizer_of(new_net(s), s).param_groups[1]["lr"] for s in (short, begun)]
    assert rates == [1e-3, 2e-4]


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"other": 1}, path)
    with pytest.raises(DataError, match="is no checkpoint"):
        averaged_net("dextr", path)


def test_a_missing_training_set_is_named(settings: DextrSettings) -> None:
    with pytest.raises(DataError, match="nowhere"):
        train(replace(settings, mixes=(SetMix("nowhere", 1.0),)))


def test_the_loss_prefers_better_masks() -> None:
    target = torch.zeros(1, 1, 16, 16)
    target[..., 4:12, 4:12] = 1
    good, bad = target * 10 - 5, torch.roll(target, 3, 3) * 10 - 5
    assert loss_of(good, target) < 0.05 < loss_of(bad, target)


def test_the_rate_rises_then_falls(settings: DextrSettings) -> None:
    rates = [schedule(step, settings, 30) for step in range(31)]
    assert rates[0] == 0.5
    assert max(rates) == rates[2] == 1.0
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[30] == pytest.approx(0.01)
