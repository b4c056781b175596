from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.errors import ImageError, MissingExtraError, PromptError
from maskwright.methods.base import Method
from maskwright.methods.boxes import pixel_box
from maskwright.prompts import BoundaryPoint, Box, Click, ExtremePoints
from maskwright.vision.masks import iou

DISC_POINTS = ExtremePoints(((40, 60), (120, 60), (80, 20), (80, 100)))


@pytest.fixture(params=["grabcut", "random_walker"])
def method(request: pytest.FixtureRequest) -> Any:
    if request.param == "random_walker":
        pytest.importorskip("skimage", reason="needs the extra [bench]")
    return importlib.import_module(f"maskwright.methods.{request.param}").load("onnxruntime", None)


def test_a_plain_disc_is_cut_out_from_points_and_from_its_box(method: Method, disc_image: NDArray[np.uint8]) -> None:
    rows, columns = np.mgrid[:120, :160]
    disc = (columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2
    prepared = method.prepare(disc_image)
    for prompt in (DISC_POINTS, DISC_POINTS.box):
        prediction = method.predict([prompt], prepared)
        assert prediction.mask.dtype == bool
        assert iou(prediction.mask, disc) > 0.97
        assert 0 <= prediction.candidates[0].score <= 1
        assert type(prompt) in method.accepts


def test_the_mask_stays_in_the_box_and_does_not_change_from_run_to_run(method: Method, disc_image: NDArray[np.uint8]) -> None:
    prepared = method.prepare(disc_image)
    first, second = (method.predict([Box(41, 21, 119, 99)], prepared).mask for _ in range(2))
    assert np.array_equal(first, second)
    assert first.any()
    first[21:100, 41:120] = False
    assert not first.any()


def test_a_box_that_fills_the_image_still_has_a_background(method: Method, disc_image: NDArray[np.uint8]) -> None:
    cut = disc_image[15:106, 35:126]
    mask = method.predict([Box(0, 0, 90, 90)], method.prepare(cut)).mask
    rows, columns = np.mgrid[:91, :91]
    assert iou(mask, (columns - 45) ** 2 + (rows - 45) ** 2 <= 40**2) > 0.9
    assert not mask[0].any()


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 7), (3, 3)])
def test_tiny_images_give_a_mask_of_their_size(method: Method, size: tuple[int, int]) -> None:
    prepared = method.prepare(np.zeros((*size, 3), np.uint8))
    assert method.predict([Box(0, 0, size[1] - 1, size[0] - 1)], prepared).mask.shape == size


def test_a_boundary_point_outside_widens_the_box(method: Method, disc_image: NDArray[np.uint8]) -> None:
    prepared = method.prepare(disc_image)
    narrow = ExtremePoints(((50, 60), (120, 60), (80, 20), (80, 100)))
    kept = method.predict([narrow], prepared).mask
    widened = method.predict([narrow, BoundaryPoint(40, 60)], prepared).mask
    assert not kept[60, 45]
    assert widened[60, 45]


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([], "needs extreme_points or a box"),
        ([BoundaryPoint(3, 3)], "needs extreme_points or a box"),
        ([Box(0, 0, 5, 5), Click(1, 1)], "click"),
        ([Box(0, 0, 160, 5)], "outside the image of 160 x 120 px"),
        ([Box(-1, 0, 5, 5)], "outside the image"),
    ],
)
def test_bad_prompts_are_named(method: Method, disc_image: NDArray[np.uint8], prompts: Any, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        method.predict(prompts, method.prepare(disc_image))


def test_bad_images_are_named(method: Method) -> None:
    with pytest.raises(ImageError):
        method.prepare(np.zeros((4, 4), np.uint8))


def test_the_box_ends_with_the_image() -> None:
    assert pixel_box([Box(-0.5, 0, 9.5, 9.4)], 10, 10, "grabcut") == (0, 0, 9, 9)


def test_the_random_walker_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from maskwright.methods import random_walker

    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        random_walker.load()
