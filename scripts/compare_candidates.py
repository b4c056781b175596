"""What the candidates of `latent-diversity` and their selector are worth after one click. Prints a Markdown table.

python scripts/compare_candidates.py ../shared/data
python scripts/compare_candidates.py ../shared/data --graph six.onnx --single one.onnx

`--single` is the graph of a network with one candidate, trained the same way (`LatentDiversitySettings(candidates=1)`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maskwright.bench.datasets import Sample, open_dataset
from maskwright.bench.robots import next_click
from maskwright.engine import Engine, load_engine, verify, weight_file
from maskwright.methods.encoding import decode_mask, encode_image
from maskwright.methods.latent_diversity import WEIGHTS
from maskwright.methods.latent_diversity_encoding import crop_of, encode_prompts
from maskwright.vision.masks import iou

SETS = ("coco_small", "voc_person")


def candidates_of(engine: Engine, sample: Sample) -> tuple[NDArray[np.float64], int]:
    """The IoU of every candidate after the robot's first click, and which one the selector chooses."""
    height, width = sample.mask.shape
    click = next_click(np.zeros_like(sample.mask), sample.mask, void=sample.void)
    if click is None:
        raise ValueError("the object has no pixel")
    crop = crop_of(None, [click], height, width)
    prompts = encode_prompts([click], None, crop)
    answer = engine.run({"rgb": encode_image(sample.image, crop)[None], "prompts": prompts[None]})
    masks = (decode_mask(logits, crop, height, width) for logits in answer["logits"][0])
    return np.array([iou(mask, sample.mask, sample.void) for mask in masks]), int(answer["scores"][0].argmax())


def rows(engine: Engine, data: Path, limit: int | None) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.int64]]]:
    """For each set: its name, the IoU of each object's candidates (objects, M), the chosen candidates (objects,)."""
    for name in SETS:
        found = [
            candidates_of(engine, item.load())
            for item in open_dataset(f"coco:{data / name / 'instances_val.json'}", limit=limit)
        ]
        yield name, np.stack([ious for ious, _ in found]), np.array([chosen for _, chosen in found])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--graph", type=Path, help="a graph with several candidates (default: the shipped one)")
    parser.add_argument("--single", type=Path, help="a graph with one candidate, trained the same way")
    parser.add_argument("--limit", type=int, help="objects of each set (default: all)")
    given = parser.parse_args()
    engine = load_engine(given.graph or verify(weight_file(WEIGHTS)))
    single = {name: ious for name, ious, _ in rows(load_engine(given.single), given.data, given.limit)} if given.single else {}
    print("| set | objects | chosen | best of all | always candidate 0 | single output | each candidate |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for name, ious, chosen in rows(engine, given.data, given.limit):
        figures = [ious[np.arange(len(ious)), chosen].mean(), ious.max(1).mean(), ious[:, 0].mean()]
        alone = f"{single[name].mean():.3f}" if name in single else ""
        each = ", ".join(f"{mean:.3f}" for mean in ious.mean(0))
        print(f"| {name} | {len(ious)} | {' | '.join(f'{f:.3f}' for f in figures)} | {alone} | {each} |")


if __name__ == "__main__":
    main()
