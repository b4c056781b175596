"""The brush: what is painted, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from maskwright.errors import ImageError, PromptError
from maskwright.methods.brush import load
from maskwright.prompts import Click, Fill, Paint, Prompt, Stroke
from maskwright.vision.painting import painted

PAINT: list[Paint] = [
    Stroke(((2, 3), (20, 9)), class_id=4, radius=3),
    Fill(((5, 5), (30, 5), (30, 20)), class_id=250, freeze=True),
    Stroke(((8, 8),), class_id=0, radius=2),
]


def test_the_answer_is_the_paint() -> None:
    brush = load()
    (candidate,) = brush.predict(PAINT, brush.prepare(np.zeros((24, 40, 3), np.uint8))).candidates
    assert candidate.class_map is not None
    assert np.array_equal(candidate.class_map, painted(PAINT, 24, 40))
    assert np.array_equal(candidate.mask, candidate.class_map > 0)
    assert set(np.unique(candidate.class_map)) == {0, 4, 250}
    assert candidate.score == 1


def test_paint_that_is_all_erased_leaves_an_empty_map() -> None:
    brush = load()
    prepared = brush.prepare(np.zeros((24, 40, 3), np.uint8))
    (candidate,) = brush.predict([Stroke(((5, 5),), class_id=0)], prepared).candidates
    assert candidate.class_map is not None
    assert not candidate.class_map.any()


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "nothing is painted"),
        ([Click(3, 3)], "also given: click"),
        ([*PAINT, Stroke(((300, 300),), class_id=1)], "outside the image"),
    ],
)
def test_what_makes_no_sense_is_refused(prompts: list[Prompt], message: str) -> None:
    brush = load()
    with pytest.raises(PromptError, match=message):
        brush.predict(prompts, brush.prepare(np.zeros((24, 40, 3), np.uint8)))


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError):
        load().prepare(np.zeros((4, 4), np.uint8))
