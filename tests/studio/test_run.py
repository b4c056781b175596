"""Starting the studio for real: ports, folders, samples, and what a killed server leaves behind."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from maskwright.cli.app import app as command_line
from maskwright.errors import DataError, ImageError, MaskwrightError, StoreError
from maskwright.methods import METHODS
from maskwright.studio.run import listening_socket, run_studio
from maskwright.workspace.project import STORE_FILE

ROOT = Path(__file__).parents[2]
POINTS = b'{"kind": "extreme_points", "points": [[10, 30], [49, 30], [30, 20], [30, 59]]}'


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that a browser was asked for; servers stop as soon as they run."""
    pages: list[str] = []
    asked = threading.Event()

    def open_page(url: str) -> None:
        pages.append(url)
        asked.set()

    monkeypatch.setattr("webbrowser.open", open_page)
    monkeypatch.setattr(uvicorn.Server, "run", lambda _self, sockets: asked.wait(10))
    return pages


def start(folder: Path | None, **options: Any) -> list[str]:
    said: list[str] = []
    run_studio(folder, lambda name: None, METHODS, port=0, say=said.append, **options)  # type: ignore[arg-type,return-value]
    return said


def test_the_page_is_opened_where_the_server_listens(opened: list[str], folder: Path) -> None:
    (said,) = start(folder)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", opened[0])
    assert opened[0] in said
    assert str(folder.resolve()) in said


def test_without_a_folder_one_is_made_here(opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    start(None)
    assert (tmp_path / "maskwright-project" / STORE_FILE).is_file()


def test_samples_are_added_and_never_overwrite(opened: list[str], tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"mine")
    start(tmp_path, samples=True)
    assert sorted(p.name for p in tmp_path.glob("*.jpg")) == ["astronaut.jpg", "cat.jpg", "coffee.jpg", "rocket.jpg"]
    assert (tmp_path / "cat.jpg").read_bytes() == b"mine"


def test_samples_go_into_a_folder_that_is_made_for_them(opened: list[str], tmp_path: Path) -> None:
    start(tmp_path / "new", samples=True)
    assert (tmp_path / "new" / "cat.jpg").is_file()


def test_annotations_are_imported_first(opened: list[str], folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "cats.json"
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]]}
    images = [{"id": i, "file_name": name, "width": 160, "height": 120} for i, name in enumerate(["gone.jpg", "a.jpg"])]
    document = {"images": images, "categories": [{"id": 1, "name": "cat"}], "annotations": [annotation]}
    document["annotations"].append(annotation | {"id": 2, "image_id": 0})
    source.write_text(json.dumps(document))
    said = start(folder, imports=[source])
    assert f"{source}: 1 objects added to 1 images" in said
    assert "  1 annotated images are not in the folder: gone.jpg" in said
    source.write_text("{")
    with pytest.raises(DataError, match=r"cats\.json is not JSON"):
        start(folder, imports=[source])
    with pytest.raises(DataError, match=r"none\.json cannot be read"):
        start(folder, imports=[tmp_path / "none.json"])


def test_listening_to_others_is_said(opened: list[str], folder: Path) -> None:
    said = start(folder, host="0.0.0.0")
    assert opened[0].startswith("http://127.0.0.1:")
    assert "whoever reaches this machine" in said[-1]


def test_a_folder_that_is_missing_is_named_and_the_port_is_free_again(tmp_path: Path) -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ImageError, match="is not a folder"):
        run_studio(tmp_path / "missing", lambda name: None, METHODS, port=port)  # type: ignore[arg-type,return-value]
    listening_socket("127.0.0.1", port).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maskwright-project").write_text("a file")
    with pytest.raises(StoreError, match="maskwright-project cannot be made"):
        start(None)


def test_a_port_in_use_is_named() -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(MaskwrightError, match=rf"port {port} on 127\.0\.0\.1 is in use.*--port 0"):
            listening_socket("127.0.0.1", port)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(MaskwrightError, match="check --host"):
        listening_socket("192.0.2.1", 0)


def test_a_name_that_leads_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(MaskwrightError, match="'nowhere' is no address"):
        listening_socket("nowhere", 0)


def test_what_cannot_be_a_name_is_named() -> None:
    with pytest.raises(MaskwrightError, match=r"'a\.\.b' is no address"):
        listening_socket("a..b", 0)


def test_the_command_says_which_port_is_in_use(folder: Path) -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        result = CliRunner().invoke(command_line, ["studio", str(folder), "--no-browser", "--port", str(port)])
    assert result.exit_code == 2
    assert f"port {port}" in result.stderr


def test_the_command_opens_the_studio(opened: list[str], folder: Path) -> None:
    result = CliRunner().invoke(command_line, ["studio", str(folder), "--port", "0"])
    assert result.exit_code == 0, result.output
    assert opened[0] in result.stdout


@contextmanager
def server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The fake studio as a process of its own, once it answers."""
    command = [sys.executable, "-m", "tests.studio.fake_studio", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                try:
                    ask(port, "/api/project")
                    break
                except OSError:
                    assert process.poll() is None
                    time.sleep(0.1)
            yield process
        finally:
            process.kill()


def ask(port: int, path: str, body: bytes | None = None) -> Any:

    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_all_that_was_answered_survives_kill_9(folder: Path) -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    with server(folder, port) as process:
        image = ask(port, "/api/project")["images"][0]["id"]
        for _ in range(3):
            body = b'{"type": "add_object", "method": "dextr", "label": "cat", "prompts": [' + POINTS + b"]}"
            ask(port, f"/api/images/{image}/events", body)
        before = ask(port, f"/api/images/{image}/undo", b"")
        process.send_signal(signal.SIGKILL)
    with server(folder, port):
        assert ask(port, f"/api/images/{image}/session") == before
        assert len(ask(port, f"/api/images/{image}/redo", b"")["objects"]) == 3
        assert ask(port, "/api/project")["labels"] == [{"name": "cat", "color": "#e69f00"}]
