"""Contours as training sees them, and the losses that compare them (Ling et al., "Curve-GCN", CVPR 2019, section 3.4).

Coordinates are shares of the crop, 0..1, x to the right and y down. A contour is closed and runs counter-clockwise on the
screen: matching tries every start, but only one direction.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from maskwright.errors import MaskError
from maskwright.training.losses import at_least_float32
from maskwright.vision.polygons import as_ring

_CHUNK = 1 << 18
"""Numbers per temporary while shifts are tried: few enough to stay in a processor's cache."""


def resample_contour(points: object, count: int) -> NDArray[np.float32]:
    """Spread points evenly along a closed contour, in the direction and from the start that all targets share.

    Args:
        points: the contour's corners, (n, 2), n >= 3, in either direction, from any start; the last is joined to the first.
        count: points wanted, at least 3.

    Returns:
        float32 (count, 2), counter-clockwise on the screen, the first one the rightmost (of several, the lowest).

    Raises:
        MaskError: fewer than three corners, a number that is not finite, or a contour without an area.

    Example:
        >>> resample_contour([[0, 0], [1, 0], [1, 1], [0, 1]], 4).tolist()
        [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    """
    ring = as_ring(points)
    ahead = np.roll(ring, -1, axis=0)
    area = (ring[:, 0] * ahead[:, 1] - ahead[:, 0] * ring[:, 1]).sum() / 2
    if abs(area) <= 1e-9 * np.ptp(ring, axis=0).max() ** 2:
        raise MaskError("the contour encloses no area, so it has no direction; leave it out")
    if area > 0:  # y points down: clockwise on the screen
        ring = ring[::-1]
    ring = np.roll(ring, -int(np.lexsort((ring[:, 1], ring[:, 0]))[-1]), axis=0)
    closed = np.vstack([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = along[-1] * np.arange(count) / count
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)


def matched(predicted: Tensor, target: Tensor) -> Tensor:
    """The target, begun where it fits the prediction best: with the least sum of L1 distances over all cyclic shifts.

    All shifts are tried without a table of all pairs: memory grows with the points, not with their square.

    Args:
        predicted, target: float (batch, k, 2), both in the same direction.

    Returns:
        (batch, k, 2): `target`, turned; entry i is what entry i of `predicted` is matched to.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> target = torch.tensor([[[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]])
        >>> matched(target.roll(1, 1) + 0.1, target)[0].tolist()
        [[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    if predicted.shape != target.shape or predicted.ndim != 3 or predicted.shape[2] != 2:
        given = f"{tuple(predicted.shape)} and {tuple(target.shape)}"
        raise ValueError(f"contours are of shape {given}; give both as (batch, k, 2), with as many points")
    count = target.shape[1]
    turn = (torch.arange(count, device=target.device) + _best_shift(predicted.detach(), target.detach())[:, None]) % count
    return target.gather(1, turn[:, :, None].expand(-1, -1, 2))


def _best_shift(predicted: Tensor, target: Tensor) -> Tensor:
    batch, count, _ = target.shape
    still = at_least_float32(predicted).mT.contiguous()[:, None]
    # Every shift is a window of the doubled target: a view, until the difference is taken.
    windows = at_least_float32(target).mT.repeat(1, 1, 2)[:, :, : 2 * count - 1].unfold(2, count, 1).transpose(1, 2)
    shifts = max(1, _CHUNK // (2 * batch * count))
    costs = [(window - still).abs_().sum((2, 3)) for window in windows.split(shifts, 1)]
    return torch.cat(costs, 1).argmin(1)


def point_matching_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """The least sum of L1 distances between the points of two contours over all cyclic shifts (equation 8).

    The gradient flows through the best shift alone.

    Args:
        predicted, target: float (batch, k, 2), both in the same direction, both spread alike (see `resample_contour`).

    Returns:
        (batch,), at least in float32: the sum over the k points, not their mean.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> target = torch.tensor([[[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]])
        >>> point_matching_loss(target.roll(1, 1) + 0.1, target)
        tensor([0.8000])
    """
    return (at_least_float32(predicted) - at_least_float32(matched(predicted, target))).abs().sum((1, 2))


def boundary_targets(contour: object, grid: int, tolerance: float = 0.5) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Which cells of a coarse grid the contour passes, and in which it has its corners.

    Args:
        contour: (n, 2), n >= 3, in 0..1 of the crop; what lies beyond counts for the cells at the rim.
        grid: cells per side.
        tolerance: in cells; corners are dropped first as long as the line stays this near (Douglas and Peucker), so that a
            contour traced along pixels or sampled finely is left with corners that mean something.

    Returns:
        Edge and vertex, each float32 (grid, grid), 0 or 1. Corners are on the edge too.

    Raises:
        MaskError: the contour is malformed.

    Example:
        >>> edge, vertex = boundary_targets([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]], grid=3)
        >>> edge.astype(int).tolist(), vertex.astype(int).tolist()
        ([[1, 1, 1], [1, 0, 1], [1, 1, 1]], [[1, 0, 1], [0, 0, 0], [1, 0, 1]])
    """
    corners = cv2.approxPolyDP((as_ring(contour) * grid).astype(np.float32)[:, None], tolerance, closed=True)
    cells = np.clip(np.floor(corners[:, 0]), 0, grid - 1).astype(np.int32)
    edge, vertex = np.zeros((2, grid, grid), np.float32)
    cv2.polylines(edge, [cells[:, None]], isClosed=True, color=1.0)
    vertex[cells[:, 1], cells[:, 0]] = 1
    return edge, vertex


def boundary_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of a boundary head: the mean over its cells.

    Args:
        logits: float (batch, grid, grid).
        target: bool or 0 / 1, of the same shape; see `boundary_targets`.

    Returns:
        (batch,), at least in float32.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> boundary_loss(torch.zeros(1, 2, 2), torch.eye(2)[None])  # log 2
        tensor([0.6931])
    """
    if logits.shape != target.shape:
        raise ValueError(f"target is of shape {tuple(target.shape)}, logits ask for {tuple(logits.shape)}")
    logits = at_least_float32(logits)
    return F.binary_cross_entropy_with_logits(logits, target.to(logits.dtype), reduction="none").mean((1, 2))
