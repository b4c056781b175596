"""Whatever is sent, the answer is an error that the page can show, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.workspace.project import open_project

Add = Callable[..., dict[str, Any]]

POINTS = {"kind": "extreme_points", "points": [[10, 30], [49, 30], [30, 20], [30, 59]]}


def problem(answer: Any, status: int, kind: str) -> str:
    """The message of an answer that must be an error of that kind."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["kind"] == kind
    message = answer.json()["error"]["message"]
    assert isinstance(message, str)
    return message


@pytest.mark.parametrize("image_id", ["0" * 16, "a.jpg", "..", "%2e%2e%2fsecret.png", "..%2f..%2fetc%2fpasswd", "%00"])
@pytest.mark.parametrize("what", ["pixels", "thumbnail", "session"])
def test_an_unknown_image_is_not_found(client: TestClient, folder: Path, image_id: str, what: str) -> None:
    (folder.parent / "secret.png").write_bytes((folder / "b.png").read_bytes())
    problem(client.get(f"/api/images/{image_id}/{what}"), 404, "NotFoundError")


@pytest.mark.parametrize(
    "path", ["/../project.sqlite", "/%2e%2e/%2e%2e/app.py", "/..%2f..%2fapp.py", "//etc/passwd", "/.maskwright"]
)
def test_the_page_gives_no_file_from_outside_its_folder(client: TestClient, tmp_path: Path, path: str) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "app.py").write_text("secret")
    problem(client.get(path), 404, "NotFoundError")


def test_an_unknown_object_is_not_found(client: TestClient, image_url: str, add_object: Add) -> None:
    add_object()
    for event in (
        {"type": "set_prompts", "object_id": 9, "method": "dextr", "prompts": [POINTS]},
        {"type": "set_label", "object_id": 9, "label": "cat"},
        {"type": "delete_object", "object_id": 9},
    ):
        assert "object 9" in problem(client.post(f"{image_url}/events", json=event), 404, "NotFoundError")
    request = {"method": "dextr", "prompts": [POINTS], "object_id": 9}
    problem(client.post(f"{image_url}/preview", json=request), 404, "NotFoundError")
    assert client.get("/api/project").json()["labels"] == []


def test_an_unknown_method_is_not_found(client: TestClient, image_url: str) -> None:
    answer = client.post(f"{image_url}/preview", json={"method": "magic", "prompts": [POINTS]})
    assert "there are: dextr" in problem(answer, 404, "NotFoundError")


@pytest.mark.parametrize(
    "prompts",
    [
        [],
        [{"kind": "extreme_points", "points": [[1, 1], [9, 9], [5, 1]]}],
        [{"kind": "extreme_points", "points": [[5, 5], [5, 5], [5, 5], [5, 5]]}],
        [{"kind": "extreme_points", "points": [[1, 1], [999, 9], [5, 1], [5, 9]]}],
        [{"kind": "extreme_points", "points": "no"}],
        [{"kind": "extreme_points"}],
        [{"kind": "click", "x": "1", "y": 2}],
        [{"kind": "click", "x": True, "y": 2}],
        [{"kind": "stroke", "points": [[1, 1]], "class_id": 1}],
        [{"kind": "wish"}],
        [{}],
    ],
)
def test_malformed_prompts_are_refused(client: TestClient, image_url: str, prompts: list[Any]) -> None:
    problem(client.post(f"{image_url}/preview", json={"method": "dextr", "prompts": prompts}), 422, "PromptError")
    event = {"type": "add_object", "method": "dextr", "prompts": prompts, "label": "cat"}
    problem(client.post(f"{image_url}/events", json=event), 422, "PromptError")
    state = client.get(f"{image_url}/session").json()
    assert (state["revision"], state["objects"]) == (0, [])
    assert client.get("/api/project").json()["labels"] == []


