"""Outlines over HTTP: a box is answered with one, a drag changes it, any object's mask has one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from maskwright.prompts import Outline, from_json
from maskwright.vision import outlines, rle
from maskwright.workspace.project import open_project

BOX = {"kind": "box", "x0": 20, "y0": 30, "x1": 99, "y1": 89}
FORM = {"kind": "outline_form", "vertices": 16, "curve": "polygon"}
Post = Callable[..., dict[str, Any]]


def drag(index: int, x: float, y: float, reach: int = 2) -> dict[str, Any]:
    return {"kind": "vertex_drag", "index": index, "x": x, "y": y, "ring": 0, "reach": reach}


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
def drawn(post: Post) -> dict[str, Any]:
    """The object that a box on a.jpg became."""
    state = post("events", type="add_object", method="curve-gcn", prompts=[BOX, FORM])
    assert state["notice"] is None
    found: dict[str, Any] = state["objects"][0]
    return found


def test_a_box_becomes_an_outline_that_its_mask_fills(drawn: dict[str, Any]) -> None:
    outline = from_json(drawn["outline"])
    assert isinstance(outline, Outline)
    assert (len(outline.rings[0].points), outline.curve) == (16, "polygon")
    assert (outlines.fill(outline, 120, 160) == rle.decode(drawn["mask"])).all()


def test_a_drag_is_previewed_and_recorded_from_the_last_outline(
    client: TestClient, image_url: str, post: Post, drawn: dict[str, Any]
) -> None:
    request = {"method": "curve-gcn", "prompts": [drawn["outline"], drag(4, 60, 12)], "object_id": 1}
    preview = post("preview", **request)
    assert preview["outline"]["rings"][0]["points"][4] == [60, 12]
    assert preview["notice"] is None
    assert set(preview["candidates"][0]) == {"mask", "score"}
    (found,) = post("events", type="set_prompts", **request)["objects"]
    assert (found["outline"], found["mask"]) == (preview["outline"], preview["candidates"][0]["mask"])
    assert client.post(f"{image_url}/undo").json()["objects"] == [drawn]


def test_a_repair_is_said(post: Post, drawn: dict[str, Any]) -> None:
    request = {"method": "curve-gcn", "prompts": [drawn["outline"], drag(4, 60, 110, reach=0)], "object_id": 1}
    assert "crossed itself" in post("preview", **request)["notice"]
    state = post("events", type="set_prompts", **request)
    assert "crossed itself" in state["notice"]
    assert state["objects"][0]["outline"] is not None


def test_other_methods_have_no_outline(post: Post, add_object: Callable[..., dict[str, Any]]) -> None:
    (found,) = add_object()["objects"]
    assert found["outline"] is None
    preview = post("preview", method="dextr", prompts=[BOX])
    assert (preview["outline"], preview["notice"]) == (None, None)


def test_any_object_can_be_gone_on_from_as_an_outline(
    client: TestClient, image_url: str, post: Post, add_object: Callable[..., dict[str, Any]]
) -> None:
    (before,) = add_object()["objects"]
    outline = post("outline", object_id=1)
    assert outline["rings"] == [{"points": [[9.5, 19.5], [49.5, 19.5], [49.5, 59.5], [9.5, 59.5]], "pinned": [], "hole": False}]
    assert len(post("outline", object_id=1, vertices=30, curve="spline")["rings"][0]["points"]) == 30
    assert client.get(f"{image_url}/session").json()["objects"] == [before]
    (after,) = post("events", type="set_prompts", object_id=1, method="curve-gcn", prompts=[outline])["objects"]
    assert (after["mask"], after["method"], after["outline"]) == (before["mask"], "curve-gcn", outline)
    click = {"kind": "click", "x": 30, "y": 40}
    (clicked,) = post("events", type="set_prompts", object_id=1, method="latent-diversity", prompts=[click])["objects"]
    assert clicked["outline"] is None


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"object_id": 9}, 404, "object 9 does not exist"),
        ({"vertices": 2}, 422, "vertices"),
        ({"vertices": 1000}, 422, "vertices"),
        ({"tolerance": -1}, 422, "tolerance"),
        ({"curve": "circle"}, 422, "curve"),
        ({"surprise": 1}, 422, "surprise"),
    ],
)
def test_an_outline_that_cannot_be_is_refused(
    client: TestClient, image_url: str, drawn: dict[str, Any], change: dict[str, Any], status: int, message: str
) -> None:
    answer = client.post(f"{image_url}/outline", json={"object_id": 1, **change})
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", ["NaN", "Infinity"])
def test_a_tolerance_that_is_no_number_is_refused(client: TestClient, image_url: str, drawn: dict[str, Any], body: str) -> None:
    content = f'{{"object_id": 1, "tolerance": {body}}}'
    answer = client.post(f"{image_url}/outline", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_an_outline_survives_a_restart(
    folder: Path, image_url: str, drawn: dict[str, Any], make_client: Callable[..., TestClient]
) -> None:
    again = make_client(open_project(folder))
    assert again.get(f"{image_url}/session").json()["objects"] == [drawn]


def test_an_export_has_the_outlines_own_points(client: TestClient, drawn: dict[str, Any]) -> None:
    answer = client.get("/api/export", params={"format": "coco"})
    points = drawn["outline"]["rings"][0]["points"]
    assert answer.json()["annotations"][0]["segmentation"] == [[value + 0.5 for point in points for value in point]]
    assert "drawn as outlines" in unquote(answer.headers["x-maskwright-notes"])
