"""The differentiable accuracy loss (Curve-GCN, section 3.4): contours drawn as soft masks, with a gradient for every point.

The paper draws a fan of signed triangles and takes finite differences at its edges. Here Green's theorem does both: the winding
number of a contour, blurred by a Gaussian, is a line integral along the contour of a product of one function of x and one of y.
So a mask is one matrix product, exact in its gradient, right for contours that are not convex.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from maskwright.training.losses import at_least_float32


def soft_mask(contour: Tensor, size: int, sharpness: float = 2.0) -> Tensor:
    """How often a contour goes around each pixel, blurred: 1 inside, 0 outside, between them within a pixel or so of the edge.

    d px inside a straight edge it is Phi(sharpness * d), the normal distribution's: the contour's mask under a Gaussian whose
    standard deviation is 1 / sharpness px. The sum over pixels is the enclosed area, less what the blur carries out.

    Either direction gives the same mask. A loop that is flipped against the rest counts -1, a part that is gone around twice
    counts 2: a loss then unfolds both.

    Each edge is drawn as a step at its middle. That keeps the area, and with edges up to 1 / sharpness px it is not seen; give
    a contour with few points in finer steps (`maskwright.nets.splines.polygon_points`).

    Args:
        contour: float (batch, k, 2), x and y in 0..1 of the mask's sides; it may reach beyond.
        size: the mask's sides, px.
        sharpness: of the edge, per pixel. Up to 2 the gradient is the same wherever the edge lies between the pixels' centres,
            within 1.5 %; at 4 an edge on a centre pulls four times as hard as one between two.

    Returns:
        (batch, size, size), at least in float32.

    Raises:
        ValueError: the contour is not of that shape, or has fewer than three points.

    Example:
        >>> right = torch.tensor([[[3.0, -1.0], [0.5, -1.0], [0.5, 2.0], [3.0, 2.0]]])
        >>> soft_mask(right, 4, sharpness=1)[0, 2]  # Phi(-1.5), Phi(-0.5), Phi(0.5), Phi(1.5)
        tensor([0.0668, 0.3085, 0.6915, 0.9332])
    """
    if contour.ndim != 3 or contour.shape[1] < 3 or contour.shape[2] != 2:
        raise ValueError(f"the contour is of shape {tuple(contour.shape)}; give (batch, k, 2), three points or more")
    contour = at_least_float32(contour)
    ahead = contour.roll(-1, 1)
    middle = (contour[:, :, 0] + ahead[:, :, 0]) / 2
    centres = (torch.arange(size, dtype=contour.dtype, device=contour.device) + 0.5) / size
    scale = sharpness * size / math.sqrt(2)
    # erf is 2 Phi - 1; the constants fall out along a closed contour.
    right = torch.erf((middle[:, :, None] - centres) * scale)
    below = torch.erf((contour[:, :, 1, None] - centres) * scale)
    rises = below.roll(-1, 1) - below
    # The area, positive for clockwise on the screen: the sum of x dy.
    area = (middle * (ahead[:, :, 1] - contour[:, :, 1])).sum(1).detach()
    return (rises.mT @ right) * torch.where(area < 0, -0.25, 0.25)[:, None, None]


def accuracy_loss(soft: Tensor, target: Tensor) -> Tensor:
    """How much of two masks differs: the mean absolute difference over the pixels.

    The paper's norm is the sum, which is size * size times as much. Against a mask of 0 and 1 the blur of a soft edge is left
    over; against the true contour's own `soft_mask` the loss is 0 at the truth.

    Args:
        soft: float (batch, size, size), see `soft_mask`.
        target: bool or 0..1, of the same shape.

    Returns:
        (batch,), at least in float32.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> accuracy_loss(torch.tensor([[[0.9, 0.2], [1.0, 0.0]]]), torch.tensor([[[1, 0], [1, 0]]]))
        tensor([0.0750])
    """
    if soft.shape != target.shape:
        raise ValueError(f"target is of shape {tuple(target.shape)}, the soft mask asks for {tuple(soft.shape)}")
    soft = at_least_float32(soft)
    return (soft - target.to(soft.dtype)).abs().mean((1, 2))
