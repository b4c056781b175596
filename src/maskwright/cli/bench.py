"""`maskwright bench`: a robot user measures a method on a data set."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from maskwright.errors import StoreError

if TYPE_CHECKING:
    from maskwright.bench.datasets import Dataset
    from maskwright.bench.report import Report
    from maskwright.bench.runner import Rules


class Protocol(StrEnum):
    """The robots' games."""

    EXTREME = "extreme"


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("bench", no_args_is_help=True)(bench)


def bench(
    protocol: Protocol = typer.Argument(
        metavar="PROTOCOL", help="What the robot does: [bold]extreme[/] (extreme points).", show_default=False
    ),
    data: str = typer.Option(
        metavar="ADAPTER:PATH",
        help="The data set. ADAPTER: grabcut, berkeley, davis, coco-mval, sbd, voc, coco (a COCO JSON file, beside images/).",
        show_default=False,
    ),
    method: str = typer.Option("dextr", "--method", "-m", help="The method; [bold]maskwright methods[/] lists them."),
    against: list[str] = typer.Option(
        [], metavar="METHOD", help="A further method on the same objects, for the table and the plot; may be repeated."
    ),
    split: str | None = typer.Option(None, help="For voc and sbd: train or val (default).", show_default=False),
    limit: int | None = typer.Option(None, min=1, help="Only the first so many objects.", show_default=False),
    min_area: int | None = typer.Option(
        None, min=0, help="Leave out objects of fewer px; 1,024 for coco unless given.", show_default=False
    ),
    seed: int = typer.Option(0, min=0, help="Of all chance in the robot."),
    jitter: float = typer.Option(0.0, min=0, max=1000, help="extreme: how far the robot misses its points, px."),
    extra: int = typer.Option(0, min=0, max=100, help="extreme: further boundary points, one after each answer."),
    engine: str = typer.Option("onnxruntime", help="What runs the network: onnxruntime or openvino."),
    threads: int | None = typer.Option(None, min=1, help="CPU threads of the engine; the default suits the machine."),
    json: Path | None = typer.Option(None, metavar="FILE", help="Write the full report as JSON.", show_default=False),
    plot: Path | None = typer.Option(
        None, metavar="FILE.png", help="Draw the report; needs the extra 'bench'.", show_default=False
    ),
) -> None:
    """Measure a method: a robot that knows the truth gestures, the masks are compared with it.

    Prints a Markdown table on the output, progress on the error stream. [bold]iou_at[/] is the mean IoU after 4, 5, ... points;
    the other figures are those of the last mask. Times are per gesture, in milliseconds.

    [bold]Examples[/]

      maskwright bench extreme --data grabcut:GrabCut --against grabcut --json report.json --plot report.png

      maskwright bench extreme --data coco:instances_val.json --extra 2 --jitter 5 --limit 100
    """
    from maskwright.bench.datasets import open_dataset
    from maskwright.bench.protocols.extreme import Extreme
    from maskwright.bench.report import markdown, write_json, write_plot

    for path in (json, plot):
        if path is not None and not path.resolve().parent.is_dir():
            raise StoreError(f"{path}: the folder {path.parent} does not exist; make it first")
    rules = {Protocol.EXTREME: Extreme(jitter=jitter, extra=extra)}[protocol]
    dataset = open_dataset(data, split=split, min_area=min_area, limit=limit)
    options = {"split": split, "limit": limit, "min_area": min_area, "engine": engine, "threads": threads}
    reports = [measure(rules, name, dataset, seed, engine, threads, options) for name in dict.fromkeys([method, *against])]
    typer.echo(markdown(reports))
    if json is not None:
        write_json(reports[0], json, against=reports[1:])
    if plot is not None:
        write_plot(reports, plot)


def measure(
    rules: Rules, name: str, dataset: Dataset, seed: int, engine: str, threads: int | None, options: Mapping[str, object]
) -> Report:
    """Run one method, with a progress bar on the error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from maskwright.bench.runner import run
    from maskwright.methods import load_method

    loaded = load_method(name, engine=engine, threads=threads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{rules.name}, {name}", total=len(dataset))
        return run(
            rules, loaded, dataset, seed=seed, options=options, progress=lambda done, total: bar.update(task, completed=done)
        )
