"""The loop that every recipe shares: stages of growing crops, one cosine, averaged weights, checkpoints to go on from."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from maskwright.atomic import write_atomically
from maskwright.training.folded import freeze_norms
from maskwright.training.scenes import Staging

S = TypeVar("S")
Reporter: TypeAlias = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What every run depends on."""

    data: Path
    """Folder of the training sets."""
    init: Path
    """What training starts from: ImageNet weights of the encoder (safetensors), or a graph of an earlier run (ONNX)."""
    out: Path
    """Folder of the run: checkpoint, log."""
    stages: tuple[tuple[int, int], ...]
    """(side of the crop, steps), one after the other."""
    min_area: int = 300
    """Objects under this many pixels are not drawn: their contours are guesses."""
    area_power: float = 0.0
    """How much oftener large objects are drawn: an object's chance goes with its area to this power; 0: all alike."""
    staging: Staging = Staging()
    """How often objects are shown otherwise than in their photo."""
    batch: int = 12
    recycled: int = 2
    """Of the batch, samples that come back from the last one with one gesture more."""
    learning_rate: float | None = None
    """At its peak. None: 1e-3 from ImageNet weights, `graph_rate` from a graph."""
    graph_rate: float = 3e-4
    """The peak when training goes on from a graph: it has learned much already, and its norms are folded away."""
    encoder_factor: float = 0.5
    """The encoder starts trained and may move slower; not so its first layer for the prompts, which starts from nothing."""
    weight_decay: float = 0.01
    warm_up: int = 200
    ema: float = 0.998
    threads: int = 2
    seed: int = 1
    checkpoint_every: int = 100
    """Steps between checkpoints."""


@dataclass(frozen=True, eq=False)
class Step(Generic[S]):
    """What a recipe makes of a batch.

    Attributes:
        loss: a scalar to go down.
        figures: means over the batch for the log, such as `iou`.
        again: samples for the next batch.
    """

    loss: Tensor
    figures: dict[str, float]
    again: list[S] = field(default_factory=list)


class Recipe(Protocol[S]):
    """What differs between recipes."""

    def stream(self, size: int, seed: int) -> Iterator[list[S]]:
        """Batches of fresh samples, crops of `size` px."""
        ...

    def step(self, samples: list[S]) -> Step[S]:
        """The loss of a batch, and what comes back."""
        ...


def schedule(step: int, settings: RunSettings, total: int) -> float:
    """Factor of the learning rate: a linear start, then half a cosine down to 1 %."""
    if step < settings.warm_up:
        return (step + 1) / settings.warm_up
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - settings.warm_up) / max(1, total - settings.warm_up)))


def optimizer_of(net: nn.Module, settings: RunSettings) -> torch.optim.AdamW:
    """AdamW with two rates: the encoder's, and that of all the rest."""
    rate = settings.learning_rate or (settings.graph_rate if starts_from_graph(settings) else 1e-3)
    started = {name for name, _ in net.named_parameters() if ".encoder." in f".{name}" and "prompt" not in name}
    encoder = [p for name, p in net.named_parameters() if name in started]
    rest = [p for name, p in net.named_parameters() if name not in started]
    groups = [
        {"params": encoder, "lr": rate * settings.encoder_factor},
        {"params": rest, "lr": rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def run(settings: RunSettings, net: nn.Module, recipe: Recipe[S], report: Reporter | None = None) -> Path:
    """Train, or go on from the run's checkpoint, and answer the checkpoint's path.

    Args:
        settings: of the run.
        net: the network that `recipe` trains; the parameters of a part named `encoder` have their own rate. Where the run
            starts from a graph, its remaining norms stay frozen.
        recipe: samples and loss.
        report: called every 20 steps with `step`, `total`, `size`, `loss`, the recipe's figures, `rate`, `seconds`.
    """
    checkpoint = settings.out / "checkpoint.pt"
    settings.out.mkdir(parents=True, exist_ok=True)
    total = sum(steps for _, steps in settings.stages)
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(settings.ema), use_buffers=True)
    optimizer = optimizer_of(net, settings)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: schedule(s, settings, total))
    parts: dict[str, Any] = {"net": net, "average": average, "optimizer": optimizer, "scheduler": scheduler}
    step = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        step = state["step"]

    end = 0
    started = time.monotonic()
    net.train()
    if starts_from_graph(settings):
        freeze_norms(net)
    for size, steps in settings.stages:
        end += steps
        if step >= end:
            continue
        # A run that goes on draws new samples rather than those it has seen.
        batches = recipe.stream(size, settings.seed + step)
        again: list[S] = []
        recent: list[dict[str, float]] = []
        while step < end:
            done = recipe.step([*next(batches), *again])
            optimizer.zero_grad(set_to_none=True)
            done.loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            scheduler.step()
            average.update_parameters(net)
            step += 1
            again = done.again
            recent.append({"loss": done.loss.item(), **done.figures})
            if step % 20 == 0:
                line = {
                    "step": step,
                    "total": total,
                    "size": size,
                    **{key: round(float(np.mean([r[key] for r in recent])), 4) for key in recent[0]},
                    "rate": scheduler.get_last_lr()[-1],
                    "seconds": round(time.monotonic() - started, 1),
                }
                recent.clear()
                with (settings.out / "log.jsonl").open("a") as log:
                    log.write(json.dumps(line) + "\n")
                if report:
                    report(line)
            if step % settings.checkpoint_every == 0 or step == total:
                buffer = io.BytesIO()
                torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step}, buffer)
                write_atomically(checkpoint, buffer.getvalue())
    return checkpoint


def starts_from_graph(settings: RunSettings) -> bool:
    """Whether training starts from a graph, most of whose norms are folded away (see `folded`)."""
    return settings.init.suffix == ".onnx"
