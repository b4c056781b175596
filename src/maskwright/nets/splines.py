"""Closed curves through control points, differentiable: what a predicted ring of points draws (Curve-GCN, section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor

_NEAREST = 3e-4
"""Control points nearer than this count as so far apart: no knot interval is 0, no gradient without bounds."""


def catmull_rom(points: Tensor, per_segment: int) -> Tensor:
    """Sample the closed centripetal Catmull-Rom spline through control points.

    Knots lie |distance| ** 0.5 apart. Each segment is the cubic of Barry and Goldman's pyramid, in Hermite form: its tangent at
    a control point is that of the parabola through the point and its two neighbours around the ring, so that the closed curve
    is C1 everywhere (the paper's stretched auxiliary points leave a jump of speed at the first control point). The knots carry
    no gradient: for it, the curve is linear in its control points.

    Args:
        points: float (batch, n, 2), n >= 3, in the order of the ring; made for coordinates in 0..1.
        per_segment: samples per segment, even in the parameter; each segment begins with its control point.

    Returns:
        (batch, n * per_segment, 2); sample i * per_segment is control point i.

    Raises:
        ValueError: `points` is not of that shape or `per_segment` is under 1.

    Example:
        >>> square = torch.tensor([[[0.8, 0.8], [0.8, 0.2], [0.2, 0.2], [0.2, 0.8]]])
        >>> [round(x, 3) for x in catmull_rom(square, 2)[0, 1].tolist()]  # bulges beyond the straight edge
        [0.875, 0.5]
    """
    _check(points, per_segment)
    after = points.roll(-1, 1)
    chord = after - points  # of the segment that begins at each point
    # Two roots: of the squared distance, and the centripetal one.
    gap = chord.detach().square().sum(2, keepdim=True).sqrt().clamp(min=_NEAREST).sqrt()
    gap_before = gap.roll(1, 1)
    speed, speed_before = chord / gap, chord.roll(1, 1) / gap_before
    tangent = (gap * speed_before + gap_before * speed) / (gap + gap_before)
    parts = torch.stack([points, after, gap * tangent, gap * tangent.roll(-1, 1)], dim=2)
    u = torch.arange(per_segment, dtype=points.dtype, device=points.device) / per_segment
    begin = (1 + 2 * u) * (1 - u) ** 2
    basis = torch.stack([begin, 1 - begin, u * (1 - u) ** 2, u**2 * (u - 1)], dim=1)
    return (basis @ parts).flatten(1, 2)


def polygon_points(points: Tensor, per_segment: int) -> Tensor:
    """Sample the closed polygon: as `catmull_rom`, on straight segments.

    Example:
        >>> triangle = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
        >>> polygon_points(triangle, 2)[0].tolist()
        [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.0, 0.5]]
    """
    _check(points, per_segment)
    u = torch.arange(per_segment, dtype=points.dtype, device=points.device)[:, None] / per_segment
    return torch.lerp(points[:, :, None], points.roll(-1, 1)[:, :, None], u).flatten(1, 2)


def _check(points: Tensor, per_segment: int) -> None:
    if points.ndim != 3 or points.shape[1] < 3 or points.shape[2] != 2:
        raise ValueError(f"points are of shape {tuple(points.shape)}; give (batch, n, 2), three points or more")
    if per_segment < 1:
        raise ValueError(f"per_segment is {per_segment}; give 1 or more")
