"""The recipe of Magic Paint's `fast` preset, to be read from top to bottom.

    maskwright train magic-paint --data DATA --init dextr-fast.onnx --out runs/magic-paint
    maskwright train magic-paint --data DATA --init magic-paint-fast-embedding.onnx --out runs/magic-paint   # goes on

It starts from a trained DEXTR, which knows outlines already. An episode is a crop, a first round of strokes for most of its
classes, the network's answer, and a second round on its largest errors: both answers count. Classes without strokes are to
stay without paint. Distances alone have a loss of their own, so that the embedding learns what the decoder would make up for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from maskwright.nets.magic_paint_fast import FastMagicPaint
from maskwright.training.folded import graph_beside, load_graph
from maskwright.training.imagenet import load_imagenet
from maskwright.training.loop import Reporter, RunSettings, Step, optimizer_of, run, starts_from_graph
from maskwright.training.paint_answers import Painting, alike_entropy, answers, corrected, entropy, figures_of, look
from maskwright.training.paint_photos import PaintMix, PaintSet, load_paint_sets
from maskwright.training.paint_samples import PaintSample, PaintSamples


@dataclass(frozen=True, kw_only=True)
class MagicPaintSettings(RunSettings):
    """Everything that a run depends on."""

    mixes: tuple[PaintMix, ...] = (
        PaintMix("semantic/coco_panoptic", 0.36),
        PaintMix("bsds_regions", 0.24, apart=1.0, ground=False),
        PaintMix("coco_small", 0.14, apart=0.3),
        PaintMix("voc_person", 0.08, apart=0.3),
        PaintMix("ccp", 0.06, apart=0.2),
        PaintMix("semantic/camvid_train", 0.05),
        PaintMix("semantic/labelmefacade", 0.04),
        PaintMix("semantic/paris_artdeco", 0.03),
    )
    """Whole images with many classes most; the others bring variety."""
    stages: tuple[tuple[int, int], ...] = ((256, 2600), (320, 1400))
    """Crops at the scale of use; the larger ones show more of the image."""
    batch: int = 6
    recycled: int = 0
    learning_rate: float | None = 1e-3
    """The decoder and the embedding's last layers start from chance, and learn faster at this rate than at 3e-4."""
    encoder_factor: float = 0.3
    frozen: int = 4
    """Blocks of the encoder, after its stem, that stay as they are where the run starts from a graph: those up to stride 4 see
    edges and colours, and a quarter of the embedding's time goes into their gradients."""
    only_decoder: bool = False
    """Train the decoder alone, on the embedding as it is: for comparing decoders (`scripts/ablate_magic_paint.py`)."""
    none: float = 0.5
    """Weight of pixels that are to have no class."""
    first: float = 0.5
    """Weight of the first round's loss, beside the second's."""
    alike: float = 0.5
    """Weight of the loss of distances alone."""
    apart: float = 2.0
    """Squared distance beyond which nothing is alike: where the loss of distances draws the line to no class."""
    corrections: int = 3
    """The most strokes of the second round."""


def loss_of(settings: MagicPaintSettings, painting: Painting) -> Tensor:
    """The loss of one answer: of its logits at full resolution, and of distances alone."""
    loss = entropy(painting.logits, painting.target, painting.painted, settings.none)
    return loss + settings.alike * alike_entropy(painting, settings.apart, settings.none)


def episode(
    settings: MagicPaintSettings, net: FastMagicPaint, samples: Sequence[PaintSample], rng: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """Two rounds of strokes and what they led to: the loss, a mean over the samples, and figures."""
    truths, paints = [s.truth for s in samples], [s.painted for s in samples]
    seen = look(net, samples)
    first = answers(net, seen, truths, paints)
    more = [
        corrected(rng, sample, paint, painting.classes, int(rng.integers(1, settings.corrections + 1)))
        for sample, paint, painting in zip(samples, paints, first, strict=True)
    ]
    second = answers(net, seen, truths, more, first)
    losses = [settings.first * loss_of(settings, p) for p in first] + [loss_of(settings, p) for p in second]
    return torch.stack(losses).sum() / len(samples), figures_of(samples, first, second)


def new_net(settings: MagicPaintSettings) -> FastMagicPaint:
    """The network as training starts: both parts from an earlier run's graphs (`init` names the embedding's), the encoder and
    its pyramid from a graph of DEXTR, or the encoder from ImageNet; the rest from chance.

    Raises:
        DataError: `init` holds no weights, or those of another network.
    """
    net = FastMagicPaint()
    if not starts_from_graph(settings):
        load_imagenet(net.embedding.encoder, settings.init)
    elif settings.init.name.endswith("-embedding.onnx"):
        load_graph(net.embedding, settings.init)
        load_graph(net.decoder, graph_beside(settings.init, "embedding", "decoder"))
    else:
        load_graph(net.embedding, settings.init, optional=("trunk", "embed", "describe", "look", "consider", "weigh"))
    if starts_from_graph(settings):
        net.embedding.encoder.freeze(settings.frozen)
    if settings.only_decoder:
        net.embedding.requires_grad_(False)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    return net


@dataclass(frozen=True, eq=False)
class MagicPaintRecipe:
    """Samples and loss of Magic Paint."""

    settings: MagicPaintSettings
    net: FastMagicPaint
    sets: list[PaintSet]
    rng: np.random.Generator

    def stream(self, size: int, seed: int) -> Iterator[list[PaintSample]]:
        """Batches, made by one worker process."""
        return PaintSamples(self.sets, size, seed).batches(self.settings.batch)

    def step(self, samples: list[PaintSample]) -> Step[PaintSample]:
        """The loss of a batch; nothing comes back."""
        return Step(*episode(self.settings, self.net, samples, self.rng))


def train(settings: MagicPaintSettings, report: Reporter | None = None) -> Path:
    """Train, or go on training, and answer the checkpoint's path; `report` as in `loop.run`.

    Raises:
        DataError: a training set is missing, or `init` holds no weights, or those of another network.
        MissingExtraError: scikit-image is not installed.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    net = new_net(settings)
    sets = load_paint_sets(settings.data, settings.mixes)
    return run(settings, net, MagicPaintRecipe(settings, net, sets, np.random.default_rng(settings.seed)), report)


def overfit(settings: MagicPaintSettings, count: int = 8, steps: int = 150) -> dict[str, float]:
    """Prove the recipe on a few samples: answers the last figures on them, whose accuracy must come close to 1."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    source = iter(PaintSamples(load_paint_sets(settings.data, settings.mixes[:1]), settings.stages[0][0], settings.seed))
    samples = [next(source) for _ in range(count)]
    net = new_net(settings).train()
    optimizer = optimizer_of(net, settings)
    figures: dict[str, float] = {}
    for _ in range(steps):
        loss, figures = episode(settings, net, samples, rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
    return figures