@pytest.mark.parametrize("x", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "null"])
def test_numbers_that_are_none_are_refused(client: TestClient, image_url: str, x: str) -> None:
    body = f'{{"method": "dextr", "prompts": [{{"kind": "click", "x": {x}, "y": 1}}]}}'
    headers = {"Content-Type": "application/json"}
    assert "finite number" in problem(client.post(f"{image_url}/preview", content=body, headers=headers), 422, "PromptError")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"type": "paint"}',
        b'{"type": "add_object"}',
        b'{"type": "delete_object", "object_id": "one"}',
        b'{"type": "delete_object", "object_id": 1, "surprise": 2}',
        b'{"type": "add_object", "method": "dextr", "prompts": [1]}',
        b'{"type": "add_object", "method": "dextr", "prompts": [' + b"{}," * 1000 + b"{}]}",
        b"[" * 100_000,
    ],
)
def test_malformed_gestures_are_refused(client: TestClient, image_url: str, body: bytes) -> None:
    answer = client.post(f"{image_url}/events", content=body, headers={"Content-Type": "application/json"})
    problem(answer, 400 if body.startswith(b"[[") else 422, "RequestError")  # too deep to be parsed at all


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["kind", "points", "x", "y"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(prompts=st.lists(st.dictionaries(st.sampled_from(["kind", "points", "x", "y"]), json_values, max_size=3), max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_prompts_bring_the_server_down(client: TestClient, image_url: str, prompts: list[Any]) -> None:
    body = json.dumps({"method": "dextr", "prompts": prompts})
    answer = client.post(f"{image_url}/preview", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize("label", ["", "  ", "x" * 101, "a\u0000b"])
def test_a_label_that_is_no_name_is_refused(client: TestClient, image_url: str, add_object: Add, label: str) -> None:
    add_object()
    event = {"type": "set_label", "object_id": 1, "label": label}
    problem(client.post(f"{image_url}/events", json=event), 409, "StoreError")
    problem(client.put("/api/labels", json={"labels": [{"name": label, "color": "#112233"}]}), 409, "StoreError")


def test_labels_with_one_name_or_a_wrong_colour_are_refused(client: TestClient) -> None:
    cat = {"name": "cat", "color": "#112233"}
    assert "given twice" in problem(client.put("/api/labels", json={"labels": [cat, cat]}), 409, "StoreError")
    wrong = {"name": "cat", "color": "red"}
    problem(client.put("/api/labels", json={"labels": [wrong]}), 422, "RequestError")


def test_a_broken_image_is_named(client: TestClient) -> None:
    broken = client.get("/api/project").json()["images"][2]
    url = f"/api/images/{broken['id']}"
    for what in ("pixels", "thumbnail"):
        assert "c.jpg is not an image" in problem(client.get(f"{url}/{what}"), 422, "ImageError")
    assert client.get(f"{url}/session").json()["image"]["error"] == broken["error"]
    problem(client.post(f"{url}/preview", json={"method": "dextr", "prompts": [POINTS]}), 422, "ImageError")


def test_a_name_that_is_not_utf_8_is_shown_with_its_error(
    tmp_path: Path, make_client: Callable[..., TestClient], disc_image: NDArray[np.uint8]
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    try:
        PIL.Image.fromarray(disc_image).save(folder / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("this disk takes no such names")
    PIL.Image.fromarray(disc_image).save(folder / "dog.png")
    client = make_client(open_project(folder))
    cafe, dog = client.get("/api/project").json()["images"]
    assert cafe["error"] == f"{cafe['name']} has a name that is not UTF-8; rename the file"
    assert (dog["name"], dog["error"]) == ("dog.png", None)
    url = f"/api/images/{cafe['id']}"
    for what in ("pixels", "thumbnail"):
        assert "rename" in problem(client.get(f"{url}/{what}"), 422, "ImageError")
    assert client.get(f"{url}/session").json()["objects"] == []
    event = {"type": "add_object", "method": "dextr", "prompts": [POINTS], "label": "cat"}
    problem(client.post(f"{url}/events", json=event), 422, "ImageError")
    assert client.post(f"/api/images/{dog['id']}/events", json=event).status_code == 200
    assert client.get("/api/export", params={"format": "coco"}).status_code == 200


@pytest.mark.parametrize("what", ["pixels", "thumbnail"])
def test_a_link_out_of_the_folder_is_not_followed(
    folder: Path, tmp_path: Path, make_client: Callable[..., TestClient], what: str
) -> None:
    (folder / "a.jpg").rename(tmp_path / "secret.jpg")
    (folder / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    client = make_client(open_project(folder))
    url = f"/api/images/{client.get('/api/project').json()['images'][0]['id']}"
    assert "outside the folder" in problem(client.get(f"{url}/{what}"), 422, "ImageError")


@pytest.mark.parametrize("what", ["pixels", "thumbnail"])
@pytest.mark.parametrize("name", ["cut.jpg", "cut.png"])
def test_a_truncated_image_is_named_once_it_was_opened(
    client: TestClient, folder: Path, disc_image: NDArray[np.uint8], name: str, what: str
) -> None:
    PIL.Image.fromarray(disc_image).save(folder / name)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == name)
    assert record["error"] is None
    assert f"{name} is damaged" in problem(client.get(f"/api/images/{record['id']}/{what}"), 422, "ImageError")
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == name)
    assert f"{name} is damaged" in record["error"]


def test_an_image_of_too_many_pixels_is_named(client: TestClient, folder: Path) -> None:
    PIL.Image.new("1", (12_000, 12_000)).save(folder / "huge.png")
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == "huge.png")
    assert "megapixels" in problem(client.get(f"/api/images/{record['id']}/pixels"), 422, "ImageError")
    answer = client.post("/api/images", files=[("file", ("h.png", (folder / "huge.png").read_bytes()))]).json()
    assert "megapixels" in answer["rejected"][0]["message"]


def test_a_replaced_image_does_not_take_the_old_masks(
    client: TestClient, folder: Path, image_url: str, add_object: Add
) -> None:
    add_object()
    PIL.Image.new("RGB", (300, 200)).save(folder / "a.jpg")
    request = {"method": "dextr", "prompts": [POINTS], "object_id": 1}
    message = problem(client.post(f"{image_url}/preview", json=request), 422, "ImageError")
    assert "the file was replaced" in message
    assert len(client.get(f"{image_url}/session").json()["objects"]) == 1


def test_an_image_that_vanished_is_not_found(client: TestClient, folder: Path, image_url: str) -> None:
    (folder / "a.jpg").unlink()
    assert "reload the list" in problem(client.get(f"{image_url}/pixels"), 404, "NotFoundError")


def test_a_file_that_is_too_large_is_refused(folder: Path, make_client: Callable[..., TestClient]) -> None:
    client = make_client(open_project(folder), max_file=2_000_000)
    large, good = ("large.png", b"x" * 2_000_001), ("good.png", (folder / "b.png").read_bytes())
    assert "large.png has 2 MB" in problem(client.post("/api/images", files=[("file", large)]), 413, "TooLargeError")
    answer = client.post("/api/images", files=[("file", large), ("file", good)]).json()
    assert [i["name"] for i in answer["images"]] == ["good.png"]
    assert "large.png has 2 MB" in answer["rejected"][0]["message"]


def test_a_flood_is_cut_off_while_it_streams(folder: Path, make_client: Callable[..., TestClient]) -> None:
    client = make_client(open_project(folder), max_file=10_000)
    sent = 0

    def flood(head: bytes) -> Any:
        nonlocal sent
        yield head
        while sent < 50_000_000:
            sent += 65_536
            yield b"x" * 65_536

    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert "send less" in problem(client.post("/api/images", content=flood(head), headers=headers), 413, "TooLargeError")
    declared = headers | {"Content-Length": "999999999"}
    problem(client.post("/api/images", content=b"", headers=declared), 413, "TooLargeError")
    json_headers = {"Content-Type": "application/json"}
    sent = 0
    problem(client.put("/api/labels", content=flood(b'{"labels":"'), headers=json_headers), 413, "TooLargeError")


def test_an_upload_that_is_none_is_refused(client: TestClient) -> None:
    problem(client.post("/api/images"), 422, "RequestError")
    problem(client.post("/api/images", data={"file": "text"}), 422, "RequestError")
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.post("/api/images", content=b"--b garbage", headers=headers).json()["error"]["kind"] == "RequestError"


def test_a_full_disk_at_an_upload_is_named(client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = (folder / "b.png").read_bytes()
    monkeypatch.setattr("maskwright.atomic.os.fsync", full)
    assert "disk is full" in problem(client.post("/api/images", files=[("file", ("n.png", content))]), 409, "StoreError")
    assert sorted(p.name for p in folder.iterdir()) == [".maskwright", "a.jpg", "b.png", "c.jpg"]


def test_a_full_disk_at_a_gesture_is_named_and_nothing_is_lost(
    folder: Path, make_client: Callable[..., TestClient], disc_image: NDArray[np.uint8]
) -> None:
    project = open_project(folder)
    client = make_client(project)
    url = f"/api/images/{client.get('/api/project').json()['images'][0]['id']}"
    event = {"type": "add_object", "method": "dextr", "prompts": [POINTS]}
    with project.store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    stored, answer = 0, client.post(f"{url}/events", json=event)
    while answer.status_code == 200:
        stored += 1
        answer = client.post(f"{url}/events", json=event)
    assert "disk is full" in problem(answer, 409, "StoreError")
    assert len(client.get(f"{url}/session").json()["objects"]) == stored


def test_a_read_only_folder_can_be_looked_at(
    folder: Path, make_client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: object, **_options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("maskwright.workspace.project.tempfile.TemporaryFile", forbidden)
    client = make_client(open_project(folder))
    project = client.get("/api/project").json()
    assert project["read_only"] is True
    url = f"/api/images/{project['images'][0]['id']}"
    assert client.get(f"{url}/session").json()["objects"] == []
    assert client.post(f"{url}/preview", json={"method": "dextr", "prompts": [POINTS]}).status_code == 200
    event = {"type": "add_object", "method": "dextr", "prompts": [POINTS], "label": "cat"}
    assert "for reading only" in problem(client.post(f"{url}/events", json=event), 409, "StoreError")
    assert "for reading only" in problem(client.put("/api/labels", json={"labels": []}), 409, "StoreError")


def test_what_nobody_foresaw_is_an_error_too(client: TestClient, image_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_args: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr("maskwright.studio.views.session_state", explode)
    message = problem(client.get(f"{image_url}/session"), 500, "InternalError")
    assert "secret" not in message
    assert "content-security-policy" in client.get(f"{image_url}/session").headers


def test_what_is_not_there_is_said(client: TestClient) -> None:
    assert "no GET /api/nothing" in problem(client.get("/api/nothing"), 404, "NotFoundError")
    assert "no DELETE /api/project" in problem(client.delete("/api/project"), 404, "NotFoundError")
    problem(client.get("/nothing.js"), 404, "NotFoundError")
    problem(client.get("/api/export", params={"format": "papyrus"}), 422, "RequestError")
