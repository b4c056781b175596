"""`maskwright train` and `maskwright export` hand over to the lab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maskwright.training import curve_gcn, dextr, export, latent_diversity, magic_paint


@pytest.fixture
def init(tmp_path: Path) -> Path:
    """A file in the place of the encoder's weights."""
    path = tmp_path / "encoder.safetensors"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("method", "options", "recipe", "settings"),
    [
        ("dextr", [], dextr, dextr.DextrSettings),
        ("latent-diversity", [], latent_diversity, latent_diversity.LatentDiversitySettings),
        ("curve-gcn", [], curve_gcn, curve_gcn.CurveGcnSettings),
        ("curve-gcn", ["--only-drags"], curve_gcn, curve_gcn.DragSettings),
        ("magic-paint", [], magic_paint, magic_paint.MagicPaintSettings),
    ],
)
def test_train_hands_over_its_options(
    run: Any,
    init: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    options: list[str],
    recipe: Any,
    settings: Any,
) -> None:
    runs = []

    def train(given: Any, report: Callable[[dict[str, Any]], None]) -> Path:
        runs.append(given)
        report({"step": 20, "total": 40, "loss": 0.51234, "iou": 0.625})
        return tmp_path / "run" / "checkpoint.pt"

    monkeypatch.setattr(recipe, "train", train)
    places = ["--data", tmp_path, "--init", init, "--out", tmp_path / "run", "--threads", 3, "--seed", 7]
    result = run("train", method, *options, *places)
    assert result.exit_code == 0, result.stderr
    assert runs == [settings(data=tmp_path, init=init, out=tmp_path / "run", threads=3, seed=7)]
    assert "loss 0.512  IoU 0.625" in result.stdout
    assert f"maskwright export {method} {tmp_path / 'run' / 'checkpoint.pt'}" in result.stdout


def test_only_curve_gcn_has_drags_to_train(run: Any, init: Path, tmp_path: Path) -> None:
    result = run("train", "dextr", "--only-drags", "--data", tmp_path, "--init", init, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "dextr has no drags" in " ".join(result.stderr.split())


def test_export_hands_over_its_files(run: Any, init: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(method: str, checkpoint: Path, output: Path, earlier: Path | None, share: float) -> list[Path]:
        assert (method, checkpoint, earlier, share) == ("dextr", init, tmp_path / "before.onnx", 0.4)
        further = output.with_name("further.onnx")
        output.write_bytes(bytes(2_500_000))
        further.write_bytes(bytes(100_000))
        return [output, further]

    monkeypatch.setattr(export, "export", write)
    result = run("export", "dextr", init, "-o", tmp_path / "dextr.onnx", "--soup", tmp_path / "before.onnx", "--share", 0.4)
    assert result.exit_code == 0, result.stderr
    assert "dextr.onnx: 2.5 MB" in result.stdout
    assert "further.onnx: 0.1 MB" in result.stdout


@pytest.mark.parametrize("option", ["--data", "--init"])
def test_files_that_are_missing_are_named(run: Any, init: Path, tmp_path: Path, option: str) -> None:
    options = {"--data": tmp_path, "--init": init, "--out": tmp_path / "run"} | {option: tmp_path / "none"}
    result = run("train", "dextr", *(word for pair in options.items() for word in pair))
    assert result.exit_code == 2
    assert option in result.stderr


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04"])
def test_what_is_no_checkpoint_is_named(refused: Callable[..., str], tmp_path: Path, content: bytes) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    checkpoint.write_bytes(content)
    assert "is no checkpoint" in refused("export", "dextr", checkpoint, "-o", tmp_path / "dextr.onnx")
