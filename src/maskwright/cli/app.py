"""The command `maskwright`: mounts one module per command."""

from __future__ import annotations

import typer

from maskwright import __version__
from maskwright.cli import bench, export, methods, segment, studio, train
from maskwright.cli.errors import Commands

app = typer.Typer(
    name="maskwright",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (segment, studio, bench, methods, train, export):
    command.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"maskwright {__version__}")
        raise typer.Exit


@app.callback()
def callback(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Turn a few gestures on an image into a pixel-accurate mask."""


def main() -> None:
    """Run the command line."""
    app(prog_name="maskwright")
