"""The classical methods that spread paint."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import ImageError, MissingExtraError, PromptError
from maskwright.methods import METHODS, load_method
from maskwright.methods.base import Candidate, Method, PreparedImage
from maskwright.methods.class_seeds import PAINT, shrunk, spread
from maskwright.prompts import Click, Fill, Prompt, Stroke
from maskwright.vision.painting import ClassMap, painted

pytest.importorskip("skimage", reason="needs the extra [bench]")

NAMES = ("nearest-colour", "random-walker", "watershed")


@pytest.fixture(params=NAMES)
def method(request: pytest.FixtureRequest) -> Any:
    return load_method(request.param)


def answer(method: Method, prompts: list[Any], image: NDArray[np.uint8]) -> Candidate:
    (candidate,) = method.predict(prompts, method.prepare(image)).candidates
    return candidate


def class_map(candidate: Candidate) -> ClassMap:
    assert candidate.class_map is not None
    assert candidate.class_map.dtype == np.uint8
    assert np.array_equal(candidate.mask, candidate.class_map > 0)
    return candidate.class_map


def test_two_colours_and_a_stroke_each(method: Method, disc_image: NDArray[np.uint8]) -> None:
    rows, columns = np.mgrid[:120, :160]
    truth = np.where((columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2, 5, 9)
    paint = [Stroke(((60, 60), (100, 60)), 5, radius=4), Stroke(((10, 10), (150, 10), (150, 110)), 9, radius=4)]
    candidate = answer(method, paint, disc_image)
    assert (class_map(candidate) == truth).mean() > 0.99
    assert 0 < candidate.score <= 1


def test_many_classes(method: Method) -> None:
    grid = np.arange(1, 13, dtype=np.uint8).reshape(3, 4) * 20
    truth = np.kron(grid, np.ones((30, 30), np.uint8))
    colours = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)
    paint = [
        Stroke(((30 * c + 8, 30 * r + 15), (30 * c + 22, 30 * r + 15)), int(grid[r, c]), radius=3)
        for r in range(3)
        for c in range(4)
    ]
    assert (class_map(answer(method, paint, colours[truth])) == truth).mean() > 0.98


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    flat=st.booleans(),
    paint=st.lists(
        st.builds(
            Stroke,
            st.lists(st.tuples(st.integers(0, 23), st.integers(0, 15)), min_size=1, max_size=3).map(tuple),
            st.integers(0, 254),
            st.floats(0.5, 5),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_paint_stays_every_pixel_gets_a_class_and_the_answer_is_the_same_each_time(
    name: str, seed: int, flat: bool, paint: list[Stroke]
) -> None:
    method = load_method(name)
    image = np.random.default_rng(seed).integers(0, 1 if flat else 256, (16, 24, 3), np.uint8)
    candidate = answer(method, paint, image)
    classes, by_hand = class_map(candidate), painted(paint, 16, 24)
    assert (classes == by_hand)[by_hand > 0].all()
    assert 0 <= candidate.score <= 1
    assert set(np.unique(classes)) == (set(np.unique(by_hand)) - {0} or {0})
    assert np.array_equal(classes, class_map(answer(method, paint, image)))


def test_one_class_alone_takes_everything(method: Method, disc_image: NDArray[np.uint8]) -> None:
    assert (class_map(answer(method, [Stroke(((80, 60),), 3, radius=2)], disc_image)) == 3).all()


def test_paint_that_is_erased_leaves_nothing(method: Method, disc_image: NDArray[np.uint8]) -> None:
    stroke = ((40, 60), (90, 60))
    candidate = answer(method, [Stroke(stroke, 3, 2), Stroke(stroke, 0, 2)], disc_image)
    assert not class_map(candidate).any()
    assert candidate.score == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 2), (1, 7), (3, 3)])
def test_tiny_images(method: Method, size: tuple[int, int]) -> None:
    image = np.zeros((*size, 3), np.uint8)
    paint = [Stroke(((0, 0),), 1), Stroke(((size[1] - 1, size[0] - 1),), 2)]
    classes = class_map(answer(method, paint, image))
    assert classes.shape == size
    assert classes[-1, -1] == 2
    assert (classes > 0).all()


def test_large_images_are_worked_on_as_smaller_copies(
    method: Method, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(METHODS[method.name].module)
    inner = {"nearest-colour": "nearest", "random-walker": "_probabilities", "watershed": "flooded"}[method.name]
    original = getattr(module, inner)
    seen: list[int] = []

    def watched(image: NDArray[np.uint8], *rest: Any) -> Any:
        seen.append(image.shape[0] * image.shape[1])
        return original(image, *rest)

    monkeypatch.setattr(module, inner, watched)
    monkeypatch.setattr(module, "LARGEST", 20_000)
    large = np.asarray(cv2.resize(disc_image, (640, 480), interpolation=cv2.INTER_NEAREST), np.uint8)
    rows, columns = np.mgrid[:480, :640]
    truth = np.where((columns - 320) ** 2 + (rows - 240) ** 2 <= 160**2, 5, 9)
    thin = [Stroke(((240, 240), (400, 240)), 5), Stroke(((40, 40), (600, 40), (600, 440)), 9)]
    classes = class_map(answer(method, thin, large))
    assert len(seen) == 1
    assert 18_000 < seen[0] <= 20_000
    assert (classes == truth).mean() > 0.97
    by_hand = painted(thin, 480, 640)
    assert (classes == by_hand)[by_hand > 0].all()


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([Stroke(((3, 3),), 1), Click(3, 3)], "paint alone is expected; also given: click"),
        ([Stroke(((300, 3),), 1)], "lies outside the image of 160 x 120 px"),
        ([Fill(((300, 3), (310, 3), (310, 9)), 1)], "lies outside the image of 160 x 120 px"),
    ],
)
def test_bad_paint_is_named(method: Method, disc_image: NDArray[np.uint8], prompts: list[Prompt], said: str) -> None:
    with pytest.raises(PromptError, match=said):
        answer(method, prompts, disc_image)


@pytest.mark.parametrize("name", ["nearest-colour", "watershed", "brush"])
def test_no_paint_is_named(name: str, disc_image: NDArray[np.uint8]) -> None:
    with pytest.raises(PromptError, match="nothing is painted; paint a stroke of a class"):
        answer(load_method(name), [], disc_image)


def test_bad_images_are_named(method: Method) -> None:
    with pytest.raises(ImageError):
        method.prepare(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("name", [*NAMES, "brush"])
def test_they_say_that_they_take_paint(name: str) -> None:
    assert set(PAINT) <= load_method(name).accepts
    assert {kind.kind for kind in PAINT} <= set(METHODS[name].accepts)
    assert {kind.kind for kind in load_method(name).accepts} == set(METHODS[name].accepts)


@pytest.mark.parametrize(("name", "module"), [("nearest-colour", "scipy.spatial"), ("watershed", "skimage.segmentation")])
def test_what_needs_the_extra_names_it(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        load_method(name)


def test_nearest_colour_looks_at_place_too() -> None:
    image = np.full((20, 60, 3), 90, np.uint8)
    paint = [Stroke(((5, 10),), 1, radius=2), Stroke(((54, 10),), 2, radius=2)]
    classes = class_map(answer(load_method("nearest-colour"), paint, image))
    assert (classes[:, :28] == 1).all()
    assert (classes[:, 32:] == 2).all()


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 12), width=st.integers(1, 12), times=st.integers(1, 4))
def test_shrinking_keeps_what_is_painted(seed: int, height: int, width: int, times: int) -> None:
    rng = np.random.default_rng(seed)
    classes = np.where(
        rng.random((height * times, width * times)) < 0.2, rng.integers(1, 5, (height * times, width * times)), 0
    )
    small = shrunk(classes.astype(np.uint8), height, width)
    for row in range(height):
        for column in range(width):
            cell = classes[row * times : (row + 1) * times, column * times : (column + 1) * times]
            amounts = np.bincount(cell[cell > 0], minlength=5)
            assert small[row, column] == (amounts.argmax() if amounts.any() else 0)


def test_seeds_are_numbered_without_gaps_and_a_class_that_lost_all_its_cells_keeps_its_paint() -> None:
    seen: list[ClassMap] = []

    def how(image: NDArray[np.uint8], seeds: ClassMap) -> NDArray[np.float64]:
        seen.append(seeds)
        return np.stack([np.full(seeds.shape, belief) for belief in (0.25, 0.75)])

    image = np.zeros((20, 20, 3), np.uint8)
    paint = [Stroke(((0, 0), (19, 0)), 40, radius=1), Stroke(((0, 15), (19, 15)), 200, radius=2), Stroke(((9, 15),), 7)]
    (candidate,) = spread(paint, PreparedImage(image), 25, how).candidates
    assert set(np.unique(seen[0])) == {0, 1, 2}
    classes = class_map(candidate)
    assert classes[15, 9] == 7
    assert classes[10, 10] == 200
    assert classes[0, 3] == 40
    assert candidate.score == pytest.approx(0.75)
