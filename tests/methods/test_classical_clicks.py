"""The classical methods that take clicks."""

from __future__ import annotations

import importlib
import sys
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import ImageError, MissingExtraError, PromptError
from maskwright.methods import METHODS, colour_model, graph_cut, load_method
from maskwright.methods.base import Method
from maskwright.methods.seeds import BACKGROUND, OBJECT, disks
from maskwright.prompts import Box, Click
from maskwright.vision.masks import iou

NAMES = ("graph-cut", "geodesic", "random-walker")


@pytest.fixture(params=NAMES)
def method(request: pytest.FixtureRequest) -> Any:
    return ready(request.param)


def ready(name: str) -> Method:
    if name != "graph-cut":
        pytest.importorskip("skimage", reason="needs the extra [bench]")
    return load_method(name)


@pytest.fixture
def disc() -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:120, :160]
    return np.asarray((columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2)


def test_one_click_cuts_a_plain_disc_out(method: Method, disc_image: NDArray[np.uint8], disc: NDArray[np.bool_]) -> None:
    prediction = method.predict([Click(80, 60)], method.prepare(disc_image))
    assert prediction.mask.dtype == bool
    assert iou(prediction.mask, disc) > 0.97
    assert 0.5 < prediction.candidates[0].score <= 1
    assert Click in method.accepts


def test_a_negative_click_takes_a_part_away(method: Method, disc_image: NDArray[np.uint8]) -> None:
    two = disc_image.copy()
    two[:, 90:] = two[:, 90:, ::-1]  # the disc's right part gets another colour
    prepared = method.prepare(two)
    both = method.predict([Click(65, 60), Click(100, 60)], prepared).mask
    left = method.predict([Click(65, 60), Click(105, 60, positive=False)], prepared).mask
    assert both[60, 75]
    assert both[60, 110]
    assert left[60, 75]
    assert not left[40:80, 95:115].any()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    flat=st.booleans(),
    clicks=st.lists(st.builds(Click, st.floats(-0.5, 23.5), st.floats(-0.5, 15.5), st.booleans()), min_size=1, max_size=8),
)
def test_every_click_gets_its_sign_and_the_mask_is_the_same_each_time(
    name: str, seed: int, flat: bool, clicks: list[Click]
) -> None:
    method = ready(name)
    image = np.random.default_rng(seed).integers(0, 1 if flat else 256, (16, 24, 3), np.uint8)
    prepared = method.prepare(image)
    clicks = [Click(clicks[0].x, clicks[0].y), *clicks[1:]]
    prediction = method.predict(clicks, prepared)
    last = {(min(int(c.y + 0.5), 15), min(int(c.x + 0.5), 23)): c.positive for c in clicks}
    assert all(prediction.mask[pixel] == positive for pixel, positive in last.items())
    assert 0 <= prediction.candidates[0].score <= 1
    assert np.array_equal(prediction.mask, method.predict(clicks, prepared).mask)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 7), (3, 3)])
@pytest.mark.parametrize("second", [True, False])
def test_tiny_images_give_a_mask_of_their_size(method: Method, size: tuple[int, int], second: bool) -> None:
    prepared = method.prepare(np.zeros((*size, 3), np.uint8))
    mask = method.predict([Click(0, 0), Click(size[1] - 1, size[0] - 1, second)], prepared).mask
    assert mask.shape == size
    assert mask[-1, -1] == second


def test_a_click_taken_back_on_its_own_pixel_leaves_nothing(method: Method, disc_image: NDArray[np.uint8]) -> None:
    prediction = method.predict([Click(80, 60), Click(80, 60, positive=False)], method.prepare(disc_image))
    assert not prediction.mask.any()
    assert prediction.candidates[0].score == 0


