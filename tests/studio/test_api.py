"""The API, endpoint by endpoint, as the page uses it."""

from __future__ import annotations

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import PIL.Image
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from maskwright.vision import rle
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.project import open_project
from maskwright.workspace.session import AddObject, Segmented, Session

Add = Callable[..., dict[str, Any]]

POINTS = {"kind": "extreme_points", "points": [[10, 30], [49, 30], [30, 20], [30, 59]]}


def filled(height: int = 120, width: int = 160) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), bool)
    mask[20:60, 10:50] = True
    return mask


def test_the_project_lists_images_labels_and_methods(client: TestClient, folder: Path, add_object: Add) -> None:
    add_object("cat")
    project = client.get("/api/project").json()
    assert project["folder"] == str(folder.resolve())
    assert project["read_only"] is False
    a, b, c = project["images"]
    assert (a["name"], a["width"], a["height"], a["objects"], a["error"]) == ("a.jpg", 160, 120, 1, None)
    assert (b["name"], b["objects"]) == ("b.png", 0)
    assert (c["name"], c["width"]) == ("c.jpg", None)
    assert "c.jpg is not an image" in c["error"]
    assert project["labels"] == [{"name": "cat", "color": "#e69f00"}]
    assert {"name", "title", "gesture", "accepts"} == set(project["methods"][0])
    assert project["methods"][0]["accepts"] == ["extreme_points", "boundary_point"]


def test_a_plain_file_goes_out_as_it_is(client: TestClient, folder: Path, image_url: str) -> None:
    answer = client.get(f"{image_url}/pixels")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == (folder / "a.jpg").read_bytes()


def test_pixels_are_kept_by_the_browser_until_the_file_changes(client: TestClient, folder: Path, image_url: str) -> None:
    first = client.get(f"{image_url}/pixels")
    assert first.headers["cache-control"] == "private, no-cache"  # it asks each time
    seen = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"{image_url}/pixels", headers=seen).status_code == 304
    PIL.Image.new("RGB", (30, 20)).save(folder / "a.jpg")
    assert client.get(f"{image_url}/pixels", headers=seen).status_code == 200


@pytest.mark.parametrize(
    ("name", "mode", "media_type"),
    [
        ("x.tif", "RGB", "image/png"),
        ("x.png", "RGBA", "image/png"),
        ("x.bmp", "L", "image/png"),
        ("x.webp", "RGB", "image/jpeg"),
    ],
)
def test_other_forms_are_turned_into_what_browsers_show(
    client: TestClient, folder: Path, disc_image: NDArray[np.uint8], name: str, mode: str, media_type: str
) -> None:
    PIL.Image.fromarray(disc_image).convert(mode).save(folder / name)
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == name)
    answer = client.get(f"/api/images/{record['id']}/pixels")
    assert answer.headers["content-type"] == media_type
    assert PIL.Image.open(io.BytesIO(answer.content)).size == (160, 120)


def test_a_turned_image_comes_upright(client: TestClient, folder: Path, disc_image: NDArray[np.uint8]) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.fromarray(disc_image).save(folder / "x.jpg", exif=exif)
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == "x.jpg")
    for what in ("pixels", "thumbnail"):
        shown = PIL.Image.open(io.BytesIO(client.get(f"/api/images/{record['id']}/{what}").content))
        assert shown.height > shown.width
        assert shown.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("name", ["wide.jpg", "wide.png"])
def test_a_thumbnail_is_small(client: TestClient, folder: Path, name: str) -> None:
    PIL.Image.new("RGB", (2000, 500), "red").save(folder / name)
    record = next(i for i in client.get("/api/project").json()["images"] if i["name"] == name)
    answer = client.get(f"/api/images/{record['id']}/thumbnail")
    shown = PIL.Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size) == ("JPEG", (160, 40))
    red = np.asarray(shown)[20, 80]
    assert red[0] > 240
    assert red[1] < 20


def test_a_new_object_has_all_that_the_page_draws(add_object: Add) -> None:
    state = add_object("cat")
    assert (state["revision"], state["can_undo"], state["can_redo"]) == (1, True, False)
    assert state["image"]["objects"] == 1
    (found,) = state["objects"]
    assert (rle.decode(found.pop("mask")) == filled()).all()
    prompts = found.pop("prompts")
    assert prompts == [{"kind": "extreme_points", "points": [[10.0, 30.0], [49.0, 30.0], [30.0, 20.0], [30.0, 59.0]]}]
    assert found == {
        "id": 1,
        "label": "cat",
        "color": "#e69f00",
        "method": "dextr",
        "area": 1600,
        "box": [10, 20, 49, 59],
        "score": 0.5,
        "outline": None,
    }


def test_a_preview_records_nothing(client: TestClient, image_url: str) -> None:
    request = {"method": "dextr", "prompts": [POINTS], "object_id": None}
    preview = client.post(f"{image_url}/preview", json=request).json()
    assert preview["milliseconds"] > 0
    assert (rle.decode(preview["candidates"][0]["mask"]) == filled()).all()
    assert client.get(f"{image_url}/session").json()["revision"] == 0


