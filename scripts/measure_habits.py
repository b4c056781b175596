"""How far inside or outside of DEXTR's outlines each set draws its own. Prints a Markdown table.

python scripts/measure_habits.py ../shared/data
python scripts/measure_habits.py ../shared/data --graph trial.onnx --limit 300

DEXTR answers four exact extreme points of each `val` object; its mask is then moved inwards by so many px (outwards where the
number is negative). A set whose figures are best at another number than 0 has a habit. In the last columns the answers stay as
they are, and what lies around an object within so many px and belongs to no other is not compared: PASCAL VOC does not count
the 5 px or so between object and ground, and its masks end where those begin. That flatters everybody.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskwright.bench.datasets import open_dataset
from maskwright.bench.protocols.start import first_mask
from maskwright.bench.runner import Unplayable
from maskwright.engine import load_engine, verify, weight_file
from maskwright.methods.dextr import WEIGHTS, Dextr
from maskwright.training.habits import drawn_by_habit
from maskwright.vision.distances import to_mask
from maskwright.vision.masks import iou

SETS = ("coco_small", "voc_person", "feral_cats", "car_parts", "bsds_regions")
INWARDS = (-1.0, 0.0, 0.5, 1.0, 2.0)
BANDS = (3.0, 5.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--graph", type=Path, help="weights of one's own (default: the shipped ones)")
    parser.add_argument("--limit", type=int, help="objects of each set, at most (default: all)")
    given = parser.parse_args()
    method = Dextr(lambda: load_engine(given.graph or verify(weight_file(WEIGHTS))))
    columns = [*(f"{far:g} px inwards" for far in INWARDS), *(f"{band:g} px not counted" for band in BANDS)]
    print("| set | objects | " + " | ".join(columns) + " |")
    print("|---|---:|" + "---:|" * len(columns))
    for name in SETS:
        path = given.data / name / "instances_val.json"
        objects = objects_of(path)
        rows = []
        for item in open_dataset(f"coco:{path}", limit=given.limit):
            sample = item.load()
            try:
                mask = first_mask(method, sample)
            except Unplayable:
                continue
            row = [iou(drawn_by_habit(mask.astype(np.uint8), far) > 0, sample.mask, sample.void) for far in INWARDS]
            free, away = ~objects[item.image_path.name], to_mask(sample.mask)
            row += [iou(mask, sample.mask, free & (away <= band)) for band in BANDS]
            rows.append(row)
        print(f"| {name} | {len(rows)} | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)) + " |", flush=True)


def objects_of(path: Path) -> dict[str, NDArray[np.bool_]]:
    """What is covered by any object, of each photo by name."""
    covered: dict[str, NDArray[np.bool_]] = defaultdict(lambda: np.zeros((), bool))
    for item in open_dataset(f"coco:{path}", min_area=0):
        covered[item.image_path.name] = covered[item.image_path.name] | item.mask
    return covered


if __name__ == "__main__":
    main()