def test_large_images_are_worked_on_as_smaller_copies(
    method: Method, disc_image: NDArray[np.uint8], disc: NDArray[np.bool_], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(METHODS[method.name].module)
    seen: list[int] = []
    inner = {"graph-cut": "cut", "geodesic": "nearness", "random-walker": "_probability"}[method.name]
    original = getattr(module, inner)

    def watched(image: NDArray[np.uint8], *rest: Any) -> Any:
        seen.append(image.shape[0] * image.shape[1])
        return original(image, *rest)

    monkeypatch.setattr(module, inner, watched)
    monkeypatch.setattr(module, "LARGEST", 5000)
    clicks = [Click(80, 60), Click(0.2, 0.2, positive=False), Click(159.5, 119.5, positive=False)]
    mask = method.predict(clicks, method.prepare(disc_image)).mask
    assert len(seen) == 1
    assert 4500 < seen[0] <= 5000
    assert iou(mask, disc) > 0.94


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([], "no click is given|needs extreme_points or a box"),
        ([Click(3, 3, positive=False)], "the first click is negative"),
        ([Click(3, 3), Box(0, 0, 9, 9)], "also given: box"),
        ([Click(3, 3), Click(160, 5)], "outside the image of 160 x 120 px"),
    ],
)
def test_bad_clicks_are_named(method: Method, disc_image: NDArray[np.uint8], prompts: Any, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        method.predict(prompts, method.prepare(disc_image))


def test_a_mask_so_far_does_not_make_a_negative_first_click_possible(method: Method, disc_image: NDArray[np.uint8]) -> None:
    with pytest.raises(PromptError, match="the first click is negative"):
        method.predict([Click(3, 3, positive=False)], method.prepare(disc_image), np.ones((120, 160), bool))


def test_bad_images_are_named(method: Method) -> None:
    with pytest.raises(ImageError):
        method.prepare(np.zeros((4, 4), np.uint8))


def test_the_cut_is_the_cheapest_of_all() -> None:
    """Against all 1,024 ways to cut 3 x 4 pixels of which two are seeds; the energy as OpenCV's documents define it."""
    rng = np.random.default_rng(1)
    for _ in range(8):
        image = np.clip(rng.normal((90, 120, 150), 25, (3, 4, 3)), 0, 255).astype(np.uint8)
        seeds = np.zeros((3, 4), np.uint8)
        seeds[0, 0], seeds[2, 3] = OBJECT, BACKGROUND
        clicks = [Click(0, 0), Click(3, 2, positive=False)]
        found = graph_cut.cut(image, clicks, seeds) > 0.5
        masks = (np.array(bits, bool).reshape(3, 4) for bits in product((False, True), repeat=12))
        least = min(energy(m, image, clicks) for m in masks if m[0, 0] and not m[2, 3])
        assert energy(found, image, clicks) == pytest.approx(least, abs=1e-6)


def energy(mask: NDArray[np.bool_], image: NDArray[np.uint8], clicks: list[Click]) -> float:
    of_object, of_background = (-np.log(m.density(image)) for m in colour_model.of_clicks(image, clicks))
    total = float(of_object[mask].sum() + of_background[~mask].sum())
    height, width = mask.shape
    pairs = [
        ((r, c), (r + dr, c + dc))
        for r, c, (dr, dc) in product(range(height), range(width), ((0, 1), (1, 0), (1, 1), (1, -1)))
        if r + dr < height and 0 <= c + dc < width
    ]
    squares = [float(((image[a].astype(float) - image[b]) ** 2).sum()) for a, b in pairs]
    beta = 1 / (2 * np.mean(squares))
    for (a, b), square in zip(pairs, squares, strict=True):
        if mask[a] != mask[b]:
            total += 50 / np.hypot(a[0] - b[0], a[1] - b[1]) * np.exp(-beta * square)
    # Seeds: their colours cost nothing.
    return total - float(of_object[0, 0] + of_background[2, 3])


@pytest.mark.parametrize("name", ["geodesic", "random-walker"])
def test_on_a_plain_image_the_middle_between_two_clicks_divides(name: str) -> None:
    method = ready(name)
    prepared = method.prepare(np.full((21, 40, 3), 77, np.uint8))
    mask = method.predict([Click(9, 10), Click(30, 10, positive=False)], prepared).mask
    assert np.array_equal(mask, np.broadcast_to(np.arange(40) < 20, (21, 40)))


def test_disks_do_not_hide_the_clicks_of_the_other_sign() -> None:
    clicks = [Click(10, 10), Click(11, 10, positive=False), Click(12, 10)]
    seeds = disks(clicks, 40, 40, radius=0.1)
    assert seeds[10, 10:13].tolist() == [OBJECT, BACKGROUND, OBJECT]
    assert (seeds > 0).sum() > 40


@pytest.mark.parametrize(("name", "module"), [("geodesic", "skimage.graph"), ("random-walker", "skimage.segmentation")])
def test_what_needs_the_extra_names_it(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    absent: ModuleType | None = None
    monkeypatch.setitem(sys.modules, module, absent)
    with pytest.raises(MissingExtraError, match=r"maskwright\[bench\]"):
        load_method(name)
