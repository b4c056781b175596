"""Curve-GCN on a light encoder: what maskwright ships.

The idea is the paper's (boundary heads fed back into the features, three graph networks that move a ring of control points, a
fourth that moves the neighbours of a dragged one); for a CPU the encoder is MobileNet-EdgeTPU under a feature pyramid, at
stride 4 instead of 8. What else differs:

- The box is an input: the square crop says how long its longer side is, and nothing of the shorter one.
- A third head tells the object's inside, beside edge and vertices; all three are convolutions instead of fully connected.
- The adjacency is an input as well, so that a ring may have any number of control points; its rows sum to 1, so that none of
  the fourteen layers multiplies what it sees by the number of neighbours.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.feature_pyramid import WIDTHS, FeaturePyramid

PROMPT_CHANNELS = 1
"""The box."""

FEATURES = 96
"""Channels of the map that control points look at."""

STRIDE = 4
"""Of that map."""

HEADS = 3
"""Edge, vertices, inside."""

STAGES = 3
"""Graph networks between the first ring and the answer; they share no weights."""

WIDTH, BLOCKS = 128, 6
"""Of one graph network."""

DRAG_MAPS = 3
"""What a drag adds to the features: the outline's inside, the points in place, the dragged one."""

DRAG_WIDTHS = (48, 64, 96)
"""Channels of the features that are read anew for a drag, at strides 8, 16 and 32."""

DRAG_STAGES = 2
"""Graph networks that move the followers."""


class Trunk(FeaturePyramid):
    """Features of a crop, at which control points look.

    Args:
        heads: predict edge, vertices and inside, and look at them again (section 3.2 of the paper).

    Shape:
        rgb (B, 3, S, S) in -1..1, box (B, 1, S, S), 1 inside and 0 outside, S divisible by 32 -> (B, 96, S / 4, S / 4).
    """

    def __init__(self, heads: bool = True) -> None:
        super().__init__(PROMPT_CHANNELS, finest=1)
        width = WIDTHS[1]
        self.heads = (
            nn.Sequential(nn.Conv2d(width, 32, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(32, HEADS, 1)) if heads else None
        )
        self.fuse = nn.Sequential(
            nn.Conv2d(width + (HEADS if heads else 0), FEATURES, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(FEATURES, FEATURES, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        for layer in self.fuse:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, rgb: Tensor, box: Tensor) -> Tensor:
        return self.seen(rgb, box)[0]

    def seen(self, rgb: Tensor, box: Tensor) -> tuple[Tensor, Tensor | None]:
        """The features, and the heads' logits (B, 3, S / 4, S / 4): edge, vertices, inside; None without heads."""
        features = self.features(rgb, box)[0]
        if self.heads is None:
            return self.fuse(features), None
        logits = self.heads(features)
        return self.fuse(torch.cat([features, logits], 1)), logits


def looked_up(features: Tensor, points: Tensor) -> Tensor:
    """The features at points, bilinear between cells' centres; beyond the map as on its rim.

    Args:
        features: (B, C, H, W).
        points: (B, N, 2), x and y in 0..1 of the map.

    Returns:
        (B, N, C).
    """
    found = F.grid_sample(features, 2 * points[:, :, None] - 1, padding_mode="border", align_corners=False)
    return found[..., 0].transpose(1, 2)


class GraphConvolution(nn.Module):
    """G(f) = W0 f + W1 (A f) + b, both matrices in one.

    Shape:
        nodes (B, N, inputs), adjacency (B, N, N), rows summing to 1 -> (B, N, outputs).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2 * inputs, outputs)

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        both = torch.cat([nodes, adjacency @ nodes], 2)
        # Flat, so that the exporter keeps the weights by their names (see `training.folded`).
        answer: Tensor = self.linear(both.flatten(0, 1)).unflatten(0, both.shape[:2])
        return answer


class ResidualBlock(nn.Module):
    """f <- ReLU(G2(ReLU(G1 f)) + f); shapes as in `GraphConvolution`."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = GraphConvolution(WIDTH, WIDTH), GraphConvolution(WIDTH, WIDTH)

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(nodes, adjacency)), adjacency) + nodes)


