"""`maskwright.Predictor` answers as `SamPredictor` does, and says what is wrong with its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes import RADII, FakeClicks

from maskwright import ImageError, MaskwrightError, Predictor, PromptError
from maskwright.methods.base import Mask, Prediction, PreparedImage
from maskwright.prompts import Click, Prompt
from maskwright.vision.low_resolution import to_logits
from maskwright.vision.masks import iou

HEIGHT, WIDTH = 120, 160
POINT, ON = np.array([[80, 60]]), np.array([1])


class Recorder(FakeClicks):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.clicks: list[Click] = []
        self.mask: Mask | None = None
        self.image: NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        self.clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
        self.mask, self.image = mask, prepared.image
        return super().predict(prompts, prepared, mask)


@pytest.fixture
def method() -> Recorder:
    return Recorder()


@pytest.fixture
def predictor(method: Recorder, disc_image: NDArray[np.uint8]) -> Predictor:
    predictor = Predictor(method)
    predictor.set_image(disc_image)
    return predictor


def disk(x: int, y: int, radius: int) -> Mask:
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def box_of(x0: int, y0: int, x1: int, y1: int) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y0 : y1 + 1, x0 : x1 + 1] = True
    return mask


@pytest.mark.parametrize(
    ("given", "said"), [({"box": [50, 30, 110, 90]}, "box"), ({"mask_input": box_of(9, 9, 99, 99)}, "mask_input")]
)
def test_what_the_method_would_ignore_is_refused(disc_image: NDArray[np.uint8], given: dict[str, Any], said: str) -> None:
    predictor = Predictor("graph-cut")
    predictor.set_image(disc_image)
    with pytest.raises(PromptError, match=f"graph-cut does not go on from a mask, and {said} would be one; give points alone"):
        predictor.predict(POINT, ON, **given)
    masks, _, _ = predictor.predict(np.array([[5, 5], [80, 60]]), np.array([0, 1]))
    assert masks[0, 60, 80]
    assert not masks[0, 5, 5]


def test_one_point(predictor: Predictor) -> None:
    masks, scores, logits = predictor.predict(POINT, ON)
    assert (masks.shape, scores.shape, logits.shape) == ((6, HEIGHT, WIDTH), (6,), (6, 256, 256))
    assert [array.dtype.name for array in (masks, scores, logits)] == ["bool", "float32", "float32"]
    for mask, radius, low in zip(masks, RADII, logits, strict=True):
        assert (mask == disk(80, 60, radius)).all()
        assert (low == to_logits(mask)).all()
    assert scores == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])


def test_one_mask_alone(predictor: Predictor) -> None:
    many = predictor.predict(POINT, ON)
    one = predictor.predict(POINT, ON, multimask_output=False)
    for few, all_of_them in zip(one, many, strict=True):
        assert len(few) == 1
        assert (few[0] == all_of_them[0]).all()


def test_lists_do_as_well_as_arrays(predictor: Predictor, method: Recorder) -> None:
    predictor.predict([[80.0, 60.0], [5.5, 7.0]], [1, 0])
    assert method.clicks == [Click(80, 60), Click(5.5, 7, positive=False)]
    predictor.predict(np.array([[80, 60], [5.5, 7]], np.float32), np.array([True, False]))
    assert method.clicks == [Click(80, 60), Click(5.5, 7, positive=False)]


def test_logits_are_gone_on_from(predictor: Predictor, method: Recorder) -> None:
    masks, _, logits = predictor.predict(POINT, ON)
    predictor.predict([[80, 60], [100, 60]], [1, 0], mask_input=logits[5:6])
    assert method.mask is not None
    assert iou(method.mask, masks[5]) > 0.98


def test_a_full_mask_is_gone_on_from_to_the_pixel(predictor: Predictor, method: Recorder) -> None:
    before = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.5
    predictor.predict([[80, 60]], [0], mask_input=before)  # no positive point is needed: there is a mask
    assert method.mask is not None
    assert (method.mask == before).all()
    assert method.clicks == [Click(80, 60, positive=False)]


def test_a_box_is_a_mask_and_a_click(predictor: Predictor, method: Recorder) -> None:
    for box in (np.array([20, 30, 61, 70]), np.array([[20, 30, 61, 70]]), [19.6, 29.8, 61.4, 70.2]):
        predictor.predict(box=box)
        assert method.mask is not None
        assert (method.mask == box_of(20, 30, 61, 70)).all()
        assert method.clicks == [Click(40.5, 50)]


def test_a_box_with_points(predictor: Predictor, method: Recorder) -> None:
    masks, _, _ = predictor.predict([[25, 35]], [0], box=[20, 30, 60, 70])
    assert method.clicks == [Click(25, 35, positive=False)]
    assert not masks[:, 35, 25].any()


def test_a_box_cuts_the_mask_so_far(predictor: Predictor, method: Recorder) -> None:
    predictor.predict(box=[20, 30, 60, 70], mask_input=disk(60, 60, 20))
    assert method.mask is not None
    assert (method.mask == (disk(60, 60, 20) & box_of(20, 30, 60, 70))).all()


def test_a_box_is_cut_to_the_image(predictor: Predictor, method: Recorder) -> None:
    predictor.predict(box=[-9, 100, WIDTH + 5, HEIGHT])
    assert method.mask is not None
    assert (method.mask == box_of(0, 100, WIDTH - 1, HEIGHT - 1)).all()
    assert method.clicks == [Click(79.5, 109.5)]


def test_of_several_points_on_one_pixel_the_last_counts(predictor: Predictor, method: Recorder) -> None:
    masks, _, _ = predictor.predict([[80.0, 60.0], [90.0, 60.0], [90.3, 59.8], [80.0, 60.0], [80.0, 60.0]], [1, 1, 0, 0, 1])
    assert method.clicks == [Click(80, 60), Click(90.3, 59.8, positive=False)]
    assert masks[:, 60, 80].all()
    assert not masks[:, 60, 90].any()


def test_without_a_mask_positive_points_come_first(predictor: Predictor, method: Recorder) -> None:
    predictor.predict([[10, 10], [80, 60], [20, 20], [90, 60]], [0, 1, 0, 1])
    assert [(click.x, click.positive) for click in method.clicks] == [(80, True), (90, True), (10, False), (20, False)]
    predictor.predict([[10, 10], [80, 60]], [0, 1], mask_input=disk(80, 60, 30))
    assert [click.x for click in method.clicks] == [10, 80]


def test_thousands_of_points(predictor: Predictor) -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(0, (WIDTH - 1, HEIGHT - 1), (5000, 2))
    labels = rng.integers(0, 2, 5000)
    masks, _, _ = predictor.predict(points, labels, mask_input=disk(80, 60, 30))
    wanted = {(int(x + 0.5), int(y + 0.5)): bool(label) for (x, y), label in zip(points, labels, strict=True)}
    columns, rows = np.array(list(wanted)).T
    assert (masks[:, rows, columns] == list(wanted.values())).all()


def test_an_image_is_copied_and_its_channels_put_in_order(method: Recorder, disc_image: NDArray[np.uint8]) -> None:
    given = disc_image.copy()
    predictor = Predictor(method)
    for order, expected in (("RGB", disc_image), ("BGR", disc_image[..., ::-1])):
        given[:] = disc_image
        predictor.set_image(given, order)
        given[:] = 0
        predictor.predict(POINT, ON)
        assert (method.image == expected).all()
        assert method.image.flags.c_contiguous


def test_an_image_must_be_set_first(predictor: Predictor, disc_image: NDArray[np.uint8]) -> None:
    with pytest.raises(ImageError, match="call set_image"):
        Predictor(FakeClicks()).predict(POINT, ON)
    predictor.reset_image()
    with pytest.raises(ImageError, match="call set_image"):
        predictor.predict(POINT, ON)
    predictor.set_image(disc_image)
    with pytest.raises(ImageError, match="uint8"):
        predictor.set_image(disc_image.astype(np.float32))
    with pytest.raises(ImageError, match="no image is set"):  # the one before is not shown under a new one's name
        predictor.predict(POINT, ON)
    with pytest.raises(ImageError, match="'RGB' or 'BGR'"):
        predictor.set_image(disc_image, "HSV")


def test_a_method_must_take_clicks() -> None:
    with pytest.raises(PromptError, match=r"dextr takes no clicks, only boundary_point, extreme_points"):
        Predictor("dextr")
    with pytest.raises(MaskwrightError, match="'magic' is not known"):
        Predictor("magic")


NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "nothing says where the object is"),
        ({"point_coords": np.zeros((0, 2)), "point_labels": []}, "nothing says where the object is"),
        ({"mask_input": disk(80, 60, 9)}, "nothing says where the object is"),
        ({"point_coords": POINT}, "point_coords is given without point_labels"),
        ({"point_labels": ON}, "point_labels is given without point_coords"),
        ({"point_coords": [80, 60], "point_labels": ON}, r"point_coords has shape \(2,\); give \(N, 2\)"),
        ({"point_coords": [[80, 60, 1]], "point_labels": ON}, r"point_coords has shape \(1, 3\); give \(N, 2\)"),
        ({"point_coords": POINT[None], "point_labels": ON}, r"point_coords has shape \(1, 1, 2\)"),
        ({"point_coords": [[80, 60], [1]], "point_labels": ON}, "point_coords is no array of numbers"),
        ({"point_coords": [["80", "60"]], "point_labels": ON}, "point_coords is <U2"),
        ({"point_coords": [[80, None]], "point_labels": ON}, "point_coords is object"),
        ({"point_coords": [[80, NAN]], "point_labels": ON}, "point_coords holds NaN or infinity"),
        ({"point_coords": POINT, "point_labels": [1, 0]}, r"point_labels has shape \(2,\); give \(1,\)"),
        ({"point_coords": POINT, "point_labels": 1}, r"point_labels has shape \(\); give \(1,\)"),
        ({"point_coords": POINT, "point_labels": [2]}, "point_labels holds other values than 1"),
        ({"point_coords": POINT, "point_labels": [-1]}, "point_labels holds other values than 1"),
        ({"point_coords": POINT, "point_labels": [NAN]}, "point_labels holds NaN"),
        ({"point_coords": POINT, "point_labels": [0]}, "the first click is negative"),
        ({"point_coords": [[160, 60]], "point_labels": ON}, "outside the image of 160 x 120 px"),
        ({"point_coords": [[80, -1e300]], "point_labels": ON}, "outside the image of 160 x 120 px"),
        ({"box": [1, 2, 3]}, r"box has shape \(3,\); give \(4,\)"),
        ({"box": np.zeros((2, 4))}, r"box has shape \(2, 4\); give \(4,\)"),
        ({"box": [1, 2, NAN, 4]}, "box holds NaN"),
        ({"box": [50, 20, 10, 40]}, "box 50,20,10,40 is inside out"),
        ({"box": [160, 20, 170, 40]}, "box lies outside the image of 160 x 120 px"),
        ({"box": [-9, -9, -1, -1]}, "box lies outside the image"),
    ],
)
def test_what_is_wrong_is_named(predictor: Predictor, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(PromptError, match=message):
        predictor.predict(**arguments)


@pytest.mark.parametrize(
    ("mask_input", "message"),
    [
        (np.zeros((6, 256, 256), np.float32), r"float32 of shape \(6, 256, 256\); give logits of shape \(1, 256, 256\)"),
        (np.zeros((256, 256), np.float32), r"float32 of shape \(256, 256\); give logits of shape \(1, 256, 256\)"),
        (np.zeros((1, 256, 256), bool), r"bool of shape \(1, 256, 256\)"),
        (np.zeros((WIDTH, HEIGHT), bool), r"bool of shape \(160, 120\).*a bool mask of the image's shape \(120, 160\)"),
        (np.zeros((HEIGHT, WIDTH), np.uint8), r"uint8 of shape \(120, 160\)"),
        (np.full((1, 256, 256), NAN), "mask_input holds NaN or infinity"),
        (np.full((1, 256, 256), np.inf), "mask_input holds NaN or infinity"),
        ("mask", "mask_input is <U4"),
        ([[1], [1, 2]], "mask_input is no array"),
    ],
)
def test_what_is_no_mask_is_named(predictor: Predictor, mask_input: Any, message: str) -> None:
    with pytest.raises(PromptError, match=message):
        predictor.predict(POINT, ON, mask_input=mask_input)
