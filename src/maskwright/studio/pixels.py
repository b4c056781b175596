"""Images as a browser can show them: upright, as JPEG or PNG, and small for the list."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps

from maskwright.errors import ImageError
from maskwright.vision.masks import Image
from maskwright.workspace.project import ImageFile, Project

THUMBNAIL = 160
"""Longer side of a thumbnail, in pixels."""

_LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".jp2")
_ORIENTATION = 0x0112


def full(project: Project, image: ImageFile) -> tuple[bytes, str]:
    """The upright image and its media type. A file that browsers show as `read_image` reads it goes out as it is.

    Raises:
        ImageError: the image cannot be used.
    """
    pixels = project.read(image)  # even if its file goes out as it is: a damaged one must be named, not half shown
    if media_type := _shown_as_it_is(image):
        try:
            return image.path.read_bytes(), media_type
        except OSError as e:
            raise ImageError(f"{image.name} cannot be read: {e.strerror}") from e
    if image.path.suffix.lower() in _LOSSY:
        return _encoded(pixels, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 95]), "image/jpeg"
    return _encoded(pixels, ".png", [cv2.IMWRITE_PNG_COMPRESSION, 3]), "image/png"


def thumbnail(project: Project, image: ImageFile) -> bytes:
    """A JPEG of at most 160 x 160 px.

    Raises:
        ImageError: the image cannot be used.
    """
    pixels = _reduced_jpeg(image)
    if pixels is None:
        pixels = project.read(image)
    height, width = pixels.shape[:2]
    scale = min(1.0, THUMBNAIL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _encoded(small, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 85])


def _reduced_jpeg(image: ImageFile) -> Image | None:
    """A JPEG decoded at an eighth to a half of its size, several times faster than all of it; None for anything else."""
    if image.error is not None:
        return None
    try:
        with PIL.Image.open(image.path, formats=("JPEG",)) as file:
            file.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
            upright = PIL.ImageOps.exif_transpose(file)
            return np.asarray(upright) if upright.mode == "RGB" else None
    except Exception:  # as below
        return None


def _shown_as_it_is(image: ImageFile) -> str | None:
    """The media type of a file whose pixels any browser shows like `read_image`: upright, 8 bits, opaque, gray or RGB."""
    if image.error is not None:
        return None
    try:
        with PIL.Image.open(image.path, formats=("JPEG", "PNG")) as file:
            plain = file.mode in ("L", "RGB") and "transparency" not in file.info
            if plain and file.getexif().get(_ORIENTATION, 1) == 1:
                return "image/jpeg" if file.format == "JPEG" else "image/png"
    except Exception:  # not one of the two, damaged, or suspiciously large: read_image knows how to say so
        return None
    return None


def _encoded(pixels: Image, ending: str, options: list[int]) -> bytes:
    done, data = cv2.imencode(ending, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ImageError("the image cannot be turned into a form that browsers show")
    return data.tobytes()
