"""Try the preset `paper` of Curve-GCN: what a box and a drag cost, and whether eight images can be learned.

python scripts/try_curve_gcn_paper.py time
python scripts/try_curve_gcn_paper.py overfit --data coco:PATH.json [--weights resnet50.safetensors]

`--weights` is torchvision's ResNet-50 in a safetensors file. Without it the network starts from chance: a ResNet that activates
before its convolutions ("v2") computes another function, so its weights do not serve.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from timing import measured
from torch import Tensor

from maskwright.bench.datasets import open_dataset
from maskwright.nets.curve_gcn_paper import CurveGcnPaper
from maskwright.training.curve_gcn_paper import (
    CROP_SIZE,
    GRADIENT_NORM,
    paper_accuracy_loss,
    paper_corrections,
    paper_crop,
    paper_curve,
    paper_input,
    paper_loss,
    paper_optimizer,
    paper_target,
)
from maskwright.training.curve_losses import point_matching_loss
from maskwright.vision.masks import bounding_box
from maskwright.vision.polygons import Polygon, from_mask, to_mask

CORRECTIONS = 3
"""Drags of an outline in training."""


def network(weights: Path | None) -> CurveGcnPaper:
    """The paper's network at its size, from a fixed random start."""
    torch.manual_seed(0)
    net = CurveGcnPaper()
    if weights:
        net.load_resnet50(load_file(weights))
    print(f"ResNet-50 from {weights.name}" if weights else "ResNet-50 from chance")
    return net


@torch.inference_mode()
def cost() -> None:
    """One crop, one outline, one drag; each a second time, when everything is warm."""
    net = network(None).eval()
    x, index, place = torch.randn(1, 3, CROP_SIZE, CROP_SIZE), torch.tensor([7]), torch.tensor([[0.4, 0.3]])
    print("| step | wall | processor |\n|---|---|---|")
    for turn in ("first", "again"):
        with measured(f"features of a crop, {turn}"):
            seen = net.see(x)
        with measured(f"outline, {turn}"):
            points = net.outline(seen.features)
        with measured(f"drag, {turn}"):
            net.drag(seen.features, points, index, place)


def read_samples(data: str, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The first objects of so many photos: input, contours, edges and vertices. Of an object's parts the largest is taken."""
    seen: set[Path] = set()
    found = []
    for thing in open_dataset(data):
        if len(seen) == count:
            break
        if thing.image_path in seen:
            continue
        image, mask, _, _ = thing.load()
        box = bounding_box(mask)
        parts = from_mask(mask, tolerance=1)
        if box is None or not parts:
            continue
        seen.add(thing.image_path)
        part = max(parts, key=lambda p: np.ptp(p.exterior, axis=0).prod())
        crop = paper_crop(box, *mask.shape)
        found.append((paper_input(image, crop), *paper_target(part, crop)))
    x, contours, edges, vertices = (torch.from_numpy(np.stack(arrays)) for arrays in zip(*found, strict=True))
    return x, contours, edges, vertices


def mean_iou(points: Tensor, contours: Tensor) -> float:
    """How well what the splines fill agrees with what the contours fill, on the crop's pixels."""
    ious = []
    for drawn, contour in zip(paper_curve(points.detach()).numpy(), contours.numpy(), strict=True):
        one, other = (to_mask([Polygon(ring * CROP_SIZE)], CROP_SIZE, CROP_SIZE) for ring in (drawn, contour))
        ious.append((one & other).sum() / (one | other).sum())
    return float(np.mean(ious))


def overfit(weights: Path | None, data: str, count: int, passes: int, fine: int, rate: float) -> None:
    """Learn a few images, a batch of all in every pass: contours and corrections, then the accuracy of the masks as well."""
    net = network(weights).train()
    x, contours, edges, vertices = read_samples(data, count)
    optimizer = paper_optimizer(net)
    for group in optimizer.param_groups:
        group["lr"] = rate
    for number in range(1, passes + fine + 1):
        optimizer.zero_grad()
        points, seen = net(x)
        matching = point_matching_loss(paper_curve(points), contours).mean()
        loss = paper_loss(points, seen, contours, edges, vertices)
        if number > passes:
            loss = loss + paper_accuracy_loss(points, contours)
        after = paper_corrections(net, seen.features, points, contours, CORRECTIONS)
        for ring in after:
            loss = loss + point_matching_loss(paper_curve(ring), contours).mean() / CORRECTIONS
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), GRADIENT_NORM)
        optimizer.step()
        if number % 10 == 0 or number == passes + fine or number <= 2:
            print(
                f"pass {number}{' with accuracy' * (number > passes)}: loss {loss.item():.1f}, matching {matching.item():.1f}, "
                f"mean IoU {mean_iou(points, contours):.3f}, after {CORRECTIONS} drags {mean_iou(after[-1], contours):.3f}; "
                f"{time.process_time():.0f} s of processor",
                flush=True,
            )


def main() -> None:
    """Read the command line and run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("time", "overfit"))
    parser.add_argument("--weights", type=Path, help="overfit: torchvision's ResNet-50 as a safetensors file")
    parser.add_argument("--data", help="overfit: ADAPTER:PATH of a data set")
    parser.add_argument("--images", type=int, default=8, help="overfit: how many, 2 or more")
    parser.add_argument(
        "--passes", type=int, default=100, help="overfit: how often each image is seen before the accuracy loss"
    )
    parser.add_argument("--fine", type=int, default=30, help="overfit: passes with the accuracy loss")
    parser.add_argument("--rate", type=float, default=3e-4, help="overfit: learning rate; the paper's for its long run is 3e-5")
    given = parser.parse_args()
    if given.what == "time":
        cost()
    elif given.data:
        overfit(given.weights, given.data, given.images, given.passes, given.fine, given.rate)
    else:
        parser.error("overfit needs --data")


if __name__ == "__main__":
    main()
