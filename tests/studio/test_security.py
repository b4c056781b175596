"""Pages of other sites, rebound names and strangers get nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from maskwright.studio.security import PAGE_POLICY, allowed_names, is_allowed
from maskwright.workspace.project import open_project

HERE = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "user@127.0.0.1",
        "",
        "127.0.0.1:x",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/project", "/api/openapi.json"])
def test_a_foreign_host_is_refused(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["kind"] == "ForeignRequestError"


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST", "[::1]:8765", "192.168.1.7:8765"])
def test_this_server_under_its_own_names_answers(client: TestClient, host: str) -> None:
    assert client.get("/api/project", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:9999",
        "http://localhost:8765",
        "http://127.0.0.1:8765.evil.example",
        "file://",
        "http://[bad",
    ],
)
def test_a_foreign_origin_is_refused_and_changes_nothing(client: TestClient, origin: str) -> None:
    body = {"labels": [{"name": "spam", "color": "#112233"}]}
    answer = client.put("/api/labels", json=body, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["kind"] == "ForeignRequestError"
    assert client.get("/api/project", headers={"Origin": origin}).status_code == 403
    assert client.get("/api/project").json()["labels"] == []


def test_a_foreign_upload_is_refused(client: TestClient, folder: Path) -> None:
    files = [("file", ("x.png", (folder / "b.png").read_bytes()))]
    assert client.post("/api/images", files=files, headers={"Origin": "http://evil.example"}).status_code == 403
    assert not (folder / "x.png").exists()


def test_the_studios_own_page_and_programs_get_through(client: TestClient) -> None:
    assert client.put("/api/labels", json={"labels": []}, headers={"Origin": HERE}).status_code == 200
    assert client.put("/api/labels", json={"labels": []}).status_code == 200


def test_a_page_of_another_site_gets_no_image_but_a_link_works(client: TestClient, image_url: str) -> None:
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert client.get(f"{image_url}/pixels", headers=embedded).status_code == 403
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/api/docs", headers=followed).status_code == 200
    assert client.post(f"{image_url}/undo", headers=followed).status_code == 403


@pytest.mark.parametrize("path", ["/", "/api/project", "/api/nothing", "/api/docs"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "content-security-policy" in client.get(path, headers={"Host": "evil.example"}).headers


def test_further_names_can_be_allowed(folder: Path, make_client: Callable[..., TestClient]) -> None:
    client = make_client(open_project(folder), host="0.0.0.0", further_hosts=["Box.example"])
    assert client.get("/api/project", headers={"Host": "box.example:8765"}).status_code == 200
    assert client.get("/api/project", headers={"Host": "other.example:8765"}).status_code == 403


def test_a_server_for_all_addresses_answers_under_the_machines_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Workshop")
    assert is_allowed("workshop:80", allowed_names("0.0.0.0"))
    assert not is_allowed("workshop:80", allowed_names("127.0.0.1"))
