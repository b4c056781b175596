from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes import FakeOutlines

from maskwright.bench.datasets import BenchObject, Dataset, Truth, open_dataset
from maskwright.bench.protocols.contour import Contour
from maskwright.bench.runner import Record, run
from maskwright.errors import DataError, PromptError
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.prompts import Box, Click, ExtremePoints, Outline, OutlineForm, Prompt, VertexDrag
from maskwright.vision.masks import iou
from maskwright.vision.outlines import fill, of_mask


class Noted(FakeOutlines):
    """An ellipse in the box, whose points are dragged; notes what it is given, the runner's doubled first call left out."""

    def __init__(self) -> None:
        self.calls: list[Sequence[Prompt]] = []

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.calls.append(prompts)
        return super().predict(prompts, prepared, mask)

    @property
    def gestures(self) -> list[Sequence[Prompt]]:
        return self.calls[1:]


class Masks:
    """A method that gives a mask, whatever it is given."""

    name = "masks"

    def __init__(self, mask: Mask, *accepts: type[Prompt]) -> None:
        self.accepts = frozenset(accepts)
        self.mask = mask
        self.calls: list[Sequence[Prompt]] = []

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.calls.append(prompts)
        return Prediction((Candidate(self.mask, 1.0),))


@pytest.fixture
def one(berkeley: Path) -> Dataset:
    """One object of 12 x 20 px."""
    return open_dataset(f"berkeley:{berkeley}", limit=1)


def changed(one: Dataset, mask: Mask, void: Mask | None = None) -> Dataset:
    return Dataset("changed", (BenchObject("c", one[0].image_path, None, lambda: Truth(mask, void)),))


