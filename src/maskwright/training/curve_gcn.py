"""The recipe of Curve-GCN's `fast` preset, to be read from top to bottom.

    maskwright train curve-gcn --data DATA --init dextr-fast.onnx --out runs/curve-gcn
    maskwright train curve-gcn --data DATA --init curve-gcn-fast-encoder.onnx --out runs/curve-gcn   # with the two beside it
    maskwright train curve-gcn --only-drags --data DATA --init curve-gcn-fast-encoder.onnx --out runs/curve-gcn

It starts from a trained DEXTR, which knows outlines already. Every batch has its own number of control points and its own
curve, so that one network serves them all; from the ring that the network answers, simulated drags train the part that lets
neighbours follow. What differs from the paper: the earlier stages are supervised too, with a smaller weight; losses are means
over the points of the curve, so that their number does not weigh; the curve has fewer of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.methods.curve_gcn_encoding import filled
from maskwright.nets.curve_gcn_fast import HEADS, FastCurveGcn
from maskwright.nets.dextr_fast import FastDextr
from maskwright.training.contour_samples import ContourSample, ContourSamples
from maskwright.training.curve_batches import ContourBatch, CurveForm
from maskwright.training.curve_losses import boundary_loss, point_matching_loss
from maskwright.training.drags import Correction, dragged
from maskwright.training.folded import graph_beside, load_graph
from maskwright.training.imagenet import load_imagenet
from maskwright.training.loop import Reporter, RunSettings, Step, optimizer_of, run, starts_from_graph
from maskwright.training.objects import PhotoSet, SetMix, load_sets
from maskwright.training.scenes import Staging
from maskwright.training.soft_raster import accuracy_loss, soft_mask


@dataclass(frozen=True, kw_only=True)
class CurveGcnSettings(RunSettings):
    """Everything that a run depends on."""

    mixes: tuple[SetMix, ...] = (
        SetMix("coco_small", 0.40),
        SetMix("voc_person", 0.32),
        SetMix("car_parts", 0.12, union=0.2),
        SetMix("feral_cats", 0.10),
        SetMix("building_facade", 0.06),
    )
    """Variety lives in the first two."""
    stages: tuple[tuple[int, int], ...] = ((320, 7000),)
    """At the size that is shipped. The weights before it had seen 192 and 256 px (see the model card)."""
    batch: int = 10
    recycled: int = 0
    encoder_factor: float = 0.1
    """It has seen these photographs for long; what else is there learns more quickly."""
    area_power: float = 0.5
    gcn_stages: int = 3
    """1 trains the plain graph network that the three are compared with."""
    heads: bool = True
    """Predict edge, vertices and inside, and look at them again."""
    accuracy: float = 10.0
    """Weight of the accuracy loss, 0: without it."""
    raster: int = 128
    """Side of the soft masks that it compares, px."""
    accuracy_from: int = 256
    """Side of the crops from which the accuracy loss counts: the paper's second stage, for rings that lie roughly right."""
    matching: float = 10.0
    """Weight of the matching loss, whose values are small: shares of the crop."""
    earlier: float = 0.3
    """Weight of the earlier stages' matching loss, as a share of the last one's (the paper's: 0)."""
    samples: int = 320
    """Points of the curve that are matched, roughly (the paper's: 1280)."""
    drags: int = 3
    """The most corrections of one ring."""
    only_drags: bool = False
    """Train the network that lets neighbours follow, and leave the others as they are."""
    habit: float = 0.0
    """How far inside or outside of the annotated outline people draw theirs, at most, as a share of the crop's side."""


@dataclass(frozen=True, kw_only=True)
class DragSettings(CurveGcnSettings):
    """The last run: the network of drags alone, for longer and at a higher rate, which its weights from chance need."""

    stages: tuple[tuple[int, int], ...] = ((320, 5500),)
    learning_rate: float | None = 1e-3
    warm_up: int = 100
    drags: int = 8
    only_drags: bool = True
    habit: float = 0.015
    """Points in place tell of it; a box does not, so that outlines are not trained with it."""


def features_of(net: FastCurveGcn, batch: ContourBatch) -> tuple[Tensor, Tensor | None]:
    """What the control points look at, and the heads' logits, float32, computed in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        features, logits = net.trunk.seen(batch.rgb, batch.box)
    return features.float(), None if logits is None else logits.float()


def matching_of(settings: CurveGcnSettings, batch: ContourBatch, curve: Tensor) -> Tensor:
    """The matching loss of a curve (B, K, 2): the mean over its points, weighted."""
    return settings.matching * point_matching_loss(curve, batch.contour).mean() / curve.shape[1]


def curve_loss(settings: CurveGcnSettings, batch: ContourBatch, ring: Tensor) -> Tensor:
    """How far the curve through control points (B, N, 2) lies from the contour, and how much what it fills differs."""
    curve = batch.form.drawn(ring)
    loss = matching_of(settings, batch, curve)
    if settings.accuracy and batch.mask.shape[-1] >= settings.accuracy_from:
        side = settings.raster
        loss = loss + settings.accuracy * accuracy_loss(soft_mask(curve, side), soft_mask(batch.contour, side)).mean()
    return loss


def iou_of(batch: ContourBatch, ring: Tensor) -> float:
    """The mean IoU of what the curve through control points (B, N, 2) fills."""
    size = batch.mask.shape[-1]
    ious = []
    for curve, truth in zip(batch.form.drawn(ring).numpy(), batch.mask.numpy() > 0, strict=True):
        mask = filled(curve, size) > 0
        ious.append((mask & truth).sum() / max((mask | truth).sum(), 1))
    return float(np.mean(ious))


def rings_loss(settings: CurveGcnSettings, batch: ContourBatch, rings: list[Tensor]) -> Tensor:
    """The loss of the last ring, and with a smaller weight of those that graph networks made before it."""
    loss = curve_loss(settings, batch, rings[-1])
    for ring in rings[:-1]:
        loss = loss + settings.earlier * matching_of(settings, batch, batch.form.drawn(ring))
    return loss


def outline_loss(settings: CurveGcnSettings, batch: ContourBatch, rings: list[Tensor], logits: Tensor | None) -> Tensor:
    """The loss of the rings after every stage, and of the heads' logits."""
    loss = rings_loss(settings, batch, rings)
    if logits is not None:
        for i in range(HEADS):
            loss = loss + boundary_loss(logits[:, i], batch.heads[:, i]).mean()
    return loss


