"""`maskwright segment` with paint: class maps in files and on the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from maskwright.cli.class_maps import index_png
from maskwright.vision import rle
from maskwright.workspace.formats.colors import numbered

STROKES = [
    {"kind": "stroke", "points": [[60, 60], [100, 60]], "class_id": 7, "radius": 5},
    {"kind": "fill", "points": [[0, 0], [159, 0], [159, 9], [0, 9]], "class_id": 2},
    {"kind": "stroke", "points": [[80, 60]], "class_id": 0, "radius": 2},
]


@pytest.fixture
def strokes(tmp_path: Path) -> Path:
    path = tmp_path / "strokes.json"
    path.write_text(json.dumps(STROKES))
    return path


@pytest.fixture
def painted(run: Any, disc_file: Path, strokes: Path, tmp_path: Path) -> Callable[..., Path]:
    """`painted("brush", "png")`: the file that a method's answer was written to."""

    def segment(method: str, ending: str) -> Path:
        out = tmp_path / f"out.{ending}"
        result = run("segment", disc_file, "--method", method, "--prompts", strokes, "-o", out)
        assert result.exit_code == 0, result.stderr
        return out

    return segment


def test_an_index_png_with_a_palette(painted: Callable[..., Path]) -> None:
    with PIL.Image.open(painted("brush", "png")) as file:
        assert file.mode == "P"
        classes = np.asarray(file)
        palette = np.array(file.getpalette()).reshape(-1, 3)
    assert classes.shape == (120, 160)
    assert set(np.unique(classes)) == {0, 2, 7}
    assert (classes[:10] == 2).all()
    assert (classes[60, 66], classes[60, 80]) == (7, 0)
    assert [tuple(palette[k]) for k in (0, 2, 7)] == [numbered(k) for k in (0, 2, 7)]


def test_every_class_has_a_place_in_the_png(tmp_path: Path) -> None:
    classes = np.arange(255, dtype=np.uint8).reshape(15, 17)
    (tmp_path / "a.png").write_bytes(index_png(classes))
    with PIL.Image.open(tmp_path / "a.png") as file:
        assert np.array_equal(np.asarray(file), classes)


def test_a_json_record(painted: Callable[..., Path]) -> None:
    with PIL.Image.open(painted("brush", "png")) as file:
        classes = np.asarray(file)
    record = json.loads(painted("brush", "json").read_text())
    assert list(record) == ["image", "method", "prompts", "score", "size", "classes", "segments"]
    assert (record["image"], record["method"], record["size"]) == ("disc.png", "brush", [120, 160])
    assert [prompt["kind"] for prompt in record["prompts"]] == ["stroke", "fill", "stroke"]
    assert record["classes"] == {str(k): int((classes == k).sum()) for k in (2, 7)}
    for class_id, code in record["segments"].items():
        assert np.array_equal(rle.decode(code), classes == int(class_id))
    assert list(record["segments"]) == list(record["classes"])


def test_paint_that_spreads(painted: Callable[..., Path]) -> None:
    pytest.importorskip("skimage", reason="needs the extra [bench]")
    with PIL.Image.open(painted("watershed", "png")) as file:
        classes = np.asarray(file)
    rows, columns = np.mgrid[:120, :160]
    assert (classes == np.where((columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2, 7, 2)).mean() > 0.98


def test_a_summary(run: Any, disc_file: Path, strokes: Path) -> None:
    result = run("segment", disc_file, "--method", "brush", "--prompts", strokes)
    assert result.exit_code == 0, result.stderr
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "image disc.png, 160 x 120 px" in lines
    assert "class 2 1,600 px, 8.3% of the image" in lines
    assert any(line.startswith("class 7 ") for line in lines)
    assert any(line.startswith("no class ") for line in lines)
    assert "write it with -o classes.png or -o classes.json" in lines
    assert not any(line.startswith("box") for line in lines)


@pytest.mark.parametrize(
    ("method", "prompts", "said"),
    [
        ("grabcut", STROKES, "grabcut does not understand stroke"),
        ("brush", [{"kind": "click", "x": 3, "y": 4}], "paint alone is expected; also given: click"),
        ("brush", [], "no prompts given"),
        ("brush", [{"kind": "stroke", "points": [[3, 4]], "class_id": 255}], "class_id of the stroke is 255"),
        ("brush", [{"kind": "stroke", "points": [[300, 4]], "class_id": 1}], "lies outside the image of 160 x 120 px"),
        ("brush", {"strokes": STROKES}, "holds dict; give a list of prompts"),
    ],
)
def test_mistakes(refused: Callable[..., str], disc_file: Path, tmp_path: Path, method: str, prompts: Any, said: str) -> None:
    path = tmp_path / "strokes.json"
    path.write_text(json.dumps(prompts))
    assert said in refused("segment", disc_file, "--method", method, "--prompts", path)


def test_the_help_teaches_it(run: Any) -> None:
    text = " ".join(run("segment", "--help").stdout.replace("│", " ").split())
    assert '[{"kind": "stroke", "points": [[12, 30], [80, 34]], "class_id": 1,' in text
    assert "--prompts strokes.json -o classes.png" in text
