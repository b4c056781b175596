"""`maskwright methods`: what there is to choose from."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("methods")(methods)


def methods() -> None:
    """List the methods: the gesture each takes, and where it comes from."""
    from rich.console import Console
    from rich.table import Table

    from maskwright.methods import METHODS

    table = Table("method", "title", "gesture", "source", box=None, padding=(0, 2, 0, 0))
    for info in METHODS.values():
        table.add_row(f"[bold]{info.name}[/]", info.title, info.gesture, info.source)
    Console().print(table)
