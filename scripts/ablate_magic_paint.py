"""What each part of Magic Paint adds: distances alone, then short runs of decoders that see more and more. Prints a table.

python scripts/ablate_magic_paint.py ../shared/data runs/ablation

All rows share the shipped embedding, which stays as it is; the decoders start from chance, differ in the maps that they see,
and draw the same samples. Measured on the `val` images of coco_panoptic and bsds_regions, which nothing was trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from maskwright.bench.datasets import open_dataset
from maskwright.bench.protocols.paint import Paint
from maskwright.bench.runner import run as measure
from maskwright.engine import load_engine, verify, weight_file
from maskwright.methods.magic_paint import WEIGHTS, MagicPaint
from maskwright.nets.magic_paint_fast import MAPS, STRIDE, PaintDecoder
from maskwright.training.export import export
from maskwright.training.loop import run
from maskwright.training.magic_paint import MagicPaintRecipe, MagicPaintSettings, new_net
from maskwright.training.paint_photos import load_paint_sets

EMBEDDING = verify(weight_file(f"{WEIGHTS}-embedding"))

ALWAYS = (4, 5, 8)
"""Maps that every decoder sees: where the paint is, and which outcome is no class."""

PARTS: Mapping[str, tuple[int, ...]] = {
    "decoder, distances everywhere": (0,),
    "+ nearby": (0, 1),
    "+ rivals": (0, 1, 2, 3),
    "+ ways across the image": (0, 1, 2, 3, 6, 7),
}
"""Rows of the table, and the maps that their decoders see besides."""

SETS = ("semantic:semantic/coco_panoptic", "coco:bsds_regions/instances_val.json")


class Nearest:
    """Instead of a decoder: the class of the most alike paint."""

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Logits at full resolution, all pixels of a cell alike."""
        alike = -inputs["maps"][:, 0]
        return {"logits": alike.repeat(STRIDE, axis=1).repeat(STRIDE, axis=2)}


def trained(settings: MagicPaintSettings, seen: tuple[int, ...]) -> MagicPaint:
    """The shipped embedding with a new decoder that sees some maps only, after a short run."""
    torch.set_num_threads(settings.threads)
    net = new_net(settings)
    torch.manual_seed(settings.seed)
    net.decoder = PaintDecoder()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    kept = torch.zeros(1, MAPS, 1, 1)
    kept[:, [*ALWAYS, *seen]] = 1
    read = net.decoder.read.weight
    read.data *= kept
    read.register_hook(lambda gradient: gradient * kept)
    sets = load_paint_sets(settings.data, settings.mixes)
    checkpoint = run(settings, net, MagicPaintRecipe(settings, net, sets, np.random.default_rng(settings.seed)))
    _, decoder = export("magic-paint", checkpoint, settings.out / "magic-paint.onnx")
    return MagicPaint(lambda: load_engine(EMBEDDING), lambda: load_engine(decoder))


def methods(given: argparse.Namespace) -> Iterator[tuple[str, MagicPaint]]:
    """The rows of the table and what they measure."""
    yield "nearest in the embedding, no decoder", MagicPaint(lambda: load_engine(EMBEDDING), Nearest)
    for number, (part, seen) in enumerate(PARTS.items()):
        settings = MagicPaintSettings(
            data=given.data,
            init=EMBEDDING,
            out=given.out / str(number),
            stages=((256, given.steps),),
            warm_up=40,
            ema=0.97,
            threads=given.threads,
            only_decoder=True,
        )
        yield part, trained(settings, seen)


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("out", type=Path, help="folder of the runs")
    parser.add_argument("--steps", type=int, default=250, help="of six samples at 256 px, each run")
    parser.add_argument("--strokes", type=int, default=2, help="per class")
    parser.add_argument("--limit", type=int, help="images of each set (default: all)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of training")
    given = parser.parse_args()
    specs = [f"{adapter}:{given.data / path}" for adapter, path in (spec.split(":") for spec in SETS)]
    names = [spec.split("/")[-1 if spec.startswith("semantic") else -2] for spec in specs]
    print("| part | " + " | ".join(f"{name}, pixel accuracy | mean IoU" for name in names) + " |")
    print("|---|" + "---:|" * 2 * len(specs))
    for part, method in methods(given):
        figures = []
        for spec in specs:
            metrics = measure(Paint(given.strokes), method, open_dataset(spec, limit=given.limit, images=True)).metrics
            figures += [metrics["pixel_accuracy_at"][-1], metrics["miou_at"][-1]]
        print(f"| {part} | {' | '.join(f'{figure:.3f}' for figure in figures)} |", flush=True)


if __name__ == "__main__":
    main()
