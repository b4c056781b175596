"""Latent Diversity: where it looks, what it encodes, what its answers keep to, what it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.engine.fake import FakeEngine
from maskwright.errors import ImageError, MaskError, PromptError
from maskwright.methods.latent_diversity import LatentDiversity
from maskwright.methods.latent_diversity_encoding import SIZE, crop_of, encode_prompts
from maskwright.prompts import Box, Click, Prompt
from maskwright.vision.crops import Crop

Arrays = Mapping[str, NDArray[np.float32]]


class Spy:
    """A fake graph: candidate i is everything right of the crop's (i + 1) / 8; the fourth has the best score."""

    def __init__(self) -> None:
        self.seen: list[Arrays] = []

    def open(self) -> FakeEngine:
        return FakeEngine(self.answer)

    def answer(self, arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        self.seen.append(arrays)
        columns = np.linspace(0, 1, SIZE // 2, dtype=np.float32)
        logits = np.stack([np.tile(20 * (columns - (i + 1) / 8), (SIZE // 2, 1)) for i in range(6)])
        return {"logits": logits[None], "scores": np.array([[0, 0.5, 0, 2, -1, 0]], np.float32)}


def image(height: int = 120, width: int = 160) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)


def test_candidates_come_best_first_and_equals_in_their_order() -> None:
    method = LatentDiversity(Spy().open)
    candidates = method.predict([Click(150, 60)], method.prepare(image())).candidates
    starts = [int(c.mask[10].argmax()) for c in candidates]
    assert starts == pytest.approx([80, 40, 20, 60, 120, 100], abs=2)
    scores = [c.score for c in candidates]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1 / (1 + np.exp(-2)))


@given(st.lists(st.tuples(st.integers(0, 159), st.integers(0, 119), st.booleans()), min_size=1, max_size=12))
def test_every_click_has_its_sign_in_every_candidate(points: list[tuple[int, int, bool]]) -> None:
    method = LatentDiversity(Spy().open)
    clicks = [Click(x, y, positive) for x, y, positive in points]
    mask = np.ones((120, 160), bool)
    last = {(x, y): positive for x, y, positive in points}
    for candidate in method.predict(clicks, method.prepare(image()), mask).candidates:
        for (x, y), positive in last.items():
            assert candidate.mask[y, x] == positive


def test_the_first_click_sees_the_whole_image_and_no_mask() -> None:
    spy = Spy()
    method = LatentDiversity(spy.open)
    method.predict([Click(40, 30)], method.prepare(image()))
    prompts = spy.seen[-1]["prompts"][0]
    assert prompts[0, SIZE * 30 // 120, SIZE * 40 // 160] == 1
    assert not prompts[1].any()
    assert not prompts[2].any()


def test_later_clicks_look_closer_and_see_the_mask() -> None:
    spy = Spy()
    method = LatentDiversity(spy.open)
    mask = np.zeros((120, 160), bool)
    mask[40:80, 60:100] = True
    prediction = method.predict([Click(70, 50), Click(95, 75, positive=False)], method.prepare(image()), mask)
    prompts = spy.seen[-1]["prompts"][0]
    assert 0.2 < prompts[2].mean() < 0.6
    assert prompts[0].any()
    assert prompts[1].any()
    assert not prediction.mask[:, :20].any()


def test_a_crop_holds_the_mask_and_the_positive_clicks_within_the_image() -> None:
    mask = np.zeros((300, 400), bool)
    mask[100:150, 100:150] = True
    crop = crop_of(mask, [Click(300, 120), Click(390, 290, positive=False)], 300, 400)
    assert (crop.x0, crop.y0) <= (100, 100)
    assert crop.x1 > 300
    assert crop.x1 < 390
    assert crop.y1 < 290
    whole = crop_of(np.ones((300, 400), bool), [], 300, 400)
    assert (whole.x0, whole.y0, whole.x1, whole.y1) == (0, 0, 400, 300)
    speck = np.zeros((300, 400), bool)
    speck[299, 399] = True
    near = crop_of(speck, [], 300, 400)
    assert near.width >= 80
    assert near.height >= 60
    assert crop_of(np.zeros((300, 400), bool), [], 300, 400) == whole


def test_clicks_are_disks_whose_size_goes_with_the_crop() -> None:
    for size in (128, 384):
        prompts = encode_prompts([Click(size / 2, size / 2)], None, Crop(0, 0, size, size, size))
        assert prompts.dtype == np.float32
        assert prompts[0].sum() == pytest.approx(np.pi * (0.015 * size) ** 2, rel=0.5)


def test_going_on_from_a_mask_needs_no_positive_click() -> None:
    method = LatentDiversity(Spy().open)
    mask = np.ones((120, 160), bool)
    assert not method.predict([Click(3, 4, positive=False)], method.prepare(image()), mask).mask[4, 3]


def test_a_mask_to_go_on_from_may_hold_0_and_255_but_must_be_of_the_images_size() -> None:
    spy = Spy()
    method = LatentDiversity(spy.open)
    prepared = method.prepare(image())
    mask = np.zeros((120, 160), np.uint8)
    mask[20:60, 20:90] = 255
    for start in (mask, mask > 0):
        method.predict([Click(30, 30)], prepared, start)  # type: ignore[arg-type]
    assert spy.seen[0]["prompts"][0, 2].max() == 1
    np.testing.assert_array_equal(spy.seen[0]["prompts"], spy.seen[1]["prompts"])
    with pytest.raises(MaskError, match="the mask is 80 x 60 px, the image 160 x 120 px"):
        method.predict([Click(30, 30)], prepared, np.ones((60, 80), bool))


def test_an_image_of_one_pixel() -> None:
    method = LatentDiversity(Spy().open)
    assert method.predict([Click(0, 0)], method.prepare(image(1, 1))).mask.tolist() == [[True]]


def test_a_thousand_clicks() -> None:
    method = LatentDiversity(Spy().open)
    rng = np.random.default_rng(0)
    clicks = [Click(int(rng.integers(119)), int(rng.integers(119)), bool(rng.integers(2))) for _ in range(1000)]
    mask = method.predict([Click(5, 5), *clicks], method.prepare(image())).mask
    last = {(int(click.x), int(click.y)): click.positive for click in clicks}
    assert len(set(last.values())) == 2
    assert all(mask[row, column] == positive for (column, row), positive in last.items())


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "click on the object"),
        ([Click(3, 4, positive=False)], "negative"),
        ([Click(200, 4)], "outside the image"),
        ([Box(1, 1, 5, 5)], "box"),
    ],
)
def test_prompts_that_make_no_sense_are_refused(prompts: list[Prompt], message: str) -> None:
    method = LatentDiversity(Spy().open)
    with pytest.raises(PromptError, match=message):
        method.predict(prompts, method.prepare(image()))


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError):
        LatentDiversity(Spy().open).prepare(np.zeros((4, 4), np.uint8))
