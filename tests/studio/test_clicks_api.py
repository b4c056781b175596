"""Clicks over HTTP: candidates come with the answer, one of them is chosen, undo takes the choice back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from fastapi.testclient import TestClient
from tests.fakes import RADII

from maskwright.vision import rle
from maskwright.workspace.project import open_project

SIZE = [120, 160]
Post = Callable[..., dict[str, Any]]


def click(x: float, y: float, positive: bool = True) -> dict[str, Any]:
    return {"kind": "click", "x": x, "y": y, "positive": positive}


@pytest.fixture
def post(client: TestClient, image_url: str) -> Post:
    """`post(type, **fields)` records a gesture on a.jpg and gives the answer, which must be a session."""

    def post(kind: str, **fields: Any) -> dict[str, Any]:
        answer = client.post(f"{image_url}/events", json={"type": kind, **fields})
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    return post


@pytest.fixture
def clicked(post: Post) -> dict[str, Any]:
    """The answer to a first click."""
    return post("add_object", method="latent-diversity", prompts=[click(80, 60)])


def choice(state: dict[str, Any], number: int) -> dict[str, Any]:
    """The fields of a gesture that chooses a candidate, 0 the best."""
    return {"object_id": 1, **state["candidates"][number]}


def test_a_click_is_answered_with_all_candidates_best_first(clicked: dict[str, Any]) -> None:
    candidates = clicked["candidates"]
    assert len(candidates) == len(RADII)
    assert candidates[0] == {key: clicked["objects"][0][key] for key in ("mask", "score")}
    areas = [int(rle.decode(candidate["mask"]).sum()) for candidate in candidates]
    assert areas == sorted(set(areas))
    scores = [candidate["score"] for candidate in candidates]
    assert scores == sorted(scores, reverse=True)


def test_only_the_answer_to_a_prompt_holds_candidates(
    client: TestClient, image_url: str, post: Post, clicked: dict[str, Any], add_object: Callable[..., dict[str, Any]]
) -> None:
    again = post("set_prompts", object_id=1, method="latent-diversity", prompts=[click(80, 60), click(90, 60)])
    assert len(again["candidates"]) == len(RADII)
    assert client.get(f"{image_url}/session").json()["candidates"] is None
    assert client.post(f"{image_url}/undo").json()["candidates"] is None
    assert client.post(f"{image_url}/redo").json()["candidates"] is None
    assert post("choose_candidate", **choice(clicked, 2))["candidates"] is None
    assert post("set_label", object_id=1, label="cat")["candidates"] is None
    assert post("delete_object", object_id=1)["candidates"] is None
    assert add_object()["candidates"] is None  # a method that gives one mask leaves nothing to choose


def test_a_choice_changes_mask_and_score_alone(post: Post, clicked: dict[str, Any]) -> None:
    (before,) = clicked["objects"]
    (after,) = post("choose_candidate", **choice(clicked, 3))["objects"]
    assert {key: after[key] for key in ("mask", "score")} == clicked["candidates"][3]
    assert after["area"] == rle.decode(after["mask"]).sum()
    unchanged = set(before) - {"mask", "score", "area", "box"}
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}


def test_undo_takes_a_choice_back_and_redo_makes_it_again(
    client: TestClient, image_url: str, post: Post, clicked: dict[str, Any]
) -> None:
    chosen = post("choose_candidate", **choice(clicked, 5))
    assert client.post(f"{image_url}/undo").json()["objects"] == clicked["objects"]
    assert client.post(f"{image_url}/redo").json()["objects"] == chosen["objects"]


def test_choosing_what_the_object_has_is_no_gesture(post: Post, clicked: dict[str, Any]) -> None:
    assert post("choose_candidate", **choice(clicked, 0))["revision"] == clicked["revision"]
    assert post("choose_candidate", **choice(clicked, 1))["revision"] == clicked["revision"] + 1


def test_the_next_click_goes_on_from_the_choice(post: Post, clicked: dict[str, Any]) -> None:
    post("choose_candidate", **choice(clicked, 5))
    clicks = [click(80, 60), click(80, 30, positive=False)]
    state = post("set_prompts", object_id=1, method="latent-diversity", prompts=clicks)
    expected = rle.decode(clicked["candidates"][5]["mask"])
    mask = rle.decode(state["objects"][0]["mask"])
    assert (mask & ~expected).sum() == 0
    assert 0 < (expected & ~mask).sum() < 4 * RADII[0] ** 2
    assert not mask[30, 80]
    assert [prompt["positive"] for prompt in state["objects"][0]["prompts"]] == [True, False]


def test_clicks_go_on_from_another_methods_mask(post: Post, add_object: Callable[..., dict[str, Any]]) -> None:
    box = rle.decode(add_object()["objects"][0]["mask"])
    off = click(30, 40, positive=False)  # no positive click is needed: there is a mask
    state = post("set_prompts", object_id=1, method="latent-diversity", prompts=[off])
    mask = rle.decode(state["objects"][0]["mask"])
    assert not mask[40, 30]
    assert mask.sum() > box.sum() // 2


def test_a_choice_survives_a_restart(
    folder: Path, image_url: str, post: Post, clicked: dict[str, Any], make_client: Callable[..., TestClient]
) -> None:
    chosen = post("choose_candidate", **choice(clicked, 4))
    again = make_client(open_project(folder))
    assert again.get(f"{image_url}/session").json() == chosen
    assert again.post(f"{image_url}/undo").json()["objects"] == clicked["objects"]


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"object_id": 9}, 404, "object 9 does not exist"),
        ({"mask": {"size": [2, 3], "counts": [6]}}, 422, "the mask is 3 x 2 px, a.jpg 160 x 120 px"),
        ({"mask": {"size": SIZE, "counts": [6]}}, 422, "the runs do not fill 160 x 120 px"),
        ({"mask": {"size": SIZE, "counts": [-1, 19201]}}, 422, "the runs do not fill"),
        ({"mask": {"size": [10**6, 10**6], "counts": [10**12]}}, 422, "at most"),
        ({"mask": {"size": [120], "counts": [1]}}, 422, "mask.size"),
        ({"mask": None}, 422, "mask"),
        ({"score": 1.5}, 422, "score"),
        ({"score": None}, 422, "score"),
        ({"method": "dextr"}, 422, "method"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    client: TestClient, image_url: str, clicked: dict[str, Any], change: dict[str, Any], status: int, message: str
) -> None:
    event = {"type": "choose_candidate", **choice(clicked, 1), **change}
    answer = client.post(f"{image_url}/events", json=event)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert client.get(f"{image_url}/session").json()["revision"] == clicked["revision"]


@pytest.mark.parametrize("score", ["NaN", "Infinity"])
def test_a_score_that_is_no_number_is_refused(client: TestClient, image_url: str, clicked: dict[str, Any], score: str) -> None:
    body = f'{{"type": "choose_candidate", "object_id": 1, "mask": {{"size": {SIZE}, "counts": [19200]}}, "score": {score}}}'
    answer = client.post(f"{image_url}/events", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "score" in answer.json()["error"]["message"]


def test_a_choice_for_a_replaced_image_is_refused(
    client: TestClient, folder: Path, image_url: str, clicked: dict[str, Any]
) -> None:
    PIL.Image.new("RGB", (300, 200)).save(folder / "a.jpg")
    answer = client.post(f"{image_url}/events", json={"type": "choose_candidate", **choice(clicked, 1)})
    assert answer.status_code == 422
    assert "the file was replaced" in answer.json()["error"]["message"]


def test_clicks_that_a_method_refuses_leave_no_trace(client: TestClient, image_url: str) -> None:
    for clicks in ([click(80, 60, positive=False)], [click(160, 60)], []):
        event = {"type": "add_object", "method": "latent-diversity", "prompts": clicks}
        answer = client.post(f"{image_url}/events", json=event)
        assert (answer.status_code, answer.json()["error"]["kind"]) == (422, "PromptError")
    assert client.get(f"{image_url}/session").json()["revision"] == 0
