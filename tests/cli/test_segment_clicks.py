"""`maskwright segment` with clicks: several candidates, and masks to go on from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from tests.fakes import RADII, FakeClicks

from maskwright.vision import rle
from maskwright.workspace.formats.coco_masks import segmentation

Mask = NDArray[np.bool_]
CLICKS = ("--method", "latent-diversity")


@pytest.fixture(autouse=True)
def _fake_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maskwright.api._loaded", lambda method, engine, threads: FakeClicks())


@pytest.fixture
def segmented(run: Any, disc_file: Path, tmp_path: Path) -> Callable[..., Mask]:
    """`segmented("--click", ...)`: the mask that is written."""

    def segment(*words: object) -> Mask:
        result = run("segment", disc_file, *CLICKS, *words, "-o", tmp_path / "out.png")
        assert result.exit_code == 0, result.stderr
        return np.asarray(PIL.Image.open(tmp_path / "out.png")) > 0

    return segment


def disk(x: int, y: int, radius: int) -> Mask:
    rows, columns = np.ogrid[:120, :160]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def test_clicks_on_and_off(segmented: Callable[..., Mask]) -> None:
    on = disk(80, 60, RADII[0]) | disk(100, 60, RADII[0])
    assert (segmented("--click", "80,60", "100,60") == on).all()
    assert (segmented("-c", "80,60", "-c", "100,60", "--off", "90,60") == on & ~disk(90, 60, RADII[0])).all()
    assert (segmented("--off", "90,60", "--click", "80,60", "100,60") == on & ~disk(90, 60, RADII[0])).all()


@pytest.mark.parametrize("number", [1, 2, len(RADII)])
def test_another_candidate(segmented: Callable[..., Mask], number: int) -> None:
    assert (segmented("--click", "80,60", "--candidate", number) == disk(80, 60, RADII[number - 1])).all()


def test_the_record_is_of_the_candidate(run: Any, disc_file: Path, tmp_path: Path) -> None:
    words = ("segment", disc_file, *CLICKS, "--click", "80,60", "--off", "5,5", "--candidate", 2)
    assert run(*words, "-o", tmp_path / "out.json").exit_code == 0
    record = json.loads((tmp_path / "out.json").read_text())
    assert record["score"] == 0.8
    assert record["area"] == rle.decode(record["segmentation"]).sum() == (disk(80, 60, RADII[1]) & ~disk(5, 5, RADII[1])).sum()
    assert record["prompts"] == [
        {"kind": "click", "x": 80.0, "y": 60.0, "positive": True},
        {"kind": "click", "x": 5.0, "y": 5.0, "positive": False},
    ]


def test_the_summary_says_how_many_candidates_there_are(run: Any, disc_file: Path) -> None:
    text = run("segment", disc_file, *CLICKS, "--click", "80,60", "--candidate", 3).stdout
    assert f"3 of {len(RADII)}" in text
    assert "0.700" in text


def as_gray(mask: Mask) -> PIL.Image.Image:
    return PIL.Image.fromarray(mask.astype(np.uint8) * 255)


def as_ones(mask: Mask) -> PIL.Image.Image:
    return PIL.Image.fromarray(mask.astype(np.uint8))


def as_bits(mask: Mask) -> PIL.Image.Image:
    return as_gray(mask).convert("1")


def as_deep(mask: Mask) -> PIL.Image.Image:
    return PIL.Image.fromarray(mask.astype(np.uint16) * 256)


def as_blue(mask: Mask) -> PIL.Image.Image:
    return PIL.Image.fromarray(mask[..., None] * np.array([0, 0, 9], np.uint8))


def as_palette(mask: Mask) -> PIL.Image.Image:
    """Index 1 is as black as index 0."""
    picture = as_ones(mask)
    picture.putpalette([0] * 768)
    return picture


@pytest.mark.parametrize("convert", [as_gray, as_ones, as_bits, as_deep, as_blue, as_palette])
def test_going_on_from_a_png(
    segmented: Callable[..., Mask], tmp_path: Path, convert: Callable[[Mask], PIL.Image.Image]
) -> None:
    before = disk(80, 60, 40)
    convert(before).save(tmp_path / "before.png")
    after = segmented("--mask", tmp_path / "before.png", "--off", "60,60")
    assert (after == before & ~disk(60, 60, RADII[0])).all()


@pytest.mark.parametrize("form", ["annotation", "polygons", "compressed", "plain"])
def test_going_on_from_a_json(segmented: Callable[..., Mask], tmp_path: Path, form: str) -> None:
    before = disk(80, 60, 40)
    values = {
        "annotation": {"segmentation": rle.encode_compressed(before)},
        "polygons": {"segmentation": segmentation(before)},
        "compressed": rle.encode_compressed(before),
        "plain": rle.encode(before),
    }
    (tmp_path / "before.json").write_text(json.dumps(values[form]))
    assert (segmented("--mask", tmp_path / "before.json", "-c", "80,60") == before).all()


def test_what_is_written_can_be_gone_on_from(run: Any, segmented: Callable[..., Mask], disc_file: Path, tmp_path: Path) -> None:
    words = ("segment", disc_file, *CLICKS, "--click", "80,60", "--candidate", 6)
    for name in ("first.png", "first.json"):
        assert run(*words, "-o", tmp_path / name).exit_code == 0
        after = segmented("--mask", tmp_path / name, "--click", "80,60", "--off", "100,60")
        assert (after == disk(80, 60, RADII[5]) & ~disk(100, 60, RADII[0])).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--off", "80,60"], "the first click is negative"),
        (["--click", "160,60"], "outside the image"),
        (["--click", "80"], "--click: '80' is not a point"),
        (["--off", "a,b"], "--off: 'a,b' is not a point"),
        (["--click", "nan,3"], "finite number"),
        (["--click", "80,60", "--candidate", "7"], "there is no candidate 7: latent-diversity gave 6"),
        (["--click", "80,60", "--candidate", "0"], "give --candidate 1 to 6"),
        ([], "--click x,y"),
    ],
)
def test_clicks_that_cannot_be(
    refused: Callable[..., str], disc_file: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    assert message in refused("segment", disc_file, *CLICKS, *words, "-o", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mask.jpg", b"", "give a .png or a .json"),
        ("none.png", None, "does not exist"),
        ("none.json", None, "it cannot be read"),
        ("mask.png", b"", "is empty"),
        ("mask.png", b"buy milk", "is not an image"),
        ("mask.json", b"buy milk", "it is not JSON"),
        ("mask.json", b"\xff", "it is not JSON"),
        ("mask.json", b"[" * 100_000, "it is not JSON"),
        ("mask.json", b"[]", "it holds no mask"),
        ("mask.json", b'{"images": []}', "it holds no mask"),
        ("mask.json", b'{"segmentation": null}', "`segmentation` is NoneType"),
        ("mask.json", b'{"size": [2, 3], "counts": [6]}', "is 3 x 2 px; its image is 160 x 120 px"),
        ("mask.json", b'{"size": [120, 160], "counts": [6]}', "the runs do not fill"),
        ("mask.json", b'{"segmentation": [[1, 2, 3]]}', "at least three points"),
    ],
)
def test_masks_that_cannot_be(
    refused: Callable[..., str], disc_file: Path, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    said = refused("segment", disc_file, *CLICKS, "--click", "80,60", "--mask", path)
    assert message in said
    assert name in said


def test_a_png_of_another_size_or_damaged(refused: Callable[..., str], disc_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    as_gray(disk(80, 60, 40)[:100]).save(path)
    words = ("segment", disc_file, *CLICKS, "--click", "80,60", "--mask", path)
    assert "the mask is 160 x 100 px, the image 160 x 120 px" in refused(*words)
    noise = np.random.default_rng(0).integers(0, 255, (120, 160)).astype(np.uint8)
    PIL.Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:9000])
    assert "mask.png" in refused(*words)


def test_a_png_that_asks_to_be_turned_is_refused(refused: Callable[..., str], disc_file: Path, tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    as_gray(disk(80, 60, 40).T).save(tmp_path / "mask.png", exif=exif)
    said = refused("segment", disc_file, *CLICKS, "--click", "80,60", "--mask", tmp_path / "mask.png")
    assert "the mask is 120 x 160 px, the image 160 x 120 px" in said


def test_a_mask_that_would_be_ignored_is_refused(refused: Callable[..., str], disc_file: Path, tmp_path: Path) -> None:
    as_gray(disk(80, 60, 9)).save(tmp_path / "before.png")
    said = refused("segment", disc_file, "--method", "grabcut", "--mask", tmp_path / "before.png", "--box", "40,20,120,100")
    assert "grabcut does not go on from a mask; leave --mask out, or use --method latent-diversity" in said
