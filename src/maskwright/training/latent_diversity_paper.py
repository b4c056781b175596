"""What the paper feeds Latent Diversity and how it optimises it (Li, Chen, Koltun, CVPR 2018): the preset `paper`.

A step is one object of one image at full resolution, with clicks from `maskwright.training.click_simulation`; there is no
augmentation besides. f is trained first (100 epochs), then g with f fixed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from maskwright.prompts import Click
from maskwright.training.diversity_losses import click_loss, hindsight_loss, jaccard_distance, selection_loss
from maskwright.vision.click_maps import click_maps
from maskwright.vision.masks import Image

LEARNING_RATE = 1e-4
"""Adam's, constant over the whole training."""

THRESHOLD = 0.5
"""A pixel more probable than this is on the mask."""


def paper_input(image: Image, clicks: Sequence[Click]) -> tuple[Tensor, Tensor]:
    """What f and g see of an image and its clicks, as a batch of one.

    Args:
        image: uint8 RGB, (height, width, 3).
        clicks: any number.

    Returns:
        The colours, float32 (1, 3, height, width) in 0..255, and the click maps, float32 (1, 4, height, width) in 0..1.

    Raises:
        PromptError: a click lies outside the image.

    Example:
        >>> rgb, maps = paper_input(np.zeros((4, 6, 3), np.uint8), [Click(2, 1)])
        >>> rgb.shape, maps.shape
        (torch.Size([1, 3, 4, 6]), torch.Size([1, 4, 4, 6]))
    """
    rgb = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1), np.float32))
    return rgb[None], torch.from_numpy(click_maps(clicks, *image.shape[:2]))[None]


def paper_loss(probabilities: Tensor, target: Tensor, maps: Tensor) -> Tensor:
    """f's loss as the authors' code has it: the ranked hindsight loss of Jaccard distances, and the clicks' loss of all masks.

    The paper's formula has the clicks within the minimum and no ranked term; then masks that are never the best learn nothing,
    not even to respect the clicks.

    Args:
        probabilities: f's answer, (batch, 6, height, width).
        target: bool or 0..1, (batch, 1, height, width).
        maps: (batch, 4, height, width), see `paper_input`.
    """
    clicks = (maps[:, 2:] == 0).any(1, keepdim=True)
    return hindsight_loss(jaccard_distance(probabilities, target)) + click_loss(probabilities, target, clicks)


def paper_selection_loss(logits: Tensor, probabilities: Tensor, target: Tensor) -> Tensor:
    """g's loss: cross-entropy of choosing the mask with the least Jaccard distance to the target.

    Masks whose distance is within 0.01 of the least are all right (see `selection_loss`); the paper takes the least alone.

    Args:
        logits: g's answer, (batch, 6).
        probabilities: f's answer, (batch, 6, height, width).
        target: bool or 0..1, (batch, 1, height, width).
    """
    return selection_loss(logits, 1 - jaccard_distance(probabilities.detach(), target))


def paper_optimizer(net: nn.Module) -> torch.optim.Adam:
    """Adam without weight decay over all that learns: of f, everything but VGG-19; of g, everything.

    Example:
        >>> from maskwright.nets.latent_diversity_paper import LatentDiversityPaper
        >>> optimizer = paper_optimizer(LatentDiversityPaper())
        >>> [(group["lr"], sum(p.numel() for p in group["params"])) for group in optimizer.param_groups]
        [(0.0001, 427354)]
    """
    return torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=LEARNING_RATE)
