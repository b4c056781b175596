"""File names of images: which files count as images, and what an uploaded file may be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

EXTENSIONS = frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"}
)
"""Endings, in small letters, of the files that a project lists."""

# Windows opens devices under these names, whatever the ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_STEM = 100


def is_image_name(name: str) -> bool:
    """Whether a file of that name belongs into the list: an image's ending, and not hidden.

    Example:
        >>> is_image_name("Cat.JPG"), is_image_name(".cat.jpg"), is_image_name("notes.txt")
        (True, False, False)
    """
    return not name.startswith(".") and PurePosixPath(name).suffix.lower() in EXTENSIONS


def natural_key(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers in names by their value, and letters without regard to case.

    Example:
        >>> sorted(["b10.png", "B2.png", "a.png"], key=natural_key)
        ['a.png', 'B2.png', 'b10.png']
    """
    return [(int(part or 0), "") if i % 2 else (0, part) for i, part in enumerate(re.split(r"([0-9]+)", name.casefold()))]


def safe_name(name: str) -> str:
    """A file name that stays inside its folder on any system, as like the given one as can be.

    Example:
        >>> safe_name("../../etc/Süßes  Kätzchen?.JPG"), safe_name("con.png"), safe_name("..")
        ('Süßes Kätzchen_.jpg', '_con.png', 'image.png')
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r'[<>:"|?*]', "_", "".join(c for c in name if c.isprintable()))
    name = re.sub(r"\s+", " ", name).strip(" .") or "image"
    stem, suffix = (name[: name.rfind(".")], name[name.rfind(".") :].lower()) if "." in name else (name, "")
    if suffix not in EXTENSIONS:
        stem, suffix = name, ".png"
    stem = stem[:_LONGEST_STEM].strip(" .") or "image"
    return ("_" if _DEVICES.fullmatch(stem) else "") + stem + suffix


def numbered(name: str) -> Iterator[str]:
    """The name, then the name with a number, without end.

    Example:
        >>> names = numbered("cat.jpg")
        >>> next(names), next(names), next(names)
        ('cat.jpg', 'cat-2.jpg', 'cat-3.jpg')
    """
    yield name
    path = PurePosixPath(name)
    number = 2
    while True:
        yield f"{path.stem}-{number}{path.suffix}"
        number += 1
