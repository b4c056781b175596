"""The documents tell the truth: their examples run, their links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from maskwright.vision.images import read_image

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def examples(language: str) -> list[str]:
    """README's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the image that README's examples name: an ellipse whose ends are where they click."""
    image = np.full((480, 640, 3), (90, 60, 40), np.uint8)
    cv2.ellipse(image, (320, 240), (200, 150), 0, 0, 360, (60, 170, 220), cv2.FILLED)
    cv2.imwrite(str(tmp_path / "cat.jpg"), image)
    return tmp_path


def shell(script: str, folder: Path) -> str:
    """Run a script as a reader would, with the tools of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "120"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_readme_python(folder: Path) -> None:
    (code,) = examples("python")
    (folder / "example.py").write_text(code)
    assert shell("python example.py", folder).startswith("(480, 640) ")


def test_readme_command_line(folder: Path) -> None:
    (script,) = (block for block in examples("sh") if block.startswith("maskwright methods"))
    text = shell(script, folder)
    assert "cat.jpg, 640 x 480 px" in text
    assert read_image(folder / "mask.png").shape == (480, 640, 3)
    assert (folder / "mask.json").is_file()


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    """The address of a studio that runs as its own process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    project = folder / "images"
    project.mkdir()
    command = [sys.executable, "-m", "maskwright", "studio", str(project), "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/project").close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        process.wait()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_readme_http(folder: Path, server: str) -> None:
    (script,) = (block for block in examples("sh") if block.startswith("api="))
    text = shell(script.replace("http://127.0.0.1:8765/api", server).replace("curl -s", "curl -sS --fail"), folder)
    assert '"candidates"' in text
    assert '"cat"' in (folder / "annotations.json").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_readme_names_every_method() -> None:
    from maskwright.methods import METHODS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in METHODS if f"`{name}`" not in text] == []
