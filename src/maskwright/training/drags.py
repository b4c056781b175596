"""Simulated drags: the control point that lies worst is brought to its place, and the network lets its neighbours follow."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from maskwright.nets.curve_gcn_fast import DragGcn
from maskwright.training.curve_batches import ContourBatch
from maskwright.training.curve_losses import matched

ANYWHERE = 0.2
"""How often another control point than the worst is dragged."""

MISS = 0.01
"""The largest miss of the place that a control point is dragged to, as a share of the crop."""


def dragged(
    rng: np.random.Generator, net: DragGcn, features: Tensor, ring: Tensor, batch: ContourBatch, count: int
) -> list[Tensor]:
    """Correct a ring several times (section 3.4 of the paper); gradients flow from each correction into those before.

    Args:
        net: moves the neighbours; how many on each side may follow is drawn for each ring and drag.
        features: (B, C, H, W).
        ring: control points, (B, N, 2).
        batch: their contours and curve.
        count: number of drags.

    Returns:
        The rings after each drag.
    """
    samples, vertices = ring.shape[:2]
    every = batch.form.per_segment
    steps = torch.arange(vertices)
    rings = []
    for _ in range(count):
        places = matched(batch.form.drawn(ring), batch.contour)[:, ::every]
        worst = (places - ring.detach()).abs().sum(2).argmax(1)
        other = torch.from_numpy(rng.integers(vertices, size=samples))
        index = torch.where(torch.from_numpy(rng.random(samples) < ANYWHERE), other, worst)[:, None]
        reach = torch.from_numpy(rng.integers(1, 1 + max(2, vertices // 8), (samples, 1)))
        miss = torch.from_numpy(rng.uniform(-MISS, MISS, (samples, 1, 2)).astype(np.float32))

        around = (steps - index).abs()
        around = torch.minimum(around, vertices - around)[:, :, None]
        shifts = torch.where(around == 0, places + miss - ring, 0.0)
        moved = ring + shifts
        follows = (around > 0) & (around <= reach[:, :, None])
        ring = torch.where(follows, net(features, moved, shifts, batch.adjacency), moved)
        rings.append(ring)
    return rings
