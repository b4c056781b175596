from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.bench.datasets import BenchObject, Dataset, Truth, open_dataset
from maskwright.bench.protocols.extreme import Extreme
from maskwright.bench.runner import run
from maskwright.errors import DataError, PromptError
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.prompts import BoundaryPoint, Box, ExtremePoints, Prompt


class Boxes:
    """A method that fills the prompts' box, and notes how it was called."""

    name = "boxes"

    def __init__(self, *accepts: type[Prompt]) -> None:
        self.accepts = frozenset(accepts or (ExtremePoints, BoundaryPoint))
        self.prepared: list[bytes] = []
        self.calls: list[tuple[Sequence[Prompt], Mask | None]] = []

    def prepare(self, image: Image) -> PreparedImage:
        self.prepared.append(image.tobytes())
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.calls.append((prompts, mask))
        first = prompts[0]
        assert isinstance(first, ExtremePoints)
        filled = np.zeros(prepared.image.shape[:2], bool)
        x0, y0, x1, y1 = (int(v) for v in (first.box.x0, first.box.y0, first.box.x1, first.box.y1))
        filled[y0 : y1 + 1, x0 : x1 + 1] = True
        return Prediction((Candidate(filled, 1.0),))


def half_moon(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The object without its lower right quarter: its box stays."""
    moon = truth.copy()
    moon[12:, 20:] = False
    return moon


@pytest.fixture
def moons(save: object, image: NDArray[np.uint8], truth: NDArray[np.bool_], berkeley: Path) -> Dataset:
    from PIL import Image as Pillow

    for name in ("1", "1#2"):
        Pillow.fromarray(half_moon(truth).astype(np.uint8) * 255).save(berkeley / "masks" / f"{name}.png")
    return open_dataset(f"berkeley:{berkeley}")


def test_figures_are_means_over_the_objects(moons: Dataset) -> None:
    report = run(Extreme(), Boxes(), moons)
    assert report.objects == 3
    assert report.metrics["mean_iou"] == pytest.approx((0.75 + 0.75 + 1) / 3, abs=1e-6)
    assert report.metrics["iou_at"] == [report.metrics["mean_iou"]]
    assert report.metrics["error_rate"] == pytest.approx((25 + 25 + 0) / 3, abs=1e-6)
    assert report.metrics["boundary_f"] == pytest.approx(np.mean([r["boundary_f"] for r in report.per_object]), abs=1e-6)
    assert [r["id"] for r in report.per_object] == ["1", "1#2", "2"]
    assert [r["image"] for r in report.per_object] == ["1.jpg", "1.jpg", "2.jpg"]


def test_further_points_come_one_after_each_answer_while_something_is_wrong(moons: Dataset) -> None:
    method = Boxes()
    report = run(Extreme(extra=2), method, moons)
    assert [len(r["iou_at"]) for r in report.per_object] == [3, 3, 3]
    assert [len(r["points"]) for r in report.per_object] == [6, 6, 4]
    assert [len(r["ms"]) for r in report.per_object] == [3, 3, 1]
    warm_up, *calls = method.calls
    assert warm_up[0] == calls[0][0]
    assert [len(prompts) for prompts, _ in calls] == [1, 2, 3, 1, 2, 3, 1]
    assert calls[1][0][0] == calls[0][0][0]
    assert isinstance(calls[1][0][1], BoundaryPoint)
    assert calls[0][1] is None
    assert calls[1][1] is not None
    assert len(report.metrics["iou_at"]) == 3


def test_an_image_is_prepared_once_for_all_its_objects(moons: Dataset) -> None:
    method = Boxes()
    run(Extreme(), method, moons)
    assert len(method.prepared) == 2 + 2  # two images; the first twice more, to warm both calls up


def test_chance_depends_on_the_seed_and_the_object_alone(moons: Dataset) -> None:
    def points(data: Dataset, seed: int) -> dict[str, object]:
        return {r["id"]: r["points"] for r in run(Extreme(jitter=4), Boxes(), data, seed=seed).per_object}

    everything = points(moons, 1)
    assert everything == points(moons, 1)
    assert everything != points(moons, 2)
    assert points(Dataset("two", moons[1:]), 1).items() <= everything.items()
    assert everything["1"] != everything["1#2"]  # the same mask, but another object


def test_the_report_keeps_the_contract(moons: Dataset) -> None:
    content = run(Extreme(jitter=1, extra=1), Boxes(), moons, seed=7, options={"split": None}).to_json()
    assert json.loads(json.dumps(content)) == content
    assert list(content) == [
        "protocol", "method", "data", "objects", "metrics", "latency_ms", "seconds", "environment", "per_object",
    ]  # fmt: skip
    assert list(content["metrics"]) == ["mean_iou", "iou_at", "error_rate", "boundary_f"]
    assert list(content["latency_ms"]) == ["prepare_p50", "p50", "p95"]
    assert (content["protocol"], content["method"], content["data"]) == ("extreme", "boxes", moons.name)
    options = content["environment"]["options"]
    assert {"seed": 7, "jitter": 1, "extra": 1, "split": None}.items() <= options.items()
    assert 0 <= content["latency_ms"]["p50"] <= content["latency_ms"]["p95"]


def test_progress_is_told_after_each_object(moons: Dataset) -> None:
    told: list[tuple[int, int]] = []
    run(Extreme(), Boxes(), moons, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_objects_the_robot_cannot_gesture_at_are_left_out_and_named(moons: Dataset) -> None:
    dot = np.zeros((30, 40), bool)
    dot[3, 4] = True
    tiny = BenchObject("tiny", moons[0].image_path, None, lambda: Truth(dot))
    report = run(Extreme(), Boxes(), Dataset("mixed", (tiny, *moons)))
    assert report.objects == 3
    assert [(s["id"], "1 x 1 px" in s["reason"]) for s in report.environment["skipped"]] == [("tiny", True)]
    with pytest.raises(DataError, match="no object that the robot can gesture at"):
        run(Extreme(), Boxes(), Dataset("tiny", (tiny,)))


def test_void_pixels_do_not_count(moons: Dataset, truth: NDArray[np.bool_]) -> None:
    item = BenchObject("v", moons[0].image_path, None, lambda: Truth(half_moon(truth), truth & ~half_moon(truth)))
    metrics = run(Extreme(extra=1), Boxes(), Dataset("void", (item,))).metrics
    assert metrics == {"mean_iou": 1.0, "iou_at": [1.0, 1.0], "error_rate": 0.0, "boundary_f": 1.0}


@pytest.mark.parametrize(
    ("method", "extra", "said"),
    [(Boxes(Box), 0, "takes no extreme points"), (Boxes(ExtremePoints), 1, "takes no boundary points; leave them out")],
)
def test_methods_that_cannot_take_part_are_refused(moons: Dataset, method: Boxes, extra: int, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        run(Extreme(extra=extra), method, moons)
    assert not method.prepared


class Keeps(Boxes):
    """Keeps what it worked out for a gesture with the image, and finds it again."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[bool] = []

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.found.append("seen" in prepared.cache)
        prepared.cache["seen"] = True
        return super().predict(prompts, prepared, mask)


def test_what_a_method_keeps_with_an_image_does_not_spare_the_first_timed_gesture_its_work(moons: Dataset) -> None:
    method = Keeps()
    run(Extreme(), method, moons)
    assert method.found == [False, False, True, False]  # the untimed one; 1 and 1#2, of one image; 2
