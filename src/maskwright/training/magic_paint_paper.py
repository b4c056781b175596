"""What FEELVOS feeds its head and how it optimises, on a still image: the preset `paper` of Magic Paint."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

WINDOW = 15
"""Cells: how far nearby paint may be, on every side: 31 x 31 cells."""

MOST_CELLS = 1024
"""Painted cells of a class that are compared with in training, drawn at random."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, 0..1."""

LEARNING_RATE, WEIGHT_DECAY, POWER = 7e-4, 4e-5, 0.9
"""Of stochastic gradient descent; the rate falls as (1 - step / total) ^ 0.9."""

HARDEST, RAMP = 0.15, 100_000
"""The share of pixels that count in the end, and the steps until then."""


def paper_input(image: NDArray[np.uint8]) -> Tensor:
    """The network's input of an RGB image, uint8 (height, width, 3): float (1, 3, height, width)."""
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return (pixels - mean) / deviation


def paper_distances(embedding: Tensor, owners: Tensor, classes: int, rng: np.random.Generator | None = None) -> Tensor:
    """How unlike each cell is to each class's paint: 2 (sigmoid(d^2) - 1/2) to the nearest painted cell.

    Args:
        embedding: (D, h, w).
        owners: int64 (h, w): which class a cell is painted with, 0 to classes - 1; -1 where there is no paint.
        classes: how many; one without paint is as unlike as can be.
        rng: leaves out all but `MOST_CELLS` cells of a class, as in training; None: all count.

    Returns:
        (classes, 2, h, w) in 0..1: everywhere; and in the window around the cell, 1 where there is no paint.
    """
    height, width = embedding.shape[1:]
    vectors = embedding.flatten(1).T
    places = torch.arange(height * width)
    places = torch.stack([places // width, places % width], 1)
    answer = []
    for k in range(classes):
        painted = (owners.flatten() == k).nonzero()[:, 0]
        if rng is not None and len(painted) > MOST_CELLS:
            painted = painted[torch.from_numpy(rng.permutation(len(painted))[:MOST_CELLS])]
        if not len(painted):
            answer.append(embedding.new_ones(2, height, width))
            continue
        lengths = vectors.square().sum(1)
        # Rounding may make a square of nearly equal vectors negative.
        squares = (lengths[painted, None] + lengths - 2 * vectors[painted] @ vectors.T).clamp(min=0)
        unlike = 2 * (squares.sigmoid() - 0.5)
        far = (places[painted, None] - places).abs().amax(2) > WINDOW
        answer.append(torch.stack([unlike.amin(0), unlike.masked_fill(far, 1).amin(0)]).view(2, height, width))
    return torch.stack(answer)


def paper_maps(distances: Tensor, before: Tensor | None) -> Tensor:
    """The head's maps, no class first: (K + 1, 3, h, w).

    No class is as unlike as the most alike class is alike.

    Args:
        distances: (K, 2, h, w), see `paper_distances`.
        before: (K + 1, h, w), the probabilities of the round before; None: all of it was no class.
    """
    with_none = torch.cat([1 - distances.amin(0, keepdim=True), distances])
    if before is None:
        before = torch.zeros_like(with_none[:, 0])
        before[0] = 1
    return torch.cat([with_none, before[:, None]], 1)


def hardest_share(step: int) -> float:
    """The share of pixels that count at a step of training: all in the beginning, `HARDEST` from `RAMP` on.

    Example:
        >>> hardest_share(0), hardest_share(50_000), hardest_share(200_000)
        (1.0, 0.575, 0.15)
    """
    return max(HARDEST, 1 - (1 - HARDEST) * step / RAMP)


def paper_loss(logits: Tensor, target: Tensor, share: float = 1.0) -> Tensor:
    """Cross-entropy of the hardest pixels at full resolution.

    Args:
        logits: (K + 1, 1, h, w), no class first.
        target: int64 (height, width): which logit is right; -100 where nothing counts.
        share: of the pixels that count; see `hardest_share`.
    """
    full = F.interpolate(logits, target.shape, mode="bilinear", align_corners=True)[:, 0]
    losses = F.cross_entropy(full[None], target[None], reduction="none")[0][target != -100]
    return losses.topk(max(1, int(share * len(losses)))).values.mean()


def paper_optimizer(net: nn.Module) -> torch.optim.SGD:
    """Stochastic gradient descent with momentum 0.9; the caller lets the rate fall (`LEARNING_RATE`)."""
    return torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9, weight_decay=WEIGHT_DECAY)
