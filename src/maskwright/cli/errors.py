"""How the command line speaks of errors: one line on stderr, exit code 2, no traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from maskwright.errors import MaskwrightError


class Commands(TyperGroup):
    """The group of all commands; errors that maskwright raises on purpose end any of them alike."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except MaskwrightError as error:
            typer.echo(f"maskwright: {error}", err=True)
            raise typer.Exit(2) from error
