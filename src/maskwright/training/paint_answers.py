"""What one painting in training is made of: the network's answers to paint, the loss of one, the strokes that correct it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.methods.magic_paint_answer import largest
from maskwright.methods.magic_paint_distances import Nearest, distances
from maskwright.methods.magic_paint_encoding import STRIDE, Grid, laid
from maskwright.methods.magic_paint_ways import bounded
from maskwright.nets.magic_paint_fast import FastMagicPaint, enlarged
from maskwright.training.magic_paint_maps import class_maps, rounded, squared_distances
from maskwright.training.paint_photos import VOID, UInt8
from maskwright.training.paint_samples import PaintSample, random_stroke
from maskwright.vision.painting import lay
from maskwright.vision.strokes import largest_error


@dataclass(frozen=True, eq=False)
class Seen:
    """What the network made of a batch of images.

    Attributes:
        embedding: float32 (N, 32, h, w), rounded.
        projected: bfloat16 (N, 16, h, w), what the decoder sees of the images.
        weights: float32 (N, 144, h, w), for full resolution.
    """

    embedding: Tensor
    projected: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class Painting:
    """What became of one sample's paint.

    Attributes:
        logits: (K + 1, S, S), no class first.
        squares: (K, h, w): squared distances to each class's paint.
        target: int64 (S, S): which of the logits is right, `VOID` where nothing counts.
        painted: bool (S, S): where there is paint.
        nearest: what is known of distances, for a further round.
        classes: uint8 (S, S): the answer, classes as in the sample.
    """

    logits: Tensor
    squares: Tensor
    target: Tensor
    painted: Tensor
    nearest: tuple[Nearest, ...]
    classes: UInt8


def look(net: FastMagicPaint, samples: Sequence[PaintSample]) -> Seen:
    """Run the first network, in bfloat16."""
    rgb = torch.from_numpy(np.stack([s.rgb for s in samples])).permute(0, 3, 1, 2)
    rgb = rgb.float().div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        embedding, features, weights = net.embedding(rgb)
        projected = net.decoder.project(features)
    # What is read cell by cell or by neighbours is quicker in rows than in channels.
    return Seen(rounded(embedding.float().contiguous()), projected, weights.float().contiguous())


def answers(
    net: FastMagicPaint,
    seen: Seen,
    truths: Sequence[UInt8],
    paints: Sequence[UInt8],
    before: Sequence[Painting] | None = None,
) -> list[Painting]:
    """The answers to paint, all classes of all samples in one batch of the decoder.

    Args:
        net: of which the decoder runs.
        seen: the samples' images.
        truths: of each sample, as in `PaintSample`.
        paints: of each sample, what is painted; something is.
        before: the answers of the round before, whose distances are carried on.
    """
    size = truths[0].shape[0]
    strokes = [laid(paint, Grid.of(size, size, size)) for paint in paints]
    nearest = [
        distances(seen.embedding[i].detach().numpy(), given, before[i].nearest if before else ())
        for i, given in enumerate(strokes)
    ]
    pairs = [squared_distances(embedding, known) for embedding, known in zip(seen.embedding, nearest, strict=True)]
    ways = [bounded(np.stack([one.ways for one in known])) for known in nearest]
    maps = [class_maps(*pair, way, given) for pair, way, given in zip(pairs, ways, strokes, strict=True)]
    of_image = torch.repeat_interleave(torch.arange(len(maps)), torch.tensor([len(m) for m in maps]))
    every = torch.cat(maps).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        coarse = net.decoder.logits(seen.projected[of_image], every)
    found = []
    for i, logits in enumerate(coarse.float().split([len(m) for m in maps])):
        full = enlarged(logits, seen.weights[i : i + 1])
        numbers = np.zeros(256, np.uint8)
        numbers[list(strokes[i].order)] = np.arange(1, len(maps[i]))
        numbers[VOID] = VOID
        target = torch.from_numpy(numbers[truths[i]].astype(np.int64))
        classes = np.array((0, *strokes[i].order), np.uint8)[largest(full.detach().numpy())]
        classes = np.where(paints[i] > 0, paints[i], classes)
        found.append(Painting(full, pairs[i][0], target, torch.from_numpy(paints[i] > 0), nearest[i], classes))
    return found


def entropy(logits: Tensor, target: Tensor, painted: Tensor, none: float) -> Tensor:
    """Cross-entropy, a weighted mean over the pixels that count and are not painted; 0 where there are none.

    Args:
        logits: (K + 1, height, width), no class first.
        target: int64 (height, width), `VOID` where nothing counts.
        painted: bool (height, width).
        none: weight of no class; that of classes is 1.
    """
    weights = torch.ones(len(logits))
    weights[0] = none
    target = torch.where(painted, VOID, target)
    total = F.cross_entropy(logits[None], target[None], weights, ignore_index=VOID, reduction="sum")
    return total / weights[target[target != VOID]].sum().clamp(min=1)


def alike_entropy(painting: Painting, apart: float, none: float) -> Tensor:
    """Cross-entropy of distances alone, at the resolution of cells: of two classes the nearer one, beyond `apart` none.

    Args:
        painting: the answer.
        apart: squared distance.
        none: as for `entropy`.
    """
    middle = slice(STRIDE // 2, None, STRIDE)
    squares = torch.cat([torch.full_like(painting.squares[:1], apart), painting.squares])
    return entropy(-squares, painting.target[middle, middle], painting.painted[middle, middle], none)


def corrected(rng: np.random.Generator, sample: PaintSample, painted: UInt8, classes: UInt8, strokes: int) -> UInt8:
    """What is painted after up to so many strokes on the largest errors of an answer."""
    painted, classes = painted.copy(), classes.copy()
    for _ in range(strokes):
        region = largest_error(classes, sample.truth)
        if region is None:
            break
        class_id = int(sample.truth[region][0])
        lay(painted, random_stroke(rng, region, class_id))
        classes[region] = class_id
    return painted


def figures_of(samples: Sequence[PaintSample], first: Sequence[Painting], second: Sequence[Painting]) -> dict[str, float]:
    """Means over a batch: `first`, the accuracy of all pixels that count after the first round; `accuracy` and, of the painted
    classes, `iou` after the second."""
    ious = []
    for sample, painting in zip(samples, second, strict=True):
        counts = sample.truth != VOID
        for class_id in np.unique(sample.truth[counts & (sample.truth > 0)]):
            answer, truth = (painting.classes == class_id) & counts, sample.truth == class_id
            ious.append((answer & truth).sum() / (answer | truth).sum())
    both = [
        float(np.mean([(p.classes == s.truth)[s.truth != VOID].mean() for s, p in zip(samples, answers, strict=True)]))
        for answers in (first, second)
    ]
    return {"iou": float(np.mean(ious)), "accuracy": both[1], "first": both[0]}
