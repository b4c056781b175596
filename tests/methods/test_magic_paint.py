"""Magic Paint: what its answers keep to, whatever the networks say; what they depend on; what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.engine.fake import FakeEngine
from maskwright.errors import ImageError, PromptError, WeightsError
from maskwright.methods import magic_paint
from maskwright.methods.base import PreparedImage
from maskwright.methods.magic_paint import AT_ONCE, MagicPaint, load
from maskwright.prompts import Click, Fill, Paint, Prompt, Region, Stroke
from maskwright.vision import rle
from maskwright.vision.painting import painted

Arrays = Mapping[str, NDArray[np.float32]]
Image = NDArray[np.uint8]

HEIGHT, WIDTH = 60, 80


class Spy:
    """Fake graphs: the embedding of a cell is its colour; a logit is how alike its class is, and how near on the image."""

    def __init__(self) -> None:
        self.embedding, self.decoder = FakeEngine(self.see), FakeEngine(self.decode)
        self.method = MagicPaint(lambda: self.embedding, lambda: self.decoder)

    @staticmethod
    def see(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        side = arrays["rgb"].shape[2] // 4
        embedding = np.zeros((1, 32, side, side), np.float32)
        embedding[0, :3] = 1.5 * arrays["rgb"][0].reshape(3, side, 4, side, 4).mean(axis=(2, 4))
        return {
            "embedding": embedding,
            "features": np.zeros((1, 24, side, side), np.float32),
            "weights": np.zeros((1, 144, side, side), np.float32),
        }

    @staticmethod
    def decode(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
        maps = arrays["maps"]
        logits = np.ascontiguousarray(-maps[:, 0] - 0.1 * maps[:, 1] - 0.05 * maps[:, 6])
        return {"logits": logits.repeat(4, axis=1).repeat(4, axis=2)}

    def __call__(self, paints: Sequence[Prompt], prepared: PreparedImage) -> NDArray[np.uint8]:
        (candidate,) = self.method.predict(paints, prepared).candidates
        assert candidate.class_map is not None
        assert candidate.class_map.dtype == np.uint8
        assert candidate.class_map.shape == prepared.image.shape[:2]
        assert np.array_equal(candidate.mask, candidate.class_map > 0)
        return candidate.class_map


def two_colours(height: int = HEIGHT, width: int = WIDTH) -> Image:
    """The left half dark, the right half bright."""
    image = np.full((height, width, 3), 20, np.uint8)
    image[:, width // 2 :] = 230
    return image


def noise(height: int = HEIGHT, width: int = WIDTH) -> Image:
    coarse = np.random.default_rng(0).integers(0, 255, (height // 10 + 1, width // 10 + 1, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height)), np.uint8)


DARK, BRIGHT = Stroke(((10, 10), (14, 40)), class_id=3, radius=2), Stroke(((70, 10), (66, 40)), class_id=9, radius=2)


def test_paint_spreads_to_what_is_like_it() -> None:
    spy = Spy()
    found = spy([DARK, BRIGHT], spy.method.prepare(two_colours()))
    assert np.array_equal(found, np.where(two_colours()[..., 0] < 100, 3, 9))


@pytest.mark.parametrize(("height", "width"), [(450, 800), (900, 1600)])
def test_borders_follow_the_image_at_any_size(height: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    image = np.full((height, width, 3), 100, np.uint8)
    cv2.circle(image, (width // 2, height // 2), height // 3, (140, 140, 140), -1)
    paint = [
        Stroke(((40, 40), (40, height - 40)), class_id=3, radius=9),
        Stroke(((width // 2, height // 2 - 30), (width // 2, height // 2)), class_id=9, radius=9),
    ]

    def wrong() -> int:
        return int(((spy(paint, spy.method.prepare(image)) == 9) != (image[..., 0] == 140)).sum())

    with monkeypatch.context() as patch:
        patch.setattr(magic_paint, "along_edges", lambda numbers, painted, colours: numbers)
        without = wrong()
    assert wrong() < 0.3 * without


def test_what_is_like_no_paint_has_no_class() -> None:
    spy = Spy()
    found = spy([DARK], spy.method.prepare(two_colours()))
    assert np.array_equal(found, np.where(two_colours()[..., 0] < 100, 3, 0))


POINT = st.tuples(st.integers(-5, WIDTH + 5), st.integers(-5, HEIGHT + 5))
INSIDE = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
STROKES = st.builds(
    lambda first, rest, class_id, radius, freeze: Stroke((first, *rest), class_id, radius, freeze),
    INSIDE,
    st.lists(POINT, max_size=3),
    st.integers(0, 4),
    st.sampled_from([0.5, 2, 6]),
    st.booleans(),
)


@given(st.lists(STROKES, min_size=1, max_size=8))
@settings(max_examples=25)
def test_painted_pixels_keep_their_class(paints: list[Paint]) -> None:
    spy = Spy()
    found, paint = spy(paints, spy.method.prepare(noise())), painted(paints, HEIGHT, WIDTH)
    assert np.array_equal(found[paint > 0], paint[paint > 0])
    assert set(np.unique(found)) <= {0, *np.unique(paint)}


@given(st.lists(STROKES, min_size=1, max_size=6))
@settings(max_examples=25)
def test_a_painting_in_the_making_is_at_every_step_as_if_painted_at_once(paints: list[Paint]) -> None:
    """Painting, erasing, overwriting: what is kept of earlier answers changes nothing, bit for bit. So does undo."""
    spy = Spy()
    image = noise()
    prepared = spy.method.prepare(image)
    for end in [*range(1, len(paints) + 1), len(paints) // 2 + 1]:
        kept = spy(paints[:end], prepared)
        logits_kept = spy.decoder.calls[-1]["maps"] if spy.decoder.calls else None
        fresh = spy(paints[:end], spy.method.prepare(image))
        assert np.array_equal(kept, fresh)
        if logits_kept is not None:
            assert np.array_equal(logits_kept, spy.decoder.calls[-1]["maps"])


@given(st.lists(STROKES, min_size=1, max_size=8), st.permutations(range(1, 255)))
@settings(max_examples=25)
def test_other_class_numbers_give_the_same_painting_in_other_numbers(paints: list[Stroke], numbers: list[int]) -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise())
    other = [0, *numbers]
    renumbered = [Stroke(p.points, other[p.class_id], p.radius, p.freeze) for p in paints]
    assert np.array_equal(np.array(other, np.uint8)[spy(paints, prepared)], spy(renumbered, prepared))


def test_how_the_paint_got_there_does_not_matter() -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise())
    paints: list[Paint] = [DARK, Stroke(((30, 30),), class_id=3, radius=8), BRIGHT]
    paint = painted(paints, HEIGHT, WIDTH)
    regions = [Region((HEIGHT, WIDTH), rle.encode_compressed(paint == k)["counts"], k) for k in (9, 3)]
    assert np.array_equal(spy(paints, prepared), spy(regions, prepared))


def test_the_image_is_seen_once_and_only_new_paint_costs() -> None:
    spy = Spy()
    prepared = spy.method.prepare(two_colours())
    spy([DARK, BRIGHT], prepared)
    first = prepared.cache["nearest"]
    spy([DARK, BRIGHT, Stroke(((75, 50),), class_id=9)], prepared)
    assert len(spy.embedding.calls) == 1
    assert {id(one) for one in first} <= {id(one) for one in prepared.cache["nearest"]}
    assert len(prepared.cache["nearest"]) == len(first) + 1


def test_threads_may_paint_at_once() -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise())
    rng = np.random.default_rng(0)
    paintings = [
        [Stroke(((float(x), float(y)),), class_id=k + 1, radius=3) for k, (x, y) in enumerate(rng.integers(0, 60, (5, 2)))]
        for _ in range(12)
    ]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda paints: spy(paints, prepared), paintings))
    for paints, answer in zip(paintings, found, strict=True):
        assert np.array_equal(answer, spy(paints, spy.method.prepare(noise())))


def test_an_erased_class_is_gone_and_no_class_is_left_without_paint() -> None:
    spy = Spy()
    prepared = spy.method.prepare(two_colours())
    found = spy([DARK, BRIGHT, Stroke(BRIGHT.points, 0, radius=4)], prepared)
    assert np.array_equal(found, spy([DARK], prepared))
    assert not spy([DARK, Fill(((0, 0), (79, 0), (79, 59), (0, 59)), 0)], prepared).any()
    assert not spy([Stroke(((5, 5),), 0)], prepared).any()


def test_an_image_painted_all_over_needs_no_network() -> None:
    spy = Spy()
    prepared = spy.method.prepare(two_colours())
    everything = Fill(((-5, -5), (90, -5), (90, 70), (-5, 70)), class_id=6)
    assert (spy([everything], prepared) == 6).all()
    assert not spy.decoder.calls


def test_200_classes_are_decoded_in_parts() -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise(400, 400))
    dots = [Stroke(((10.0 + 25 * (k % 16), 10.0 + 25 * (k // 16)),), class_id=k + 1, radius=3) for k in range(200)]
    found = spy(dots, prepared)
    assert set(np.unique(found)) >= set(range(1, 201))
    assert [len(call["maps"]) for call in spy.decoder.calls] == [AT_ONCE] * (201 // AT_ONCE) + [201 % AT_ONCE]


def test_a_stroke_of_100_000_points() -> None:
    spy = Spy()
    angles = np.linspace(0, 300, 100_000)
    spiral = np.stack([40 + angles / 10 * np.cos(angles), 30 + angles / 12 * np.sin(angles)], axis=1)
    stroke = Stroke(tuple((x, y) for x, y in spiral.tolist()), class_id=5)
    prepared = spy.method.prepare(noise())
    found = spy([stroke], prepared)
    paint = painted([stroke], HEIGHT, WIDTH)
    assert (found[paint > 0] == 5).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1), (2, 2), (700, 3)])
def test_images_of_any_shape(height: int, width: int) -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise(height, width))
    found = spy([Stroke(((0, 0),), class_id=2), Stroke(((width - 1.0, height - 1.0),), class_id=4)], prepared)
    assert found[-1, -1] == 4
    assert found[0, 0] == (2 if max(height, width) > 1 else 4)


def test_classes_that_share_a_cell_all_keep_their_pixels() -> None:
    spy = Spy()
    prepared = spy.method.prepare(noise(2000, 2000))
    pixels = [Stroke(((100.0 + k, 100.0),), class_id=k + 1) for k in range(4)]
    found = spy(pixels, prepared)
    assert found[100, 100:104].tolist() == [1, 2, 3, 4]
    # One owns the cell; the others have nothing that could spread.
    assert set(np.unique(found[:, 200:])) <= {0, 1}


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "nothing is painted"),
        ([Click(3, 4)], "also given: click"),
        ([DARK, Stroke(((500, 4),), class_id=1)], "outside the image"),
        ([Region((5, 5), "132", class_id=1)], "the region is of an image of"),
    ],
)
def test_prompts_that_make_no_sense_are_refused(prompts: list[Prompt], message: str) -> None:
    spy = Spy()
    with pytest.raises(PromptError, match=message):
        spy.method.predict(prompts, spy.method.prepare(two_colours()))


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError):
        Spy().method.prepare(np.zeros((4, 4), np.uint8))


def test_graphs_are_opened_when_an_image_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    from maskwright.methods import magic_paint

    def missing(name: str) -> None:
        raise WeightsError(f"no {name}")

    monkeypatch.setattr(magic_paint, "weight_file", missing)
    method = load("onnxruntime", None)
    with pytest.raises(WeightsError, match="no magic-paint-fast-embedding"):
        method.prepare(two_colours())


@pytest.fixture(scope="module")
def shipped() -> MagicPaint:
    """The method with its shipped weights."""
    return load("onnxruntime", None)


def scene() -> Image:
    """Grass below, sky above, uneven as in photographs, with their border at row 130."""
    rng = np.random.default_rng(0)
    image = np.empty((240, 320, 3), np.float64)
    image[:130], image[130:] = (150, 190, 235), (70, 120, 40)
    image += np.linspace(-15, 15, 320)[None, :, None] + rng.normal(0, 8, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


SKY, GRASS = Stroke(((60, 40), (200, 60)), class_id=4, radius=4), Stroke(((80, 200), (260, 190)), class_id=2, radius=4)


def class_map(method: MagicPaint, paint: Sequence[Prompt], prepared: PreparedImage) -> NDArray[np.uint8]:
    (candidate,) = method.predict(paint, prepared).candidates
    assert candidate.class_map is not None
    return candidate.class_map


def test_the_shipped_weights_spread_two_strokes_over_a_scene(shipped: MagicPaint) -> None:
    found = class_map(shipped, [SKY, GRASS], shipped.prepare(scene()))
    truth = np.where(np.arange(240)[:, None] < 130, 4, 2)
    assert (found == truth).mean() > 0.99


def test_the_shipped_weights_leave_what_is_like_no_paint_without_class(shipped: MagicPaint) -> None:
    found = class_map(shipped, [SKY], shipped.prepare(scene()))
    assert (found[:120] == 4).mean() > 0.95
    assert (found[140:] == 0).mean() > 0.95


def test_the_shipped_weights_paint_step_by_step_as_at_once_and_know_no_numbers(shipped: MagicPaint) -> None:
    image = scene()
    prepared = shipped.prepare(image)
    third = Stroke(((300, 20), (300, 100)), class_id=9, radius=3)
    wiped = Stroke(((80, 200), (120, 198)), class_id=0, radius=6)
    paint: list[Stroke] = []
    for stroke in (SKY, GRASS, third, wiped):
        paint.append(stroke)
        found = class_map(shipped, paint, prepared)
    assert np.array_equal(found, class_map(shipped, paint, shipped.prepare(image)))
    assert np.array_equal(class_map(shipped, paint[:2], prepared), class_map(shipped, paint[:2], shipped.prepare(image)))
    other = np.arange(256, dtype=np.uint8)
    other[[2, 4, 9]] = 200, 1, 77
    renumbered = [Stroke(s.points, int(other[s.class_id]), s.radius) for s in paint]
    assert np.array_equal(other[found], class_map(shipped, renumbered, prepared))
