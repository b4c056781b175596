from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from maskwright.cli.app import app


def bench(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_bench_prints_a_table_and_writes_json_and_plot(berkeley: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [bench]")
    out, plot = berkeley / "report.json", berkeley / "report.png"
    data = f"berkeley:{berkeley}"
    result = bench(
        "extreme", "--method", "grabcut", "--data", data, "--limit", 2, "--extra", 1, "--seed", 3, "--json", out, "--plot", plot
    )
    assert result.exit_code == 0, result.output
    head, _, row = result.stdout.strip().splitlines()
    assert head == "| method | data | objects | mean_iou | iou_at | error_rate | boundary_f | p50 ms | p95 ms |"
    assert row.startswith(f"| grabcut | {data} | 2 |")
    report = json.loads(out.read_text())
    assert (report["method"], report["data"], report["objects"], "against" in report) == ("grabcut", data, 2, False)
    assert {"seed": 3, "extra": 1, "limit": 2}.items() <= report["environment"]["options"].items()
    with Image.open(plot) as drawn:
        assert drawn.size[0] > 100


def test_rivals_play_on_the_same_objects(berkeley: Path) -> None:
    pytest.importorskip("skimage", reason="needs the extra [bench]")
    out = berkeley / "report.json"
    arguments = ("extreme", "-m", "grabcut", "--against", "random-walker", "--against", "grabcut")
    result = bench(*arguments, "--data", f"berkeley:{berkeley}", "--limit", 1, "--jitter", 2, "--json", out)
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text())
    assert [rival["method"] for rival in report["against"]] == ["random-walker"]
    assert report["against"][0]["per_object"][0]["points"] == report["per_object"][0]["points"]
    assert len(result.stdout.strip().splitlines()) == 4


@pytest.mark.parametrize(
    ("protocol", "given", "takers"),
    [
        ("extreme", ("--from", "grabcut"), "clicks and contour"),
        ("extreme", ("--strokes-per-class", 5), "paint"),
        ("clicks", ("--jitter", 0), "extreme"),
        ("paint", ("--reach", 2), "contour"),
        ("contour", ("--sloppy",), "clicks"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    berkeley: Path, protocol: str, given: tuple[object, ...], takers: str
) -> None:
    result = bench(protocol, "--method", "grabcut", "--data", f"berkeley:{berkeley}", *given)
    assert result.exit_code == 2
    assert f"{protocol} has no use for it; it is for {takers}" in " ".join(result.output.replace("│", " ").split())
    assert str(given[0]) in result.output


@pytest.mark.parametrize(
    ("rival", "said"), [("grabcutt", "'grabcutt' is not known"), ("brush", "brush takes no extreme points")]
)
def test_a_rival_that_cannot_take_part_is_refused_before_anything_is_measured(
    berkeley: Path, monkeypatch: pytest.MonkeyPatch, rival: str, said: str
) -> None:
    monkeypatch.setattr("maskwright.bench.runner.run", lambda *_, **__: pytest.fail("measured"))
    result = bench("extreme", "-m", "grabcut", "--against", rival, "--data", f"berkeley:{berkeley}")
    assert result.exit_code == 2
    assert said in result.output


def test_a_report_that_is_a_folder_is_refused_before_anything_is_measured(
    berkeley: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maskwright.bench.runner.run", lambda *_, **__: pytest.fail("measured"))
    result = bench("extreme", "-m", "grabcut", "--data", f"berkeley:{berkeley}", "--json", berkeley)
    assert result.exit_code == 2
    assert "is a folder; give a file's name" in result.output


def test_clicks_print_their_figures(berkeley: Path) -> None:
    out = berkeley / "report.json"
    data = f"berkeley:{berkeley}"
    arguments = ("--method", "graph-cut", "--data", data, "--limit", 2, "--clicks", 3, "--seed", 3, "--json", out)
    result = bench("clicks", *arguments, "--sloppy", "--from", "grabcut")
    assert result.exit_code == 0, result.output
    head, _, row = result.stdout.strip().splitlines()
    assert head.startswith("| method | data | objects | noc85 | noc90 | noc95 | failures90 | iou_at | drops | chosen_iou_1 |")
    assert row.startswith(f"| graph-cut | {data} | 2 |")
    report = json.loads(out.read_text())
    assert len(report["metrics"]["iou_at"]) == 3
    options = {"clicks": 3, "sloppy": True, "from": "grabcut", "seed": 3}
    assert options.items() <= report["environment"]["options"].items()


def test_contours_are_traced_and_dragged(berkeley: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [bench]")
    out, plot = berkeley / "report.json", berkeley / "report.png"
    arguments = ("--method", "grabcut", "--data", f"berkeley:{berkeley}", "--limit", 2, "--json", out, "--plot", plot)
    result = bench("contour", *arguments, "--drags", 3, "--reach", 0, "--vertices", 12, "--curve", "polygon")
    assert result.exit_code == 0, result.output
    head, *_ = result.stdout.strip().splitlines()
    assert head.startswith("| method | data | objects | mean_iou | boundary_f_1px | boundary_f | iou_at | corrections80 |")
    report = json.loads(out.read_text())
    assert len(report["metrics"]["iou_at"]) == 4
    options = {"drags": 3, "reach": 0, "vertices": 12, "curve": "polygon"}
    assert options.items() <= report["environment"]["options"].items()
    assert plot.is_file()


def test_paint_on_whole_images(coco_file: Callable[..., Path]) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra [bench]")
    pytest.importorskip("skimage", reason="needs the extra [bench]")
    path = coco_file([[0, 0, 20, 0, 20, 30, 0, 30]], [[20, 0, 40, 0, 40, 30, 20, 30]])
    out, plot = path.parent / "report.json", path.parent / "report.png"
    arguments = ("--method", "brush", "--against", "watershed", "--data", f"coco:{path}", "--strokes-per-class", 2)
    result = bench("paint", *arguments, "--seed", 3, "--limit", 1, "--json", out, "--plot", plot)
    assert result.exit_code == 0, result.output
    head, _, *rows = result.stdout.strip().splitlines()
    figures = "miou_at | pixel_accuracy_at | pixel_accuracy_pooled_at | seconds_at | drops"
    assert head == f"| method | data | objects | {figures} | p50 ms | p95 ms |"
    assert [row.split(" | ")[:3] for row in rows] == [[f"| {m}", f"coco:{path}", "1"] for m in ("brush", "watershed")]
    report = json.loads(out.read_text())
    assert len(report["metrics"]["miou_at"]) == 2
    assert report["per_object"][0]["classes"] == 2
    assert {"seed": 3, "strokes_per_class": 2, "limit": 1}.items() <= report["environment"]["options"].items()
    with Image.open(plot) as drawn:
        assert drawn.size[0] > 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["extreme", "--method", "grabcut", "--data", "berkeley:{0}/nowhere"], "nowhere/images: no such folder"),
        (["extreme", "--method", "grabcut", "--data", "unheard:{0}"], "no data set is called 'unheard'"),
        (["extreme", "--method", "nobody", "--data", "berkeley:{0}"], "'nobody'"),
        (["extreme", "--method", "grabcut", "--data", "berkeley:{0}", "--json", "{0}/no/r.json"], "does not exist"),
        (["clicks", "--method", "grabcut", "--data", "berkeley:{0}"], "grabcut takes no clicks"),
        (["clicks", "--method", "graph-cut", "--from", "graph-cut", "--data", "berkeley:{0}"], "takes no extreme points"),
        (["clicks", "--method", "graph-cut", "--from", "nobody", "--data", "berkeley:{0}"], "'nobody'"),
        (["clicks", "--method", "graph-cut", "--clicks", "0", "--data", "berkeley:{0}"], "clicks"),
        (["contour", "--method", "graph-cut", "--data", "berkeley:{0}"], "takes neither a box nor extreme points"),
        (["contour", "--method", "grabcut", "--curve", "bezier", "--data", "berkeley:{0}"], "'bezier'"),
        (["contour", "--method", "grabcut", "--vertices", "5", "--data", "berkeley:{0}"], "vertices"),
        (["paint", "--method", "brush", "--data", "berkeley:{0}"], "knows single objects, no whole images"),
        (["paint", "--method", "grabcut", "--data", "coco:{0}/none.json"], "none.json: cannot be read"),
        (["paint", "--method", "brush", "--data", "semantic:{0}", "--strokes-per-class", "0"], "strokes-per-class"),
        (["juggle", "--method", "grabcut", "--data", "berkeley:{0}"], "juggle"),
        (["extreme", "--method", "grabcut", "--data", "berkeley:{0}", "--jitter", "-1"], "jitter"),
    ],
)
def test_mistakes_get_a_message_and_no_traceback(berkeley: Path, arguments: list[str], said: str) -> None:
    result = bench(*(argument.format(berkeley) for argument in arguments))
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
