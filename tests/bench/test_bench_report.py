from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from maskwright.bench.report import Report, markdown, write_json, write_plot
from maskwright.errors import MissingExtraError, StoreError
from maskwright.vision.images import read_image


def report(method: str, *ious: float) -> Report:
    return Report(
        protocol="extreme",
        method=method,
        data="grabcut:G",
        objects=len(ious),
        metrics={"mean_iou": float(np.mean(ious)), "iou_at": [0.5, 0.75]},
        latency_ms={"prepare_p50": 0.1, "p50": 20.0, "p95": 30.0},
        seconds=1.5,
        environment={},
        per_object=[{"id": str(k), "iou_at": [v / 2, v]} for k, v in enumerate(ious)],
    )


def test_json_holds_the_rivals_only_where_there_are_any(tmp_path: Path) -> None:
    alone, both = report("dextr", 0.9, 0.8), report("grabcut", 0.5)
    write_json(alone, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == alone.to_json()
    write_json(alone, tmp_path / "b.json", against=[both])
    assert json.loads((tmp_path / "b.json").read_text()) == alone.to_json() | {"against": [both.to_json()]}


def test_markdown_has_a_row_per_report() -> None:
    lines = markdown([report("dextr", 0.9, 0.8), report("grabcut", 0.5)]).splitlines()
    assert lines[0] == "| method | data | objects | mean_iou | iou_at | p50 ms | p95 ms |"
    assert lines[2:] == [
        "| dextr | grabcut:G | 2 | 0.850 | 0.500 0.750 | 20.0 | 30.0 |",
        "| grabcut | grabcut:G | 1 | 0.500 | 0.500 0.750 | 20.0 | 30.0 |",
    ]


def test_a_figure_that_only_one_method_has_is_left_empty_for_the_other() -> None:
    other = replace(report("grabcut", 0.5), metrics={"drag_ms": 3.0})
    head, _, first, second = (line.split(" | ") for line in markdown([report("dextr", 0.9), other]).splitlines())
    assert (first[head.index("drag_ms")], second[head.index("drag_ms")]) == ("", "3.000")
    assert second[head.index("mean_iou")] == ""


def test_a_figure_that_is_not_to_be_had_is_left_empty() -> None:
    latency = {"prepare_p50": 0.0, "p50": 1.0, "p95": 2.0}
    table = markdown([Report("contour", "dextr", "d", 1, {"outline_ms": None, "iou_at": [0.5, None]}, latency, 1.0, {}, [])])
    assert table.splitlines()[-1] == "| dextr | d | 1 |  | 0.500  | 1.0 | 2.0 |"


def test_the_plot_shows_every_report(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [bench]")
    write_plot([report("dextr", 0.9, 0.8, 0.7)], tmp_path / "one.png")
    write_plot([report("dextr", 0.9, 0.8, 0.7), report("grabcut", 0.2)], tmp_path / "two.png")
    one, two = (read_image(tmp_path / name) for name in ("one.png", "two.png"))
    blue, orange = (31, 119, 180), (255, 127, 14)
    assert (one == blue).all(axis=2).any()
    assert not (one == orange).all(axis=2).any()
    assert (two == orange).all(axis=2).any()


def test_the_plot_of_paint_shows_accuracy_and_iou(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [bench]")
    figures = {"miou_at": [0.3, 0.6], "pixel_accuracy_at": [0.5, 0.9]}
    of_paint = [replace(report(name, 0.9), protocol="paint", metrics=figures, per_object=[{}]) for name in ("a", "b")]
    write_plot(of_paint[:1], tmp_path / "one.png")
    write_plot(of_paint, tmp_path / "two.png")
    one, two = (read_image(tmp_path / name) for name in ("one.png", "two.png"))
    blue, orange = (31, 119, 180), (255, 127, 14)
    left, right = np.hsplit(one[:, : one.shape[1] // 2 * 2], 2)
    assert (left == blue).all(axis=2).any()
    assert (right == blue).all(axis=2).any()
    assert not (one == orange).all(axis=2).any()
    assert (two == orange).all(axis=2).any()


def test_the_plot_without_matplotlib_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        write_plot([report("dextr", 0.9)], tmp_path / "p.png")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        write_json(report("dextr", 0.9), tmp_path / "missing" / "a.json")
