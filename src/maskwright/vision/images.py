"""Reading images: whatever a camera or a tool writes becomes upright 8-bit RGB, whatever cannot is named.

- EXIF's orientation (also in PNG, WebP and TIFF) is applied.
- Grayscale, palette, CMYK and other colour modes become RGB; of several frames the first is read.
- Transparent pixels are laid on white, as a page shows them; the colour hidden under full transparency is arbitrary.
- 16 bits per channel become 8 by scale (65535 -> 255), never by the image's own range: equal values stay equal among images.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from maskwright.errors import ImageError
from maskwright.vision.masks import Image

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
"""The formats that are read. Not all that Pillow knows: some of those start other programs."""

MAX_PIXELS = 120_000_000

_ORIENTATION = 0x0112
_QUARTER_TURNED = (5, 6, 7, 8)
_BAND = 1 << 20  # pixels turned to RGB at a time
_pillow = threading.RLock()


def read_image(source: str | Path | bytes, *, max_pixels: int = MAX_PIXELS, name: str | None = None) -> Image:
    """Read an image file.

    Args:
        source: a path, or a file's content.
        max_pixels: larger images are refused before they are decoded.
        name: what to call the image in messages; the path's own text unless given.

    Returns:
        uint8 RGB, upright, shape (height, width, 3), writable and contiguous.

    Raises:
        ImageError: no such file, a folder, empty, not an image, damaged, or larger than `max_pixels`.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> PIL.Image.new("L", (3, 2), 128).save(file, "PNG")
        >>> read_image(file.getvalue())[0, 0].tolist()
        [128, 128, 128]
    """
    name = _name(source, name)
    with _opened(source, name) as file:
        width, height = file.size
        if width * height > max_pixels:
            raise ImageError(
                f"{name} has {width * height / 1e6:.1f} megapixels ({width} x {height} px), more than the "
                f"{max_pixels / 1e6:g} that are read; make it smaller or cut it into parts"
            )
        try:
            file.load()
            orientation = _orientation(file)  # after loading: TIFF is already upright then, and says so
            pixels = _rgb(file, name)
        except ImageError:
            raise
        except MemoryError:
            raise ImageError(f"{name} ({width} x {height} px) does not fit into memory; make it smaller") from None
        except Exception as error:  # decoders raise anything on damaged data
            raise ImageError(
                f"{name} is damaged or cut off and cannot be decoded ({error}); copy or export it again"
            ) from error
    return np.ascontiguousarray(_upright(pixels, orientation))


def image_size(source: str | Path | bytes, *, name: str | None = None) -> tuple[int, int]:
    """Width and height of the upright image in px, from the file's header alone.

    Raises:
        ImageError: no such file, a folder, empty, or not an image. Damage after the header is not seen.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> PIL.Image.new("L", (3, 2)).save(file, "PNG")
        >>> image_size(file.getvalue())
        (3, 2)
    """
    with _opened(source, _name(source, name)) as file:
        width, height = file.size
        # Pillow gives TIFF's size upright already.
        turned = file.format != "TIFF" and _orientation(file) in _QUARTER_TURNED
    return (height, width) if turned else (width, height)


def _name(source: str | Path | bytes, name: str | None) -> str:
    return name or ("the image" if isinstance(source, bytes) else str(source))


@contextmanager
def _opened(source: str | Path | bytes, name: str) -> Iterator[PIL.Image.Image]:
    """Open an image with Pillow kept quiet: its warnings and its own size limit say nothing that is not said here."""
    content: Path | io.BytesIO = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
    _check_content(source, name)
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, PIL.Image.MAX_IMAGE_PIXELS = PIL.Image.MAX_IMAGE_PIXELS, None
        try:
            PIL.Image.init()
            known = [f for f in FORMATS if f in PIL.Image.OPEN]
            try:
                file = PIL.Image.open(content, formats=known)
            except Exception as error:  # as above
                raise ImageError(
                    f"{name} is not an image that can be read ({', '.join(known)}); export it as JPEG or PNG"
                ) from error
            with file:
                yield file
        finally:
            PIL.Image.MAX_IMAGE_PIXELS = limit


def _check_content(source: str | Path | bytes, name: str) -> None:
    """Name the troubles of files that Pillow reports as if they were no images."""
    if isinstance(source, bytes):
        empty = not source
    else:
        try:
            with open(source, "rb") as file:
                empty = not file.read(1)
        except FileNotFoundError:
            raise ImageError(f"{name} does not exist; check the path") from None
        except IsADirectoryError:
            raise ImageError(f"{name} is a folder; give an image file in it") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ImageError(f"{name} cannot be opened ({reason}); check its rights and the path") from None
    if empty:
        raise ImageError(f"{name} is empty (0 bytes); copy or export it again")


def _orientation(file: PIL.Image.Image) -> int:
    try:
        return int(file.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata is no reason to refuse the pixels
        return 1


def _rgb(file: PIL.Image.Image, name: str) -> NDArray[np.uint8]:
    width, height = file.size
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // width)  # in bands, so that a large image is not held three times over
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = _band(file.crop((0, top, width, bottom)), name)
    return pixels


def _band(part: PIL.Image.Image, name: str) -> NDArray[np.uint8]:
    if part.mode.startswith("I") or part.mode == "F":
        return _from_deep(np.asarray(part), part.mode, name)
    if part.has_transparency_data:
        layer = part.convert("RGBA")
        page = PIL.Image.new("RGBA", layer.size, "white")
        return np.asarray(PIL.Image.alpha_composite(page, layer).convert("RGB"))
    return np.asarray(part if part.mode == "RGB" else part.convert("RGB"))


def _from_deep(values: NDArray[np.generic], mode: str, name: str) -> NDArray[np.uint8]:
    """Grayscale of 16 bits, (height, width) -> uint8, (height, width, 1)."""
    wide = np.asarray(values)
    if mode == "F" or wide.min() < 0 or wide.max() > 65535:
        raise ImageError(f"{name} has 32 bits per channel; export it with 8 or 16")
    gray = ((wide.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return gray[:, :, None]


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Undo EXIF's orientation, 1..8; any other value stands for upright."""
    if orientation in _QUARTER_TURNED:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
