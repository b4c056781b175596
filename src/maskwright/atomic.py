"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from maskwright.errors import StoreError

_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space and save again",
    errno.EDQUOT: "the disk quota is used up; free some space and save again",
    errno.EFBIG: "the file is larger than the disk allows; save to another disk",
    errno.EROFS: "the folder is read-only; choose another or change its rights",
    errno.EACCES: "the folder is read-only; choose another or change its rights",
    errno.EPERM: "the folder is read-only; choose another or change its rights",
    errno.ENOENT: "the folder does not exist; create it first",
    errno.ENOTDIR: "the folder does not exist; create it first",
    errno.EISDIR: "it is a folder; give a file's name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file so that a crash, a full disk or a second writer never leaves half of it.

    The content goes to a new file in the same folder, reaches the disk, and then takes the old file's place; readers see the
    old content or the new one. A link is followed, the old file's rights are kept.

    Raises:
        StoreError: it could not be written (full disk, read-only folder, no such folder). The old file is as it was, and
            nothing is left beside it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder, "a.txt"), b"hello")
        ...     Path(folder, "a.txt").read_bytes()
        b'hello'
    """
    target = Path(os.path.realpath(path))
    # Not `tempfile`: its files are private to the user, while this one must get the rights that a plain new file gets.
    # Nor does its name hold the target's, which may be as long as the disk takes names.
    fresh = target.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        try:
            with open(fresh, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                os.chmod(fresh, target.stat().st_mode & 0o7777)
            os.replace(fresh, target)
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
    except OSError as error:
        cause = _CAUSES.get(error.errno or 0, str(error))
        raise StoreError(f"{path} was not written: {cause}") from error
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself outlast a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