def test_another_method_takes_over_the_mask(client: TestClient, image_url: str, add_object: Add) -> None:
    add_object()
    click = {"kind": "click", "x": 0, "y": 0}
    request = {"method": "grabcut", "prompts": [click], "object_id": 1}
    expected = filled()
    expected[0, 0] = True
    preview = client.post(f"{image_url}/preview", json=request).json()
    assert (rle.decode(preview["candidates"][0]["mask"]) == expected).all()
    state = client.post(f"{image_url}/events", json={"type": "set_prompts", **request}).json()
    assert (rle.decode(state["objects"][0]["mask"]) == expected).all()
    assert state["objects"][0]["method"] == "grabcut"
    state = client.post(f"{image_url}/undo").json()
    assert (rle.decode(state["objects"][0]["mask"]) == filled()).all()
    assert state["objects"][0]["method"] == "dextr"


def test_labels_come_and_go_with_undo(client: TestClient, image_url: str, add_object: Add) -> None:
    add_object()

    def labels(url: str, event: dict[str, Any] | None = None) -> list[str | None]:
        return [o["label"] for o in client.post(f"{image_url}/{url}", json=event).json()["objects"]]

    assert labels("events", {"type": "set_label", "object_id": 1, "label": " cat "}) == ["cat"]
    assert labels("events", {"type": "set_label", "object_id": 1, "label": None}) == [None]
    assert labels("undo") == ["cat"]
    assert labels("events", {"type": "delete_object", "object_id": 1}) == []
    assert labels("redo") == []
    assert labels("undo") == ["cat"]
    assert labels("redo") == []


def test_undo_and_redo_do_nothing_when_nothing_is_left(client: TestClient, image_url: str, add_object: Add) -> None:
    assert client.post(f"{image_url}/undo").json()["revision"] == 0
    add_object()
    state = client.post(f"{image_url}/redo").json()
    assert (state["revision"], len(state["objects"])) == (1, 1)


def test_an_object_has_its_labels_colour(client: TestClient, image_url: str, add_object: Add) -> None:
    add_object("cat")
    new = [{"name": "dog", "color": "#010203"}, {"name": "cat", "color": "#AABBCC"}]
    assert client.put("/api/labels", json={"labels": new}).json()["labels"][1] == {"name": "cat", "color": "#aabbcc"}
    assert client.get(f"{image_url}/session").json()["objects"][0]["color"] == "#aabbcc"
    client.put("/api/labels", json={"labels": []})
    (found,) = client.get(f"{image_url}/session").json()["objects"]
    assert found["label"] == "cat"
    assert found["color"] != "#aabbcc"


def test_uploads_go_into_the_folder(client: TestClient, folder: Path) -> None:
    content = (folder / "b.png").read_bytes()
    files = [("file", ("b.png", content)), ("file", ("../up.png", content)), ("file", ("bad.png", b"no image"))]
    answer = client.post("/api/images", files=files).json()
    assert [(i["name"], i["width"], i["objects"]) for i in answer["images"]] == [("b-2.png", 160, 0), ("up.png", 160, 0)]
    assert answer["rejected"][0]["name"] == "bad.png"
    assert "bad.png is not an image" in answer["rejected"][0]["message"]
    assert (folder / "up.png").read_bytes() == content


def test_an_export_is_imported_into_a_folder_of_the_same_images(
    client: TestClient, add_object: Add, folder: Path, tmp_path: Path, make_client: Callable[..., TestClient]
) -> None:
    add_object("cat")
    before = add_object()["objects"]
    content = client.get("/api/export", params={"format": "coco"}).content
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "a.jpg", other)
    elsewhere = make_client(open_project(other))
    url = f"/api/images/{elsewhere.get('/api/project').json()['images'][0]['id']}"
    answers = [elsewhere.post("/api/import", files={"file": ("cats.json", content)}).json() for _ in range(2)]
    # The fake's two objects are one mask; without a label, the second is another object all the same.
    assert answers[0] == {"images": 1, "objects": 2, "notes": []}
    assert answers[1] == {"images": 0, "objects": 0, "notes": ["2 objects are there already"]}
    after = elsewhere.get(f"{url}/session").json()["objects"]
    assert [(o["label"], o["mask"], o["method"]) for o in after] == [(o["label"], o["mask"], "import") for o in before]
    answer = elsewhere.post(
        f"{url}/events", json={"type": "set_prompts", "object_id": 1, "method": "dextr", "prompts": [POINTS]}
    )
    assert answer.json()["objects"][0]["method"] == "dextr"


@pytest.mark.parametrize(
    ("content", "said"), [(b"no json", "cats.json is not JSON"), (b"{}", "cats.json: this is no COCO JSON")]
)
def test_a_file_that_is_no_coco_json_is_not_imported(client: TestClient, content: bytes, said: str) -> None:
    answer = client.post("/api/import", files={"file": ("cats.json", content)})
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


