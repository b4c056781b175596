"""DEXTR: what it encodes, what it refuses, what its shipped weights do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.engine.fake import FakeEngine
from maskwright.errors import ImageError, PromptError
from maskwright.methods import load_method
from maskwright.methods.dextr import Dextr
from maskwright.methods.dextr_encoding import SIZE, crop_of, encode_prompts
from maskwright.methods.encoding import encode_image
from maskwright.prompts import BoundaryPoint, Box, Click, ExtremePoints, Prompt
from maskwright.vision.masks import iou

Arrays = Mapping[str, NDArray[np.float32]]
DISC = ExtremePoints(((40, 60), (120, 60), (80, 20), (80, 100)))


def disc_mask(height: int = 120, width: int = 160) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2)


def fake_that_returns_the_box() -> FakeEngine:
    def function(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        return {"logits": arrays["prompts"][:, 1:] * 20 - 10}

    return FakeEngine(function)


def test_the_networks_answer_comes_back_to_the_images_pixels(disc_image: NDArray[np.uint8]) -> None:
    method = Dextr(fake_that_returns_the_box)
    mask = method.predict([DISC], method.prepare(disc_image)).mask
    expected = np.zeros((120, 160), bool)
    expected[20:101, 40:121] = True
    assert iou(mask, expected) > 0.97


def test_the_order_of_the_points_does_not_matter(disc_image: NDArray[np.uint8]) -> None:
    crop = crop_of(DISC.points)
    turned = DISC.points[::-1]
    assert crop_of(turned) == crop
    assert (encode_prompts(turned, crop) == encode_prompts(DISC.points, crop)).all()


def test_the_encoding_is_what_the_network_expects(disc_image: NDArray[np.uint8]) -> None:
    crop = crop_of(DISC.points)
    rgb, prompts = encode_image(disc_image, crop), encode_prompts(DISC.points, crop)
    assert rgb.shape == (3, SIZE, SIZE)
    assert rgb.dtype == prompts.dtype == np.float32
    assert -1 <= rgb.min() < rgb.max() <= 1
    assert prompts.shape == (2, SIZE, SIZE)
    for point in DISC.points:
        x, y = crop.to_crop(point)
        assert prompts[0, round(y), round(x)] > 0.95
    assert set(np.unique(prompts[1])) == {0.0, 1.0}


def test_a_boundary_point_is_one_more_dot_without_a_sign(disc_image: NDArray[np.uint8]) -> None:
    engine = fake_that_returns_the_box()
    method = Dextr(lambda: engine)
    prepared = method.prepare(disc_image)
    method.predict([DISC], prepared)
    method.predict([DISC, BoundaryPoint(108, 32)], prepared)
    before, after = (call["prompts"][0, 0] for call in engine.calls)
    x, y = crop_of(DISC.points).to_crop((108, 32))
    assert before[round(y), round(x)] < 0.01
    assert after[round(y), round(x)] > 0.95
    assert (after >= before).all()


def test_boundary_points_keep_their_place_when_an_extreme_point_is_dragged(disc_image: NDArray[np.uint8]) -> None:
    """The crop follows the extreme points; a boundary point stays where it was put on the image."""
    engine = fake_that_returns_the_box()
    method = Dextr(lambda: engine)
    dragged = ExtremePoints(((20, 60), *DISC.points[1:]))
    method.predict([dragged, BoundaryPoint(108, 32)], method.prepare(disc_image))
    x, y = crop_of(dragged.points).to_crop((108, 32))
    assert engine.calls[0]["prompts"][0, 0, round(y), round(x)] > 0.95


def test_the_graph_is_opened_once_and_only_when_needed(disc_image: NDArray[np.uint8]) -> None:
    opened: list[int] = []

    def open_engine() -> FakeEngine:
        opened.append(1)
        return fake_that_returns_the_box()

    method = Dextr(open_engine)
    prepared = method.prepare(disc_image)
    assert not opened
    for _ in range(3):
        method.predict([DISC], prepared)
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "needs one set of four extreme points; 0 given"),
        ([DISC, DISC], "2 given"),
        ([DISC, Click(3, 4)], "also given: click"),
        ([Box(0, 0, 10, 10)], "0 given"),
        ([ExtremePoints(((40, 60), (160, 60), (80, 20), (80, 100)))], r"\(160, 60\) lies outside the image of 160 x 120 px"),
        ([DISC, BoundaryPoint(3, -1)], r"\(3, -1\) lies outside"),
    ],
)
def test_prompts_that_do_not_fit_are_refused(disc_image: NDArray[np.uint8], prompts: list[Prompt], message: str) -> None:
    method = Dextr(fake_that_returns_the_box)
    with pytest.raises(PromptError, match=message):
        method.predict(prompts, method.prepare(disc_image))


def test_an_array_that_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="uint8"):
        load_method("dextr").prepare(np.zeros((4, 4), np.uint8))


def test_the_shipped_weights_cut_out_a_disc(disc_image: NDArray[np.uint8]) -> None:
    method = load_method("dextr")
    prediction = method.predict([DISC], method.prepare(disc_image))
    assert iou(prediction.mask, disc_mask()) > 0.93
    assert 0.5 < prediction.candidates[0].score <= 1


@pytest.mark.parametrize("shape", [(2, 2), (3, 500), (500, 3)])
def test_images_of_extreme_shape_are_served(shape: tuple[int, int]) -> None:
    height, width = shape
    method = load_method("dextr")
    ends = ExtremePoints(((0, 0), (width - 1, 0), (0, 0), (0, height - 1)))
    assert method.predict([ends], method.prepare(np.zeros((*shape, 3), np.uint8))).mask.shape == shape
