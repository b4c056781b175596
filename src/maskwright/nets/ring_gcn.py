"""The graph network of the published Curve-GCN (Ling et al., CVPR 2019, section 3.2): control points in a ring.

Each point is linked to its four nearest, two on either side, and not to itself; their features are summed, not averaged.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 128
"""Channels of the hidden layers."""

BLOCKS = 6
"""Residual blocks."""

RADIUS = 0.35
"""Of the circle that every outline starts from: 70 % of the crop across."""


def circle(vertices: int) -> Tensor:
    """Where control points start: on a circle around the crop's middle, from the right, counter-clockwise on the screen.

    Returns:
        (1, vertices, 2), x and y in 0..1 of the crop.

    Raises:
        ValueError: fewer than five: two of a point's four neighbours would be the same one.

    Example:
        >>> circle(8)[0, :3]
        tensor([[0.8500, 0.5000],
                [0.7475, 0.2525],
                [0.5000, 0.1500]])
    """
    if vertices < 5:
        raise ValueError(f"{vertices} control points are asked for; give 5 or more")
    angle = torch.arange(vertices) * (2 * math.pi / vertices)
    return 0.5 + RADIUS * torch.stack([angle.cos(), -angle.sin()], dim=1)[None]


def steps_around(vertices: int, index: Tensor) -> Tensor:
    """How many steps around the ring each control point is from another, the shorter way.

    Args:
        vertices: control points.
        index: long (batch,), the other one.

    Returns:
        Long (batch, vertices).

    Example:
        >>> steps_around(6, torch.tensor([1])).tolist()
        [[1, 0, 1, 2, 3, 2]]
    """
    steps = (torch.arange(vertices, device=index.device) - index[:, None]).abs()
    return torch.minimum(steps, vertices - steps)


class GraphConvolution(nn.Module):
    """W0 f + b0 + W1 (sum of the four neighbours' f) + b1: (batch, n, inputs) -> (batch, n, outputs)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.own = nn.Linear(inputs, outputs)
        self.others = nn.Linear(inputs, outputs)

    def forward(self, nodes: Tensor) -> Tensor:
        around = sum((nodes.roll(step, 1) for step in (-2, -1, 1)), nodes.roll(2, 1))
        answer: Tensor = self.own(nodes) + self.others(around)
        return answer


class ResidualBlock(nn.Module):
    """f <- ReLU(G2(ReLU(G1 f)) + f)."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = GraphConvolution(WIDTH, WIDTH), GraphConvolution(WIDTH, WIDTH)

    def forward(self, nodes: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(nodes))) + nodes)


class RingGcn(nn.Module):
    """How far each control point moves, from what each sees: 0.471 M parameters for 258 features.

    Two graph convolutions without activation around six residual blocks, then a linear layer. All weights start from
    N(0, 0.01), so the first shifts are next to 0.

    Args:
        inputs: features per point.

    Example:
        >>> RingGcn(258)(torch.zeros(2, 40, 258)).shape
        torch.Size([2, 40, 2])
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            GraphConvolution(inputs, WIDTH),
            *(ResidualBlock() for _ in range(BLOCKS)),
            GraphConvolution(WIDTH, 32),
            nn.Linear(32, 2),
        )
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, nodes: Tensor) -> Tensor:
        """Shifts (batch, n, 2), in shares of the crop, of nodes (batch, n, inputs) in the order of the ring."""
        shifts: Tensor = self.layers(nodes)
        return shifts
