"""Every kind of image file, and everything that is none."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from maskwright.errors import ImageError
from maskwright.vision.images import image_size, read_image

# 2 rows, 3 columns: no two corners alike, so that every turning shows.
SMALL = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[0, 0, 0], [255, 255, 255], [90, 90, 90]]], np.uint8)


def encoded(image: PIL.Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noisy_jpeg(size: int = 200) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3)).astype(np.uint8)
    return encoded(PIL.Image.fromarray(pixels), "JPEG")


def test_path_text_and_content_give_the_same(save_image: Callable[..., Path]) -> None:
    path = save_image(SMALL)
    for source in (path, str(path), path.read_bytes()):
        image = read_image(source)
        assert image.dtype == np.uint8
        assert (image == SMALL).all()
        assert image.flags.writeable
        assert image.flags.c_contiguous


@pytest.mark.parametrize("kind", ["BMP", "PNG", "PPM", "TGA", "TIFF", "JPEG2000"])
def test_lossless_formats(kind: str) -> None:
    options = {"no_jp2": False, "irreversible": False} if kind == "JPEG2000" else {}
    assert (read_image(encoded(PIL.Image.fromarray(SMALL), kind, **options)) == SMALL).all()


def test_lossless_webp() -> None:
    assert (read_image(encoded(PIL.Image.fromarray(SMALL), "WEBP", lossless=True)) == SMALL).all()


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grayscale(mode: str) -> None:
    gray = PIL.Image.fromarray(np.array([[0, 255]], np.uint8)).convert(mode)
    assert read_image(encoded(gray)).tolist() == [[[0] * 3, [255] * 3]]


def test_palette() -> None:
    assert (read_image(encoded(PIL.Image.fromarray(SMALL).quantize(8))) == SMALL).all()


def test_transparency_is_laid_on_white() -> None:
    rgba = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 51]]], np.uint8)
    assert read_image(encoded(PIL.Image.fromarray(rgba))).tolist() == [[[10, 20, 30], [255] * 3, [204] * 3]]


def test_gray_with_alpha_and_transparent_palette() -> None:
    gray = PIL.Image.fromarray(np.array([[[7, 255], [7, 0]]], np.uint8))
    assert gray.mode == "LA"
    assert read_image(encoded(gray)).tolist() == [[[7] * 3, [255] * 3]]
    palette = PIL.Image.fromarray(np.array([[0, 1]], np.uint8))
    palette.putpalette([1, 2, 3, 4, 5, 6])
    # Transparency given as bytes is what Pillow warns about when it converts.
    assert read_image(encoded(palette, transparency=b"\x00\xff")).tolist() == [[[255] * 3, [4, 5, 6]]]


def test_sixteen_bits_are_scaled_by_the_full_range() -> None:
    deep = np.array([[0, 257, 128 * 257, 65535, 200]], np.uint16)
    assert read_image(encoded(PIL.Image.fromarray(deep)))[0, :, 0].tolist() == [0, 1, 128, 255, 1]


def test_sixteen_bit_tiff() -> None:
    deep = np.array([[0, 65535]], np.uint16)
    assert read_image(encoded(PIL.Image.fromarray(deep), "TIFF"))[0, :, 0].tolist() == [0, 255]


@pytest.mark.parametrize("values", [np.array([[0.5]], np.float32), np.array([[70000]], np.int32)])
def test_thirty_two_bits_are_refused(values: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="32 bits per channel"):
        read_image(encoded(PIL.Image.fromarray(values), "TIFF"))


def test_cmyk_jpeg() -> None:
    image = read_image(encoded(PIL.Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG"))
    assert image.shape == (8, 8, 3)
    assert (image > 250).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    # Corners that survive JPEG: 16 x 24 px blocks of clear colours.
    upright = SMALL.repeat(16, axis=0).repeat(16, axis=1)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"tiffinfo": {0x0112: orientation}} if kind == "TIFF" else {"exif": exif}
    if kind == "JPEG":
        options |= {"quality": 100, "subsampling": 0}
    content = encoded(PIL.Image.fromarray(np.ascontiguousarray(stored)), kind, **options)
    image = read_image(content)
    assert image.shape == upright.shape
    assert np.abs(image[8::16, 8::16].astype(int) - SMALL).max() < 40
    assert image_size(content) == (48, 32)


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    content = encoded(PIL.Image.fromarray(SMALL), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff\x00")
    assert read_image(content).shape == (2, 3, 3)


def test_one_pixel(save_image: Callable[..., Path]) -> None:
    path = save_image(SMALL[:1, :1])
    assert read_image(path).tolist() == [[[255, 0, 0]]]
    assert image_size(path) == (1, 1)


def test_more_than_one_band() -> None:
    # Higher and wider than the pieces in which pixels are turned to RGB.
    gray = np.arange(3000 * 1100, dtype=np.uint32).reshape(3000, 1100).astype(np.uint8)
    assert (read_image(encoded(PIL.Image.fromarray(gray), compress_level=1)) == gray[..., None]).all()
    wide = np.full((2, (1 << 20) + 7), 9, np.uint8)
    assert (read_image(encoded(PIL.Image.fromarray(wide))) == 9).all()


def test_first_of_several_frames() -> None:
    frames = [PIL.Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_image(content)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("read", [read_image, image_size])
@pytest.mark.parametrize("content", [b"hello, I am text", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0", b"\xff\xd8\xff"])
def test_not_an_image(read: Callable[..., object], content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"note\.jpg is not an image that can be read .* export it as JPEG or PNG"):
        read(path)


@pytest.mark.parametrize("read", [read_image, image_size])
def test_empty_missing_folder(read: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageError, match=r"empty\.png is empty"):
        read(tmp_path / "empty.png")
    with pytest.raises(ImageError, match="the image is empty"):
        read(b"")
    with pytest.raises(ImageError, match=r"none\.png does not exist"):
        read(tmp_path / "none.png")
    with pytest.raises(ImageError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(ImageError, match="cannot be opened"):
        read("a\0b.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_cut_off(kind: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8)
    content = encoded(PIL.Image.fromarray(pixels), kind)
    with pytest.raises(ImageError, match=r"given is (damaged or cut off|not an image)"):
        read_image(content[: len(content) // 2], name="given")


def test_cut_off_jpeg_says_so() -> None:
    content = noisy_jpeg()
    with pytest.raises(ImageError, match=r"upload\.jpg is damaged or cut off .*copy or export it again"):
        read_image(content[: len(content) // 2], name="upload.jpg")


def test_too_large_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch, save_image: Callable[..., Path]) -> None:
    path = save_image(SMALL)

    def decode(_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(ImageError, match=r"megapixels \(3 x 2 px\), more than"):
        read_image(path, max_pixels=5)


def test_a_bomb_of_a_billion_pixels_is_refused_and_measured() -> None:
    # A PNG header that claims 40,000 x 40,000 px; Pillow alone would stop with an error of its own.
    small = encoded(PIL.Image.new("L", (1, 1)))
    header = b"IHDR" + (40_000).to_bytes(4) * 2 + small[24:29]
    import zlib

    content = small[:12] + header + zlib.crc32(header).to_bytes(4) + small[33:]
    with pytest.raises(ImageError, match=r"1600\.0 megapixels"):
        read_image(content)
    assert image_size(content) == (40_000, 40_000)


def test_a_hundred_megapixels_are_read(tmp_path: Path) -> None:
    # Above the size at which Pillow warns of a decompression bomb.
    path = tmp_path / "large.png"
    PIL.Image.new("1", (10_000, 10_000), 1).save(path, compress_level=1)
    image = read_image(path)
    assert image.shape == (10_000, 10_000, 3)
    assert image[-1, -1].tolist() == [255, 255, 255]


def test_pillow_is_left_as_it_was() -> None:
    limit, filters = PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    read_image(noisy_jpeg())
    with pytest.raises(ImageError):
        read_image(b"nothing")
    assert limit == PIL.Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == filters


def test_several_threads_at_once() -> None:
    content = noisy_jpeg()
    expected = read_image(content)
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(bool((read_image(content) == expected).all()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 4
