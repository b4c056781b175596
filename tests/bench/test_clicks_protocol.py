from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import BenchObject, Dataset, Truth, open_dataset
from maskwright.bench.protocols.clicks import Clicks
from maskwright.bench.runner import run
from maskwright.errors import DataError, PromptError
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.prompts import Box, Click, ExtremePoints, Prompt


class Scripted:
    """A method that answers to the n-th click with the n-th of its answers, each a list of candidates."""

    name = "scripted"

    def __init__(self, *answers: Sequence[Mask], accepts: type[Prompt] = Click) -> None:
        self.accepts = frozenset([accepts])
        self.answers = answers
        self.calls: list[tuple[Sequence[Prompt], Mask | None]] = []

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.calls.append((prompts, mask))
        answer = self.answers[min(len(prompts), len(self.answers)) - 1]
        return Prediction(tuple(Candidate(m, 1 - k / 10) for k, m in enumerate(answer)))

    @property
    def gestures(self) -> list[tuple[Sequence[Prompt], Mask | None]]:
        """The calls without the runner's first one, which is made twice."""
        return self.calls[1:]


def part(truth: NDArray[np.bool_], rows: int) -> NDArray[np.bool_]:
    """The object's first rows of twelve: IoU rows / 12."""
    mask = truth.copy()
    mask[6 + rows :] = False
    return mask


@pytest.fixture
def one(berkeley: Path) -> Dataset:
    """One object of 12 x 20 px."""
    return open_dataset(f"berkeley:{berkeley}", limit=1)


