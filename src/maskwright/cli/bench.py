"""`maskwright bench`: a robot user measures a method on a data set."""

from __future__ import annotations

import os
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
    from maskwright.methods import Method


class Protocol(StrEnum):
    """The robots' games."""

    CLICKS = "clicks"
    CONTOUR = "contour"
    EXTREME = "extreme"
    PAINT = "paint"

    @property
    def default_method(self) -> str:
        """The method that was made for these gestures."""
        return {"clicks": "latent-diversity", "contour": "curve-gcn", "extreme": "dextr", "paint": "magic-paint"}[self]


ONLY_OF = {
    "jitter": (Protocol.EXTREME,),
    "extra": (Protocol.EXTREME,),
    "clicks": (Protocol.CLICKS,),
    "sloppy": (Protocol.CLICKS,),
    "start": (Protocol.CLICKS, Protocol.CONTOUR),
    "drags": (Protocol.CONTOUR,),
    "reach": (Protocol.CONTOUR,),
    "vertices": (Protocol.CONTOUR,),
    "curve": (Protocol.CONTOUR,),
    "strokes_per_class": (Protocol.PAINT,),
}
"""Options that mean something to some protocols only."""


def register(app: typer.Typer) -> None:
    """Mount the command."""
    app.command("bench", no_args_is_help=True)(bench)


def bench(
    context: typer.Context,
    protocol: Protocol = typer.Argument(
        metavar="PROTOCOL",
        help="What the robot gives: [bold]clicks[/], each where most is wrong; a box, then drags of the [bold]contour[/]'s "
        "control points to their places; the object's [bold]extreme[/] points; or [bold]paint[/], strokes on whole images.",
        show_default=False,
    ),
    data: str = typer.Option(
        metavar="ADAPTER:PATH",
        help="The data set. ADAPTER: grabcut, berkeley, davis, coco-mval, sbd, voc, coco (a COCO JSON file, beside images/), "
        "semantic (class maps).",
        show_default=False,
    ),
    method: str | None = typer.Option(
        None,
        "--method",
        "-m",
        help="The method; [bold]maskwright methods[/] lists them. Unless given: latent-diversity "
        "for clicks, curve-gcn for contour, dextr for extreme, magic-paint for paint.",
        show_default=False,
    ),
    against: list[str] = typer.Option(
        [], metavar="METHOD", help="A further method on the same objects, for the table and the plot; may be repeated."
    ),
    split: str | None = typer.Option(None, help="For voc, sbd and semantic: train or val (default).", show_default=False),
    limit: int | None = typer.Option(None, min=1, help="Only the first so many objects, or whole images.", show_default=False),
    min_area: int | None = typer.Option(
        None,
        min=0,
        help="Leave out objects of fewer px; 1,024 for coco and semantic unless given, 0 for paint.",
        show_default=False,
    ),
    seed: int = typer.Option(0, min=0, help="Of all chance in the robot."),
    jitter: float = typer.Option(0.0, min=0, max=1000, help="extreme: how far the robot misses its points, px."),
    extra: int = typer.Option(0, min=0, max=100, help="extreme: further boundary points, one after each answer."),
    clicks: int = typer.Option(20, min=1, max=100, help="clicks: at most so many on an object."),
    sloppy: bool = typer.Option(False, "--sloppy", help="clicks: the robot misses as people miss; the exact one never does."),
    start: str | None = typer.Option(
        None,
        "--from",
        metavar="METHOD",
        help="clicks, contour: go on from this method's mask of the exact extreme points; the gestures after it count.",
        show_default=False,
    ),
    drags: int = typer.Option(20, min=0, max=100, help="contour: at most so many of an object's control points."),
    reach: int = typer.Option(
        3, min=0, max=100, metavar="K", help="contour: neighbours on each side that may follow a drag; 0: by hand."
    ),
    vertices: int = typer.Option(40, min=6, max=200, metavar="N", help="contour: control points of the outline."),
    curve: str = typer.Option("spline", help="contour: how they are joined, spline or polygon."),
    strokes_per_class: int = typer.Option(
        5, min=1, max=100, metavar="K", help="paint: an image of m classes gets K x m strokes."
    ),
    engine: str = typer.Option("onnxruntime", help="What runs the network: onnxruntime or openvino."),
    threads: int | None = typer.Option(None, min=1, help="CPU threads of the engine; the default suits the machine."),
    json: Path | None = typer.Option(None, metavar="FILE", help="Write the full report as JSON.", show_default=False),
    plot: Path | None = typer.Option(
        None, metavar="FILE.png", help="Draw the report; needs the extra 'bench'.", show_default=False
    ),
) -> None:
    """Measure a method: a robot that knows the truth gestures, the masks or class maps are compared with it.

    Prints a Markdown table on the output, progress on the error stream. Times are per gesture, in milliseconds.

    [bold]clicks[/]: [bold]noc85[/] and so on are the mean clicks to so much IoU in percent, [bold]failures90[/] the objects
    that never reach 90, [bold]iou_at[/] the mean IoU after 1, 2, ... clicks, [bold]drops[/] the share of clicks that cost more
    than 5 points, [bold]chosen_iou_1[/] and [bold]best_iou_1[/] the IoU of the best candidate by score and in truth after one
    click. With [bold]--from[/] also the first masks' IoU [bold]start_iou[/], the number of [bold]repairable[/] ones (0.75 to
    0.85), and the share of these [bold]repaired[/] to 0.90 by two clicks.

    [bold]contour[/]: [bold]mean_iou[/] and [bold]boundary_f[/] (within 2 px, [bold]boundary_f_1px[/] within 1) are those of the
    first outline, [bold]iou_at[/] is the mean IoU after 0, 1, ... drags, [bold]corrections80[/] and [bold]corrections90[/] the
    mean drags to so much IoU in percent, [bold]reached80[/] and [bold]reached90[/] the share of the objects that get there;
    the same from the same first outlines where each drag moves its point alone ends in [bold]by_hand[/], and [bold]saved90[/]
    is the share of these that following spares, over the objects that get to 90 in either way; [bold]outline_ms[/] and
    [bold]drag_ms[/] are median times. Methods that draw no outline are played by hand: their mask is traced to as many points.
    Objects of several parts are left out.

    [bold]extreme[/]: [bold]iou_at[/] is the mean IoU after 4, 5, ... points; the other figures are those of the last mask.

    [bold]paint[/]: whole images; of coco, every object is a class of its own. Each stroke goes where most is wrong, whatever
    its class. Lists are by strokes per class, 1, 2, ...: [bold]miou_at[/] and [bold]pixel_accuracy_at[/] are means over the
    images, [bold]pixel_accuracy_pooled_at[/] is over all their pixels, [bold]seconds_at[/] an estimate of a person's time for
    an image; [bold]drops[/] is the share of strokes that cost more than 1 point of accuracy.

    [bold]Examples[/]

      maskwright bench clicks --data berkeley:Berkeley --against graph-cut --against geodesic --json report.json

      maskwright bench clicks --data grabcut:GrabCut --sloppy --seed 1

      maskwright bench clicks --data berkeley:Berkeley --from dextr --clicks 5

      maskwright bench contour --data coco:instances_val.json --against dextr --against grabcut --json report.json

      maskwright bench contour --data coco:instances_val.json --from dextr

      maskwright bench contour --data coco:instances_val.json --reach 0 --curve polygon --vertices 20

      maskwright bench extreme --data grabcut:GrabCut --against grabcut --json report.json --plot report.png

      maskwright bench extreme --data coco:instances_val.json --extra 2 --jitter 5 --limit 100

      maskwright bench paint --data semantic:coco_panoptic --method random-walker --against brush --strokes-per-class 3
    """
    from maskwright.bench.datasets import open_dataset
    from maskwright.bench.protocols.clicks import Clicks
    from maskwright.bench.protocols.contour import Contour
    from maskwright.bench.protocols.extreme import Extreme
    from maskwright.bench.protocols.paint import Paint
    from maskwright.bench.report import markdown, write_json, write_plot
    from maskwright.methods import load_method

    refuse_options_of_others(context, protocol)
    for path in (json, plot):
        if path is not None:
            check_writable(path)
    rules: Rules
    first = load_method(start, engine=engine, threads=threads) if start else None
    if protocol is Protocol.CLICKS:
        rules = Clicks(clicks=clicks, sloppy=sloppy, start=first)
    elif protocol is Protocol.CONTOUR:
        rules = Contour(drags=drags, reach=reach, vertices=vertices, curve=curve, start=first)
    elif protocol is Protocol.PAINT:
        rules = Paint(strokes_per_class)
    else:
        rules = Extreme(jitter=jitter, extra=extra)
    names = dict.fromkeys([method or protocol.default_method, *against])
    dataset = open_dataset(data, split=split, min_area=min_area, limit=limit, images=protocol is Protocol.PAINT)
    options = {"split": split, "limit": limit, "min_area": min_area, "engine": engine, "threads": threads}
    methods = [load_method(name, engine=engine, threads=threads) for name in names]
    for loaded in methods:
        rules.check(loaded)  # a mistyped rival is found out now, not after the first method's hour
    reports = [measure(rules, loaded, dataset, seed, options) for loaded in methods]
    typer.echo(markdown(reports))
    if json is not None:
        write_json(reports[0], json, against=reports[1:])
    if plot is not None:
        write_plot(reports, plot)


