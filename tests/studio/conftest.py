"""A studio with three images and a fake method, asked without a network."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from maskwright.workspace.project import Project, open_project

FAKE_STUDIO = Path(__file__).with_name("fake_studio.py")

POINTS = {"kind": "extreme_points", "points": [[10, 30], [49, 30], [30, 20], [30, 59]]}
"""The fake method fills their box: 40 x 40 px."""


@pytest.fixture(scope="session")
def fake_studio() -> dict[str, Any]:
    """The names of fake_studio.py."""
    return runpy.run_path(str(FAKE_STUDIO), run_name="fake_studio")


@pytest.fixture
def folder(tmp_path: Path, disc_image: NDArray[np.uint8]) -> Path:
    """Images a.jpg, b.png and the broken c.jpg."""
    folder = tmp_path / "images"
    folder.mkdir()
    PIL.Image.fromarray(disc_image).save(folder / "a.jpg")
    PIL.Image.fromarray(disc_image).save(folder / "b.png")
    (folder / "c.jpg").write_bytes(b"no image")
    return folder


@pytest.fixture
def make_client(fake_studio: dict[str, Any], tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """`make_client(project, **options of create_app)`."""
    clients: list[TestClient] = []

    def make(project: Project, **options: Any) -> TestClient:
        app: FastAPI = fake_studio["fake_app"](project, **{"static": tmp_path / "static"} | options)
        client = TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False)
        clients.append(client.__enter__())
        return client

    yield make
    for client in clients:
        client.__exit__()


@pytest.fixture
def client(folder: Path, make_client: Callable[..., TestClient]) -> TestClient:
    """The studio for `folder`."""
    return make_client(open_project(folder))


@pytest.fixture
def image_url(client: TestClient) -> str:
    """Where the API speaks of a.jpg."""
    return f"/api/images/{client.get('/api/project').json()['images'][0]['id']}"


@pytest.fixture
def add_object(client: TestClient, image_url: str) -> Callable[..., dict[str, Any]]:
    """`add_object(label)` adds the box of POINTS to a.jpg and gives the session."""

    def add(label: str | None = None, method: str = "dextr") -> dict[str, Any]:
        event = {"type": "add_object", "method": method, "prompts": [POINTS], "label": label}
        answer = client.post(f"{image_url}/events", json=event)
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    return add
