"""Curve-GCN as published (Ling et al., "Fast Interactive Object Annotation with Curve-GCN", CVPR 2019).

A crop becomes a map of features, once. Control points start on a circle; three graph networks move them, each looking the map
up where the points then are. When one is dragged, a fourth network moves its neighbours, on the same map.

Coordinates are shares of the crop, 0..1, x to the right and y down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.resnet import RESNET50, ResNet, StridePlace
from maskwright.nets.heads import PyramidPooling, conv_bn_relu
from maskwright.nets.ring_gcn import RingGcn, circle, steps_around

VERTICES = 40
"""N, control points of an outline."""

ITERATIONS = 3
"""Graph networks, one after the other; they share no weights."""

REACH = 2
"""k, the neighbours on each side that may follow a dragged control point."""

STRIDE = 8
"""Input pixels per cell of the map."""


class Seen(NamedTuple):
    """What is computed of a crop once.

    Attributes:
        features: (batch, 256, grid, grid), what control points look up.
        edge, vertex: logits (batch, grid, grid): does the outline pass the cell, has it a corner there.
    """

    features: Tensor
    edge: Tensor
    vertex: Tensor


class BoundaryHead(nn.Module):
    """3 x 3 convolution to 16 channels, ReLU, then one fully connected layer over the whole map: 9.9 M parameters.

    Args:
        channels: of the map.
        grid: cells per side.
    """

    def __init__(self, channels: int, grid: int) -> None:
        super().__init__()
        self.grid = grid
        self.conv = nn.Conv2d(channels, 16, 3, padding=1)
        self.full = nn.Linear(16 * grid * grid, grid * grid)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (batch, grid, grid) of `x`, (batch, channels, grid, grid)."""
        logits: Tensor = self.full(F.relu(self.conv(x)).flatten(1))
        return logits.view(-1, self.grid, self.grid)


