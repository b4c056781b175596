"""Magic Paint's maps with gradients: what `maskwright.methods.magic_paint_distances` and `..._maps` compute, for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.methods.magic_paint_distances import LIMIT, STEPS, Nearest, cells_of
from maskwright.methods.magic_paint_encoding import Cells, Laid
from maskwright.methods.magic_paint_maps import stroke_maps


def rounded(embedding: Tensor) -> Tensor:
    """The embedding at the steps it has in use; gradients pass as if it had not been rounded."""
    most = LIMIT - 1 / STEPS
    at_steps = (embedding.detach() * STEPS).round().div(STEPS).clamp(-most, most)
    return embedding + (at_steps - embedding.detach())


def squared_distances(embedding: Tensor, nearest: Sequence[Nearest]) -> tuple[Tensor, Tensor]:
    """The least squared distances to each class's paint, everywhere and nearby; infinite where there is none.

    Which cell is nearest is known; gradients flow through the distance to that one alone.

    Args:
        embedding: (D, h, w), as `rounded` gives it.
        nearest: of each class, as `distances` finds it in the same embedding.

    Returns:
        Two of (K, h, w).
    """
    vectors = embedding.flatten(1).T
    found = np.stack([[cells_of(one.everywhere) for one in nearest], [cells_of(one.nearby) for one in nearest]])
    cells = torch.from_numpy(found.reshape(2, len(nearest), -1))
    pairs = F.embedding(cells.clamp(min=0).flatten(), vectors).unflatten(0, cells.shape)
    squares = (pairs - vectors).square().sum(3).masked_fill(cells < 0, torch.inf).unflatten(2, embedding.shape[1:])
    return squares[0], squares[1]


def class_maps(everywhere: Tensor, nearby: Tensor, ways: Cells, laid: Laid) -> Tensor:
    """What the decoder sees of no class and of each class: (K + 1, 9, h, w); see the function of the same name in use.

    Args:
        everywhere, nearby: (K, h, w), as `squared_distances` gives them.
        ways: (K, h, w), 0..1.
        laid: the paint.
    """
    parts = []
    for alike in (torch.tanh(everywhere / 2), torch.tanh(nearby / 2)):
        least = alike.amin(0, keepdim=True)
        parts.append((torch.cat([1 - least, alike]), torch.cat([least, rivals(alike)])))
    (own_all, other_all), (own_near, other_near) = parts
    distances = torch.stack([own_all, own_near, other_all, other_near], 1)
    return torch.cat([distances, torch.from_numpy(stroke_maps(laid.owners, ways))], 1)


def rivals(maps: Tensor) -> Tensor:
    """The least value of all other classes; 1 where there is no other. (K, h, w) to (K, h, w)."""
    if len(maps) == 1:
        return torch.ones_like(maps)
    least, next_to_least = maps.topk(2, dim=0, largest=False).values
    return torch.where(maps == least, next_to_least, least)
