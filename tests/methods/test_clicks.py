from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from maskwright.errors import PromptError
from maskwright.methods.clicks import checked_clicks, with_clicks
from maskwright.prompts import Box, Click

HEIGHT, WIDTH = 5, 7
clicks_on_image = st.lists(
    st.builds(Click, st.floats(-0.5, WIDTH - 0.5), st.floats(-0.5, HEIGHT - 0.5), st.booleans()), min_size=1, max_size=12
)


@given(arrays(bool, (HEIGHT, WIDTH)), clicks_on_image)
def test_only_the_clicked_pixels_change_and_the_last_click_on_each_counts(mask: NDArray[np.bool_], clicks: list[Click]) -> None:
    before = mask.copy()
    result = with_clicks(mask, clicks)
    assert np.array_equal(mask, before)
    pixels = [(min(int(c.y + 0.5), HEIGHT - 1), min(int(c.x + 0.5), WIDTH - 1)) for c in clicks]
    for pixel, click in zip(pixels, clicks, strict=True):
        before[pixel] = click.positive
    assert np.array_equal(result, before)


@given(clicks_on_image)
def test_clicks_come_back_in_their_order(clicks: list[Click]) -> None:
    assert checked_clicks(clicks, HEIGHT, WIDTH, np.zeros((HEIGHT, WIDTH), bool)) == clicks


def test_a_negative_first_click_needs_a_mask_to_take_away_from() -> None:
    clicks = [Click(1, 1, positive=False), Click(2, 2)]
    assert checked_clicks(clicks, HEIGHT, WIDTH, np.zeros((HEIGHT, WIDTH), bool)) == clicks
    with pytest.raises(PromptError, match=r"first click is negative.*click on the object first"):
        checked_clicks(clicks, HEIGHT, WIDTH, None)


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([], "no click is given"),
        ([Box(0, 0, 2, 2)], "clicks alone are expected; also given: box"),
        ([Click(1, 1), Box(0, 0, 2, 2)], "clicks alone are expected; also given: box"),
        ([Click(1, 1), Click(7, 1)], r"point \(7, 1\) lies outside the image of 7 x 5 px"),
        ([Click(1, -0.6)], "outside the image"),
    ],
)
def test_bad_clicks_are_named(prompts: Any, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        checked_clicks(prompts, HEIGHT, WIDTH, np.ones((HEIGHT, WIDTH), bool))