class GraphNetwork(nn.Module):
    """From what each control point sees to how far it moves.

    Shape:
        nodes (B, N, inputs), adjacency (B, N, N) -> (B, N, 2), shifts in 0..1 of the crop, next to 0 in the beginning.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.first = GraphConvolution(inputs, WIDTH)
        self.blocks = nn.ModuleList(ResidualBlock() for _ in range(BLOCKS))
        self.last = GraphConvolution(WIDTH, 32)
        self.shift = nn.Linear(32, 2)
        nn.init.normal_(self.shift.weight, std=0.01)
        nn.init.zeros_(self.shift.bias)

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        nodes = F.relu(self.first(nodes, adjacency))
        for block in self.blocks:
            nodes = block(nodes, adjacency)
        nodes = F.relu(self.last(nodes, adjacency))
        shifts: Tensor = self.shift(nodes.flatten(0, 1)).unflatten(0, nodes.shape[:2])
        return shifts


class OutlineGcn(nn.Module):
    """The stages that bring a first ring to the object (section 3.1 of the paper).

    Args:
        stages: how many; 1 makes the plain graph network that the three are compared with.

    Shape:
        features (B, 96, H, W), points (B, N, 2) in 0..1 of the crop, adjacency (B, N, N) -> points (B, N, 2).
    """

    def __init__(self, stages: int = STAGES) -> None:
        super().__init__()
        self.stages = nn.ModuleList(GraphNetwork(FEATURES + 2) for _ in range(stages))

    def forward(self, features: Tensor, points: Tensor, adjacency: Tensor) -> Tensor:
        return self.each(features, points, adjacency)[-1]

    def each(self, features: Tensor, points: Tensor, adjacency: Tensor) -> list[Tensor]:
        """The ring after every stage."""
        rings = []
        for stage in self.stages:
            points = points + stage(torch.cat([looked_up(features, points), points], 2), adjacency)
            rings.append(points)
        return rings


class DragFeatures(nn.Module):
    """The crop seen anew, now that a person has said where some of the outline runs.

    A small network of three scales, without norms. Control points alone see the image where they are and what their neighbours
    see; this sees what lies between.

    Shape:
        features (B, 96, H, W), maps (B, 3, H, W) as of `encode_drag`, H and W divisible by 8 -> (B, 49, H / 2, W / 2), of which
        the last is the logit of the object's inside.
    """

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse = DRAG_WIDTHS
        self.enter = _convolutions((FEATURES + DRAG_MAPS, fine, 2), (fine, fine, 1))
        self.down = _convolutions((fine, middle, 2), (middle, middle, 1))
        self.bottom = _convolutions((middle, coarse, 2), (coarse, coarse, 1), (coarse, coarse, 1))
        self.narrow = nn.ModuleList([nn.Conv2d(coarse, middle, 1), nn.Conv2d(middle, fine, 1)])
        self.up = nn.ModuleList([_convolutions((middle, middle, 1)), _convolutions((fine, fine, 1))])
        self.inside = nn.Conv2d(fine, 1, 1)

    def forward(self, features: Tensor, maps: Tensor) -> Tensor:
        fine: Tensor = self.enter(torch.cat([features, maps], 1))
        middle = self.down(fine)
        x = self.bottom(middle)
        for narrow, up, skipped in zip(self.narrow, self.up, (middle, fine), strict=True):
            x = up(F.interpolate(narrow(x), scale_factor=2.0, mode="bilinear", align_corners=False) + skipped)
        return torch.cat([x, self.inside(x)], 1)


def _convolutions(*layers: tuple[int, int, int]) -> nn.Sequential:
    """3 x 3 convolutions, each (inputs, outputs, stride), each with a ReLU."""
    modules: list[nn.Module] = []
    for inputs, outputs, stride in layers:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        modules += [convolution, nn.ReLU(inplace=True)]
    return nn.Sequential(*modules)


class DragGcn(nn.Module):
    """How the others follow a dragged control point (section 3.4 of the paper); who may is for the caller to decide.

    The paper's network sees the followers where they were, and the features as they were. Here they have gone some of the way
    already, so that it looks at the image where they are about to lie, and where they come from as well: a follower that lay
    right is to go back. The features are read anew, knowing what was put in place; and there are two graph networks, the second
    of which looks where the first has brought the followers.

    Shape:
        features (B, 96, H, W), maps (B, 3, H, W) as of `encode_drag`, points (B, N, 2) in 0..1 of the crop with the dragged one
        at its new place, shifts (B, N, 2): how far each was brought to get there, roles (B, N, 2): 1 for who may follow, 1 for
        who stays where a person put it, adjacency (B, N, N) -> points (B, N, 2), of which the followers have moved.
    """

    def __init__(self) -> None:
        super().__init__()
        self.anew = DragFeatures()
        inputs = FEATURES + 2 * (DRAG_WIDTHS[0] + 1) + 2 + 2 + 2
        self.stages = nn.ModuleList(GraphNetwork(inputs) for _ in range(DRAG_STAGES))

    def forward(
        self, features: Tensor, maps: Tensor, points: Tensor, shifts: Tensor, roles: Tensor, adjacency: Tensor
    ) -> Tensor:
        return self.each(features, self.anew(features, maps), points, shifts, roles, adjacency)[-1]

    def each(
        self, features: Tensor, anew: Tensor, points: Tensor, shifts: Tensor, roles: Tensor, adjacency: Tensor
    ) -> list[Tensor]:
        """The ring after either graph network; `anew` is what `DragFeatures` answers."""
        rings = []
        before = looked_up(anew, points - shifts)
        for stage in self.stages:
            nodes = torch.cat([looked_up(features, points), looked_up(anew, points), before, points, shifts, roles], 2)
            points = points + roles[:, :, :1] * stage(nodes, adjacency)
            rings.append(points)
        return rings


class FastCurveGcn(nn.Module):
    """All of it, as it is trained; each of the three parts becomes a graph of its own.

    Args:
        stages: as in `OutlineGcn`.
        heads: as in `Trunk`.
    """

    def __init__(self, stages: int = STAGES, heads: bool = True) -> None:
        super().__init__()
        self.trunk = Trunk(heads)
        self.outline = OutlineGcn(stages)
        self.drag = DragGcn()
