"""Magic Paint's fast preset: training sees what use sees, the recipe learns, its graphs run, a run may start from others."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.engine import load_engine, verify, weight_file  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.methods import magic_paint_distances, magic_paint_maps  # noqa: E402
from maskwright.methods.magic_paint import MagicPaint  # noqa: E402
from maskwright.methods.magic_paint_distances import distances, squares_of  # noqa: E402
from maskwright.methods.magic_paint_encoding import Grid, laid  # noqa: E402
from maskwright.methods.magic_paint_ways import bounded  # noqa: E402
from maskwright.nets.backbones.mobilenet_edgetpu import MobileNetEdgeTPU  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.nets.magic_paint_fast import FastMagicPaint  # noqa: E402
from maskwright.prompts import Stroke  # noqa: E402
from maskwright.training import magic_paint_maps as training_maps  # noqa: E402
from maskwright.training.export import averaged_net, export  # noqa: E402
from maskwright.training.magic_paint import MagicPaintSettings, episode, new_net, overfit, train  # noqa: E402
from maskwright.training.paint_answers import alike_entropy, answers, corrected, entropy, figures_of, look  # noqa: E402
from maskwright.training.paint_photos import VOID, PaintMix, load_paint_sets  # noqa: E402
from maskwright.training.paint_samples import PaintSample, PaintSamples  # noqa: E402


@pytest.fixture
def settings(maps_data: Path, encoder_weights: Path, tmp_path: Path) -> MagicPaintSettings:
    return MagicPaintSettings(
        data=maps_data,
        init=encoder_weights,
        out=tmp_path / "run",
        mixes=(PaintMix("maps", 1.0),),
        stages=((64, 2),),
        batch=3,
        warm_up=2,
        threads=1,
        checkpoint_every=20,
    )


@pytest.fixture
def samples(settings: MagicPaintSettings) -> list[PaintSample]:
    return list(islice(PaintSamples(load_paint_sets(settings.data, settings.mixes), 64, seed=1), 3))


def test_the_network_overfits_a_few_samples(settings: MagicPaintSettings) -> None:
    figures = overfit(settings, count=4, steps=40)
    assert figures["accuracy"] > 0.95
    assert figures["first"] > 0.9
    assert figures["iou"] > 0.85


def test_training_and_use_see_the_same_maps() -> None:
    torch.manual_seed(0)
    embedding = training_maps.rounded(torch.randn(32, 16, 24, requires_grad=True))
    classes = np.zeros((64, 96), np.uint8)
    classes[5:9, 3:40], classes[30, 60:90], classes[60:, :8] = 4, 9, 2
    strokes = laid(classes, Grid.of(64, 96, size=96))
    nearest = distances(embedding.detach().numpy(), strokes)
    everywhere, nearby = training_maps.squared_distances(embedding, nearest)
    ways = bounded(np.stack([one.ways for one in nearest]))
    maps = training_maps.class_maps(everywhere, nearby, ways, strokes)
    squares = squares_of(np.stack([one.everywhere for one in nearest]))
    squares_nearby = squares_of(np.stack([one.nearby for one in nearest]))
    expected = magic_paint_maps.class_maps(
        magic_paint_maps.squashed(squares), magic_paint_maps.squashed(squares_nearby), ways, strokes.owners
    )
    assert np.abs(maps.detach().numpy() - expected).max() < 1e-6
    near = everywhere < 30  # beyond, use cuts them
    assert np.array_equal(everywhere[near].detach(), squares[near])
    maps.sum().backward()


def test_rounding_is_that_of_use_and_lets_gradients_pass() -> None:
    embedding = torch.linspace(-6, 6, 1001, requires_grad=True)
    answer = training_maps.rounded(embedding)
    assert np.allclose(answer.detach(), magic_paint_distances.rounded(embedding.detach().numpy()), atol=1e-6)
    answer.sum().backward()
    assert embedding.grad is not None
    assert (embedding.grad == 1).all()


def test_a_round_carries_the_distances_on(settings: MagicPaintSettings, samples: list[PaintSample]) -> None:
    torch.manual_seed(0)
    net = new_net(settings)
    with torch.no_grad():
        seen = look(net, samples)
        truths, paints = [s.truth for s in samples], [s.painted for s in samples]
        first = answers(net, seen, truths, paints)
        more = [corrected(np.random.default_rng(0), s, s.painted, p.classes, 2) for s, p in zip(samples, first, strict=True)]
        carried, anew = answers(net, seen, truths, more, first), answers(net, seen, truths, more)
    assert any((a != b).any() for a, b in zip(more, paints, strict=True))
    for one, other in zip(carried, anew, strict=True):
        assert torch.equal(one.squares, other.squares)
        assert torch.equal(one.logits, other.logits)


def test_answers_keep_the_paint_and_know_what_is_right(settings: MagicPaintSettings, samples: list[PaintSample]) -> None:
    torch.manual_seed(0)
    net = new_net(settings)
    with torch.no_grad():
        paintings = answers(net, look(net, samples), [s.truth for s in samples], [s.painted for s in samples])
    for sample, painting in zip(samples, paintings, strict=True):
        painted = sample.painted > 0
        assert np.array_equal(painting.classes[painted], sample.painted[painted])
        assert np.array_equal(painting.painted.numpy(), painted)
        assert np.array_equal(painting.target.numpy() == VOID, sample.truth == VOID)
        assert np.array_equal(painting.target.numpy() == 0, sample.truth == 0)
        assert painting.logits.shape == (len(painting.squares) + 1, 64, 64)
        # The logits' order is that of the paint, the sample's its own: each class has one logit.
        for k in np.unique(sample.truth[(sample.truth > 0) & (sample.truth != VOID)]):
            assert len(np.unique(painting.target.numpy()[sample.truth == k])) == 1


def test_corrections_paint_the_largest_error_in_its_true_class() -> None:
    truth = np.ones((64, 64), np.uint8)
    truth[:, 40:], truth[:2] = 2, VOID
    sample = PaintSample(np.zeros((64, 64, 3), np.uint8), truth, np.zeros((64, 64), np.uint8))
    answer = np.full((64, 64), 2, np.uint8)
    paint = corrected(np.random.default_rng(0), sample, sample.painted, answer, 1)
    assert set(np.unique(paint)) == {0, 1}
    assert (truth[paint == 1] == 1).mean() > 0.9
    assert not sample.painted.any()
    assert not corrected(np.random.default_rng(0), sample, sample.painted, np.where(truth == VOID, 0, truth), 3).any()


def test_paint_and_void_do_not_count_and_no_class_counts_half() -> None:
    logits = torch.zeros(2, 1, 4)
    logits[1, 0] = torch.tensor([3.0, 3, 3, -8])
    target = torch.tensor([[1, 0, VOID, 1]])
    painted = torch.tensor([[False, False, False, True]])
    right, wrong = float(torch.tensor(3.0).neg().exp().log1p()), float(torch.tensor(3.0).exp().log1p())
    assert entropy(logits, target, painted, 0.5) == pytest.approx((right + 0.5 * wrong) / 1.5)
    assert entropy(logits, target, torch.ones(1, 4, dtype=torch.bool), 0.5) == 0


def test_the_loss_of_distances_draws_classes_near_and_keeps_the_rest_away(
    settings: MagicPaintSettings, samples: list[PaintSample]
) -> None:
    net = new_net(settings)
    with torch.no_grad():
        (painting, *_) = answers(net, look(net, samples), [s.truth for s in samples], [s.painted for s in samples])
    cells = painting.target[2::4, 2::4]
    right = torch.stack([torch.where(cells == k + 1, 0.0, 9.0) for k in range(len(painting.squares))])
    assert alike_entropy(replace(painting, squares=right), 2.0, 0.5) < 0.2
    assert alike_entropy(replace(painting, squares=9 - right), 2.0, 0.5) > 2


def test_an_episode_teaches_all_parts(settings: MagicPaintSettings, samples: list[PaintSample]) -> None:
    torch.manual_seed(0)
    net = new_net(settings).train()
    loss, figures = episode(settings, net, samples, np.random.default_rng(0))
    loss.backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []
    assert set(figures) == {"iou", "accuracy", "first"}
    assert all(0 <= value <= 1 for value in figures.values())


def test_the_decoder_may_be_trained_alone(settings: MagicPaintSettings, samples: list[PaintSample]) -> None:
    alone = replace(settings, only_decoder=True)
    torch.manual_seed(0)
    net = new_net(alone).train()
    episode(alone, net, samples, np.random.default_rng(0))[0].backward()
    assert {name.partition(".")[0] for name, p in net.named_parameters() if p.grad is not None} == {"decoder"}
    assert all(p.grad is not None for p in net.decoder.parameters())


def test_figures_of_right_answers_are_1(settings: MagicPaintSettings, samples: list[PaintSample]) -> None:
    net = new_net(settings)
    with torch.no_grad():
        found = answers(net, look(net, samples), [s.truth for s in samples], [s.painted for s in samples])
    right = [replace(p, classes=np.where(s.truth == VOID, 7, s.truth)) for s, p in zip(samples, found, strict=True)]
    wrong = [replace(p, classes=np.full_like(s.truth, 200)) for s, p in zip(samples, found, strict=True)]
    assert figures_of(samples, wrong, right) == {"iou": 1, "accuracy": 1, "first": 0}


def test_the_encoder_may_see_images_alone(encoder_weights: Path) -> None:
    from safetensors.torch import load_file

    alone, prompted = MobileNetEdgeTPU(0).eval(), MobileNetEdgeTPU(2).eval()
    for net in (alone, prompted):
        net.load_imagenet(load_file(encoder_weights))
    assert not [name for name in alone.state_dict() if "prompt" in name]
    rgb = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for a, b in zip(alone(rgb), prompted(rgb, torch.rand(1, 2, 64, 64)), strict=True):
            assert torch.equal(a, b)


def test_a_trained_network_becomes_two_graphs_that_answer_as_it_does_and_start_another_run(
    settings: MagicPaintSettings, tmp_path: Path
) -> None:
    checkpoint = train(settings)
    net = averaged_net("magic-paint", checkpoint)
    assert isinstance(net, FastMagicPaint)
    names = ("embedding", "decoder")
    assert export("magic-paint", checkpoint, tmp_path / "tiny.onnx") == [tmp_path / f"tiny-{name}.onnx" for name in names]
    engines = {name: load_engine(verify(weight_file(f"tiny-{name}", tmp_path))) for name in names}
    installed = find_spec("openvino") is not None
    others = [load_engine(tmp_path / "tiny-decoder.onnx", "openvino")] if installed else []
    rgb = torch.randn(1, 3, 512, 512)
    with torch.no_grad():
        expected = dict(zip(("embedding", "features", "weights"), net.embedding(rgb), strict=True))
        found = engines["embedding"].run({"rgb": rgb.numpy()})
        for name, value in expected.items():
            # Weights are stored as float16: eleven significant bits.
            assert np.abs(found[name] - value.numpy()).max() < 0.02 * value.abs().max(), name
        for classes, rows, columns in ((1, 4, 4), (3, 96, 128), (11, 128, 20)):
            inputs = [
                expected["features"][..., :rows, :columns],
                expected["weights"][..., :rows, :columns],
                torch.rand(classes, 9, rows, columns),
            ]
            arrays = {name: x.numpy().copy() for name, x in zip(("features", "weights", "maps"), inputs, strict=True)}
            logits = net.decoder(*inputs)
            for decoder in (engines["decoder"], *others):
                answer = decoder.run(arrays)["logits"]
                assert answer.shape == (classes, 4 * rows, 4 * columns)
                assert np.abs(answer - logits.numpy()).max() < 0.02 * logits.abs().max() + 1e-3
    method = MagicPaint(*(lambda engine=engine: engine for engine in engines.values()))
    image = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    prepared = method.prepare(image)
    paints = [Stroke(((20, 20), (60, 40)), 3, radius=3), Stroke(((90, 70),), 5, radius=4)]
    (candidate,) = method.predict(paints, prepared).candidates
    assert candidate.class_map is not None
    assert candidate.class_map[20, 20] == 3
    assert candidate.class_map[70, 90] == 5
    # The same, by way of another stroke that is taken back.
    method.predict([*paints, Stroke(((30, 80), (100, 10)), 9, radius=5)], prepared)
    (again,) = method.predict(paints, prepared).candidates
    assert again.class_map is not None
    assert np.array_equal(again.class_map, candidate.class_map)

    started = new_net(replace(settings, init=tmp_path / "tiny-embedding.onnx")).eval()
    with torch.no_grad():
        for name, a, b in zip(expected, started.embedding(rgb), expected.values(), strict=True):
            assert (a - b).abs().max() < 0.02 * b.abs().max(), name
    for name, value in net.decoder.state_dict().items():
        assert torch.allclose(started.decoder.state_dict()[name], value, rtol=1e-3, atol=1e-4), name
    with pytest.raises(DataError, match="another network"):
        new_net(replace(settings, init=tmp_path / "tiny-decoder.onnx"))


def test_a_run_may_start_from_dextr(settings: MagicPaintSettings, exported_dextr: tuple[FastDextr, Path]) -> None:
    dextr, graph = exported_dextr
    rgb = torch.randn(1, 3, 64, 64)
    started = new_net(replace(settings, init=graph)).eval()
    with torch.no_grad():
        expected = dextr.features(rgb, torch.zeros(1, 2, 64, 64))[1:]
        for a, b in zip(started.embedding.features(rgb), expected, strict=True):
            assert (a - b).abs().max() < 0.02 * b.abs().max()
    still = {name for name, p in started.named_parameters() if not p.requires_grad}
    assert {name.split(".")[2] for name in still} == {"stem", "first", "blocks"}
    assert {name.split(".")[3] for name in still if ".blocks." in name} == {"0", "1", "2", "3"}
    checkpoint = train(replace(settings, init=graph))
    assert isinstance(averaged_net("magic-paint", checkpoint), FastMagicPaint)