def test_the_robot_clicks_until_it_is_content_and_the_last_iou_is_carried_on(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Scripted(*([part(truth, rows)] for rows in (6, 11, 9, 12)))
    report = run(Clicks(clicks=6), method, one)
    record = report.per_object[0]
    assert record["iou_at"] == pytest.approx([6 / 12, 11 / 12, 9 / 12, 1, 1, 1], abs=1e-6)
    assert len(record["clicks"]) == len(record["ms"]) == 4
    assert record["drops"] == 1
    figures = report.metrics
    assert (figures["noc85"], figures["noc90"], figures["noc95"]) == (2, 2, 4)
    assert figures["failures90"] == 0
    assert figures["drops"] == 1 / 4
    assert figures["iou_at"] == record["iou_at"]
    assert "start_iou" not in figures


def test_each_click_follows_the_rule_and_goes_on_from_the_mask_before(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Scripted([part(truth, 6)], [truth])
    run(Clicks(), method, one)
    (first, no_mask), (both, mask) = method.gestures
    assert first == (Click(15, 11),)
    assert no_mask is None
    assert both == (Click(15, 11), Click(12, 14))
    assert mask is not None
    assert np.array_equal(mask, part(truth, 6))


def test_an_object_that_is_never_good_counts_with_all_clicks(one: Dataset, truth: NDArray[np.bool_]) -> None:
    report = run(Clicks(clicks=5), Scripted([part(truth, 10)]), one)
    assert [report.metrics[f"noc{k}"] for k in (85, 90, 95)] == [5, 5, 5]
    assert report.metrics["failures90"] == 1
    assert report.metrics["iou_at"] == pytest.approx([10 / 12] * 5, abs=1e-6)


def test_reaching_a_target_counts_even_if_it_is_lost_again(one: Dataset, truth: NDArray[np.bool_]) -> None:
    report = run(Clicks(clicks=3), Scripted([part(truth, 11)], [part(truth, 4)]), one)
    assert (report.metrics["noc90"], report.metrics["failures90"]) == (1, 0)
    assert report.metrics["iou_at"][-1] == pytest.approx(4 / 12, abs=1e-6)


def test_the_chosen_and_the_best_candidate_after_one_click(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Scripted([part(truth, 3), part(truth, 9), part(truth, 6)], [truth])
    figures = run(Clicks(clicks=2), method, one).metrics
    assert figures["chosen_iou_1"] == pytest.approx(3 / 12, abs=1e-6)
    assert figures["best_iou_1"] == pytest.approx(9 / 12, abs=1e-6)


def test_figures_are_means_over_the_objects(berkeley: Path, truth: NDArray[np.bool_]) -> None:
    objects = open_dataset(f"berkeley:{berkeley}")  # the second is moved by 3 rows, the third by 3 columns
    report = run(Clicks(clicks=1), Scripted([truth]), objects)
    ious = [1, 9 / 15, 17 / 23]
    assert [r["iou_at"] for r in report.per_object] == [[pytest.approx(v, abs=1e-6)] for v in ious]
    assert report.metrics["iou_at"] == [pytest.approx(np.mean(ious), abs=1e-6)]
    assert report.metrics["failures90"] == 2


def test_clicks_count_from_the_first_mask_of_another_method(one: Dataset, truth: NDArray[np.bool_]) -> None:
    start = Scripted([part(truth, 10)], accepts=ExtremePoints)
    method = Scripted([part(truth, 9)], [part(truth, 11)], [truth])
    report = run(Clicks(start=start), method, one)
    (points, *_), _ = start.calls[0]
    assert isinstance(points, ExtremePoints)
    assert points.box == Box(10, 6, 29, 17)
    first, mask = method.gestures[0]
    assert len(first) == 1
    assert mask is not None
    assert np.array_equal(mask, part(truth, 10))
    figures = report.metrics
    assert (figures["noc90"], figures["drops"]) == (2, pytest.approx(1 / 3, abs=1e-6))
    assert figures["start_iou"] == pytest.approx(10 / 12, abs=1e-6)
    assert (figures["repairable"], figures["repaired"]) == (1, 1.0)
    assert report.environment["options"]["from"] == "scripted"


def test_a_first_mask_that_is_good_needs_no_click(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Scripted([truth])
    report = run(Clicks(clicks=3, start=Scripted([truth], accepts=ExtremePoints)), method, one)
    assert not method.calls
    assert report.per_object[0]["iou_at"] == [1, 1, 1]
    figures = report.metrics
    assert (figures["noc95"], figures["drops"], figures["best_iou_1"], figures["repairable"]) == (0, 0, 1, 0)
    assert figures["repaired"] is None


def test_nearly_good_first_masks_are_repaired_within_two_clicks_or_not(one: Dataset, truth: NDArray[np.bool_]) -> None:
    start = Scripted([part(truth, 9)], accepts=ExtremePoints)
    late = Scripted([part(truth, 9)], [part(truth, 10)], [truth])
    assert run(Clicks(start=start), late, one).metrics["repaired"] == 0
    early = Scripted([part(truth, 11)], [part(truth, 11)])
    assert run(Clicks(clicks=1, start=start), early, one).metrics["repaired"] == 1


def test_void_pixels_do_not_count(one: Dataset, truth: NDArray[np.bool_]) -> None:
    void = truth & ~part(truth, 6)
    item = BenchObject("v", one[0].image_path, None, lambda: Truth(part(truth, 6), void))
    method = Scripted([part(truth, 3)], [truth])
    report = run(Clicks(clicks=4), method, Dataset("void", (item,)))
    assert report.metrics["iou_at"] == [0.5, 1, 1, 1]
    assert len(method.gestures) == 2


def test_a_robot_that_can_click_nowhere_new_stops(one: Dataset, truth: NDArray[np.bool_]) -> None:
    dot = np.zeros_like(truth)
    dot[3, 4] = True
    item = BenchObject("dot", one[0].image_path, None, lambda: Truth(dot))
    method = Scripted([np.zeros_like(truth)])
    report = run(Clicks(clicks=4), method, Dataset("dot", (item,)))
    assert len(method.gestures) == 1
    assert report.metrics["iou_at"] == [0, 0, 0, 0]
    with pytest.raises(DataError, match="1 x 1 px"):
        run(Clicks(start=Scripted([dot], accepts=ExtremePoints)), method, Dataset("dot", (item,)))
    empty = BenchObject("empty", one[0].image_path, None, lambda: Truth(np.zeros_like(truth)))
    with pytest.raises(DataError, match="the object has no pixel"):
        run(Clicks(), method, Dataset("empty", (empty,)))


def test_the_sloppy_robot_depends_on_the_seed_alone(one: Dataset, truth: NDArray[np.bool_]) -> None:
    def clicks(seed: int, sloppy: bool = True) -> object:
        return run(Clicks(clicks=8, sloppy=sloppy), Scripted([part(truth, 6)]), one, seed=seed).per_object[0]["clicks"]

    assert clicks(1) == clicks(1)
    assert clicks(1) != clicks(2)
    assert clicks(1, sloppy=False) == clicks(2, sloppy=False) != clicks(1)


def test_the_report_keeps_the_contract(one: Dataset, truth: NDArray[np.bool_]) -> None:
    content = run(Clicks(clicks=20, sloppy=True), Scripted([part(truth, 6)]), one).to_json()
    assert json.loads(json.dumps(content)) == content
    assert content["protocol"] == "clicks"
    assert list(content["metrics"]) == [
        "noc85", "noc90", "noc95", "failures90", "iou_at", "drops", "chosen_iou_1", "best_iou_1",
    ]  # fmt: skip
    assert len(content["metrics"]["iou_at"]) == 20
    assert {"clicks": 20, "sloppy": True, "from": None}.items() <= content["environment"]["options"].items()


def test_methods_that_cannot_take_part_are_refused(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Scripted([truth], accepts=Box)
    with pytest.raises(PromptError, match="scripted takes no clicks"):
        run(Clicks(), method, one)
    with pytest.raises(PromptError, match="scripted takes no extreme points; start from a method that does"):
        run(Clicks(start=method), Scripted([truth]), one)
