"""Heads that several networks share."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def adaptive_average(x: Tensor, bins: int) -> Tensor:
    """Average over `bins` x `bins` windows that cover the map; what `torch.nn.functional.adaptive_avg_pool2d` computes.

    Window i of n pixels spans floor(i n / bins) .. ceil((i + 1) n / bins), so neighbours overlap where n is no multiple of
    bins. ONNX has no such operator: exporters refuse uneven windows or spell them out in dozens of gathers. As two matrix
    products it exports for every fixed size (64 pixels into 6 bins, say).

    Args:
        x: float (batch, channels, height, width).
        bins: windows per side.

    Returns:
        Float (batch, channels, bins, bins).

    Example:
        >>> adaptive_average(torch.arange(4.0).view(1, 1, 2, 2), 1)
        tensor([[[[1.5000]]]])
    """
    rows, columns = (x.new_tensor(_window_weights(int(size), bins)) for size in x.shape[2:])
    return rows @ x @ columns.T


def _window_weights(size: int, bins: int) -> list[list[float]]:
    windows = [(i * size // bins, -(-(i + 1) * size // bins)) for i in range(bins)]
    return [[1 / (end - start) if start <= pixel < end else 0.0 for pixel in range(size)] for start, end in windows]


class PyramidPooling(nn.Module):
    """Pyramid pooling (Zhao et al., CVPR 2017): the map beside its own averages over coarser and coarser grids.

    Each grid: average to n x n, 1x1 convolution, batch norm, ReLU, bilinear back to the map's size. The input
    and all grids are concatenated and fused by a 1x1 convolution, batch norm and ReLU. The original fuses by a 3x3 convolution;
    1x1 is DEXTR's choice. A 1 x 1 grid has one value per image to normalise, so training needs batches of two or more.

    Args:
        in_channels: channels of the input map.
        branch_channels: channels of each grid's branch.
        out_channels: channels of the fused map.
        bins: cells per side of each grid.
        align_corners: how grids are brought back to the map's size; DEXTR aligns corners.

    Example:
        >>> head = PyramidPooling(64, branch_channels=16, out_channels=32).eval()
        >>> head(torch.zeros(1, 64, 12, 20)).shape
        torch.Size([1, 32, 12, 20])
    """

    def __init__(
        self,
        in_channels: int,
        branch_channels: int,
        out_channels: int,
        bins: Sequence[int] = (1, 2, 3, 6),
        align_corners: bool = True,
    ) -> None:
        super().__init__()
        self.bins = tuple(bins)
        self.align_corners = align_corners
        self.branches = nn.ModuleList(conv_bn_relu(in_channels, branch_channels) for _ in self.bins)
        self.fuse = conv_bn_relu(in_channels + len(self.bins) * branch_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Fuse `x` (batch, in_channels, height, width) with its averages: (batch, out_channels, height, width)."""
        size = [int(side) for side in x.shape[2:]]
        grids = [branch(adaptive_average(x, n)) for n, branch in zip(self.bins, self.branches, strict=True)]
        back = [F.interpolate(grid, size, mode="bilinear", align_corners=self.align_corners) for grid in grids]
        return self.fuse(torch.cat([x, *back], dim=1))  # type: ignore[no-any-return]


def conv_bn_relu(inputs: int, outputs: int, kernel: int = 1) -> nn.Sequential:
    """A convolution that keeps the size, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )
