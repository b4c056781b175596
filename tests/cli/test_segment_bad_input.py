"""`maskwright segment` says what is wrong in one line, and leaves every file as it was."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

POINTS = ("40,60", "120,60", "80,20", "80,100")
METHODS = ("dextr", "grabcut")
Refused = Callable[..., str]


def test_no_such_image(refused: Refused, tmp_path: Path) -> None:
    assert "does not exist" in refused("segment", tmp_path / "none.png", "--points", *POINTS)


def test_not_an_image(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_text("buy milk")
    assert "is not an image" in refused("segment", path, "--points", *POINTS)


def test_truncated_jpeg(refused: Refused, disc_image: NDArray[np.uint8], tmp_path: Path) -> None:
    buffer = io.BytesIO()
    PIL.Image.fromarray(disc_image).save(buffer, "JPEG")
    path = tmp_path / "half.jpg"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    assert "damaged or cut off" in refused("segment", path, "--points", *POINTS)


@pytest.mark.parametrize("method", METHODS)
def test_one_pixel_image(refused: Refused, save_image: Callable[..., Path], method: str) -> None:
    image = save_image(np.zeros((1, 1, 3), np.uint8))
    assert "span no area" in refused("segment", image, "-m", method, "--points", "0,0", "0,0", "0,0", "0,0")
    assert "1 x 1 px" in refused("segment", image, "-m", method, "--points", "0,0", "1,0", "0,0", "0,1")


def test_fewer_than_four_points(refused: Refused, disc_file: Path) -> None:
    assert "3 extreme points given; give four" in refused("segment", disc_file, "--points", *POINTS[:3])


def test_more_than_four_points(refused: Refused, disc_file: Path) -> None:
    assert "5 extreme points given; give four" in refused("segment", disc_file, "--points", *POINTS, "1,1")


def test_no_points(refused: Refused, disc_file: Path) -> None:
    assert "no prompts given" in refused("segment", disc_file)


@pytest.mark.parametrize("method", METHODS)
def test_boundary_points_alone(refused: Refused, disc_file: Path, method: str) -> None:
    assert "extreme" in refused("segment", disc_file, "-m", method, "--boundary", "40,60")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("point", ["160,60", "80,120", "-20,60", "80,-7", "1e300,60"])
def test_points_outside_the_image(refused: Refused, disc_file: Path, method: str, point: str) -> None:
    message = refused("segment", disc_file, "-m", method, "--points", *POINTS[1:], point)
    assert "outside the image" in message
    assert "160 x 120" in message


def test_four_identical_points(refused: Refused, disc_file: Path) -> None:
    assert "span no area" in refused("segment", disc_file, "--points", *["80,60"] * 4)


@pytest.mark.parametrize("word", ["nan,60", "40,inf"])
def test_numbers_that_are_none(refused: Refused, disc_file: Path, word: str) -> None:
    assert "give a finite number" in refused("segment", disc_file, "--points", word, *POINTS[1:])


@pytest.mark.parametrize("word", ["40;60", "40,6o", "40"])
def test_words_that_are_no_points(refused: Refused, disc_file: Path, word: str) -> None:
    assert "give x,y in pixels" in refused("segment", disc_file, "--points", word, *POINTS[1:])


@pytest.mark.parametrize("word", ["1,2,3", "1,2,3,four"])
def test_words_that_are_no_box(refused: Refused, disc_file: Path, word: str) -> None:
    assert "left,top,right,bottom" in refused("segment", disc_file, "--box", word)


def test_unknown_method_and_engine(refused: Refused, disc_file: Path) -> None:
    assert "'magic'" in refused("segment", disc_file, "--method", "magic", "--points", *POINTS)
    assert "'magic'" in refused("segment", disc_file, "--engine", "magic", "--points", *POINTS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "give a list of prompts"),
        ('[{"kind": "wish"}]', "'wish' is not known"),
        (None, "cannot be read"),
    ],
)
def test_prompt_files(refused: Refused, disc_file: Path, tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "prompts.json"
    if content is not None:
        path.write_text(content)
    assert message in refused("segment", disc_file, "--prompts", path)


@pytest.mark.parametrize(
    ("name", "message"), [("mask.tiff", ".png or .json"), ("mask", ".png or .json"), ("no/mask.png", "not exist")]
)
def test_outputs_that_cannot_be(refused: Refused, disc_file: Path, tmp_path: Path, name: str, message: str) -> None:
    assert message in refused("segment", disc_file, "--points", *POINTS, "-o", tmp_path / name)


def test_an_output_below_a_closed_folder(refused: Refused, disc_file: Path, closed_folder: Path) -> None:
    output = closed_folder / "masks" / "mask.png"
    assert "does not exist" in refused("segment", disc_file, "--points", *POINTS, "-o", output)


def fail_to_open(*args: Any) -> Any:
    raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def fail_to_sync(handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", ["mask.png", "mask.json"])
@pytest.mark.parametrize(
    ("target", "failure", "message"),
    [("maskwright.atomic.open", fail_to_open, "read-only"), ("maskwright.atomic.os.fsync", fail_to_sync, "disk is full")],
)
def test_a_disk_that_refuses(
    refused: Refused,
    disc_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    target: str,
    failure: Callable[..., Any],
    message: str,
) -> None:
    output = tmp_path / name
    output.write_bytes(b"older")
    monkeypatch.setattr(target, failure, raising=False)  # simulated: rights do not bind root, and disks are large
    assert message in refused("segment", disc_file, "-m", "grabcut", "--points", *POINTS, "-o", output)
    assert output.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["disc.png", name])


def flat_image(path: Path, side: int) -> Path:
    """A square of one bit per pixel with a white disc in its middle: small as a file, large once read."""
    image = PIL.Image.new("1", (side, side))
    half, radius = side // 2, 400
    image.paste(1, (half - radius, half - radius, half + radius, half + radius))
    image.save(path)
    return path


def free_memory() -> int:
    """Bytes that the system could give now."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_hundred_megapixels_fit(tmp_path: Path) -> None:
    if free_memory() < 3e9:
        pytest.skip("needs 3 GB of free memory")
    image = flat_image(tmp_path / "huge.png", 10_000)
    words = ["segment", image, "--points", "4600,5000", "5399,5000", "5000,4600", "5000,5399", "-o", tmp_path / "mask.json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run([sys.executable, "-m", "maskwright", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "mask.json").read_text())
    assert (record["width"], record["height"]) == (10_000, 10_000)
    assert record["area"] > 0
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak == before or peak < 1_500_000  # kB


def test_more_megapixels_are_refused(refused: Refused, tmp_path: Path) -> None:
    image = flat_image(tmp_path / "huge.png", 12_000)
    assert "144.0 megapixels" in refused("segment", image, "--points", *POINTS)
