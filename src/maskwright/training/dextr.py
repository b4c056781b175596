"""The recipe of DEXTR's `fast` preset, to be read from top to bottom.

    maskwright train dextr --data DATA --init mobilenet_edgetpu_1.0_bn.safetensors --out runs/dextr
    maskwright train dextr --data DATA --init dextr-fast.onnx --out runs/dextr   # goes on from shipped weights

A run writes `checkpoint.pt` every few minutes and goes on from it when it is started again.
"""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from maskwright.atomic import write_atomically
from maskwright.nets.dextr_fast import FastDextr
from maskwright.training.dextr_samples import Sample, Samples, with_boundary_point
from maskwright.training.folded import freeze_norms, load_graph
from maskwright.training.objects import PhotoSet, SetMix, load_set


@dataclass(frozen=True)
class DextrSettings:
    """Everything that a run depends on."""

    data: Path
    """Folder of the training sets."""
    init: Path
    """ImageNet weights of the encoder (safetensors), or a DEXTR that `maskwright export` wrote (ONNX)."""
    out: Path
    """Folder of the run: checkpoint, log."""
    mixes: tuple[SetMix, ...] = (
        SetMix("coco_small", 0.30),
        SetMix("semantic/coco_panoptic", 0.08),
        SetMix("voc_person", 0.27),
        SetMix("bsds_regions", 0.11, union=0.5, touching=True),
        SetMix("ccp", 0.06, union=0.35),
        SetMix("car_parts", 0.05, union=0.4),
        SetMix("feral_cats", 0.08),
        SetMix("building_facade", 0.02),
        SetMix("cwfid", 0.015),
        SetMix("crackforest", 0.015),
    )
    """Variety lives in the first three."""
    min_area: int = 300
    """Objects under this many pixels are not drawn: their contours are guesses."""
    stages: tuple[tuple[int, int], ...] = ((256, 3200), (384, 6000))
    """(side of the crop, steps): small and quick first, then the size that is shipped."""
    batch: int = 12
    recycled: int = 2
    """Of the batch, samples that the network just got most wrong, with one more boundary point."""
    learning_rate: float = 3e-4
    encoder_factor: float = 0.5
    """The encoder starts trained and moves slower."""
    weight_decay: float = 0.01
    warm_up: int = 200
    ema: float = 0.998
    miss: float = 0.03
    """The largest miss of a simulated point, share of the crop's side."""
    paste: float = 0.1
    threads: int = 2
    seed: int = 1
    checkpoint_every: int = 100
    """Steps between checkpoints."""


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


def schedule(step: int, settings: DextrSettings, total: int) -> float:
    """Factor of the learning rate: a linear start, then half a cosine down to 1 %."""
    if step < settings.warm_up:
        return (step + 1) / settings.warm_up
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - settings.warm_up) / max(1, total - settings.warm_up)))


def collate(samples: list[Sample]) -> list[Sample]:
    """Samples stay a list: some of them come back in the next batch."""
    return samples


