"""The protocol `paint` on tiny images, with methods whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import BenchObject, Dataset, Truth
from maskwright.bench.datasets.base import whole_truth
from maskwright.bench.protocols.paint import Paint
from maskwright.bench.runner import run
from maskwright.errors import DataError, PromptError
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.prompts import Click, Prompt, Stroke
from maskwright.vision.painting import ClassMap, painted

pytest.importorskip("skimage", reason="needs the extra [bench]")


class Painter:
    """A method without a thought of its own: what is painted is the answer, where `answer` says nothing else."""

    name = "painter"
    accepts: frozenset[type[Prompt]] = frozenset({Stroke})

    def __init__(self, *answers: ClassMap) -> None:
        self.answers = answers
        self.calls: list[Sequence[Prompt]] = []

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        assert mask is None
        self.calls.append(prompts)
        strokes = [prompt for prompt in prompts if isinstance(prompt, Stroke)]
        assert len(strokes) == len(prompts)
        classes = painted(strokes, *prepared.image.shape[:2])
        if self.answers:
            classes = self.answers[min(len(strokes), len(self.answers)) - 1]
        return Prediction((Candidate(classes > 0, 1.0, class_map=classes),))


@pytest.fixture
def truth() -> ClassMap:
    """Two halves of 30 x 20 px with a hole of nothing, and a speck of one pixel."""
    classes = np.full((30, 40), 1, np.uint8)
    classes[:, 20:] = 2
    classes[0, 0] = 3
    classes[10:20, 0:10] = 0
    return classes


def dataset(save: Any, image: NDArray[np.uint8], *truths: ClassMap) -> Dataset:
    path = save("images/a.png", image)
    objects = (BenchObject(str(k), path, None, partial(whole_truth, truth)) for k, truth in enumerate(truths))
    return Dataset("made:up", tuple(objects))


@pytest.fixture
def one(save: Any, image: NDArray[np.uint8], truth: ClassMap) -> Dataset:
    return dataset(save, image, truth)


def test_a_method_that_is_right_at_once_gets_one_stroke(one: Dataset, truth: ClassMap) -> None:
    method = Painter(truth)
    report = run(Paint(strokes_per_class=3), method, one)
    assert report.objects == 1
    assert len(method.calls) == 1 + 1  # the runner's doubled first call
    (record,) = report.per_object
    assert (record["strokes"], record["classes"], record["notable"], record["drops"]) == (1, 3, 2, 0)
    assert record["labelled"] == 30 * 40 - 100
    figures = report.metrics
    assert figures["miou_at"] == figures["pixel_accuracy_at"] == figures["pixel_accuracy_pooled_at"] == [1, 1, 1]
    assert figures["seconds_at"] == [figures["seconds_at"][0]] * 3
    assert figures["drops"] == 0


def test_a_hopeless_method_spends_all_strokes(one: Dataset, truth: ClassMap) -> None:
    method = Painter(np.zeros_like(truth))
    report = run(Paint(strokes_per_class=4), method, one)
    (record,) = report.per_object
    assert record["strokes"] == 4 * 2
    assert [len(prompts) for prompts in method.calls[1:]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert method.calls[-1][:-1] == method.calls[-2]
    assert {stroke.class_id for stroke in method.calls[-1] if isinstance(stroke, Stroke)} == {2}
    assert report.metrics["miou_at"] == report.metrics["pixel_accuracy_at"] == [0, 0, 0, 0]


def test_painting_alone_gets_better_with_every_stroke(one: Dataset) -> None:
    report = run(Paint(strokes_per_class=20), Painter(), one)
    for name in ("miou_at", "pixel_accuracy_at"):
        at = report.metrics[name]
        assert len(at) == 20
        assert at == sorted(at)
        assert 0 < at[0] < at[-1] <= 1
    assert report.metrics["drops"] == 0


def test_the_figures_by_hand(save: Any, image: NDArray[np.uint8]) -> None:
    rows = np.zeros((30, 40), np.uint8)
    rows[:10], rows[10:20] = 7, 9
    half, worse = np.zeros_like(rows), np.zeros_like(rows)
    half[:10] = 1
    half[20:] = 2  # void in truth: not counted, for nobody
    worse[:5] = 1
    worse[10:20, :20] = 1
    method = Painter(half, worse, half, half)
    report = run(Paint(strokes_per_class=2), method, dataset(save, image, rows))
    (record,) = report.per_object
    assert record["right_at"] == [200, 400]
    assert record["pixel_accuracy_at"] == [0.25, 0.5]
    assert record["miou_at"] == pytest.approx([200 / 600 / 2, 1 / 2], abs=1e-6)
    assert (record["strokes"], record["drops"]) == (4, 1)
    assert report.metrics["drops"] == 0.25
    strokes = [stroke for stroke in method.calls[-1] if isinstance(stroke, Stroke)]
    assert [stroke.class_id for stroke in strokes] == [1, 2, 2, 2]
    paths = [float(np.hypot(*np.diff(np.array(s.points), axis=0).T).sum()) for s in strokes]
    seconds = [2 * 1.2 + 1 + 0.009 * sum(paths[:2]), 4 * 1.2 + 1 + 0.009 * sum(paths)]
    assert report.metrics["seconds_at"] == pytest.approx(seconds, abs=2e-3)


def test_means_over_images_and_over_pixels(save: Any, image: NDArray[np.uint8]) -> None:
    large, small = np.ones((30, 40), np.uint8), np.zeros((30, 40), np.uint8)
    small[:10, :10] = 1
    left = np.zeros_like(large)
    left[:, :20] = 1
    figures = run(Paint(strokes_per_class=1), Painter(left), dataset(save, image, large, small)).metrics
    assert figures["pixel_accuracy_at"] == figures["miou_at"] == [0.75]
    assert figures["pixel_accuracy_pooled_at"] == pytest.approx([(600 + 100) / 1300], abs=1e-6)


def test_small_classes_bring_no_strokes_but_count(save: Any, image: NDArray[np.uint8]) -> None:
    classes = np.ones((30, 40), np.uint8)
    classes[0, :2] = 2  # 0.17 %
    classes[5, 5] = 3  # 0.08 %
    right = classes.copy()
    right[classes > 1] = 1
    (record,) = run(Paint(strokes_per_class=2), Painter(right), dataset(save, image, classes)).per_object
    assert (record["classes"], record["notable"], record["strokes"]) == (3, 2, 4)
    assert record["miou_at"][-1] == pytest.approx((1197 / 1200) / 3, abs=1e-6)


def test_chance_depends_on_the_seed(one: Dataset) -> None:
    def seconds(seed: int) -> list[float]:
        figures = run(Paint(strokes_per_class=2), Painter(), one, seed=seed).metrics["seconds_at"]
        assert isinstance(figures, list)
        return figures

    assert seconds(1) == seconds(1) != seconds(2)


def test_images_without_a_class_are_left_out(save: Any, image: NDArray[np.uint8], truth: ClassMap) -> None:
    nothing = np.zeros_like(truth)
    report = run(Paint(strokes_per_class=1), Painter(truth), dataset(save, image, nothing, truth))
    assert report.objects == 1
    assert [left["reason"] for left in report.environment["skipped"]] == ["no pixel of the image has a class"]


def test_the_report_keeps_the_contract(one: Dataset) -> None:
    content = run(Paint(strokes_per_class=2), Painter(), one).to_json()
    assert json.loads(json.dumps(content)) == content
    assert content["protocol"] == "paint"
    assert list(content["metrics"]) == ["miou_at", "pixel_accuracy_at", "pixel_accuracy_pooled_at", "seconds_at", "drops"]
    assert content["environment"]["options"]["strokes_per_class"] == 2
    assert len(content["per_object"][0]["ms"]) == content["per_object"][0]["strokes"]


def test_who_and_what_is_refused(one: Dataset, truth: ClassMap) -> None:
    class Clicker(Painter):
        name = "clicker"
        accepts: frozenset[type[Prompt]] = frozenset({Click})

    class Silent(Painter):
        def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
            return Prediction((Candidate(truth > 0, 1.0),))

    with pytest.raises(PromptError, match="clicker takes no strokes"):
        run(Paint(), Clicker(), one)
    with pytest.raises(PromptError, match="answered no class map"):
        run(Paint(), Silent(), one)
    path: Path = one[0].image_path
    single = Dataset("single", (BenchObject("a", path, None, lambda: Truth(truth > 0)),))
    with pytest.raises(DataError, match="needs whole images"):
        run(Paint(), Painter(), single)
