"""Any gestures, undos and redos lead to the state that a plain list of snapshots leads to, also through the store."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskwright.errors import NotFoundError, PromptError, StoreError
from maskwright.prompts import BoundaryPoint, Click, ExtremePoints, Fill, Outline, OutlineRing, Region, Stroke
from maskwright.workspace.event_json import event_from_json, event_to_json
from maskwright.workspace.kept import KeptClassMap, KeptMask
from maskwright.workspace.painting_events import ClassMaps, DeleteClass, Paint, SetPaintMethod
from maskwright.workspace.session import (
    AddObject,
    ChooseCandidate,
    DeleteObject,
    Event,
    Segmented,
    Session,
    SessionObject,
    SetLabel,
    SetPrompts,
)
from maskwright.workspace.store import Store, sqlite_url

State: TypeAlias = dict[int, tuple[str | None, Segmented]]


def segmented(seed: int, method: str = "dextr") -> Segmented:
    mask = np.random.default_rng(seed).random((5, 4)) < 0.5
    prompts = (ExtremePoints(((0, 1), (3, 1), (2, 0), (2, 4))), BoundaryPoint(seed, 1), Click(seed, 2, positive=False))
    ring = OutlineRing(((0, 0), (3, 0.5), (seed, 4)), pinned=(1,))
    outline = Outline((ring,), "polygon") if seed % 2 else None
    return Segmented(method, prompts, KeptMask.of(mask), 0.25, outline)


class Snapshots:
    """The slow, obvious way to undo: keep every state."""

    def __init__(self) -> None:
        self.states: list[State] = [{}]
        self.at = 0

    def now(self) -> State:
        return self.states[self.at]

    def push(self, state: State) -> None:
        self.states = [*self.states[: self.at + 1], state]
        self.at += 1


def do(step: tuple[str, int], session: Session, snapshots: Snapshots) -> Session:
    what, number = step
    state = dict(snapshots.now())
    if what == "undo":
        snapshots.at = max(0, snapshots.at - 1)
        return session.undo()
    if what == "redo":
        snapshots.at = min(len(snapshots.states) - 1, snapshots.at + 1)
        return session.redo()
    if what == "add" or not state:
        new = session.next_object_id
        assert new not in state
        snapshots.push(state | {new: (f"label {number}", segmented(number))})
        return session.record(AddObject(new, segmented(number), f"label {number}"))
    target = list(state)[number % len(state)]
    label, done = state[target]
    if what == "prompts":
        again = segmented(number + 100, "other")
        snapshots.push(state | {target: (label, again)})
        return session.record(SetPrompts(target, again))
    if what == "choose":
        chosen = replace(done, mask=segmented(number + 200).mask, score=0.125, outline=None)
        snapshots.push(state | {target: (label, chosen)})
        return session.record(ChooseCandidate(target, chosen))
    if what == "label":
        name = None if number == 0 else f"renamed {number}"
        snapshots.push(state | {target: (name, done)})
        return session.record(SetLabel(target, name))
    del state[target]
    snapshots.push(state)
    return session.record(DeleteObject(target))


steps = st.lists(
    st.tuples(st.sampled_from(["add", "prompts", "choose", "label", "delete", "undo", "undo", "redo"]), st.integers(0, 9)),
    max_size=25,
)


def as_objects(state: State) -> tuple[SessionObject, ...]:
    return tuple(SessionObject(number, label, done) for number, (label, done) in state.items())


@given(steps)
def test_any_gestures_undo_and_redo_equal_a_list_of_snapshots(todo: list[tuple[str, int]]) -> None:
    session, snapshots = Session(), Snapshots()
    for step in todo:
        before = session
        session = do(step, session, snapshots)
        assert session.objects == as_objects(snapshots.now())
        assert session.can_undo == (snapshots.at > 0)
        assert session.can_redo == (snapshots.at < len(snapshots.states) - 1)
        assert session is before or session.revision == before.revision + 1
    replayed = Session()
    for event in session.events[: session.cursor]:
        replayed = replayed.record(event)
    assert replayed.objects == session.objects


@given(steps)
@settings(max_examples=15, deadline=None)
def test_the_reopened_store_gives_the_same_session(todo: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "project.sqlite")
        store, session, snapshots = Store(url), Session(), Snapshots()
        for step in todo:
            after = do(step, session, snapshots)
            if after is not session:
                store.save("cat.jpg", session, after)
            session = after
        store.close()
        store = Store(url)
        assert store.load("cat.jpg") == session
        assert store.object_counts().get("cat.jpg", 0) == len(session.objects)
        store.close()


@given(steps)
def test_every_event_survives_json(todo: list[tuple[str, int]]) -> None:
    session, snapshots = Session(), Snapshots()
    for step in todo:
        session = do(step, session, snapshots)
    assert tuple(event_from_json(event_to_json(event)) for event in session.events) == session.events


def test_a_deleted_objects_id_does_not_come_back() -> None:
    session = Session().record(AddObject(1, segmented(1))).record(DeleteObject(1))
    assert session.next_object_id == 2


def test_a_gesture_on_an_object_that_is_not_there_names_those_that_are() -> None:
    session = Session().record(AddObject(1, segmented(1)))
    with pytest.raises(NotFoundError, match=r"object 7 does not exist.*it has: 1"):
        session.record(SetLabel(7, "cat"))
    with pytest.raises(NotFoundError, match="it has: none"):
        session.undo().record(DeleteObject(1))


def test_events_of_older_versions_are_read() -> None:
    done = {"method": "dextr", "prompts": [{"kind": "box", "x0": 0, "y0": 0, "x1": 1, "y1": 1}], "score": 0.5}
    mask = {"size": [2, 2], "counts": "22"}
    old = [
        {"type": "add_object", "object_id": 1, **done, "mask": mask, "label": None},
        {"type": "set_prompts", "object_id": 1, **done, "mask": mask},
        {"type": "set_label", "object_id": 1, "label": "cat"},
    ]
    session = Session()
    for value in old:
        session = session.record(event_from_json(value))
    (found,) = session.objects
    assert (found.label, found.segmented.score, found.segmented.outline) == ("cat", 0.5, None)
    assert found.segmented.mask.mask().tolist() == [[False, True], [False, True]]


@pytest.mark.parametrize(
    "damage",
    [
        {"type": "paint_over"},
        {"type": "add_object", "method": None, "mask": None},
        {"type": "set_label"},
        {"mask": {"size": [3], "counts": ""}},
        {"object_id": "one"},
        {"outline": {"kind": "click", "x": 1, "y": 2}, "label": None},
    ],
)
def test_a_damaged_event_is_refused(damage: dict[str, object]) -> None:
    value = event_to_json(AddObject(1, segmented(1), "cat"))
    del value["label"]
    with pytest.raises(StoreError, match="gesture"):
        event_from_json(value | damage)


def test_a_damaged_prompt_is_refused() -> None:
    value = event_to_json(AddObject(1, segmented(1)))
    with pytest.raises(PromptError):
        event_from_json(value | {"prompts": [{"kind": "wish"}]})


KEPT = ClassMaps("brush", KeptClassMap.of(np.array([[0, 2]], np.uint8)), KeptClassMap.of(np.array([[2, 2]], np.uint8)))
REGION = Region((1, 2), "02", class_id=0)
PAINTED = (
    Paint(Stroke(((1, 0), (1.5, 0)), class_id=2, radius=3, freeze=True), "sky", KEPT),
    Paint(Fill(((0, 0), (1, 0), (1, 1)), class_id=0), None, KEPT),
    SetPaintMethod(KEPT),
    DeleteClass("sky", REGION, KEPT),
)


def test_events_of_a_painting_survive_json() -> None:
    for event in PAINTED:
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def test_events_of_a_painting_lie_between_those_of_objects() -> None:
    session = Session()
    for event in (PAINTED[0], AddObject(1, segmented(1)), PAINTED[1], AddObject(2, segmented(2)), DeleteObject(2), PAINTED[2]):
        session = session.record(event)
    assert [found.id for found in session.objects] == [1]
    assert session.next_object_id == 3
    painting = session.painting
    assert painting is not None
    assert (painting.labels, painting.maps) == ({2: "sky"}, KEPT)
    assert painting.paints == (PAINTED[0].prompt, PAINTED[1].prompt)
    for _ in range(6):
        session = session.undo()
    assert (session.painting, session.next_object_id) == (None, 1)


@pytest.mark.parametrize("event", PAINTED[2:])
def test_only_paint_begins_a_painting(event: Event) -> None:
    with pytest.raises(NotFoundError, match="no painting yet"):
        Session().record(event)


@pytest.mark.parametrize(
    "damage",
    [
        {"prompt": {"kind": "click", "x": 1, "y": 2}},
        {"type": "delete_class"},  # whose prompt is a region
        {"class_map": None},
        {"painted": {"size": [3], "classes": [], "code": ""}},
        {"painted": {"size": [3, 4], "classes": ["one"], "code": ""}},
    ],
)
def test_a_damaged_event_of_a_painting_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="a stored gesture is damaged"):
        event_from_json(event_to_json(PAINTED[0]) | damage)


def test_an_event_without_an_outline_says_nothing_of_one() -> None:
    assert "outline" not in event_to_json(AddObject(1, segmented(2)))
    assert event_to_json(AddObject(1, segmented(1)))["outline"]["curve"] == "polygon"
