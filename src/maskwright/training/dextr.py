"""The recipe of DEXTR's `fast` preset, to be read from top to bottom.

    maskwright train dextr --data DATA --init mobilenet_edgetpu_1.0_bn.safetensors --out runs/dextr
    maskwright train dextr --data DATA --init dextr-fast.onnx --out runs/dextr   # goes on from shipped weights

A run writes `checkpoint.pt` every few minutes and goes on from it when it is started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.nets.dextr_fast import FastDextr
from maskwright.training.dextr_samples import Sample, Samples, with_boundary_point
from maskwright.training.folded import load_graph
from maskwright.training.imagenet import load_imagenet
from maskwright.training.loop import Reporter, RunSettings, Step, optimizer_of, run, starts_from_graph
from maskwright.training.objects import PhotoSet, SetMix, load_sets
from maskwright.training.scenes import Staging


@dataclass(frozen=True, kw_only=True)
class DextrSettings(RunSettings):
    """Everything that a run depends on."""

    mixes: tuple[SetMix, ...] = (
        SetMix("coco_small", 0.30, union=0.1, touching=True),
        SetMix("semantic/coco_panoptic", 0.08),
        SetMix("voc_person", 0.27, union=0.1, touching=True),
        SetMix("bsds_regions", 0.11, union=0.5, touching=True),
        SetMix("ccp", 0.06, union=0.35),
        SetMix("car_parts", 0.05, union=0.4),
        SetMix("feral_cats", 0.08),
        SetMix("building_facade", 0.02),
        SetMix("cwfid", 0.015),
        SetMix("crackforest", 0.015),
    )
    """Variety lives in the first three."""
    stages: tuple[tuple[int, int], ...] = ((384, 5500),)
    """At the size that is shipped."""
    graph_rate: float = 2e-4
    ema: float = 0.999
    encoder_factor: float = 0.1
    """What the encoder knows of the world's things is not in these few photos: at the full rate it forgets."""
    area_power: float = 0.5
    """Many objects cover less than 32 x 32 px, blurred and coarsely drawn; what people outline is mostly larger."""
    staging: Staging = Staging(framed=0.2)
    """Hardly any training object fills its photo, as a portrait does: a border that cuts it off has to be made."""
    frozen: int = 4
    """Blocks of the encoder, and its stems, that stay as they are when a graph is gone on from: a step is a quarter shorter."""
    miss: float = 0.03
    """The largest miss of a simulated point, share of the crop's side."""


def loss_of(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy plus the soft Jaccard distance, each a mean over the batch.

    The paper's class-balanced sum (`losses.balanced_bce`) makes masks too large at a threshold of 0.5 (hence its 0.8); the
    Jaccard term balances by object instead, whatever its size.

    Args:
        logits: (N, 1, S, S), target: 0 or 1, the same shape.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    probability = logits.sigmoid()
    intersection = (probability * target).sum((1, 2, 3))
    union = (probability + target - probability * target).sum((1, 2, 3))
    return entropy + (1 - (intersection + 1) / (union + 1)).mean()


def stack(samples: list[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """The network's inputs and targets of a batch, float32, channels last."""
    rgb = torch.stack([s.rgb for s in samples]).float().div_(127.5).sub_(1)
    prompts = torch.stack([s.prompts for s in samples])
    target = torch.stack([s.target for s in samples]).float()
    form = torch.channels_last
    return rgb.contiguous(memory_format=form), prompts.contiguous(memory_format=form), target


def new_net(settings: DextrSettings) -> FastDextr:
    """The network as training starts: all of it from an exported DEXTR, or the encoder from ImageNet and the rest from chance.

    Raises:
        DataError: `init` holds no weights, or those of another network.
    """
    net = FastDextr()
    if starts_from_graph(settings):
        load_graph(net, settings.init)
        net.encoder.freeze(settings.frozen)
    else:
        load_imagenet(net.encoder, settings.init)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    return net


def logits_of(net: FastDextr, rgb: Tensor, prompts: Tensor) -> Tensor:
    """The network's logits at the size of the crop, float32, computed in bfloat16: (N, 1, S, S)."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(rgb, prompts)
    return F.interpolate(logits.float(), size=rgb.shape[2:], mode="bilinear", align_corners=False)


def iou_of(logits: Tensor, target: Tensor) -> Tensor:
    """The IoU of each sample's mask, (N,)."""
    mask, truth = logits > 0, target.bool()
    return (mask & truth).sum((1, 2, 3)) / (mask | truth).sum((1, 2, 3)).clamp(min=1)


def hardest(rng: np.random.Generator, samples: list[Sample], logits: Tensor, iou: Tensor, count: int) -> list[Sample]:
    """At most `count` samples, those with the lowest IoU, each with one more boundary point at its largest error."""
    again: list[Sample] = []
    for i in iou.argsort().tolist():
        if len(again) == count or iou[i] > 0.92:
            break
        if len(samples[i].points) < 8:
            sample = with_boundary_point(rng, samples[i], ((logits[i, 0] > 0) ^ samples[i].target[0].bool()).numpy())
            if sample is not None:
                again.append(sample)
    return again


@dataclass(frozen=True, eq=False)
class DextrRecipe:
    """Samples and loss of DEXTR; of each batch, the samples that went worst come back with one more boundary point."""

    settings: DextrSettings
    net: FastDextr
    sets: list[PhotoSet]
    rng: np.random.Generator

    def stream(self, size: int, seed: int) -> Iterator[list[Sample]]:
        """Batches without the recycled samples, made by one worker process."""
        samples = Samples(self.sets, size, seed, self.settings.staging, self.settings.miss)
        return samples.batches(self.settings.batch - self.settings.recycled)

    def step(self, samples: list[Sample]) -> Step[Sample]:
        """The loss of a batch, and its hardest samples."""
        rgb, prompts, target = stack(samples)
        logits = logits_of(self.net, rgb, prompts)
        iou = iou_of(logits.detach(), target)
        again = hardest(self.rng, samples, logits.detach(), iou, self.settings.recycled)
        return Step(loss_of(logits, target), {"iou": iou.mean().item()}, again)


def train(settings: DextrSettings, report: Reporter | None = None) -> Path:
    """Train, or go on training, and answer the checkpoint's path; `report` as in `loop.run`.

    Raises:
        DataError: a training set is missing, or `init` holds no weights, or those of another network.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    net = new_net(settings)
    sets = load_sets(settings.data, settings.mixes, settings.min_area, settings.area_power)
    return run(settings, net, DextrRecipe(settings, net, sets, np.random.default_rng(settings.seed)), report)


def overfit(settings: DextrSettings, count: int = 8, steps: int = 150) -> float:
    """Prove the recipe on a few samples: answers the mean IoU on them, which must come close to 1."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    sets = load_sets(settings.data, settings.mixes[:1], settings.min_area)
    source = iter(Samples(sets, settings.stages[0][0], settings.seed, Staging(pasted=0.0), miss=0.0))
    samples = [next(source) for _ in range(count)]
    net = new_net(settings).train()
    optimizer = optimizer_of(net, settings)
    rgb, prompts, target = stack(samples)
    iou = torch.zeros(count)
    for _ in range(steps):
        logits = logits_of(net, rgb, prompts)
        optimizer.zero_grad(set_to_none=True)
        loss_of(logits, target).backward()
        optimizer.step()
        iou = iou_of(logits.detach(), target)
    return float(iou.mean())
