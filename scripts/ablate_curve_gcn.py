"""What each part of Curve-GCN adds: four short runs from the same start, measured. Prints a Markdown table.

python scripts/ablate_curve_gcn.py ../shared/data runs/ablation --init src/maskwright/weights/dextr-fast.onnx

The parts are those of the paper's own table, in its order; the runs differ in nothing else, and draw the same samples.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from maskwright.bench.datasets import open_dataset
from maskwright.bench.protocols.contour import Contour
from maskwright.bench.runner import run
from maskwright.engine import load_engine
from maskwright.methods.curve_gcn import CurveGcn
from maskwright.methods.curve_gcn_encoding import SIZE
from maskwright.training.curve_gcn import CurveGcnSettings, train
from maskwright.training.export import export

PARTS: dict[str, dict[str, Any]] = {
    "graph network, one iteration": {"gcn_stages": 1, "heads": False, "accuracy": 0.0},
    "+ two iterations more": {"heads": False, "accuracy": 0.0},
    "+ boundary heads": {"accuracy": 0.0},
    "+ accuracy loss": {},
}

SETS = ("coco_small", "voc_person")


def trained(data: Path, init: Path, out: Path, steps: int, change: dict[str, Any]) -> CurveGcn:
    """The method, with the weights of a short run."""
    short: dict[str, Any] = {"stages": ((SIZE, steps),), "encoder_factor": 1.0, "area_power": 0.0, "warm_up": 50, "ema": 0.98}
    settings = CurveGcnSettings(data=data, init=init, out=out, **short, **change)
    graphs = export("curve-gcn", train(settings), out / "curve-gcn.onnx")
    encoder, outline, drag = (lambda path=path: load_engine(path) for path in graphs)
    return CurveGcn(encoder, outline, drag)


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("out", type=Path, help="folder of the runs")
    parser.add_argument("--init", type=Path, required=True, help="what all runs start from: the graph of a DEXTR")
    parser.add_argument("--steps", type=int, default=350, help="of ten samples, each run")
    parser.add_argument("--limit", type=int, help="objects of each set (default: all)")
    given = parser.parse_args()
    columns = [f"{name}, {what}" for name in SETS for what in ("mean IoU", "boundary F at 2 px")]
    print(f"| part | {' | '.join(columns)} |")
    print("|---|" + "---:|" * len(columns))
    for i, (part, change) in enumerate(PARTS.items()):
        method = trained(given.data, given.init, given.out / str(i), given.steps, change)
        sets = (open_dataset(f"coco:{given.data / name / 'instances_val.json'}", limit=given.limit) for name in SETS)
        figures = [run(Contour(drags=0), method, dataset).metrics for dataset in sets]
        cells = (f"{metrics[name]:.3f}" for metrics in figures for name in ("mean_iou", "boundary_f"))
        print(f"| {part} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
