"""What every test may ask for."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes depends on what else the machine does: no test judges it.
settings.register_profile("maskwright", deadline=None)
settings.load_profile("maskwright")

# The networks under test are tiny: threads cost torch more than they bring, above all on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with research data and pretrained weights: `../shared`, or MASKWRIGHT_SHARED. Skips where it is absent."""
    folder = Path(os.environ.get("MASKWRIGHT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the research data at {folder.name}/ beside the repository (or MASKWRIGHT_SHARED)")
    return folder


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Global generators start every test from the same state; tests that want their own ask `rng`."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of its own for each test, always of the same seed."""
    return np.random.default_rng(0)


@pytest.fixture
def disc_image() -> NDArray[np.uint8]:
    """RGB, (120, 160, 3): a bright disc of radius 40 around (80, 60) on a dark ground with a little noise."""
    rows, columns = np.mgrid[:120, :160]
    noise = np.random.default_rng(0).integers(0, 12, (120, 160, 3))
    disc = (columns - 80) ** 2 + (rows - 60) ** 2 <= 40**2
    return (np.where(disc[..., None], (210, 160, 60), (30, 50, 40)) + noise).astype(np.uint8)


@pytest.fixture
def closed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing can be looked at. Simulated: rights do not bind root."""
    folder = tmp_path / "closed"
    folder.mkdir()
    stat = os.stat

    def refuse(path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if not isinstance(path, int):
            seen = os.path.realpath(path) if follow_symlinks else os.path.abspath(path)
            if folder in Path(seen).parents:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", refuse)
    return folder


@pytest.fixture
def save_image(tmp_path: Path) -> Callable[..., Path]:
    """`save_image(array, "name.png", **options)` writes an image file below tmp_path and gives its path."""
    from PIL import Image

    def save(pixels: NDArray[np.uint8], name: str = "image.png", **options: Any) -> Path:
        path = tmp_path / name
        Image.fromarray(pixels).save(path, **options)
        return path

    return save
