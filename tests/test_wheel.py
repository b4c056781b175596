"""The wheel, installed where nothing else is: it holds all it needs, and makes a mask without the extras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

LIMIT = 30_000_000
"""Bytes that the wheel may take."""

PEAK = """
import json, re, sys
from maskwright.cli.app import app
app(sys.argv[1:], standalone_mode=False)
# Not getrusage: its peak starts from that of the process that forked this one.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
print(json.dumps({"peak": peak, "torch": "torch" in sys.modules}))
"""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    assert (repository / "src/maskwright/studio/static/index.html").is_file(), "the web face is not built: make web-check"
    out = tmp_path_factory.mktemp("dist")
    command: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, repository]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def clean_python(repository: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that has the wheel and what it requires, no extra."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--constraint",
        repository / "constraints.txt",
        wheel,
    ]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return python


def test_it_is_small_and_complete(repository: Path, wheel: Path) -> None:
    assert wheel.stat().st_size < LIMIT
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = repository / "src" / "maskwright"
    wanted = [path for folder in ("weights", "studio/static") for path in (package / folder).rglob("*") if path.is_file()]
    wanted += [path for path in package.rglob("*.py") if "__pycache__" not in path.parts] + [package / "py.typed"]
    assert any(path.suffix == ".onnx" for path in wanted)
    assert {path.relative_to(package.parent).as_posix() for path in wanted if "__pycache__" not in path.parts} <= names
    assert not [name for name in names if name.split("/")[0] != "maskwright" and ".dist-info/" not in name]


def test_it_segments_in_a_clean_environment(
    clean_python: Path, disc_image: NDArray[np.uint8], save_image: Callable[..., Path], tmp_path: Path
) -> None:
    large = np.kron(disc_image, np.ones((10, 10, 1), np.uint8))  # 1600 x 1200, as cameras give
    image = save_image(large, "large.jpg", quality=90)
    words = ["segment", str(image), "--points", "400,600", "1200,600", "800,200", "800,1000", "-o", str(tmp_path / "mask.json")]
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([clean_python, "-c", PEAK, *words], capture_output=True, text=True, cwd=tmp_path, env=alone)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "mask.json").read_text())
    assert record["area"] == pytest.approx(np.pi * 400**2, rel=0.1)
    told = json.loads(done.stdout.splitlines()[-1])
    assert not told["torch"]
    assert told["peak"] < 500e6


def test_its_command_is_installed(clean_python: Path, tmp_path: Path) -> None:
    command = clean_python.with_name("maskwright")
    done = subprocess.run([command, "methods"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "dextr" in done.stdout


def test_it_names_the_extra_that_is_missing(clean_python: Path, tmp_path: Path) -> None:
    init = tmp_path / "init.safetensors"
    init.touch()
    words = ["train", "dextr", "--data", str(tmp_path), "--init", str(init), "--out", str(tmp_path / "run")]
    done = subprocess.run([clean_python, "-m", "maskwright", *words], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'maskwright[train]'" in done.stderr
