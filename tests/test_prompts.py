"""The words about outlines: what they hold, what they refuse, their JSON form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from maskwright import prompts
from maskwright.errors import PromptError
from maskwright.prompts import (
    PROMPT_KINDS,
    Click,
    Outline,
    OutlineForm,
    OutlineRing,
    Part,
    Prompt,
    VertexDrag,
    from_json,
    to_json,
)

words: Any = prompts
"""Unchecked, for what the types refuse already."""

TRIANGLE = ((2, 2), (9, 2), (9, 7))
OUTLINE = Outline((OutlineRing(TRIANGLE, pinned=(1,)), OutlineRing(((5, 3), (6, 3), (6, 4)), hole=True)), curve="polygon")


@pytest.mark.parametrize(
    "prompt", [OUTLINE, OutlineForm(12, "polygon"), VertexDrag(3, 1, 2.5, ring=1, reach=0), Part(1, 2, 3, 4, hole=True)]
)
def test_there_and_back_through_json(prompt: Prompt) -> None:
    assert from_json(json.loads(json.dumps(to_json(prompt)))) == prompt
    assert hash(from_json(to_json(prompt))) == hash(prompt)
    assert PROMPT_KINDS[prompt.kind] is type(prompt)


def test_an_outlines_json_is_rings_of_objects() -> None:
    assert json.loads(json.dumps(to_json(OUTLINE))) == {
        "kind": "outline",
        "rings": [
            {"points": [[2, 2], [9, 2], [9, 7]], "pinned": [1], "hole": False},
            {"points": [[5, 3], [6, 3], [6, 4]], "pinned": [], "hole": True},
        ],
        "curve": "polygon",
    }


def test_what_may_be_left_out() -> None:
    assert from_json({"kind": "outline", "rings": [{"points": TRIANGLE}]}) == Outline((OutlineRing(TRIANGLE),))
    assert from_json({"kind": "vertex_drag", "index": 3, "x": 1, "y": 2}) == VertexDrag(3, 1, 2, ring=0, reach=3)
    assert from_json({"kind": "outline_form"}) == OutlineForm(40, "spline")


def test_numpys_numbers_are_numbers() -> None:
    ring = words.OutlineRing(tuple(np.array(TRIANGLE)), pinned=tuple(np.array([2, 0, 2])))
    assert ring == OutlineRing(TRIANGLE, pinned=(0, 2))
    assert VertexDrag(int(np.int64(3)), 1, 2) == words.VertexDrag(np.int64(3), 1, 2)
    click = words.Click(1, 2, positive=np.arange(3)[1] > 5)
    assert click == Click(1, 2, positive=False)
    assert json.dumps(to_json(click))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: words.OutlineRing(TRIANGLE[:2]), "2 control points; give 3 to 400"),
        (lambda: words.OutlineRing(TRIANGLE * 134), "402 control points; give 3 to 400"),
        (lambda: words.OutlineRing(((0, 0), (1, float("nan")), (2, 2))), "y of point 2"),
        (lambda: words.OutlineRing(TRIANGLE, pinned=(3,)), "pinned point's index is 3; give a whole number from 0 to 2"),
        (lambda: words.OutlineRing(TRIANGLE, hole="no"), "hole of the outline's ring is 'no'"),
        (lambda: words.Outline(()), "at least one that is no hole"),
        (lambda: words.Outline((words.OutlineRing(TRIANGLE, hole=True),)), "all of them holes"),
        (lambda: words.Outline((TRIANGLE,)), "ring 1 of the outline is .*; give an object with points"),
        (lambda: words.Outline(({"corners": TRIANGLE},)), "ring 1 of the outline"),
        (lambda: words.Outline(({"points": 5},)), "the outline's ring: 5 is no list of points"),
        (
            lambda: words.Outline((words.OutlineRing(TRIANGLE),), curve="bezier"),
            "curve is 'bezier'; give 'polygon' or 'spline'",
        ),
        (lambda: words.OutlineForm(5), "number of vertices is 5; give a whole number from 6 to 200"),
        (lambda: words.OutlineForm(201), "from 6 to 200"),
        (lambda: words.OutlineForm(40, curve=None), "curve is None"),
        (lambda: words.VertexDrag(-1, 0, 0), "vertex's index is -1"),
        (lambda: words.VertexDrag(True, 0, 0), "vertex's index is True"),
        (lambda: words.VertexDrag(1, float("inf"), 0), "x of the vertex"),
        (lambda: words.VertexDrag(1, 0, 0, ring=0.5), "vertex's ring is 0.5"),
        (lambda: words.VertexDrag(1, 0, 0, reach=101), "drag's reach is 101; give a whole number from 0 to 100"),
        (lambda: words.Part(5, 0, 4, 9), "part 5,0,4,9 is inside out"),
        (lambda: words.Part(0, 0, 4, 9, hole=1), "hole of the part is 1"),
        (lambda: words.from_json({"kind": "click", "x": 1, "y": 2, "positive": "false"}), "positive of the click is 'false'"),
        (lambda: words.Click(1, 2, positive=0), "positive of the click is 0; give true or false"),
        (lambda: words.from_json({"kind": "extreme_points", "points": None}), "extreme points: None is no list of points"),
        (lambda: words.Box(5, 0, 4, 9), "box 5,0,4,9 is inside out"),
        (lambda: words.from_json({"kind": "outline"}), "takes rings, curve; given: nothing"),
        (lambda: words.from_json({"kind": "outline", "rings": 5}), "'outline' takes rings, curve"),
    ],
)
def test_what_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(PromptError, match=said):
        make()
