"""Clicks as maps, against the definition taken literally."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.errors import PromptError
from maskwright.prompts import Click
from maskwright.vision.click_maps import click_maps

HEIGHT, WIDTH = 7, 11

clicks_on_the_image = st.lists(
    st.builds(Click, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.booleans()), max_size=6
)


@given(clicks_on_the_image)
def test_maps_are_the_definition(clicks: list[Click]) -> None:
    maps = click_maps(clicks, HEIGHT, WIDTH)
    assert maps.dtype == np.float32
    assert maps.shape == (4, HEIGHT, WIDTH)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    for channel, sign in ((0, True), (1, False)):
        own = [c for c in clicks if c.positive is sign]
        nearest = np.minimum.reduce([np.hypot(columns - c.x, rows - c.y) for c in own], initial=255)
        np.testing.assert_allclose(maps[channel], np.full((HEIGHT, WIDTH), nearest) / 255, atol=1e-6)
        np.testing.assert_array_equal(maps[2 + channel] == 0, maps[channel] == 0)
        assert set(np.unique(maps[2 + channel])) <= {0, 1}
        assert {(int(x), int(y)) for y, x in np.argwhere(maps[2 + channel] == 0)} == {(c.x, c.y) for c in own}


@given(clicks_on_the_image)
def test_clicks_are_a_set(clicks: list[Click]) -> None:
    # Not to the last bit: OpenCV's transform of one mask differs by it from call to call.
    np.testing.assert_allclose(click_maps([*clicks[::-1], *clicks], 7, 11), click_maps(clicks, 7, 11), rtol=1e-6)


def test_far_is_far() -> None:
    maps = click_maps([Click(0, 0)], 1, 600)
    assert maps[0, 0, 254] < 1
    assert (maps[0, 0, 255:] == 1).all()


def test_one_pixel_may_be_clicked_both_ways() -> None:
    maps = click_maps([Click(2, 1), Click(1.6, 1.4, positive=False)], 3, 4)
    assert not maps[:, 1, 2].any()


def test_clicks_outside_are_refused() -> None:
    with pytest.raises(PromptError, match="point 4,1 lies outside the image"):
        click_maps([Click(2, 1), Click(4, 1, positive=False)], 3, 4)
