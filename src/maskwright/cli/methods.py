"""`maskwright methods`: what there is to choose from."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("methods")(methods)


def methods() -> None:
    """List the methods: the gesture each takes, and the paper it comes from."""
    from rich.console import Console
    from rich.table import Table

    from maskwright.methods import METHODS

    table = Table("method", "title", "gesture", "paper", box=None, padding=(0, 2, 0, 0))
    for info in METHODS.values():
        table.add_row(f"[bold]{info.name}[/]", info.title, info.gesture, info.paper)
    Console().print(table)