def stack(samples: list[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """The network's inputs and targets of a batch, float32, channels last."""
    rgb = torch.stack([s.rgb for s in samples]).float().div_(127.5).sub_(1)
    prompts = torch.stack([s.prompts for s in samples])
    target = torch.stack([s.target for s in samples]).float()
    form = torch.channels_last
    return rgb.contiguous(memory_format=form), prompts.contiguous(memory_format=form), target


def new_net(init: Path) -> FastDextr:
    """The network as training starts: all of it from an exported DEXTR, or the encoder from ImageNet and the rest from chance.

    Raises:
        DataError: the graph is another network's.
    """
    net = FastDextr()
    if is_graph(init):
        load_graph(net, init)
    else:
        net.encoder.load_imagenet(load_file(init))
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    return net


def is_graph(init: Path) -> bool:
    """Whether training goes on from an exported graph, most of whose norms are folded away and the rest frozen."""
    return init.suffix == ".onnx"


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


def stream(sets: list[PhotoSet], settings: DextrSettings, size: int, seed: int) -> Iterator[list[Sample]]:
    """Batches without the recycled samples, made by one worker process."""
    samples = Samples(sets, size, seed, settings.miss, settings.paste)
    loader = DataLoader(
        samples,
        settings.batch - settings.recycled,
        num_workers=1,
        prefetch_factor=4,
        collate_fn=collate,
        multiprocessing_context="fork",
    )
    return iter(loader)


def train(settings: DextrSettings, report: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """Train, or go on training, and answer the checkpoint's path.

    Args:
        settings: the recipe.
        report: called every 20 steps with `step`, `total`, `loss`, `iou`, `rate`, `seconds`.

    Raises:
        DataError: a training set is missing.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    settings.out.mkdir(parents=True, exist_ok=True)
    checkpoint = settings.out / "checkpoint.pt"
    total = sum(steps for _, steps in settings.stages)

    net = new_net(settings.init)
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(settings.ema), use_buffers=True)
    encoder = list(net.encoder.parameters())
    rest = [p for name, p in net.named_parameters() if not name.startswith("encoder.")]
    groups = [
        {"params": encoder, "lr": settings.learning_rate * settings.encoder_factor},
        {"params": rest, "lr": settings.learning_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: schedule(s, settings, total))
    step = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        step = state["step"]

    sets = [load_set(settings.data / mix.name, mix, settings.min_area) for mix in settings.mixes]
    end = 0
    started = time.monotonic()
    net.train()
    if is_graph(settings.init):
        freeze_norms(net)
    for size, steps in settings.stages:
        end += steps
        if step >= end:
            continue
        # A run that goes on draws new samples rather than those it has seen.
        batches = stream(sets, settings, size, settings.seed + step)
        again: list[Sample] = []
        losses, ious = [], []
        while step < end:
            samples = [*next(batches), *again]
            rgb, prompts, target = stack(samples)
            logits = logits_of(net, rgb, prompts)
            loss = loss_of(logits, target)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            average.update_parameters(net)
            step += 1
            iou = iou_of(logits.detach(), target)
            again = hardest(rng, samples, logits.detach(), iou, settings.recycled)
            losses.append(loss.item())
            ious.append(iou.mean().item())
            if step % 20 == 0:
                line = {
                    "step": step,
                    "total": total,
                    "size": size,
                    "loss": round(float(np.mean(losses[-20:])), 4),
                    "iou": round(float(np.mean(ious[-20:])), 4),
                    "rate": scheduler.get_last_lr()[-1],
                    "seconds": round(time.monotonic() - started, 1),
                }
                with (settings.out / "log.jsonl").open("a") as log:
                    log.write(json.dumps(line) + "\n")
                if report:
                    report(line)
            if step % settings.checkpoint_every == 0 or step == total:
                save(checkpoint, net, average, optimizer, scheduler, step)
    return checkpoint


def save(
    path: Path,
    net: FastDextr,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LambdaLR,
    step: int,
) -> None:
    """Write the checkpoint whole or not at all."""
    state = {
        "net": net.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "step": step,
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())


def overfit(settings: DextrSettings, count: int = 8, steps: int = 150) -> float:
    """Prove the recipe on a few samples: answers the mean IoU on them, which must come close to 1."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    sets = [load_set(settings.data / mix.name, mix, settings.min_area) for mix in settings.mixes[:1]]
    source = iter(Samples(sets, settings.stages[0][0], settings.seed, miss=0.0, paste=0.0))
    samples = [next(source) for _ in range(count)]
    net = new_net(settings.init).train()
    optimizer = torch.optim.AdamW(net.parameters(), settings.learning_rate)
    rgb, prompts, target = stack(samples)
    iou = torch.zeros(count)
    for _ in range(steps):
        logits = logits_of(net, rgb, prompts)
        optimizer.zero_grad(set_to_none=True)
        loss_of(logits, target).backward()
        optimizer.step()
        iou = iou_of(logits.detach(), target)
    return float(iou.mean())
