"""`maskwright segment` with a box that becomes an outline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from tests.fakes import FakeOutlines

from maskwright.prompts import Outline, from_json
from maskwright.vision import outlines, polygons, rle

METHOD = ("--method", "curve-gcn")
BOX = ("--box", "40,20,119,99")


@pytest.fixture(autouse=True)
def _fake_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maskwright.api._loaded", lambda method, engine, threads: FakeOutlines())


@pytest.fixture
def record(run: Any, disc_file: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`record("--box", ...)`: the JSON that is written."""

    def segment(*words: object) -> dict[str, Any]:
        result = run("segment", disc_file, *METHOD, *words, "-o", tmp_path / "out.json")
        assert result.exit_code == 0, result.stderr
        value: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
        return value

    return segment


def test_a_box_becomes_an_outline(record: Callable[..., dict[str, Any]]) -> None:
    found = record(*BOX)
    outline = from_json(found["outline"])
    assert isinstance(outline, Outline)
    assert (len(outline.rings[0].points), outline.curve) == (40, "spline")
    assert (rle.decode(found["segmentation"]) == outlines.fill(outline, 120, 160)).all()
    assert [prompt["kind"] for prompt in found["prompts"]] == ["box"]
    assert "notice" not in found


def test_its_form_can_be_chosen(record: Callable[..., dict[str, Any]]) -> None:
    found = record(*BOX, "--vertices", 12, "--curve", "polygon")
    points = found["outline"]["rings"][0]["points"]
    assert (len(points), found["outline"]["curve"]) == (12, "polygon")
    assert sorted(found["polygons"][0]["exterior"]) == sorted([x + 0.5, y + 0.5] for x, y in points)
    assert found["prompts"][1] == {"kind": "outline_form", "vertices": 12, "curve": "polygon"}
    assert record(*BOX, "--curve", "polygon")["prompts"][1]["vertices"] == 40
    assert record(*BOX, "--vertices", 200)["prompts"][1]["curve"] == "spline"


def test_the_polygons_of_a_spline_fill_its_mask(record: Callable[..., dict[str, Any]]) -> None:
    found = record(*BOX, "--vertices", 12)
    parts = [polygons.Polygon(np.array(part["exterior"])) for part in found["polygons"]]
    assert (polygons.to_mask(parts, 120, 160) != rle.decode(found["segmentation"])).sum() <= 2


def test_a_written_outline_can_be_gone_on_from(
    record: Callable[..., dict[str, Any]], run: Any, disc_file: Path, tmp_path: Path
) -> None:
    outline = record(*BOX, "--vertices", 12, "--curve", "polygon")["outline"]
    prompts = tmp_path / "prompts.json"
    prompts.write_text(json.dumps([outline, {"kind": "vertex_drag", "index": 0, "x": 150, "y": 60}]))
    assert record("--prompts", prompts)["outline"]["rings"][0]["points"][0] == [150, 60]
    part = {"kind": "part", "x0": 60, "y0": 50, "x1": 79, "y1": 69, "hole": True}
    prompts.write_text(json.dumps([outline, part]))
    holed = record("--prompts", prompts, "--vertices", 8)
    assert [len(ring["points"]) for ring in holed["outline"]["rings"]] == [12, 8]
    assert len(holed["polygons"][0]["holes"][0]) == 8
    text = run("segment", disc_file, *METHOD, "--prompts", prompts, "--vertices", 8).stdout
    assert "polygon, 12 + 8 around a hole control points" in text


def test_the_summary_names_the_outline(run: Any, disc_file: Path) -> None:
    assert "spline, 30 control points" in run("segment", disc_file, *METHOD, *BOX, "--vertices", 30).stdout


def test_a_mask_is_written_all_the_same(run: Any, disc_file: Path, tmp_path: Path) -> None:
    result = run("segment", disc_file, *METHOD, *BOX, "-o", tmp_path / "out.png")
    assert result.exit_code == 0
    assert result.stderr == ""
    mask = np.asarray(PIL.Image.open(tmp_path / "out.png")) > 0
    assert mask[60, 80]
    assert not mask[22, 42]


def test_a_repair_is_said(record: Callable[..., dict[str, Any]], run: Any, disc_file: Path, tmp_path: Path) -> None:
    outline = record(*BOX)["outline"]
    prompts = tmp_path / "prompts.json"
    prompts.write_text(json.dumps([outline, {"kind": "vertex_drag", "index": 10, "x": 80, "y": 115, "reach": 0}]))
    words = ("segment", disc_file, *METHOD, "--prompts", prompts)
    assert "crossed itself" in run(*words, "-o", tmp_path / "out.png").stderr
    assert "crossed itself" in run(*words).stdout
    assert "crossed itself" in record("--prompts", prompts)["notice"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--vertices", "12"], "give --box"),
        (["--curve", "polygon", "--points", "40,60", "120,60", "80,20", "80,100"], "give --box"),
        ([*BOX, "--vertices", "5"], "from 6 to 200"),
        ([*BOX, "--vertices", "201"], "from 6 to 200"),
        ([*BOX, "--curve", "circle"], "'polygon' or 'spline'"),
    ],
)
def test_forms_that_cannot_be(refused: Callable[..., str], disc_file: Path, words: list[str], message: str) -> None:
    assert message in refused("segment", disc_file, *METHOD, *words)


def test_a_method_without_outlines_says_so(
    refused: Callable[..., str], disc_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    message = refused("segment", disc_file, "--method", "grabcut", *BOX, "--vertices", "12")
    assert "grabcut does not understand outline_form" in message


def test_the_help_teaches_it(run: Any) -> None:
    text = run("segment", "--help").stdout
    assert "--vertices" in text
    assert "--method curve-gcn --box" in text
