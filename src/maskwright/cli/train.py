"""`maskwright train`: run a method's recipe."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from maskwright.cli.errors import extra

if TYPE_CHECKING:
    from rich.progress import Progress


class Recipe(StrEnum):
    """Methods that can be trained."""

    DEXTR = "dextr"
    LATENT_DIVERSITY = "latent-diversity"
    CURVE_GCN = "curve-gcn"
    MAGIC_PAINT = "magic-paint"


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("train", no_args_is_help=True)(train)


def train(
    method: Recipe = typer.Argument(
        metavar="METHOD",
        help="What to train: [bold]dextr[/], [bold]latent-diversity[/], [bold]curve-gcn[/] or [bold]magic-paint[/].",
        show_default=False,
    ),
    data: Path = typer.Option(
        metavar="FOLDER", exists=True, file_okay=False, help="Folder of the training sets.", show_default=False
    ),
    init: Path = typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="ImageNet weights of the encoder (.safetensors), or a graph to go on from (.onnx).",
        show_default=False,
    ),
    out: Path = typer.Option(metavar="FOLDER", help="The run's folder: checkpoint.pt and log.jsonl.", show_default=False),
    threads: int = typer.Option(2, min=1, help="CPU threads."),
    seed: int = typer.Option(1, min=0, help="Of all chance in the run."),
    only_drags: bool = typer.Option(
        False, "--only-drags", help="Of curve-gcn, train what lets neighbours follow a drag, and leave outlines as they are."
    ),
) -> None:
    """Train a method (extra [bold]\\[train][/]); a run that was stopped goes on from its checkpoint.

    Each recipe and all its settings stand in one file: maskwright/training/dextr.py, latent_diversity.py, curve_gcn.py,
    magic_paint.py.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with extra("train", "training"):
        from maskwright.training import curve_gcn, dextr, latent_diversity, magic_paint

    if only_drags and method is not Recipe.CURVE_GCN:
        raise typer.BadParameter(f"{method.value} has no drags; give it with curve-gcn only", param_hint="--only-drags")
    places: dict[str, Any] = {"data": data, "init": init, "out": out, "threads": threads, "seed": seed}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        bar = Bar(progress, method.value)
        if method is Recipe.DEXTR:
            checkpoint = dextr.train(dextr.DextrSettings(**places), bar)
        elif method is Recipe.LATENT_DIVERSITY:
            checkpoint = latent_diversity.train(latent_diversity.LatentDiversitySettings(**places), bar)
        elif method is Recipe.CURVE_GCN:
            settings = curve_gcn.DragSettings if only_drags else curve_gcn.CurveGcnSettings
            checkpoint = curve_gcn.train(settings(**places), bar)
        else:
            checkpoint = magic_paint.train(magic_paint.MagicPaintSettings(**places), bar)
    typer.echo(f"{checkpoint}; next: maskwright export {method.value} {checkpoint} -o {method.value}.onnx")


class Bar:
    """Draws a run's reports."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.progress = progress
        self.name = name
        self.task = progress.add_task(name, total=None)

    def __call__(self, line: dict[str, Any]) -> None:
        """Take one report: `step`, `total`, `loss`, `iou`."""
        text = f"{self.name}  loss {line['loss']:.3f}  IoU {line['iou']:.3f}"
        self.progress.update(self.task, completed=line["step"], total=line["total"], description=text)
