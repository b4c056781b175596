"""What the first masks of objects are worth that the photo's border cuts off, as in close-ups. Prints a Markdown table.

python scripts/measure_framed.py ../shared/data
python scripts/measure_framed.py ../shared/data --method latent-diversity --graph trial.onnx

Few objects of these sets fill their photo, as a portrait does. So each `val` object is looked at twice: in its whole photo, and
in a random part of it whose border cuts the object off (`random_frame`, the same part in every run). The gesture is that of
DEXTR, four exact extreme points, or the first click of the robot.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskwright.bench.datasets import Sample, open_dataset
from maskwright.bench.robots import next_click
from maskwright.engine import load_engine, verify, weight_file
from maskwright.methods.base import Method
from maskwright.methods.dextr import WEIGHTS as DEXTR
from maskwright.methods.dextr import Dextr
from maskwright.methods.latent_diversity import WEIGHTS as LATENT_DIVERSITY
from maskwright.methods.latent_diversity import LatentDiversity
from maskwright.prompts import Prompt
from maskwright.training.augment import random_frame
from maskwright.vision.masks import extreme_points, iou

SETS = ("coco_small", "voc_person", "feral_cats", "car_parts")


def opened(method: str, graph: Path | None) -> tuple[Method, Callable[[Sample], Prompt | None]]:
    """The method, with weights of one's own or the shipped ones, and its first gesture; None: there is nothing to point at."""
    if method == "dextr":
        return Dextr(lambda: load_engine(graph or verify(weight_file(DEXTR)))), lambda sample: extreme_points(sample.mask)
    clicks = LatentDiversity(lambda: load_engine(graph or verify(weight_file(LATENT_DIVERSITY))))
    return clicks, lambda sample: next_click(np.zeros_like(sample.mask), sample.mask, void=sample.void)


def framed(sample: Sample, seed: int) -> Sample | None:
    """The part of a sample that a random frame shows; None where the frame shows too little."""
    frame = random_frame(np.random.default_rng(seed), sample.mask.astype(np.uint8))
    if frame is None:
        return None
    void = None if sample.void is None else sample.void[frame]
    return sample._replace(image=np.ascontiguousarray(sample.image[frame]), mask=sample.mask[frame], void=void)


def on_all_sides(mask: NDArray[np.bool_]) -> bool:
    """Whether an object touches all four sides of its photo."""
    return all(side.any() for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--method", choices=("dextr", "latent-diversity"), default="dextr")
    parser.add_argument("--graph", type=Path, help="weights of one's own (default: the shipped ones)")
    parser.add_argument("--limit", type=int, default=300, help="objects of each set, at most")
    given = parser.parse_args()
    method, gesture = opened(given.method, given.graph)

    def worth(sample: Sample) -> float:
        prompt = gesture(sample)
        if prompt is None:
            return 0.0
        return iou(method.predict([prompt], method.prepare(sample.image)).mask, sample.mask, sample.void)

    print("| set | objects | whole photo | framed | cut on four sides | the same, whole photo | framed |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in SETS:
        rows = []
        for seed, item in enumerate(open_dataset(f"coco:{given.data / name / 'instances_val.json'}", limit=given.limit)):
            whole = item.load()
            part = framed(whole, seed)
            if part is not None:
                rows.append((on_all_sides(part.mask), worth(whole), worth(part)))
        table = np.array(rows, float)
        close = table[table[:, 0] == 1, 1:]
        means = [f"{mean:.3f}" for mean in table[:, 1:].mean(0)]
        close_means = [f"{mean:.3f}" for mean in close.mean(0)] if len(close) else ["", ""]
        print(f"| {name} | {len(table)} | {' | '.join(means)} | {len(close)} | {' | '.join(close_means)} |")


if __name__ == "__main__":
    main()
