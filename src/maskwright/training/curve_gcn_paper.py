"""What the paper feeds Curve-GCN and how it optimises it (Ling et al., CVPR 2019, sections 3 and 4): the preset `paper`.

Three stages: contours matched, with the boundary heads (`paper_loss`); then the accuracy of the drawn masks
(`paper_accuracy_loss`); then simulated corrections for the interactive network (`paper_corrections`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from maskwright.nets.curve_gcn_paper import REACH, STRIDE, CurveGcnPaper, Seen
from maskwright.nets.splines import catmull_rom, polygon_points
from maskwright.prompts import Box, Point
from maskwright.training.curve_losses import (
    boundary_loss,
    boundary_targets,
    matched,
    point_matching_loss,
    resample_contour,
)
from maskwright.training.soft_raster import accuracy_loss, soft_mask
from maskwright.vision.crops import Crop, cut
from maskwright.vision.heatmaps import gaussians
from maskwright.vision.masks import Image
from maskwright.vision.polygons import Polygon

CROP_SIZE = 224
"""Side of the network's input, px."""

CONTEXT = 0.15
"""The crop's side beyond the box's longer one, in use; 0.1 to 0.2 at random in training."""

HEAT_WIDTH = 10
"""Full width at half maximum of an extreme point's Gaussian, in pixels of the resized crop."""

SAMPLES = 1280
"""K, points on a contour: 32 for each of 40 control points."""

BOUNDARY_WEIGHT = 200.0
"""Of each boundary head's mean over cells, beside the matching loss's sum over points. The official value is not known: one
derivative of the code has 200, another 2.5."""

LEARNING_RATE, WEIGHT_DECAY = 3e-5, 1e-5

GRADIENT_NORM = 40.0
"""Gradients are scaled down to this norm."""