def refuse_options_of_others(context: typer.Context, protocol: Protocol) -> None:
    """Refuse what the protocol would ignore: a figure must be of what was asked for.

    Raises:
        BadParameter: an option was given that means something to other protocols only.
    """
    for parameter in context.command.params:
        name = parameter.name or ""
        owners = ONLY_OF.get(name, (protocol,))
        source = context.get_parameter_source(name)
        if protocol not in owners and source is not None and source.name == "COMMANDLINE":
            takers = " and ".join(owner.value for owner in owners)
            raise typer.BadParameter(f"{protocol.value} has no use for it; it is for {takers}", param_hint=parameter.opts[0])


def check_writable(path: Path) -> None:
    """Refuse a file that could not be written once all is measured.

    Raises:
        StoreError: its folder does not exist, or it is a folder itself.
    """
    from maskwright.cli.output import check_folder

    check_folder(path)
    if os.path.isdir(path):
        raise StoreError(f"{path} is a folder; give a file's name")


def measure(rules: Rules, method: Method, dataset: Dataset, seed: int, options: Mapping[str, object]) -> Report:
    """Run one method, with a progress bar on the error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from maskwright.bench.runner import run

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{rules.name}, {method.name}", total=len(dataset))
        return run(
            rules, method, dataset, seed=seed, options=options, progress=lambda done, total: bar.update(task, completed=done)
        )
