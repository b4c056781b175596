"""Paintings over HTTP: previews, paint, what is done to it, exports; and whatever else is sent."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import PIL.Image
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from maskwright.prompts import Stroke
from maskwright.vision import rle
from maskwright.workspace.kept import KeptClassMap
from maskwright.workspace.painting_events import ClassMaps
from maskwright.workspace.painting_events import Paint as PaintEvent
from maskwright.workspace.project import open_project
from maskwright.workspace.session import Session

Post = Callable[..., dict[str, Any]]

DISC, GROUND = (80, 60), (10, 10)
"""Points of the image: on its bright disc, and off it."""


def stroke(x: float, y: float, radius: Any = 3, **more: Any) -> dict[str, Any]:
    return {"kind": "stroke", "points": [[x, y], [x + 4, y]], "class_id": 1, "radius": radius, "freeze": False} | more


def paint(x: float, y: float, label: str | None, method: str = "magic-paint") -> dict[str, Any]:
    return {"method": method, "prompt": stroke(x, y), "label": label}


def decoded(class_map: dict[str, Any]) -> NDArray[np.uint8]:
    classes, lengths = class_map["runs"][::2], class_map["runs"][1::2]
    assert all(a != b for a, b in pairwise(classes))
    return np.repeat(np.array(classes, np.uint8), lengths).reshape(class_map["size"])


@pytest.fixture
def post(client: TestClient, image_url: str) -> Post:
    """`post(path, **body)` on a.jpg; the answer must not be an error."""

    def post(path: str, **body: Any) -> dict[str, Any]:
        answer = client.post(f"{image_url}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value

    return post


@pytest.fixture
def painted(post: Post) -> dict[str, Any]:
    """The painting of a.jpg: its disc is a cat, the rest has no class."""
    painting: dict[str, Any] = post("events", type="paint", **paint(*DISC, "cat"))["painting"]
    return painting


def test_nothing_is_painted_at_first(client: TestClient, image_url: str) -> None:
    state = client.get(f"{image_url}/session").json()
    assert (state["painting"], state["image"]["painted"]) == (None, False)


def test_a_stroke_spreads_and_is_recorded(client: TestClient, image_url: str, post: Post) -> None:
    state = post("events", type="paint", **paint(*DISC, "cat"))
    assert (state["revision"], state["can_undo"], state["objects"], state["notice"]) == (1, True, [], None)
    painting = state["painting"]
    assert (painting["method"], painting["classes"]) == ("magic-paint", [{"class_id": 1, "label": "cat", "color": "#e69f00"}])
    user, result = decoded(painting["painted"]), decoded(painting["class_map"])
    assert user.shape == result.shape == (120, 160)
    assert set(np.unique(user)) == {0, 1}
    assert user.sum() < 100
    assert (result[60, 45], result[60, 80], result[10, 10]) == (1, 1, 0)
    assert (result[user > 0] == user[user > 0]).all()
    project = client.get("/api/project").json()
    assert project["labels"] == [{"name": "cat", "color": "#e69f00"}]
    assert [(i["objects"], i["painted"]) for i in project["images"]] == [(0, True), (0, False), (0, False)]
    assert client.get(f"{image_url}/session").json() == state


def test_a_preview_shows_what_will_be(client: TestClient, image_url: str, post: Post, painted: dict[str, Any]) -> None:
    preview = post("paint/preview", **paint(*GROUND, "lawn"))
    assert preview.pop("milliseconds") > 0
    assert client.get(f"{image_url}/session").json()["painting"] == painted
    assert [label["name"] for label in client.get("/api/project").json()["labels"]] == ["cat"]
    after = post("events", type="paint", **paint(*GROUND, "lawn"))["painting"]
    assert preview == {name: after[name] for name in ("classes", "painted", "class_map")}  # in the colour that it will have
    assert [c["label"] for c in preview["classes"]] == ["cat", "lawn"]
    assert (decoded(preview["class_map"]) > 0).mean() > 0.95


def test_no_label_erases(post: Post, painted: dict[str, Any]) -> None:
    erased = {"method": "magic-paint", "prompt": stroke(*DISC, radius=9), "label": None}
    preview = post("paint/preview", **erased)
    assert preview["classes"] == []
    assert preview["class_map"]["runs"] == [0, 120 * 160]
    state = post("events", type="paint", **erased)
    assert state["painting"]["classes"] == []
    assert state["image"]["painted"] is False


@pytest.mark.parametrize("class_id", [0, 1, 77, -3, None, "none"])
def test_the_class_number_of_a_prompt_means_nothing(post: Post, class_id: Any) -> None:
    prompt = stroke(*DISC, class_id=class_id)
    state = post("events", type="paint", method="brush", prompt=prompt, label="cat")
    assert [c["class_id"] for c in state["painting"]["classes"]] == [1]
    del prompt["class_id"]
    assert post("paint/preview", method="brush", prompt=prompt, label="cat")["painted"] == state["painting"]["painted"]


def test_a_fill_and_frozen_paint(post: Post) -> None:
    square = {"kind": "fill", "points": [[10, 10], [30, 10], [30, 30], [10, 30]]}
    post("events", type="paint", method="brush", prompt=square, label="cat")
    over = {"kind": "fill", "points": [[0, 0], [50, 0], [50, 50], [0, 50]], "freeze": True}
    painting = post("events", type="paint", method="brush", prompt=over, label="lawn")["painting"]
    classes = decoded(painting["class_map"])
    assert (classes[:51, :51] > 0).all()
    assert int((classes == 1).sum()) == 21 * 21


def test_a_region_is_accepted_and_taken_back(client: TestClient, image_url: str, post: Post, painted: dict[str, Any]) -> None:
    accepted = post("events", type="accept_region", x=45, y=60)["painting"]
    assert (decoded(accepted["painted"]) == decoded(painted["class_map"])).all()
    assert client.post(f"{image_url}/undo").json()["painting"] == painted
    assert client.post(f"{image_url}/redo").json()["painting"] == accepted


def test_a_region_becomes_an_object(client: TestClient, image_url: str, post: Post, painted: dict[str, Any]) -> None:
    state = post("events", type="region_to_object", x=80, y=60)
    (found,) = state["objects"]
    assert state["painting"] == painted
    assert (found["id"], found["label"], found["method"], found["prompts"]) == (1, "cat", "magic-paint", [])
    assert (rle.decode(found["mask"]) == (decoded(painted["class_map"]) == 1)).all()
    click = {"kind": "click", "x": 0, "y": 0}
    state = post("events", type="set_prompts", object_id=1, method="grabcut", prompts=[click])
    assert state["objects"][0]["area"] == found["area"] + 1  # any object can be gone on from
    client.post(f"{image_url}/undo")
    assert client.post(f"{image_url}/undo").json()["objects"] == []


def test_a_class_is_deleted(client: TestClient, image_url: str, post: Post, painted: dict[str, Any]) -> None:
    both = post("events", type="paint", **paint(*GROUND, "lawn"))["painting"]
    rest = post("events", type="delete_class", label="cat")["painting"]
    assert [c["label"] for c in rest["classes"]] == ["lawn"]
    assert set(np.unique(decoded(rest["class_map"]))) == {0, 2}
    assert client.post(f"{image_url}/undo").json()["painting"] == both
    assert client.post(f"{image_url}/undo").json()["painting"] == painted


def test_spreading_is_turned_off_and_on(client: TestClient, image_url: str, post: Post, painted: dict[str, Any]) -> None:
    off = post("events", type="set_paint_method", method="brush")["painting"]
    assert (off["method"], off["class_map"]) == ("brush", off["painted"])
    assert off["painted"] == painted["painted"]
    assert post("events", type="set_paint_method", method="magic-paint")["painting"] == painted
    assert client.post(f"{image_url}/undo").json()["painting"] == off


def test_a_class_keeps_its_label_and_colour_when_the_list_is_replaced(
    client: TestClient, image_url: str, painted: dict[str, Any]
) -> None:
    client.put("/api/labels", json={"labels": [{"name": "cat", "color": "#010203"}]})
    assert client.get(f"{image_url}/session").json()["painting"]["classes"][0]["color"] == "#010203"
    client.put("/api/labels", json={"labels": []})
    (found,) = client.get(f"{image_url}/session").json()["painting"]["classes"]
    assert found["label"] == "cat"
    assert found["color"] not in ("#010203", "#e69f00")


def test_a_painting_survives_a_restart(
    client: TestClient, folder: Path, image_url: str, painted: dict[str, Any], make_client: Callable[..., TestClient]
) -> None:
    before = client.get(f"{image_url}/session").json()
    again = make_client(open_project(folder))
    assert again.get(f"{image_url}/session").json() == before
    assert again.post(f"{image_url}/undo").json()["painting"] is None


def test_index_pngs_hold_the_painting(client: TestClient, painted: dict[str, Any]) -> None:
    client.put("/api/labels", json={"labels": [{"name": "dog", "color": "#010203"}, {"name": "cat", "color": "#040506"}]})
    answer = client.get("/api/export", params={"format": "index-png"})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["objects/a.png", "labels/a.png", "paintings/a.png", "labels.json"]
    with PIL.Image.open(archive.open("paintings/a.png")) as file:
        assert (file.getpalette() or [])[6:9] == [4, 5, 6]
        assert (np.asarray(file) == 2 * decoded(painted["class_map"])).all()
    assert [entry["index"] for entry in json.loads(archive.read("labels.json"))["labels"]] == [1, 2]


def test_panoptic_export_holds_objects_and_painting(client: TestClient, post: Post, painted: dict[str, Any]) -> None:
    post("events", type="paint", **paint(*GROUND, "lawn"))
    post("events", type="region_to_object", x=80, y=60)
    answer = client.get("/api/export", params={"format": "coco-panoptic"})
    assert answer.headers["content-type"] == "application/zip"
    assert "panoptic.zip" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["panoptic/a.png", "panoptic.json"]
    document = json.loads(archive.read("panoptic.json"))
    assert {c["name"]: c["isthing"] for c in document["categories"]} == {"cat": 1, "lawn": 0}
    ids = np.asarray(PIL.Image.open(archive.open("panoptic/a.png"))).astype(int) @ (1, 256, 65536)
    assert sorted(s["id"] for s in document["annotations"][0]["segments_info"]) == sorted(set(ids.ravel()) - {0})
    assert document["info"]["notes"] == unquote(answer.headers["x-maskwright-notes"]).splitlines()
    assert client.get("/api/export", params={"format": "coco"}).json()["info"]["notes"] == [
        "the paintings of 1 of 1 images are left out; COCO panoptic keeps them"
    ]


def refused(client: TestClient, image_url: str, path: str, body: dict[str, Any], status: int, kind: str) -> str:
    """The message with which a request is refused; it must leave no trace."""
    before = client.get(f"{image_url}/session").json(), client.get("/api/project").json()["labels"]
    answer = client.post(f"{image_url}/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (status, kind), answer.text
    assert (client.get(f"{image_url}/session").json(), client.get("/api/project").json()["labels"]) == before
    message: str = answer.json()["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("change", "status", "kind", "message"),
    [
        (
            {"prompt": stroke(-90, 10)},
            422,
            "PromptError",
            "begins at -90,10 lies outside the image of 160 x 120 px",
        ),
        ({"prompt": stroke(1e9, 10)}, 422, "PromptError", "keep it near"),
        ({"prompt": stroke(1, 1, points=[])}, 422, "PromptError", "the stroke has 0 points"),
        ({"prompt": stroke(1, 1, points=[[1, 1]] * 100_001)}, 422, "PromptError", "has 100001 points; give 1 to 100000"),
        ({"prompt": stroke(1, 1, points=[[1, 1, 1]])}, 422, "PromptError", "give two numbers"),
        ({"prompt": stroke(1, 1, points="no")}, 422, "PromptError", "give two numbers"),
        ({"prompt": stroke(1, 1, points=7)}, 422, "PromptError", ""),
        ({"prompt": stroke(1, 1, points=None)}, 422, "PromptError", ""),
        ({"prompt": stroke(1, 1, radius=0)}, 422, "PromptError", "give 0.5 (one pixel wide) to 1,000,000"),
        ({"prompt": stroke(1, 1, radius="wide")}, 422, "PromptError", "finite number"),
        ({"prompt": stroke(1, 1, freeze="yes")}, 422, "PromptError", "true or false"),
        ({"prompt": stroke(1, 1, colour="red")}, 422, "PromptError", "takes points"),
        ({"prompt": {"kind": "fill", "points": [[1, 1], [5, 5]]}}, 422, "PromptError", "filled polygon has 2 points"),
        ({"prompt": {"kind": "region", "size": [3, 4], "counts": "1"}}, 422, "PromptError", "image of 4 x 3 px"),
        ({"prompt": {"kind": "region", "size": [120, 160], "counts": "!"}}, 422, "PromptError", "not those of a mask"),
        ({"prompt": {"kind": "outline_form"}}, 422, "PromptError", ""),
        ({"prompt": {"kind": "wish"}}, 422, "PromptError", "'wish' is not known"),
        ({"prompt": {}}, 422, "PromptError", "None is not known"),
        ({"prompt": [stroke(1, 1)]}, 422, "RequestError", "prompt"),
        ({"method": "wish"}, 404, "NotFoundError", "method 'wish' does not exist"),
        ({"method": "dextr"}, 422, "PromptError", "dextr does not paint with a stroke; methods that do: "),
        ({"method": None}, 422, "RequestError", "method"),
        ({"label": " "}, 409, "StoreError", "no name for a label"),
        ({"label": "x" * 101}, 409, "StoreError", "no name for a label"),
        ({"label": 7}, 422, "RequestError", "label"),
        ({"surprise": 1}, 422, "RequestError", "surprise"),
    ],
)
def test_paint_that_cannot_be_is_refused(
    client: TestClient, image_url: str, change: dict[str, Any], status: int, kind: str, message: str
) -> None:
    body = {"method": "brush", "prompt": stroke(20, 20), "label": "sky"} | change
    assert message in refused(client, image_url, "paint/preview", body, status, kind)
    assert message in refused(client, image_url, "events", {"type": "paint"} | body, status, kind)


def test_a_click_does_not_paint(client: TestClient, image_url: str) -> None:
    for prompt in ({"kind": "click", "x": 1, "y": 2}, {"kind": "phrase", "text": "sky"}):
        body = {"method": "brush", "prompt": prompt, "label": "sky"}
        assert f"a {prompt['kind']} does not paint" in refused(client, image_url, "paint/preview", body, 422, "PromptError")


def test_a_label_must_be_said_even_if_it_is_none(client: TestClient, image_url: str) -> None:
    body = {"method": "brush", "prompt": stroke(20, 20)}
    assert "label" in refused(client, image_url, "paint/preview", body, 422, "RequestError")
    assert "label" in refused(client, image_url, "events", {"type": "paint"} | body, 422, "RequestError")


@pytest.mark.parametrize(
    ("gesture", "status", "kind", "message"),
    [
        ({"type": "accept_region", "x": 5, "y": 5}, 422, "PromptError", "no class at 5,5"),
        ({"type": "accept_region", "x": 160, "y": 5}, 422, "PromptError", "outside the image"),
        ({"type": "accept_region", "x": "left", "y": 5}, 422, "RequestError", "x"),
        ({"type": "accept_region", "x": 5}, 422, "RequestError", "y"),
        ({"type": "region_to_object", "x": 5, "y": 5}, 422, "PromptError", "no class at 5,5"),
        ({"type": "region_to_object", "x": -1, "y": 5}, 422, "PromptError", "outside the image"),
        (
            {"type": "delete_class", "label": "dog"},
            404,
            "NotFoundError",
            "painted as 'dog' in this image; there is: 'cat'",
        ),
        ({"type": "delete_class", "label": None}, 422, "RequestError", "label"),
        ({"type": "set_paint_method", "method": "dextr"}, 422, "PromptError", "dextr does not paint"),
        ({"type": "set_paint_method", "method": "wish"}, 404, "NotFoundError", "wish"),
    ],
)
def test_gestures_that_cannot_be_are_refused(
    client: TestClient, image_url: str, painted: dict[str, Any], gesture: dict[str, Any], status: int, kind: str, message: str
) -> None:
    assert message in refused(client, image_url, "events", gesture, status, kind)


@pytest.mark.parametrize("x", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_places_that_are_none_are_refused(client: TestClient, image_url: str, painted: dict[str, Any], x: str) -> None:
    body = f'{{"type": "accept_region", "x": {x}, "y": 1}}'
    answer = client.post(f"{image_url}/events", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (422, "RequestError")


@pytest.mark.parametrize(
    "gesture",
    [
        {"type": "accept_region", "x": 1, "y": 1},
        {"type": "region_to_object", "x": 1, "y": 1},
        {"type": "delete_class", "label": "cat"},
        {"type": "set_paint_method", "method": "brush"},
    ],
)
def test_without_a_painting_there_is_nothing_to_change(client: TestClient, image_url: str, gesture: dict[str, Any]) -> None:
    assert "no painting yet" in refused(client, image_url, "events", gesture, 404, "NotFoundError")


def test_a_deleted_class_cannot_be_deleted_again(
    client: TestClient, image_url: str, post: Post, painted: dict[str, Any]
) -> None:
    assert post("events", type="delete_class", label=" cat ")["painting"]["classes"] == []
    assert "there is: nothing" in refused(
        client, image_url, "events", {"type": "delete_class", "label": "cat"}, 404, "NotFoundError"
    )


def test_a_replaced_image_does_not_take_the_old_paint(
    client: TestClient, folder: Path, image_url: str, painted: dict[str, Any]
) -> None:
    PIL.Image.new("RGB", (300, 200)).save(folder / "a.jpg")
    message = refused(client, image_url, "paint/preview", paint(5, 5, "cat"), 422, "ImageError")
    assert "the painting was made on 160 x 120 px: the file was replaced" in message
    assert client.get(f"{image_url}/session").json()["painting"] == painted


def test_there_is_no_255th_class(folder: Path, make_client: Callable[..., TestClient]) -> None:
    project = open_project(folder)
    everywhere = KeptClassMap.of((np.arange(120 * 160) % 255).astype(np.uint8).reshape(120, 160))
    full = Session()
    for number in range(1, 255):
        event = PaintEvent(Stroke(((number % 160, 50),), number), f"class {number}", ClassMaps("brush", everywhere, everywhere))
        full = full.record(event)
    project.store.save("a.jpg", Session(), full)
    client = make_client(project)
    url = f"/api/images/{client.get('/api/project').json()['images'][0]['id']}"
    body = {"method": "brush", "prompt": stroke(20, 20), "label": "one more"}
    for path, request in (("paint/preview", body), ("events", {"type": "paint"} | body)):
        assert "254 classes, the most there can be" in refused(client, url, path, request, 422, "PromptError")


def test_an_image_that_is_none_cannot_be_painted(client: TestClient) -> None:
    broken = client.get("/api/project").json()["images"][2]
    url = f"/api/images/{broken['id']}"
    assert "c.jpg is not an image" in refused(client, url, "paint/preview", paint(5, 5, "cat"), 422, "ImageError")
    assert "c.jpg is not an image" in refused(client, url, "events", {"type": "paint"} | paint(5, 5, "cat"), 422, "ImageError")


def test_a_read_only_folder_shows_previews(
    folder: Path, make_client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: object, **_options: object) -> None:
        raise OSError("read-only")

    monkeypatch.setattr("maskwright.workspace.project.tempfile.TemporaryFile", forbidden)
    client = make_client(open_project(folder))
    url = f"/api/images/{client.get('/api/project').json()['images'][0]['id']}"
    assert client.post(f"{url}/paint/preview", json=paint(*DISC, "cat")).json()["classes"][0]["label"] == "cat"
    assert "for reading only" in refused(client, url, "events", {"type": "paint"} | paint(*DISC, "cat"), 409, "StoreError")
