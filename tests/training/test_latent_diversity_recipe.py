"""Latent Diversity's fast preset: its recipe learns, its export runs, a run may start from another network's graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.engine import load_engine, verify, weight_file  # noqa: E402
from maskwright.engine.fake import FakeEngine  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.methods.latent_diversity import LatentDiversity  # noqa: E402
from maskwright.methods.latent_diversity_encoding import SIZE  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.prompts import Click  # noqa: E402
from maskwright.training.click_samples import ClickSample, ClickSamples, with_click  # noqa: E402
from maskwright.training.export import averaged_net, write_graph  # noqa: E402
from maskwright.training.latent_diversity import (  # noqa: E402
    Batch,
    LatentDiversityRecipe,
    LatentDiversitySettings,
    answers_of,
    loss_of,
    new_net,
    train,
)
from maskwright.training.loop import optimizer_of  # noqa: E402
from maskwright.training.objects import SetMix, load_set  # noqa: E402
from maskwright.training.scenes import Staging  # noqa: E402
from maskwright.vision.crops import Crop  # noqa: E402


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


def test_a_sample_is_encoded_as_in_use() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (2 * SIZE, 2 * SIZE, 3), np.uint8)
    mask = np.zeros((2 * SIZE, 2 * SIZE), bool)
    mask[300:420, 200:400] = True
    truth = np.roll(mask, 60, 1)
    sample = with_click(rng, ClickSample(rgb, truth.astype(np.uint8), Crop(0, 0, 2 * SIZE, 2 * SIZE, SIZE)), mask)
    assert sample is not None
    batch = Batch.of([sample])
    answer = {"logits": np.zeros((1, 6, SIZE // 2, SIZE // 2), np.float32), "scores": np.zeros((1, 6), np.float32)}
    engine = FakeEngine(lambda _: answer)
    method = LatentDiversity(lambda: engine)
    method.predict(sample.clicks, method.prepare(rgb), sample.before)
    (seen,) = engine.calls
    np.testing.assert_array_equal(batch.rgb.numpy(), seen["rgb"])
    np.testing.assert_array_equal(batch.prompts.numpy(), seen["prompts"])
    # In the crop the object has the share that it has there in the photo.
    crop = sample.crop
    share = truth[max(crop.y0, 0) : crop.y1, max(crop.x0, 0) : crop.x1].sum() / (crop.width * crop.height)
    assert batch.target.mean().item() == pytest.approx(share, rel=0.02)
    assert batch.clicks.sum() == 1


def test_samples_with_many_clicks_are_likelier_to_come_back(settings: LatentDiversitySettings) -> None:
    target = np.zeros((128, 128), np.uint8)
    target[32:96, 32:96] = 1
    once = ClickSample(np.zeros((128, 128, 3), np.uint8), target, Crop(0, 0, 128, 128, 64), (Click(64, 64),))
    often = replace(once, clicks=(Click(64, 64),) * 5)
    tired = replace(once, clicks=(Click(64, 64),) * settings.most_clicks)
    recipe = LatentDiversityRecipe(replace(settings, recycled=1), new_net(settings), [], np.random.default_rng(0))
    logits, scores = torch.full((4, 6, 32, 32), -5.0), torch.zeros(4, 6)
    logits[:, :, 8:24, 8:16] = 5.0  # the left half of the object
    logits[3, :, 8:24, 8:24] = 5.0  # all of it
    ious = torch.tensor([0.5, 0.5, 0.5, 0.96])[:, None].expand(4, 6)
    counts = [len(s.clicks) for _ in range(60) for s in recipe.again([once, often, tired, often], logits, scores, ious)]
    assert set(counts) == {2, 6}  # one click more; neither those with enough of them, nor what is good already
    assert 40 <= counts.count(6) < 60  # five times as likely


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
