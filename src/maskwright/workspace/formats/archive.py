"""ZIP files that hold one image file per image."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath


def file_name(name: str, taken: set[str]) -> str:
    """The PNG's name for an image: its own with another suffix, inside the archive's folder, and no other's.

    Args:
        name: of the image.
        taken: names that were given already, in small letters; the new one is added.

    Example:
        >>> taken: set[str] = set()
        >>> file_name("../cats/a.jpg", taken), file_name("cats/a.tif", taken)
        ('cats/a.png', 'cats/a.tif.png')
    """
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    path = PurePosixPath(*parts or ["image"])
    tries = [str(path.with_suffix(".png")), f"{path}.png", *(f"{path}-{n}.png" for n in range(2, len(taken) + 3))]
    free = next(choice for choice in tries if choice.lower() not in taken)
    taken.add(free.lower())  # some systems do not tell A from a
    return free


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Put a file into an archive."""
    # A fixed date: the same annotations give the same file.
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
