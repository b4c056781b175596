"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from maskwright.atomic import write_atomically
from maskwright.errors import StoreError


def test_new_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (b"one", b"", b"two" * 100_000):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("name", ["n" * 255, "\u6f22" * 85], ids=["ascii", "cjk"])  # 255 bytes, the most there may be
def test_longest_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_atomically(path, b"x")
    assert path.read_bytes() == b"x"


def test_rights_of_the_old_file_stay_and_new_ones_are_ordinary(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    fresh = tmp_path / "fresh"
    write_atomically(fresh, b"")
    assert fresh.stat().st_mode == plain.stat().st_mode
    fresh.chmod(0o640)
    write_atomically(fresh, b"x")
    assert fresh.stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("step", "code", "words"),
    [
        ("fsync", errno.ENOSPC, "the disk is full; free some space"),
        ("replace", errno.EDQUOT, "quota is used up"),
        ("replace", errno.EROFS, "the folder is read-only"),
        ("fsync", errno.EIO, "Input/output error"),
    ],
)
def test_failure_leaves_the_old_file_and_nothing_else(
    step: str, code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def fail(*_: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(StoreError, match=words) as caught:
        write_atomically(path, b"new")
    assert str(path) in str(caught.value)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"x")
    assert os.listdir(tmp_path) == []


def test_no_such_folder_and_a_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the folder does not exist"):
        write_atomically(tmp_path / "none" / "a", b"x")
    (tmp_path / "taken").mkdir()
    with pytest.raises(StoreError, match="it is a folder"):
        write_atomically(tmp_path / "taken", b"x")
    assert os.listdir(tmp_path) == ["taken"]


def test_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere")
    with pytest.raises(StoreError, match="the folder is read-only"):
        write_atomically(folder / "a", b"x")


def test_full_disk_for_real(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="only POSIX systems limit file sizes")
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(StoreError, match="larger than the disk allows"):
            write_atomically(tmp_path / "a", bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert os.listdir(tmp_path) == []
