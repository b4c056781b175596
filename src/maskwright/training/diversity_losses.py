"""Losses of networks that answer several candidates at once (Li, Chen, Koltun, "Latent Diversity", CVPR 2018, section 3).

N objects, M candidates for each. A click has one truth, but it may mean several things; so only the candidate that is best *in
hindsight* is drawn fully to the truth, and a small ranked term keeps all others learning.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.training.losses import at_least_float32

RANKS = (0.08, 0.04, 0.02, 0.01, 0.005, 0.0025)
"""The weight at which each of six candidates always learns (the authors' code: 0.0025 x 32, 16, 8, 4, 2, 1)."""

TIE = 0.01
"""Candidates whose IoU is this close to the best one's are as good as it."""


def jaccard_distance(a: Tensor, b: Tensor, void: Tensor | None = None) -> Tensor:
    """1 - sum min(a, b) / sum max(a, b) over the pixels: one minus IoU, for soft masks as well (equation 2).

    Args:
        a: float in 0..1, (N, M, H, W): the candidates' probabilities.
        b: bool or 0..1, (N, 1, H, W): the target.
        void: bool, (N, 1, H, W); True leaves a pixel out.

    Returns:
        (N, M), at least in float32, in 0..1; 0 where both are empty.

    Raises:
        ValueError: shapes do not fit each other.

    Example:
        >>> jaccard_distance(torch.tensor([[[[1.0, 0.5, 0.0]], [[0.0, 0.0, 1.0]]]]), torch.tensor([[[[1, 1, 0]]]]))
        tensor([[0.2500, 1.0000]])
    """
    _one_channel_beside(a, target=b, void=void)
    a = at_least_float32(a)
    b = b.to(a.dtype)
    apart, union = (a - b).abs(), torch.maximum(a, b)  # max - min, and max
    if void is not None:
        apart, union = apart * ~void.bool(), union * ~void.bool()
    return apart.sum((2, 3)) / union.sum((2, 3)).clamp(min=torch.finfo(a.dtype).tiny)


def hindsight_loss(distances: Tensor, ranks: Sequence[float] | None = RANKS) -> Tensor:
    """The distance of the best candidate, plus every candidate's at its rank's weight; averaged over the objects.

    The minimum alone starves candidates that are never the best; with falling weights candidate 0 becomes the best on average.

    Args:
        distances: (N, M), such as `jaccard_distance`.
        ranks: M weights, for candidates 0, 1, ...; None for the minimum alone.

    Raises:
        ValueError: there are not as many ranks as candidates.

    Example:
        >>> hindsight_loss(torch.tensor([[0.5, 0.2]]), ranks=(0.1, 0.05))  # 0.2 + 0.1 * 0.5 + 0.05 * 0.2
        tensor(0.2600)
    """
    best = distances.amin(1)
    if ranks is None:
        return best.mean()
    if len(ranks) != distances.shape[1]:
        raise ValueError(f"{len(ranks)} ranks were given for {distances.shape[1]} candidates; give one for each")
    return (best + distances @ distances.new_tensor(ranks)).mean()


def click_loss(probabilities: Tensor, target: Tensor, clicks: Tensor) -> Tensor:
    """How far the candidates are from the truth on the clicks: |f - Y|, averaged over clicks, candidates and objects.

    The mean over an object's clicks is the authors' click map divided by its mean: few clicks weigh as much as many. It acts on
    every candidate: whatever was meant, a click's own pixel is known.

    Args:
        probabilities: float in 0..1, (N, M, H, W).
        target: bool or 0..1, (N, 1, H, W).
        clicks: bool or 0 / 1, (N, 1, H, W): where a click is, positive or negative. An object without one adds 0.

    Raises:
        ValueError: shapes do not fit each other.

    Example:
        >>> click_loss(torch.tensor([[[[0.9, 0.4, 0.2]]]]), torch.tensor([[[[1, 1, 0]]]]), torch.tensor([[[[1, 0, 1]]]]))
        tensor(0.1500)
    """
    _one_channel_beside(probabilities, target=target, clicks=clicks)
    probabilities = at_least_float32(probabilities)
    clicks = clicks.to(probabilities.dtype)
    apart = (probabilities - target.to(probabilities.dtype)).abs() * clicks
    return (apart.sum((2, 3)) / clicks.sum((2, 3)).clamp(min=1)).mean()


def selection_loss(logits: Tensor, ious: Tensor, tie: float = TIE) -> Tensor:
    """Softmax cross-entropy of choosing the best candidate, averaged over the objects.

    Candidates within `tie` of the best are all right: the loss is the negative logarithm of their probability together. With
    one best candidate that is the paper's loss; where all are alike there is nothing to learn, and loss and gradient are 0.

    Args:
        logits: float (N, M), the selector's.
        ious: float in 0..1, (N, M): how good each candidate is. No gradient flows into them.
        tie: IoU below the best that still counts as the best.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> selection_loss(torch.zeros(1, 4), torch.tensor([[0.8, 0.795, 0.3, 0.1]]))  # log 2: two of four are right
        tensor(0.6931)
    """
    if logits.shape != ious.shape:
        raise ValueError(f"logits are of shape {tuple(logits.shape)}, ious of {tuple(ious.shape)}; give both as (N, M)")
    ious = ious.detach()
    wrong = ious < ious.amax(1, keepdim=True) - tie
    log_chances = F.log_softmax(at_least_float32(logits), dim=1)
    return -log_chances.masked_fill(wrong, -torch.inf).logsumexp(1).mean()


def _one_channel_beside(probabilities: Tensor, **maps: Tensor | None) -> None:
    count, _, *size = probabilities.shape
    for name, other in maps.items():
        if other is not None and other.shape != (count, 1, *size):
            expected = (count, 1, *size)
            raise ValueError(
                f"{name} is of shape {tuple(other.shape)}, probabilities {tuple(probabilities.shape)} ask for {expected}"
            )