def test_a_box_then_drags_each_from_the_last_answer(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Noted()
    report = run(Contour(drags=6, reach=1, vertices=12, curve="polygon"), method, one)
    first, *later = method.gestures
    assert first == (Box(10, 6, 29, 17), OutlineForm(12, "polygon"))
    record = report.per_object[0]
    assert len(record["ms"]) == 1 + len(later) == 1 + len(record["drags"])
    outline = None
    for prompts, (ring, index, x, y) in zip(later, record["drags"], strict=True):
        start, drag = prompts
        assert isinstance(start, Outline)
        assert outline is None or start == outline
        assert drag == VertexDrag(index, x, y, ring=ring, reach=1)
        outline = FakeOutlines().predict(prompts, PreparedImage(one[0].image)).candidates[0].outline
    assert outline is not None
    assert record["iou_at"][len(later)] == pytest.approx(iou(fill(outline, *truth.shape), truth), abs=1e-6)


def test_the_figures(one: Dataset, truth: NDArray[np.bool_]) -> None:
    figures = run(Contour(drags=15, reach=0, vertices=12, curve="polygon"), Noted(), one).metrics
    assert list(figures) == [
        "mean_iou", "boundary_f_1px", "boundary_f", "iou_at", "corrections80", "corrections90", "reached80", "reached90",
        "outline_ms", "drag_ms",
    ]  # fmt: skip
    at = figures["iou_at"]
    assert len(at) == 16
    assert figures["mean_iou"] == at[0] == pytest.approx(np.pi / 4, abs=0.06)
    assert 0.5 < figures["boundary_f_1px"] < figures["boundary_f"] <= 1
    assert 0.9 < at[-1] < 0.95  # twelve points miss corners
    for target in (80, 90):
        reached = next(k for k, value in enumerate(at) if value >= target / 100)
        assert figures[f"corrections{target}"] == reached > 0
        assert figures[f"reached{target}"] == 1
    assert figures["outline_ms"] > 0
    assert figures["drag_ms"] > 0


def test_what_is_never_reached_counts_with_all_drags(one: Dataset) -> None:
    figures = run(Contour(drags=1, vertices=6), Noted(), one).metrics
    assert (figures["corrections90"], figures["reached90"]) == (1, 0)
    assert run(Contour(drags=0), Noted(), one).metrics["drag_ms"] is None


def test_by_hand_beside_drags_that_others_follow(one: Dataset) -> None:
    alone = run(Contour(drags=6, reach=0, vertices=12), Noted(), one)
    followed = run(Contour(drags=6, reach=2, vertices=12), Noted(), one)
    assert "iou_at_by_hand" not in alone.metrics
    assert followed.metrics["iou_at_by_hand"] == alone.metrics["iou_at"] != followed.metrics["iou_at"]
    assert followed.metrics["corrections90_by_hand"] == alone.metrics["corrections90"]
    assert followed.metrics["corrections80_by_hand"] == alone.metrics["corrections80"]


def test_what_following_spares_is_counted_where_either_way_gets_there() -> None:
    def record(followed: list[float], by_hand: list[float]) -> Record:
        return {"boundary_f": 0.5, "boundary_f_1px": 0.5, "iou_at": followed, "iou_at_by_hand": by_hand, "ms": [1.0]}

    soon, late = record([0.7, 0.91, 0.9], [0.7, 0.8, 0.91]), record([0.7, 0.8, 0.85], [0.7, 0.8, 0.9])
    never, from_the_start = record([0.5] * 3, [0.5] * 3), record([0.92] * 3, [0.92] * 3)
    figures = Contour(drags=2).metrics([soon, late, never, from_the_start])
    assert (figures["saved80"], figures["saved90"]) == (0, 0.25)  # 1 + 1 drags instead of 1 + 1, 1 + 2 instead of 2 + 2
    for records in ([never], [from_the_start]):
        assert Contour(drags=2).metrics(records)["saved90"] is None


def test_a_mask_is_traced_and_dragged_by_hand(one: Dataset, truth: NDArray[np.bool_]) -> None:
    part = truth.copy()
    part[12:] = False
    part[27:29, 2:4] = True  # a part that is none
    method = Masks(part, Box, ExtremePoints)
    report = run(Contour(drags=20, vertices=12, curve="polygon"), method, one)
    assert method.calls[1:] == [(Box(10, 6, 29, 17),)]
    record = report.per_object[0]
    assert len(record["ms"]) == 1
    assert len(of_mask(part, vertices=12).rings) == 2
    assert record["iou_at"][0] == pytest.approx(0.5, abs=0.05)
    assert record["iou_at"][-1] > 0.9
    assert report.metrics["drag_ms"] is None
    assert "iou_at_by_hand" not in report.metrics


def test_drags_go_on_from_another_methods_mask(one: Dataset, truth: NDArray[np.bool_]) -> None:
    half = truth.copy()
    half[12:] = False
    start, method = Masks(half, ExtremePoints), Noted()
    report = run(Contour(drags=8, reach=2, vertices=12, start=start), method, one)
    assert [type(p) for p in start.calls[0]] == [ExtremePoints]
    traced = of_mask(half, vertices=12, curve="spline")
    assert [type(p) for p in method.gestures[0]] == [Outline, VertexDrag]
    assert method.gestures[0][0] == traced
    figures, record = report.metrics, report.per_object[0]
    assert figures["mean_iou"] == record["iou_at"][0] == pytest.approx(iou(fill(traced, *truth.shape), truth), abs=1e-6)
    assert record["iou_at_by_hand"][0] == record["iou_at"][0]
    assert len(record["ms"]) == len(record["drags"]) == len(method.gestures)
    assert figures["outline_ms"] is None
    assert figures["drag_ms"] > 0
    assert report.environment["options"]["from"] == "masks"


def test_a_start_that_is_right_needs_no_drag(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Noted()
    report = run(Contour(vertices=40, curve="polygon", start=Masks(truth, ExtremePoints)), method, one)
    assert not method.calls
    assert report.metrics["iou_at"][-1] > 0.97
    assert report.metrics["drag_ms"] is None


def test_starts_that_cannot_be(one: Dataset, truth: NDArray[np.bool_]) -> None:
    with pytest.raises(PromptError, match="masks takes no extreme points; start from a method that does"):
        run(Contour(start=Masks(truth, Box)), Noted(), one)
    with pytest.raises(PromptError, match="masks takes no outline to go on from"):
        run(Contour(start=Masks(truth, ExtremePoints)), Masks(truth, Box), one)


def test_extreme_points_where_no_box_is_taken(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Masks(truth, ExtremePoints)
    report = run(Contour(vertices=40, curve="polygon"), method, one)
    ((points,),) = method.calls[1:]
    assert isinstance(points, ExtremePoints)
    assert points.box == Box(10, 6, 29, 17)
    assert report.metrics["mean_iou"] == 1
    assert report.per_object[0]["drags"] == []
    assert report.metrics["iou_at"] == [1] * 21
    dot = np.zeros_like(truth)
    dot[3, 4] = True
    with pytest.raises(DataError, match="1 x 1 px"):
        run(Contour(), method, changed(one, dot))


def test_an_empty_mask_leaves_the_box(one: Dataset, truth: NDArray[np.bool_]) -> None:
    method = Masks(np.zeros_like(truth), Box)
    assert run(Contour(curve="polygon"), method, one).metrics["mean_iou"] == 1
    assert not method.mask.any()


def test_void_pixels_do_not_count(one: Dataset, truth: NDArray[np.bool_]) -> None:
    seen = truth.copy()
    seen[14:] = False
    report = run(Contour(drags=0, curve="polygon"), Masks(truth, Box), changed(one, seen, truth & ~seen))
    assert report.metrics["mean_iou"] == report.metrics["boundary_f"] == 1


def test_objects_of_several_parts_are_left_out(one: Dataset, truth: NDArray[np.bool_]) -> None:
    parts = truth.copy()
    parts[22:28, 2:10] = True
    both = Dataset("both", (one[0], *changed(one, parts)))
    report = run(Contour(drags=1), Noted(), both)
    assert report.objects == 1
    assert [left["reason"] for left in report.environment["skipped"]] == ["the object has several parts"]
    with pytest.raises(DataError, match="the object has no pixel"):
        run(Contour(), Noted(), changed(one, np.zeros_like(truth)))


def test_the_report_keeps_the_contract(one: Dataset) -> None:
    content = run(Contour(), Noted(), one).to_json()
    assert json.loads(json.dumps(content)) == content
    assert content["protocol"] == "contour"
    options = {"drags": 20, "reach": 3, "vertices": 40, "curve": "spline"}
    assert options.items() <= content["environment"]["options"].items()


def test_who_and_what_is_refused(one: Dataset, truth: NDArray[np.bool_]) -> None:
    with pytest.raises(PromptError, match="masks takes neither a box nor extreme points"):
        run(Contour(), Masks(truth, Click), one)
    with pytest.raises(PromptError, match="'bezier'"):
        run(Contour(curve="bezier"), Noted(), one)
    with pytest.raises(PromptError, match="number of vertices is 5"):
        run(Contour(vertices=5), Noted(), one)
    with pytest.raises(PromptError, match="reach is -1"):
        run(Contour(reach=-1), Noted(), one)
    with pytest.raises(PromptError, match="answered none"):
        run(Contour(), Masks(truth, Box, Outline), one)
