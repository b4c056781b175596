"""`maskwright segment` on images that it can read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from maskwright.vision import polygons, rle
from maskwright.vision.masks import iou

POINTS = ("40,60", "120,60", "80,20", "80,100")
Pixels = NDArray[np.uint8]


def disc() -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:120, :160]
    return (columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2


def saved_mask(path: Path) -> NDArray[np.bool_]:
    values = np.asarray(PIL.Image.open(path))
    assert values.dtype == np.uint8
    assert set(np.unique(values)) <= {0, 255}
    return values == 255


@pytest.mark.parametrize("method", ["dextr", "grabcut"])
def test_png_mask(run: Any, disc_file: Path, tmp_path: Path, method: str) -> None:
    result = run("segment", disc_file, "--method", method, "--points", *POINTS, "-o", tmp_path / "mask.png")
    assert result.exit_code == 0, result.stderr
    assert iou(saved_mask(tmp_path / "mask.png"), disc()) > 0.9


def test_json_record(run: Any, disc_file: Path, tmp_path: Path) -> None:
    words = ("segment", disc_file, "-m", "grabcut", "-p", *POINTS, "--boundary", "52,32")
    assert run(*words, "-o", tmp_path / "mask.json").exit_code == 0
    assert run(*words, "-o", tmp_path / "mask.png").exit_code == 0
    record = json.loads((tmp_path / "mask.json").read_text())
    mask = saved_mask(tmp_path / "mask.png")
    assert (record["image"], record["width"], record["height"], record["method"]) == ("disc.png", 160, 120, "grabcut")
    assert [prompt["kind"] for prompt in record["prompts"]] == ["extreme_points", "boundary_point"]
    assert (rle.decode(record["segmentation"]) == mask).all()
    parts = [
        polygons.Polygon(np.array(part["exterior"]), tuple(np.array(hole) for hole in part["holes"]))
        for part in record["polygons"]
    ]
    assert (polygons.to_mask(parts, 120, 160) == mask).all()
    assert record["area"] == mask.sum()
    rows, columns = np.nonzero(mask)
    left, top, width, height = record["bbox"]
    assert (left, top) == (columns.min(), rows.min())
    assert (left + width - 1, top + height - 1) == (columns.max(), rows.max())
    assert 0 <= record["score"] <= 1


def test_summary_without_an_output_file(run: Any, disc_file: Path) -> None:
    result = run("segment", disc_file, "--method", "grabcut", "--box", "36,16,124,104")
    assert result.exit_code == 0, result.stderr
    assert "disc.png, 160 x 120 px" in result.stdout
    assert "% of the image" in result.stdout


def test_the_image_may_come_last_and_options_may_repeat(run: Any, disc_file: Path, tmp_path: Path) -> None:
    repeated = [word for point in POINTS for word in ("--points", point)]
    for i, words in enumerate(([*repeated], ["--points", *POINTS], ["--points", " ".join(POINTS)])):
        assert run("segment", "-m", "grabcut", *words, disc_file, "-o", tmp_path / f"{i}.png").exit_code == 0
    assert len({(tmp_path / f"{i}.png").read_bytes() for i in range(3)}) == 1


def test_prompts_from_a_file(run: Any, disc_file: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.json"
    prompts.write_text(json.dumps([{"kind": "box", "x0": 36, "y0": 16, "x1": 124, "y1": 104}]))
    result = run("segment", disc_file, "-m", "grabcut", "--prompts", prompts, "-o", tmp_path / "mask.png")
    assert result.exit_code == 0, result.stderr
    assert iou(saved_mask(tmp_path / "mask.png"), disc()) > 0.95


def test_an_older_output_is_replaced(run: Any, disc_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "mask.png"
    output.write_bytes(b"older")
    assert run("segment", disc_file, "-m", "grabcut", "--points", *POINTS, "-o", output).exit_code == 0
    assert saved_mask(output).shape == (120, 160)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disc.png", "mask.png"]


def as_gray(image: Pixels) -> Pixels:
    return image.mean(axis=2).astype(np.uint8)


def as_rgba(image: Pixels) -> Pixels:
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


def as_deep(image: Pixels) -> NDArray[np.uint16]:
    return image.mean(axis=2).astype(np.uint16) * 257


@pytest.mark.parametrize("convert", [as_gray, as_rgba, as_deep])
def test_other_kinds_of_pixels(
    run: Any, disc_image: Pixels, save_image: Callable[..., Path], tmp_path: Path, convert: Callable[[Pixels], Pixels]
) -> None:
    image = save_image(convert(disc_image), "other.png")
    result = run("segment", image, "-m", "grabcut", "--points", *POINTS, "-o", tmp_path / "mask.png")
    assert result.exit_code == 0, result.stderr
    assert iou(saved_mask(tmp_path / "mask.png"), disc()) > 0.9


def test_points_are_those_of_the_upright_image(
    run: Any, disc_image: Pixels, save_image: Callable[..., Path], tmp_path: Path
) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rows of the file are columns of the upright image
    lying = np.ascontiguousarray(np.rot90(disc_image[:, :140]))
    image = save_image(lying, "turned.jpg", exif=exif, quality=95)
    result = run("segment", image, "-m", "grabcut", "--points", *POINTS, "-o", tmp_path / "mask.png")
    assert result.exit_code == 0, result.stderr
    mask = saved_mask(tmp_path / "mask.png")
    assert mask.shape == (120, 140)
    assert iou(mask, disc()[:, :140]) > 0.9


@pytest.mark.parametrize("method", ["dextr", "grabcut"])
def test_segmenting_loads_no_torch(disc_file: Path, method: str) -> None:
    code = (
        "import sys; from maskwright.cli.app import app\n"
        f"app(['segment', {str(disc_file)!r}, '-m', {method!r}, '-p', *{POINTS!r}], standalone_mode=False)\n"
        "assert 'cv2' in sys.modules; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
