"""What a run of the benchmark says: JSON for scripts, a Markdown table for people, a plot for both."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maskwright.atomic import write_atomically
from maskwright.errors import MissingExtraError


@dataclass(frozen=True)
class Report:
    """One method's result in one protocol on one data set. All values are plain JSON.

    Attributes:
        protocol, method, data: what was run; `data` is "ADAPTER:PATH".
        objects: how many objects, or whole images, the figures are over.
        metrics: the protocol's figures.
        latency_ms: "prepare_p50" per image, "p50" and "p95" per gesture.
        seconds: the whole run.
        environment: versions and machine; "options" (seed and the protocol's own), "skipped" objects and why.
        per_object: one record per object, in the data set's order; "ms" holds the time of each gesture.
    """

    protocol: str
    method: str
    data: str
    objects: int
    metrics: dict[str, Any]
    latency_ms: dict[str, float]
    seconds: float
    environment: dict[str, Any]
    per_object: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values, in the order above."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def write_json(report: Report, path: Path, against: Sequence[Report] = ()) -> None:
    """Write a report as JSON; rivals of the same run go in whole under "against", a key that is there only with rivals.

    Raises:
        StoreError: the file cannot be written.
    """
    content = report.to_json() | ({"against": [rival.to_json() for rival in against]} if against else {})
    write_atomically(path, (json.dumps(content, indent=2) + "\n").encode())


def markdown(reports: Sequence[Report]) -> str:
    """One row per report, one column per figure; reports of one protocol. A figure that a method has none of is left empty.

    Example:
        >>> latency = {"prepare_p50": 0.0, "p50": 31.5, "p95": 40.25}
        >>> print(markdown([Report("extreme", "dextr", "grabcut:G", 50, {"mean_iou": 0.944}, latency, 2.0, {}, [])]))
        | method | data | objects | mean_iou | p50 ms | p95 ms |
        |---|---|---:|---:|---:|---:|
        | dextr | grabcut:G | 50 | 0.944 | 31.5 | 40.2 |
    """
    names = list(dict.fromkeys(name for report in reports for name in report.metrics))
    head = ["method", "data", "objects", *names, "p50 ms", "p95 ms"]
    rows = [
        [r.method, r.data, str(r.objects)]
        + [_text(r.metrics.get(name)) for name in names]
        + [f"{r.latency_ms[key]:.1f}" for key in ("p50", "p95")]
        for r in reports
    ]
    rule = "|---|---|" + "---:|" * (len(head) - 2)
    return "\n".join([_row(head), rule, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(_text(v) for v in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def write_plot(reports: Sequence[Report], path: Path) -> None:
    """Draw two pictures side by side, one line per report each; the reports are of one protocol.

    Of `paint`: pixel accuracy and mean IoU by strokes per class. Of the others: the objects' IoU, sorted, and the mean IoU by
    gesture; their records hold "iou_at", a list of the IoU after each gesture.

    Raises:
        MissingExtraError: matplotlib is not installed.
        StoreError: the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("bench", "the benchmark's plot") from None
    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    paint = reports[0].protocol == "paint"
    (_draw_paint if paint else _draw_objects)(reports, *figure.subplots(1, 2))
    things = "images" if paint else "objects"
    figure.suptitle(f"{reports[0].protocol} on {reports[0].data}, {reports[0].objects} {things}")
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=120)
    write_atomically(path, drawn.getvalue())


def _draw_objects(reports: Sequence[Report], spread: Any, gestures: Any) -> None:
    for report in reports:
        at = np.array([record["iou_at"] for record in report.per_object])
        label = f"{report.method}: mean {at[:, -1].mean():.3f}, {report.latency_ms['p50']:.0f} ms"
        spread.plot(np.linspace(0, 100, len(at)), np.sort(at[:, -1]), label=label, marker="." if len(at) < 2 else "")
        first = {"extreme": 4, "contour": 0}.get(report.protocol, 1)
        gestures.plot(np.arange(first, first + at.shape[1]), at.mean(axis=0), marker="o", label=report.method)
    spread.set(xlabel="share of the objects, % (worst first)", ylabel="IoU", ylim=(0, 1.02))
    spread.legend(loc="lower right")
    counted = {"extreme": "points", "contour": "drags"}.get(reports[0].protocol, "gestures")
    gestures.set(xlabel=counted, ylabel="mean IoU", ylim=(0, 1.02))
    gestures.xaxis.get_major_locator().set_params(integer=True)
    gestures.legend(loc="lower right")


def _draw_paint(reports: Sequence[Report], accuracy: Any, iou: Any) -> None:
    for axes, figure, name in ((accuracy, "pixel_accuracy_at", "pixel accuracy"), (iou, "miou_at", "mean IoU")):
        for report in reports:
            at = report.metrics[figure]
            label = f"{report.method}, {report.latency_ms['p50']:.0f} ms"
            axes.plot(np.arange(1, len(at) + 1), at, marker="o", label=label)
        axes.set(xlabel="strokes per class", ylabel=name, ylim=(0, 1.02))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(loc="lower right")
