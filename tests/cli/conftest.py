"""Running the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from typer.testing import CliRunner

from maskwright.cli.app import app


class Result(Protocol):
    """What of a run the tests look at."""

    exit_code: int
    exception: BaseException | None
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """`run("segment", path, ...)`: runs the command line, gives exit code and output."""

    def invoke(*args: object) -> Any:
        return CliRunner().invoke(app, [str(arg) for arg in args], prog_name="maskwright")

    return invoke


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """`refused("segment", path, ...)`: a run that must end with exit code 2 and one line on stderr; gives that line."""

    def invoke(*args: object) -> str:
        result = run(*args)
        assert result.exit_code == 2, result.stdout + result.stderr
        assert isinstance(result.exception, SystemExit)
        assert result.stderr.startswith("maskwright: ")
        assert result.stderr.count("\n") == 1
        return result.stderr

    return invoke


@pytest.fixture
def disc_file(disc_image: Any, save_image: Callable[..., Path]) -> Path:
    """`disc_image` as a PNG file."""
    return save_image(disc_image, "disc.png")