def correction_loss(settings: CurveGcnSettings, batch: ContourBatch, correction: Correction) -> Tensor:
    """The loss of the rings after each graph network of a drag, and of what it says is inside."""
    loss = rings_loss(settings, batch, correction.rings)
    inside = F.avg_pool2d(batch.mask[:, None], batch.mask.shape[-1] // correction.inside.shape[-1])
    return loss + F.binary_cross_entropy_with_logits(correction.inside, inside)


def loss_of(
    settings: CurveGcnSettings, net: FastCurveGcn, batch: ContourBatch, rng: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch; `iou` of the ring that a box becomes, `dragged` after one to `settings.drags` drags."""
    with torch.set_grad_enabled(not settings.only_drags):
        features, logits = features_of(net, batch)
        rings = net.outline.each(features, batch.ring, batch.adjacency)
        loss = torch.zeros(()) if settings.only_drags else outline_loss(settings, batch, rings, logits)
    # Drags begin at the answer mostly, at times at an earlier, worse ring: at use outlines come from elsewhere too.
    start = rings[-1 if rng.random() < 0.7 else int(rng.integers(len(rings)))].detach()
    corrections = dragged(rng, net.drag, features, start, batch, int(rng.integers(1, settings.drags + 1)))
    for correction in corrections:
        loss = loss + correction_loss(settings, batch, correction) / len(corrections)
    figures = {"iou": iou_of(batch, rings[-1].detach()), "dragged": iou_of(batch, corrections[-1].rings[-1].detach())}
    return loss, figures


def new_net(settings: CurveGcnSettings) -> FastCurveGcn:
    """The network as training starts: all of it from an earlier run's graphs (`init` names the encoder's), the trunk from a
    graph of DEXTR, or the encoder from ImageNet; the rest from chance. Where drags alone are learned and no graph of them lies
    beside the encoder's, that part starts from chance too.

    Raises:
        DataError: `init` holds no weights, or those of another network.
    """
    net = FastCurveGcn(settings.gcn_stages, settings.heads)
    if not starts_from_graph(settings):
        load_imagenet(net.trunk.encoder, settings.init)
    elif settings.init.name.endswith("-encoder.onnx"):
        load_graph(net.trunk, settings.init)
        for part in ("outline", "drag"):
            graph = graph_beside(settings.init, "encoder", part)
            anew = part == "drag" and settings.only_drags and not graph.is_file()
            if not anew:
                load_graph(net.get_submodule(part), graph)
    else:
        load_graph(net.trunk, settings.init, optional=("encoder.prompt_stem", "heads", "fuse"))
        dextr = FastDextr()
        load_graph(dextr, settings.init)
        with torch.no_grad():  # of DEXTR's two prompts one is the box as well
            net.trunk.encoder.prompt_stem.weight.copy_(dextr.encoder.prompt_stem.weight[:, 1:])
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    return net


@dataclass(frozen=True, eq=False)
class CurveGcnRecipe:
    """Samples and loss of Curve-GCN."""

    settings: CurveGcnSettings
    net: FastCurveGcn
    sets: list[PhotoSet]
    rng: np.random.Generator

    def stream(self, size: int, seed: int) -> Iterator[list[ContourSample]]:
        """Batches, made by one worker process."""
        settings = self.settings
        return ContourSamples(self.sets, size, seed, settings.staging, settings.habit).batches(settings.batch)

    def step(self, samples: list[ContourSample]) -> Step[ContourSample]:
        """The loss of a batch; nothing comes back."""
        batch = ContourBatch.of(samples, CurveForm.random(self.rng, self.settings.samples))
        return Step(*loss_of(self.settings, self.net, batch, self.rng))


def train(settings: CurveGcnSettings, report: Reporter | None = None) -> Path:
    """Train, or go on training, and answer the checkpoint's path; `report` as in `loop.run`.

    Raises:
        DataError: a training set is missing, or `init` holds no weights, or those of another network.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    net = new_net(settings)
    sets = load_sets(settings.data, settings.mixes, settings.min_area, settings.area_power)
    return run(settings, net, CurveGcnRecipe(settings, net, sets, np.random.default_rng(settings.seed)), report)


def overfit(settings: CurveGcnSettings, count: int = 8, steps: int = 150) -> dict[str, float]:
    """Prove the recipe on a few samples: answers the last figures on them, whose IoU must come close to 1."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    sets = load_sets(settings.data, settings.mixes[:1], settings.min_area)
    source = iter(ContourSamples(sets, settings.stages[0][0], settings.seed, Staging(pasted=0.0)))
    samples = [next(source) for _ in range(count)]
    net = new_net(settings).train()
    optimizer = optimizer_of(net, settings)
    batch = ContourBatch.of(samples, CurveForm(40, "spline", settings.samples // 40))
    figures: dict[str, float] = {}
    for _ in range(steps):
        loss, figures = loss_of(settings, net, batch, rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
    return figures
