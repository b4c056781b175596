"""Latent Diversity on a light encoder: what maskwright ships.

The idea is the paper's (one network proposes six masks that all respect the clicks, a second part says which is meant); here
both share one encoder, the mask so far is an input, and the second part predicts each candidate's IoU instead of a class.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.feature_pyramid import WIDTHS, FeaturePyramid

PROMPT_CHANNELS = 3
"""Disks at the positive clicks; disks at the negative clicks; the mask so far."""

CANDIDATES = 6


class FastLatentDiversity(FeaturePyramid):
    """Candidate masks and a score for each, from an RGB crop and its prompt channels.

    Args:
        candidates: how many masks; 1 makes the plain click network that the six are compared with.

    Shape:
        rgb (N, 3, S, S) in -1..1, prompts (N, 3, S, S) in 0..1, S divisible by 32 -> logits (N, M, S / 2, S / 2) and scores
        (N, M), the logits of the expected IoU.
    """

    def __init__(self, candidates: int = CANDIDATES) -> None:
        super().__init__(PROMPT_CHANNELS)
        self.candidates = nn.Sequential(
            nn.Conv2d(WIDTHS[0], 32, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(32, candidates, 1)
        )
        self.selector = Selector(candidates)

    def forward(self, rgb: Tensor, prompts: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(rgb, prompts)
        logits: Tensor = self.candidates(features[0])
        return logits, self.selector(logits, features)


class Selector(nn.Module):
    """Scores candidates by what lies inside and outside each: the selection network g of the paper, made a small head.

    Each candidate's mask (its gradient is stopped: the selector judges masks, it does not shape them) weighs the decoded
    features at stride 8 into a mean inside and a mean outside; with the mask's size, its certainty, a mean of the coarsest
    features and the candidate's number they pass through a small perceptron; a prior for each candidate is added.
    """

    def __init__(self, candidates: int) -> None:
        super().__init__()
        inputs = 2 * WIDTHS[2] + WIDTHS[4] + 2 + candidates
        self.perceptron = nn.Sequential(nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
        self.register_buffer("numbers", torch.eye(candidates), persistent=False)
        self.prior = nn.Parameter(torch.zeros(candidates))

    def forward(self, logits: Tensor, features: list[Tensor]) -> Tensor:
        """Score `logits` (N, M, S / 2, S / 2) by `features` of the pyramid: (N, M)."""
        count = logits.shape[1]
        maps = features[2].float()
        masks = F.avg_pool2d(logits.detach().float().sigmoid(), 4)
        weights, pixels = masks.flatten(2), maps.flatten(2).transpose(1, 2)
        size = weights.sum(2, keepdim=True)
        total = pixels.sum(1, keepdim=True)
        within = weights @ pixels
        cells = weights.shape[2]
        inside, outside = within / (size + 1), (total - within) / (cells - size + 1)
        certainty = (2 * weights - 1).abs().mean(2, keepdim=True)
        whole = features[4].float().mean((2, 3))[:, None].expand(-1, count, -1)
        numbers = self.numbers.expand(len(logits), -1, -1)  # type: ignore[operator]  # a buffer is a tensor
        seen = torch.cat([inside, outside, whole, size / cells, certainty, numbers], dim=2)
        # Flat, so that the exporter keeps the perceptron's weights by their names (see `training.folded`).
        scores: Tensor = self.perceptron(seen.flatten(0, 1))
        return scores.view(-1, count) + self.prior
