"""Try the preset `paper` of Latent Diversity: what a click costs on a VGA image, and whether eight images can be learned.

python scripts/try_latent_diversity_paper.py click [--weights vgg19.safetensors]
python scripts/try_latent_diversity_paper.py overfit --data coco:PATH.json [--weights vgg19.safetensors]

`--weights` is VGG-19 in a safetensors file, torchvision's or Caffe's, of which the first convolutions are enough: the rest is
random.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from timing import measured

from maskwright.bench.datasets import open_dataset
from maskwright.nets.latent_diversity_paper import LatentDiversityPaper, SelectionPaper
from maskwright.prompts import Click
from maskwright.training.click_simulation import simulate_clicks
from maskwright.training.latent_diversity_paper import LEARNING_RATE, THRESHOLD, paper_input, paper_loss, paper_optimizer
from maskwright.vision.images import read_image

IMAGE = Path(__file__).parents[1] / "src" / "maskwright" / "studio" / "samples" / "coffee.jpg"


def network(weights: Path | None) -> LatentDiversityPaper:
    """f at the paper's size, from a fixed random start."""
    torch.manual_seed(0)
    net = LatentDiversityPaper()
    if weights:
        state, vgg = load_file(weights), net.image_part.vgg
        if "features.0.weight" in state:
            vgg.load_torchvision(state)
        else:
            print(f"VGG-19: {vgg.load_caffe(state)} of {len(vgg.convs)} convolutions from {weights.name}, the rest random")
    return net


@torch.inference_mode()
def click(weights: Path | None) -> None:
    """One image, two clicks, one choice among the masks."""
    net, selection = network(weights).eval(), SelectionPaper().eval()
    image = cv2.resize(read_image(IMAGE), (640, 480), interpolation=cv2.INTER_AREA).astype(np.uint8)
    print("| step | wall | processor |\n|---|---|---|")
    rgb, first = paper_input(image, [Click(300, 200)])
    with measured("image part, once per image"):
        part = net.image_part(rgb)
    with measured("f, first click"):
        masks = net.click_part(part, first)
    with measured("f, second click"):
        _, second = paper_input(image, [Click(300, 200), Click(20, 20, positive=False)])
        masks = net.click_part(part, second)
    with measured("g"):
        logits = selection(rgb, second, masks)
    assert logits.shape == (1, 6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| peak memory of the process | {peak:.0f} MB | |")


def overfit(weights: Path | None, data: str, side: int, passes: int, rate: float) -> None:
    """Train f on the first objects of eight images, made small, with the same clicks in every pass."""
    net, rng = network(weights), np.random.default_rng(0)
    seen: set[Path] = set()
    samples = []
    for thing in open_dataset(data):
        if len(seen) == 8 or thing.image_path in seen:
            continue
        image, mask, _, _ = thing.load()
        scale = side / max(mask.shape)
        colours, share = (
            cv2.resize(a, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for a in (image, mask.astype(np.float32))
        )
        target = share > 0.5
        if target.sum() < 40:
            continue
        seen.add(thing.image_path)
        rgb, maps = paper_input(colours.astype(np.uint8), simulate_clicks(target, [], rng))
        samples.append((rgb, net.image_part.vgg(rgb), maps, torch.from_numpy(target)[None, None]))
    optimizer = paper_optimizer(net)
    for group in optimizer.param_groups:
        group["lr"] = rate
    for number in range(1, passes + 1):
        losses, first, best = [], [], []
        for i in rng.permutation(len(samples)):
            rgb, features, maps, target = samples[i]
            optimizer.zero_grad()
            masks = net.click_part(net.image_part.project(rgb, features), maps)
            loss = paper_loss(masks, target, maps)
            loss.backward()
            optimizer.step()
            on = masks > THRESHOLD
            ious = (on & target).sum((2, 3)) / (on | target).sum((2, 3))
            losses.append(loss.item())
            first.append(ious[0, 0].item())
            best.append(ious.max().item())
        if number % 20 == 0 or number == passes:
            print(
                f"pass {number}: loss {np.mean(losses):.3f}, mean IoU of candidate 0 {np.mean(first):.3f}, "
                f"of the best of six {np.mean(best):.3f} (least {min(best):.3f}); {time.process_time():.0f} s of processor",
                flush=True,
            )


def main() -> None:
    """Read the command line and run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("click", "overfit"))
    parser.add_argument("--weights", type=Path, help="VGG-19 as a safetensors file")
    parser.add_argument("--data", help="overfit: ADAPTER:PATH of a data set")
    parser.add_argument("--side", type=int, default=64, help="overfit: the images' longer side, px")
    parser.add_argument("--passes", type=int, default=140, help="overfit: how often each image is seen")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="overfit: learning rate (default: the paper's)")
    given = parser.parse_args()
    if given.what == "click":
        click(given.weights)
    elif given.data:
        overfit(given.weights, given.data, given.side, given.passes, given.rate)
    else:
        parser.error("overfit needs --data")


if __name__ == "__main__":
    main()
