"""`maskwright export`: a checkpoint becomes the graph file that the runtime runs."""

from __future__ import annotations

from pathlib import Path

import typer

from maskwright.cli.errors import extra
from maskwright.cli.train import Recipe


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("export", no_args_is_help=True)(export)


def export(
    method: Recipe = typer.Argument(
        metavar="METHOD",
        help="What was trained: [bold]dextr[/], [bold]latent-diversity[/], [bold]curve-gcn[/] or [bold]magic-paint[/].",
        show_default=False,
    ),
    checkpoint: Path = typer.Argument(
        metavar="CHECKPOINT", exists=True, dir_okay=False, help="checkpoint.pt of the run.", show_default=False
    ),
    output: Path = typer.Option(
        ...,
        "--output",
        "-o",
        metavar="FILE.onnx",
        help="The graph file to write; curve-gcn writes three, named FILE-encoder.onnx, FILE-outline.onnx, FILE-drag.onnx, "
        "magic-paint two, FILE-embedding.onnx and FILE-decoder.onnx.",
        show_default=False,
    ),
    earlier: Path | None = typer.Option(
        None,
        "--soup",
        metavar="EARLIER.onnx",
        help="Average the weights with those of the graph that the run started from, often better than either; named as for "
        "[bold]-o[/].",
        show_default=False,
    ),
    share: float = typer.Option(0.5, min=0.0, max=1.0, help="The earlier weights' share of the average."),
) -> None:
    """Turn a trained checkpoint into a graph file (extra [bold]\\[train][/])."""
    with extra("train", "exporting"):
        from maskwright.training.export import export as run

    for path in run(method.value, checkpoint, output, earlier, share):
        typer.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