def test_coco_export_holds_all_objects(client: TestClient, add_object: Add) -> None:
    add_object("cat")
    add_object()
    answer = client.get("/api/export", params={"format": "coco"})
    assert "attachment" in answer.headers["content-disposition"]
    document = answer.json()
    assert [i["file_name"] for i in document["images"]] == ["a.jpg"]
    assert [a["area"] for a in document["annotations"]] == [1600, 1600]
    assert [c["name"] for c in document["categories"]] == ["cat", "unlabelled"]
    notes = unquote(answer.headers["x-maskwright-notes"])
    assert "1 of 2 objects have no label" in notes
    assert document["info"]["notes"] == notes.splitlines()


def test_index_png_export_is_a_zip(client: TestClient, add_object: Add) -> None:
    add_object("cat")
    answer = client.get("/api/export", params={"format": "index-png"})
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["objects/a.png", "labels/a.png", "labels.json"]
    assert (np.asarray(PIL.Image.open(archive.open("labels/a.png"))) == filled()).all()
    legend = json.loads(archive.read("labels.json"))["labels"]
    assert legend == [{"index": 1, "name": "cat", "color": "#e69f00"}]


@pytest.mark.parametrize(
    ("format", "noted_in"), [("coco", "annotations.json"), ("index-png", "labels.json"), ("coco-panoptic", "panoptic.json")]
)
def test_notes_that_are_too_long_for_a_header_are_in_the_file(
    folder: Path, make_client: Callable[..., TestClient], format: str, noted_in: str
) -> None:
    project = open_project(folder)
    added = Session().record(AddObject(1, Segmented("dextr", (), KeptMask.of(np.ones((2, 3), bool)), 0.5), "cat"))
    for number in range(200):
        project.store.save(f"gone {number:03}.png", Session(), added)
    answer = make_client(project).get("/api/export", params={"format": format})
    assert len(answer.headers["x-maskwright-notes"]) < 4000
    *shown, last = unquote(answer.headers["x-maskwright-notes"]).splitlines()
    assert shown[0] == "gone 000.png is not in the folder any more; its annotations are here all the same"
    assert last == f"... and {200 - len(shown)} more, see {noted_in}"
    file = answer.content if format == "coco" else zipfile.ZipFile(io.BytesIO(answer.content)).read(noted_in)
    document = json.loads(file)
    notes = document.get("info", document)["notes"]
    assert len(notes) == 200
    assert notes[: len(shown)] == shown


def test_gestures_at_the_same_time_are_all_kept(client: TestClient, image_url: str, add_object: Add) -> None:
    threads = [threading.Thread(target=add_object) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = client.get(f"{image_url}/session").json()
    assert [o["id"] for o in state["objects"]] == list(range(1, 9))
    assert state["revision"] == 8


def test_a_restarted_studio_has_everything(
    client: TestClient, folder: Path, image_url: str, add_object: Add, make_client: Callable[..., TestClient]
) -> None:
    add_object("cat")
    client.post(f"{image_url}/undo")
    before = client.get(f"{image_url}/session").json()
    again = make_client(open_project(folder))
    assert again.get(f"{image_url}/session").json() == before
    assert len(again.post(f"{image_url}/redo").json()["objects"]) == 1


def test_a_method_is_loaded_once_and_an_image_prepared_once(
    folder: Path, make_client: Callable[..., TestClient], fake_studio: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    fake = fake_studio["FillsTheBox"]
    make, prepare = fake.__init__, fake.prepare

    def noted_make(self: object, name: str) -> None:
        said.append("load")
        make(self, name)

    def noted_prepare(self: object, image: object) -> object:
        said.append("prepare")
        return prepare(self, image)

    monkeypatch.setattr(fake, "__init__", noted_make)
    monkeypatch.setattr(fake, "prepare", noted_prepare)
    client = make_client(open_project(folder))
    images = [image["id"] for image in client.get("/api/project").json()["images"][:2]]
    assert said == []
    for image in [*images, *images]:
        assert client.post(f"/api/images/{image}/preview", json={"method": "dextr", "prompts": [POINTS]}).status_code == 200
    assert said == ["load", "prepare", "prepare"]


def test_the_documentation_names_every_request(client: TestClient) -> None:
    openapi = client.get("/api/openapi.json").json()
    page = client.get("/api/docs").text
    assert len(openapi["paths"]) == 14
    for path, verbs in openapi["paths"].items():
        for verb, call in verbs.items():
            assert call["description"]
            assert f"{verb.upper()} {path}" in page
    assert "<script" not in page
    for name in openapi["components"]["schemas"]:
        assert f'id="{name}"' in page


def test_the_page_is_served_when_it_is_built(client: TestClient, tmp_path: Path) -> None:
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make studio" in answer.text
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<title>the face</title>")
    (tmp_path / "static" / "assets" / "app-1a2b.js").write_text("1")
    assert client.get("/").text == "<title>the face</title>"
    assert client.get("/").headers["cache-control"] == "no-cache"
    assert client.get("/assets/app-1a2b.js").text == "1"
