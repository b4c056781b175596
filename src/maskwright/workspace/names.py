"""File names of images: which files count as images, how names are shown and known again, what an upload may be called."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

EXTENSIONS = frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"}
)
"""Endings, in small letters, of the files that a project lists."""

# Windows opens devices under these names, whatever the ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_STEM = 200  # bytes as UTF-8; disks take names of 255, ending and number included


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


def encodable(name: str) -> str:
    r"""The name as text that can be shown and stored: bytes of it that are no UTF-8 become escapes.

    Example:
        >>> print(encodable("caf\udce9.png"), encodable("café.png"))
        caf\udce9.png café.png
    """
    return name.encode("utf-8", "backslashreplace").decode()


def respelled(known: Collection[str], found: Iterable[str]) -> dict[str, str]:
    r"""Which known names are found in another spelling: accents as characters of their own, or not (Unicode's NFD and NFC).

    Archives and systems of another kind change the one into the other. Where more than one name may be meant, none is.

    Args:
        known: names from earlier.
        found: the names there are now.

    Returns:
        New names by old ones.

    Example:
        >>> respelled(["caf\u00e9.png", "dog.png"], ["cafe\u0301.png", "dog.png"]) == {"caf\u00e9.png": "cafe\u0301.png"}
        True
    """
    now = set(found)
    forms: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for old in set(known) - now:
        forms[unicodedata.normalize("NFC", old)][0].append(old)
    for new in now.difference(known):
        forms[unicodedata.normalize("NFC", new)][1].append(new)
    return {old[0]: new[0] for old, new in forms.values() if len(old) == len(new) == 1}


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
    stem = stem.strip(" .") or "image"
    stem = ("_" if _DEVICES.fullmatch(stem) else "") + stem
    # A character that the cut goes through is left out.
    return stem.encode()[:_LONGEST_STEM].decode(errors="ignore").rstrip(" .") + suffix


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
