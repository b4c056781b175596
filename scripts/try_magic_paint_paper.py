"""Try the preset `paper` of Magic Paint: what an image and a stroke cost, and whether eight images can be learned.

python scripts/try_magic_paint_paper.py time
python scripts/try_magic_paint_paper.py overfit --data FOLDER [--weights resnet50.safetensors]

`--data` is a folder of class maps (`images/`, `labels/`, `classes.json`); `--weights` is torchvision's ResNet-50 in a
safetensors file. Without it the network starts from chance: a ResNet that activates before its convolutions ("v2") computes
another function, so its weights do not serve.
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

from maskwright.methods.magic_paint_encoding import Grid, laid
from maskwright.nets.magic_paint_paper import STRIDE, MagicPaintPaper
from maskwright.training.magic_paint_paper import paper_distances, paper_input, paper_loss, paper_maps, paper_optimizer
from maskwright.training.paint_photos import VOID, PaintMix, load_paint_sets
from maskwright.training.paint_samples import PaintSample, PaintSamples


def network(weights: Path | None) -> MagicPaintPaper:
    """The network at the size of the paper, from a fixed random start."""
    torch.manual_seed(0)
    net = MagicPaintPaper()
    if weights:
        net.load_resnet50(load_file(weights))
    print(f"ResNet-50 from {weights.name}" if weights else "ResNet-50 from chance")
    return net


@torch.inference_mode()
def cost() -> None:
    """One image of 640 x 480 px, two classes of 200 painted cells each."""
    net = network(None).eval()
    print("| step | wall | processor |\n|---|---|---|")
    with measured("features and embedding, once per image"):
        features, embedding = net(torch.randn(1, 3, 480, 640))
    owners = torch.full(embedding.shape[2:], -1)
    owners[40:44, 20:70], owners[90:94, 20:70] = 0, 1
    with measured("distances"):
        distances = paper_distances(embedding[0], owners, 2)
    with measured("head, three classes"):
        net.logits(features, paper_maps(distances, None))


def answer(net: MagicPaintPaper, seen: tuple[Tensor, Tensor], sample: PaintSample) -> tuple[Tensor, Tensor]:
    """Logits of two rounds of the head on the same paint, the first one's probabilities fed back; and the targets."""
    features, embedding = seen
    size = sample.truth.shape[0]
    strokes = laid(sample.painted, Grid.of(size, size, size))
    distances = paper_distances(embedding, torch.from_numpy(strokes.owners.astype(np.int64)), len(strokes.order))
    first = net.logits(features[None], paper_maps(distances, None))
    second = net.logits(features[None], paper_maps(distances, first[:, 0].softmax(0).detach()))
    numbers = np.zeros(256, np.int64)
    numbers[list(strokes.order)], numbers[VOID] = np.arange(1, len(strokes.order) + 1), -100
    return torch.stack([first, second]), torch.from_numpy(numbers[sample.truth])


def overfit(weights: Path | None, data: Path, count: int, side: int, passes: int, rate: float) -> None:
    """Learn a few images, a batch of all in every pass, with the same strokes each time."""
    net = network(weights).train()
    stream = iter(PaintSamples(load_paint_sets(data.parent, [PaintMix(data.name, 1.0)]), side, seed=0))
    samples = [next(stream) for _ in range(count)]
    x = torch.cat([paper_input(sample.rgb) for sample in samples])
    optimizer = paper_optimizer(net)
    for group in optimizer.param_groups:
        group["lr"] = rate
    for number in range(1, passes + 1):
        optimizer.zero_grad()
        features, embedding = net(x)
        losses, right = [], []
        for i, sample in enumerate(samples):
            rounds, target = answer(net, (features[i], embedding[i]), sample)
            losses += [paper_loss(logits, target) for logits in rounds]
            middle = target[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
            right.append((rounds[1, :, 0].argmax(0) == middle)[middle != -100].float().mean().item())
        loss = torch.stack(losses).mean()
        loss.backward()
        optimizer.step()
        if number % 10 == 0 or number == passes or number <= 2:
            print(
                f"pass {number}: loss {loss.item():.3f}, accuracy of cells {np.mean(right):.3f}; "
                f"{time.process_time():.0f} s of processor",
                flush=True,
            )


def main() -> None:
    """Read the command line and run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("time", "overfit"))
    parser.add_argument("--weights", type=Path, help="overfit: torchvision's ResNet-50 as a safetensors file")
    parser.add_argument("--data", type=Path, help="overfit: a folder of class maps")
    parser.add_argument("--images", type=int, default=8, help="overfit: how many, 2 or more")
    parser.add_argument("--side", type=int, default=192, help="overfit: the crops' side, px, a multiple of 16")
    parser.add_argument("--passes", type=int, default=100, help="overfit: how often each image is seen")
    parser.add_argument("--rate", type=float, default=2e-2, help="overfit: learning rate; FEELVOS's for its long run is 7e-4")
    given = parser.parse_args()
    if given.what == "time":
        cost()
    elif given.data:
        overfit(given.weights, given.data, given.images, given.side, given.passes, given.rate)
    else:
        parser.error("overfit needs --data")


if __name__ == "__main__":
    main()
