"""How the command line speaks of errors: one line on stderr, exit code 2, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from maskwright.errors import MaskwrightError, MissingExtraError


class Commands(TyperGroup):
    """The group of all commands; errors that maskwright raises on purpose end any of them alike."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except MaskwrightError as error:
            typer.echo(f"maskwright: {error}", err=True)
            raise typer.Exit(2) from error


@contextmanager
def extra(name: str, feature: str) -> Iterator[None]:
    """Name the extra when an import inside fails because one of its packages is not installed.

    Example:
        >>> with extra("train", "training"):
        ...     import a_package_of_that_extra
        Traceback (most recent call last):
        maskwright.errors.MissingExtraError: training needs an optional package: pip install 'maskwright[train]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "maskwright":
            raise
        raise MissingExtraError(name, feature) from error