EPOCHS_PER_RATE = 7
"""After as many epochs the learning rate falls to a tenth."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def paper_crop(box: Box, height: int, width: int, context: float = CONTEXT) -> Crop:
    """The square crop around a box.

    Along the box's longer side it ends at the image's border: it is then smaller, and the box no longer in its middle. Along
    the shorter side it may reach beyond.

    Args:
        box: within the image; of the whole object, or of its extreme points.
        height, width: of the image, px.
        context: see `CONTEXT`.

    Example:
        >>> paper_crop(Box(100, 100, 299, 199), height=400, width=600)
        Crop(x0=85, y0=35, x1=315, y1=265, size=224)
        >>> paper_crop(Box(100, 100, 299, 199), height=400, width=300)
        Crop(x0=85, y0=42, x1=300, y1=257, size=224)
    """
    sides = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    half = max(sides) * (1 + context) / 2
    middle = (box.x0 + box.x1 + 1) / 2, (box.y0 + box.y1 + 1) / 2
    long = int(sides[1] > sides[0])
    start = max(round(middle[long] - half), 0)
    end = min(round(middle[long] + half), (width, height)[long])
    beside = round(middle[1 - long] - (end - start) / 2)
    x0, y0 = (beside, start) if long else (start, beside)
    return Crop(x0, y0, x0 + end - start, y0 + end - start, CROP_SIZE)


def paper_input(image: Image, crop: Crop, extreme_points: Sequence[Point] = ()) -> NDArray[np.float32]:
    """What the network sees of a crop.

    Args:
        image: uint8 RGB, (height, width, 3).
        crop: see `paper_crop`; what lies beyond the image is black.
        extreme_points: of the extreme-point variant, pixel coordinates of the image, in any order.

    Returns:
        float32 (3, size, size), normalised by ImageNet's mean and deviation; with extreme points (4, size, size), the last one
        their heat map in 0..1.
    """
    rgb = (cut(image, crop, fill=0).astype(np.float32) / 255 - _MEAN) / _DEVIATION
    channels = [*rgb.transpose(2, 0, 1)]
    if extreme_points:
        channels.append(gaussians([crop.to_crop(p) for p in extreme_points], crop.size, crop.size, HEAT_WIDTH))
    return np.stack(channels)


def paper_target(
    part: Polygon, crop: Crop, samples: int = SAMPLES
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What the network is to answer for one part of an object.

    Args:
        part: one of `maskwright.vision.polygons.from_mask`; its holes count as filled.
        crop: where it is seen.
        samples: points on the contour.

    Returns:
        The contour (samples, 2), evenly along it, in shares of the crop; the cells that it passes, and those of its corners,
        each (size / 8, size / 8), 0 or 1.

    Raises:
        MaskError: the part encloses no area.
    """
    shares = (part.exterior - (crop.x0, crop.y0)) / (crop.width, crop.height)
    shares = np.clip(shares, 1e-7, 1 - 1e-7)
    return resample_contour(shares, samples), *boundary_targets(shares, crop.size // STRIDE)


def paper_curve(points: Tensor, curve: str = "spline", samples: int = SAMPLES) -> Tensor:
    """The curve through control points (batch, n, 2): (batch, n * (samples // n), 2); `curve` is "spline" or "polygon"."""
    draw = {"spline": catmull_rom, "polygon": polygon_points}[curve]
    return draw(points, samples // points.shape[1])


def paper_loss(points: Tensor, seen: Seen, contours: Tensor, edges: Tensor, vertices: Tensor, curve: str = "spline") -> Tensor:
    """The first stage's loss: contours matched, summed over their points, and the boundary heads' cross-entropy.

    Only the last of the three iterations is supervised.

    Args:
        points, seen: the network's answer.
        contours: (batch, n * per_segment, 2), see `paper_target`.
        edges, vertices: (batch, grid, grid), see `paper_target`.
        curve: "spline" or "polygon".
    """
    heads = boundary_loss(seen.edge, edges) + boundary_loss(seen.vertex, vertices)
    drawn = paper_curve(points, curve, contours.shape[1])
    return (point_matching_loss(drawn, contours) + BOUNDARY_WEIGHT * heads).mean()


def paper_accuracy_loss(points: Tensor, contours: Tensor, curve: str = "spline", size: int = CROP_SIZE) -> Tensor:
    """The second stage's loss: the sum of the drawn masks' absolute differences over the crop's pixels.

    Args:
        points: control points, (batch, n, 2).
        contours: (batch, n * per_segment, 2).
        curve: "spline" or "polygon".
        size: side of the masks, px.
    """
    drawn = soft_mask(paper_curve(points, curve, contours.shape[1]), size)
    return accuracy_loss(drawn, soft_mask(contours, size)).mean() * size**2


def paper_corrections(
    net: CurveGcnPaper,
    features: Tensor,
    points: Tensor,
    contours: Tensor,
    count: int,
    *,
    reach: int = REACH,
    curve: str = "spline",
) -> list[Tensor]:
    """Simulated corrections: bring the worst control point to its place, let its neighbours follow, `count` times over.

    The worst is the one furthest from the point that it is matched to, by Manhattan distance; that is its place. Gradients flow
    through all corrections.

    Args:
        net: its `drag` is used.
        features: what was seen of the crops.
        points: control points to begin with, (batch, n, 2): the network's own answer.
        contours: (batch, n * per_segment, 2).
        count: c of the paper, which grows during training.
        reach: neighbours on each side that may follow.
        curve: "spline" or "polygon".

    Returns:
        The control points after each correction; the loss is the mean of their matching losses.
    """
    after = []
    each = torch.arange(len(points), device=points.device)
    for _ in range(count):
        drawn = paper_curve(points, curve, contours.shape[1])
        places = matched(drawn, contours)[:, :: contours.shape[1] // points.shape[1]]
        worst = (places - points).abs().sum(2).argmax(1)
        points = net.drag(features, points, worst, places[each, worst], reach)
        after.append(points)
    return after


def paper_optimizer(net: nn.Module) -> torch.optim.Adam:
    """Adam at 3e-5, with weight decay for matrices and kernels, without for biases and batch norm.

    Example:
        >>> optimizer = paper_optimizer(CurveGcnPaper(size=64, blocks=(1, 1, 1, 1), width=8))
        >>> [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
        [(3e-05, 1e-05), (3e-05, 0.0)]
    """
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.Adam(groups, lr=LEARNING_RATE)


def paper_schedule(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.StepLR:
    """A tenth of the learning rate every seven epochs; step it once per epoch."""
    return torch.optim.lr_scheduler.StepLR(optimizer, EPOCHS_PER_RATE, gamma=0.1)