class CurveGcnPaper(nn.Module):
    """The paper's networks: ResNet-50, pyramid pooling to 28 x 28 x 512, boundary heads, three graph networks; one for drags.

    Training needs batches of two or more (see `PyramidPooling`).

    Args:
        extreme_points: the extreme-point variant: the heat map of four points is a fourth input channel.
        size: side of the crop, px; the boundary heads know no other. A multiple of 8.
        blocks, stride_on, width: see `maskwright.nets.backbones.resnet.ResNet`. The default is torchvision's ResNet-50; fewer
            blocks and a smaller width make a small network for tests.

    Example:
        >>> net = CurveGcnPaper(size=64, blocks=(1, 1, 1, 1), width=8).eval()
        >>> seen = net.see(torch.zeros(1, 3, 64, 64))  # once per box
        >>> outline = net.outline(seen.features)
        >>> outline.shape
        torch.Size([1, 40, 2])
        >>> net.drag(seen.features, outline, torch.tensor([7]), torch.tensor([[0.4, 0.6]])).shape  # once per drag
        torch.Size([1, 40, 2])
    """

    def __init__(
        self,
        *,
        extreme_points: bool = False,
        size: int = 224,
        blocks: tuple[int, int, int, int] = RESNET50,
        stride_on: StridePlace = "3x3",
        width: int = 64,
    ) -> None:
        super().__init__()
        channels = 4 if extreme_points else 3
        self.backbone = ResNet(blocks, in_channels=channels, output_stride=STRIDE, stride_on=stride_on, width=width)
        deep = self.backbone.channels[-1]
        encoded, features, grid = deep // 4, deep // 8, size // STRIDE
        self.pyramid = PyramidPooling(deep, encoded, encoded)
        self.edge, self.vertex = BoundaryHead(encoded, grid), BoundaryHead(encoded, grid)
        self.fuse = nn.Sequential(conv_bn_relu(encoded + 2, features, 3), conv_bn_relu(features, features, 3))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
        self.stages = nn.ModuleList(RingGcn(features + 2) for _ in range(ITERATIONS))
        self.interactive = RingGcn(features + 4)

    def forward(self, x: Tensor, vertices: int = VERTICES) -> tuple[Tensor, Seen]:
        """The outline of a crop, and what was seen of it: `see`, then `outline`."""
        seen = self.see(x)
        return self.outline(seen.features, vertices), seen

    def see(self, x: Tensor) -> Seen:
        """What is computed of a crop once.

        Args:
            x: float (batch, 3, size, size), RGB normalised by ImageNet's mean and deviation; with `extreme_points` a fourth
                channel, the heat map in 0..1.
        """
        encoded = self.pyramid(self.backbone(x)[-1])
        edge, vertex = self.edge(encoded), self.vertex(encoded)
        # The logits themselves, not their probabilities.
        features = self.fuse(torch.cat([encoded, edge[:, None], vertex[:, None]], dim=1))
        return Seen(features, edge, vertex)

    def outline(self, features: Tensor, vertices: int = VERTICES) -> Tensor:
        """Control points (batch, vertices, 2) of the object, counter-clockwise on the screen, as the circle they come from."""
        points = circle(vertices).to(features).expand(len(features), -1, -1)
        for i, stage in enumerate(self.stages):
            # The very first look is at the cell that the point lies in, without interpolation.
            here = features_at(features, points, nearest=i == 0)
            points = points + stage(torch.cat([here, points], dim=2))
        return points

    def drag(self, features: Tensor, points: Tensor, index: Tensor, place: Tensor, reach: int = REACH) -> Tensor:
        """Bring one control point of each outline to its place and let its neighbours follow (section 3.5).

        Args:
            features: of the crop, (batch, 256, grid, grid).
            points: control points, (batch, n, 2).
            index: long (batch,), which one is dragged.
            place: (batch, 2), where to; it stays exactly there.
            reach: neighbours on each side that may follow, around the ring; all others stay where they are.

        Returns:
            (batch, n, 2); those that follow are kept within the crop.
        """
        steps = steps_around(points.shape[1], index)[:, :, None]
        shifts = torch.where(steps == 0, place[:, None] - points, 0.0)
        moved = torch.where(steps == 0, place[:, None], points)
        nodes = torch.cat([features_at(features, moved), moved, shifts], dim=2)
        follow = (moved + self.interactive(nodes)).clamp(0, 1)
        return torch.where((steps > 0) & (steps <= reach), follow, moved)

    def load_resnet50(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the backbone from torchvision's ResNet-50 (a network of other `blocks`: from the same depth).

        In the extreme-point variant the heat map's kernels start as a copy of the blue ones. All else keeps its random start.

        Raises:
            WeightsError: the state dict is of another network.
        """
        self.backbone.load_rgb_weights(state_dict)


def features_at(features: Tensor, points: Tensor, nearest: bool = False) -> Tensor:
    """The map's features at points: (batch, n, channels).

    Point (x, y) lies at cell (x * grid, y * grid): cell 0's value is found at 0, not half a cell further in. Beyond the last
    cell's place, its value goes on.

    Args:
        features: (batch, channels, grid, grid), grid > 1.
        points: (batch, n, 2).
        nearest: of the cell that the point lies in, instead of bilinear between four.

    Example:
        >>> columns = torch.arange(4.0).expand(1, 1, 4, 4)
        >>> points = torch.tensor([[[0.375, 0.0], [0.5, 0.5], [0.9, 0.9]]])
        >>> features_at(columns, points)[0, :, 0], features_at(columns, points, nearest=True)[0, :, 0]
        (tensor([1.5000, 2.0000, 3.0000]), tensor([1., 2., 3.]))
    """
    grid = features.shape[-1]
    cells = points * grid
    if nearest:
        cells = cells.floor()
    found = F.grid_sample(features, cells[:, :, None] * (2 / (grid - 1)) - 1, padding_mode="border", align_corners=True)
    return found[..., 0].mT
