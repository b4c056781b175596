"""The context-aggregation network of "Fast Image Processing" (Chen, Xu, Koltun, ICCV 2017), as Latent Diversity uses it.

Every layer keeps the full resolution; 3 x 3 convolutions whose dilation doubles from layer to layer see far without pooling.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DILATIONS = (1, 2, 4, 8, 16, 32, 64, 128, 1)
"""Of the nine 3 x 3 convolutions between the first and the last 1 x 1: they see 513 x 513 px."""

WIDTH = 64
"""Channels of every hidden layer."""


class AdaptiveNorm(nn.Module):
    """w0 * x + w1 * (normalised x + shift), with learned scalars w0 = 1 and w1 = 0 at the start.

    x is normalised by its own image's mean and variance per channel, in training **and in use**: the authors' batch norm
    always ran in training mode on batches of one. Batches of several images are normalised image by image. Statistics are
    taken in float32 whatever x is.

    Args:
        channels: of x. Each has a learned shift, 0 at the start (the default of the authors' batch norm).

    Example:
        >>> norm = AdaptiveNorm(1)
        >>> x = torch.tensor([[[[0.0, 2.0]]]])
        >>> norm(x).tolist()
        [[[[0.0, 2.0]]]]
        >>> _ = norm.w1.data.fill_(10)
        >>> norm(x).round()
        tensor([[[[-10.,  12.]]]], grad_fn=<RoundBackward0>)
    """

    EPSILON = 1e-3

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.w0 = nn.Parameter(torch.ones(()))
        self.w1 = nn.Parameter(torch.zeros(()))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        wide = x if x.dtype == torch.float64 else x.float()
        mean = wide.mean((2, 3), keepdim=True)
        variance = (wide - mean).square().mean((2, 3), keepdim=True)
        inverse = self.w1 * torch.rsqrt(variance + self.EPSILON)
        # One factor and one summand per channel: no normalised copy of x.
        moved = self.w1 * self.shift.view(1, -1, 1, 1) - inverse * mean
        return x * (self.w0 + inverse).to(x.dtype) + moved.to(x.dtype)


class ContextAggregation(nn.Module):
    """What follows the first 1 x 1 convolution: norm, nine dilated convolutions with norms, the last 1 x 1 convolution.

    Leaky ReLU with slope 0.2 after every norm. Hidden convolutions start as the identity: what comes in, passes through as far
    as it is positive. The last convolution starts at random (Xavier) and alone has a bias.

    Args:
        outputs: channels of the answer.
        width: of all hidden layers, and of what comes in.
        dilations: of the 3 x 3 convolutions. Beyond the image they see zeros.
    """

    def __init__(self, outputs: int, width: int = WIDTH, dilations: tuple[int, ...] = DILATIONS) -> None:
        super().__init__()
        self.norm = AdaptiveNorm(width)
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=d, dilation=d, bias=False) for d in dilations)
        self.norms = nn.ModuleList(AdaptiveNorm(width) for _ in dilations)
        self.last = nn.Conv2d(width, outputs, 1)
        for conv in self.convs:
            nn.init.dirac_(conv.weight)  # type: ignore[arg-type]
        nn.init.xavier_uniform_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """(batch, width, height, width of image) to (batch, outputs, the same size)."""
        y: Tensor = self.last(self.hidden(x))
        return y

    def hidden(self, x: Tensor) -> Tensor:
        """What the last convolution sees."""
        x = F.leaky_relu(self.norm(x), 0.2)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.leaky_relu(norm(conv(x)), 0.2)
        return x
