"""The words that paint: what they hold, what they refuse, their JSON form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright import prompts
from maskwright.errors import PromptError
from maskwright.prompts import PROMPT_KINDS, Fill, Paint, Prompt, Region, Stroke, from_json, to_json

words: Any = prompts
"""Unchecked, for what the types refuse already."""

LINE = ((2, 2), (9, 2), (9, 7))

points = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
classes = st.integers(0, 254)
paints = st.one_of(
    st.builds(Stroke, st.lists(points, min_size=1, max_size=5).map(tuple), classes, st.floats(0.5, 500), freeze=st.booleans()),
    st.builds(Fill, st.lists(points, min_size=3, max_size=5).map(tuple), classes, st.booleans()),
    st.builds(Region, st.tuples(st.integers(1, 9000), st.integers(1, 9000)), st.text(), classes, st.booleans()),
)


@given(paint=paints)
def test_there_and_back_through_json(paint: Paint) -> None:
    again = from_json(json.loads(json.dumps(to_json(paint))))
    assert again == paint
    assert hash(again) == hash(paint)


def test_the_kinds_of_paint() -> None:
    assert {PROMPT_KINDS[kind] for kind in ("stroke", "fill", "region")} == set(get_args(Paint))


def test_a_strokes_json() -> None:
    assert to_json(Stroke(((1, 2), (3, 4.5)), class_id=7, radius=2, freeze=True)) == {
        "kind": "stroke",
        "points": ((1.0, 2.0), (3.0, 4.5)),
        "class_id": 7,
        "radius": 2.0,
        "freeze": True,
    }


@pytest.mark.parametrize(
    ("value", "paint"),
    [
        ({"kind": "stroke", "points": [[1, 2]], "class_id": 0}, Stroke(((1, 2),), 0, radius=0.5, freeze=False)),
        ({"kind": "fill", "points": [list(p) for p in LINE], "class_id": 254}, Fill(LINE, 254, freeze=False)),
        ({"kind": "region", "size": [2, 3], "counts": "132", "class_id": 1}, Region((2, 3), "132", 1, freeze=False)),
    ],
)
def test_what_may_be_left_out(value: dict[str, Any], paint: Prompt) -> None:
    assert from_json(value) == paint


def test_numpys_numbers_are_numbers() -> None:
    assert words.Stroke(np.array(LINE), np.uint8(3), np.float32(2)) == Stroke(LINE, 3, 2)
    assert words.Region(tuple(np.array([2, 3])), "132", np.int64(1)) == Region((2, 3), "132", 1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: words.Stroke((), 1), "the stroke has 0 points; give 1 to 100000"),
        (lambda: words.Stroke(((0, 0),) * 100_001, 1), "the stroke has 100001 points"),
        (lambda: words.Stroke(((0, float("nan")),), 1), "stroke: y of point 1 is nan"),
        (lambda: words.Stroke(((0, 0, 0),), 1), "stroke: point 1 is"),
        (lambda: words.Stroke(LINE, 255), "class_id of the stroke is 255; give a whole number from 0 to 254"),
        (lambda: words.Stroke(LINE, -1), "class_id of the stroke is -1"),
        (lambda: words.Stroke(LINE, 1.0), "class_id of the stroke is 1.0"),
        (lambda: words.Stroke(LINE, True), "class_id of the stroke is True"),
        (lambda: words.Stroke(LINE, "sky"), "class_id of the stroke is 'sky'"),
        (lambda: words.Stroke(LINE, 1, 0.4), "radius of the stroke is 0.4 px; give 0.5 .one pixel wide. to 1,000,000"),
        (lambda: words.Stroke(LINE, 1, float("inf")), "radius of the stroke is inf"),
        (lambda: words.Stroke(LINE, 1, 1e200), r"radius of the stroke is 1e\+200 px; give 0.5 \(one pixel wide\) to 1,000,000"),
        (lambda: words.Stroke(LINE, 1, freeze=1), "freeze of the stroke is 1; give true or false"),
        (lambda: words.Fill(LINE[:2], 1), "the filled polygon has 2 points; give 3 to 100000"),
        (lambda: words.Fill(LINE, 300), "class_id of the filled polygon is 300"),
        (lambda: words.Fill(LINE, 1, freeze="no"), "freeze of the filled polygon is 'no'"),
        (lambda: words.Region((2,), "132", 1), r"size of the region is \(2,\); give height and width"),
        (lambda: words.Region("23", "132", 1), "size of the region is '23'"),
        (lambda: words.Region((0, 3), "132", 1), "size of the region is 0; give a whole number from 1"),
        (lambda: words.Region((2, 2.5), "132", 1), "size of the region is 2.5"),
        (lambda: words.Region((2, 3), [1, 3, 2], 1), r"counts of the region is \[1, 3, 2\]; give COCO's compressed"),
        (lambda: words.Region((2, 3), "132", None), "class_id of the region is None"),
        (lambda: words.Region((2, 3), "132", 1, None), "freeze of the region is None"),
        (lambda: from_json({"kind": "stroke"}), "takes points, class_id, radius, freeze; given: nothing"),
        (lambda: from_json({"kind": "fill", "points": 5, "class_id": 1}), "filled polygon: 5 is no list of points"),
        (
            lambda: from_json({"kind": "paint", "points": LINE}),
            "prompt kind 'paint' is not known; known: .*stroke, fill, region",
        ),
    ],
)
def test_what_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(PromptError, match=said):
        make()
