"""Simulated drags: the control point that lies worst is brought to its place, and the network lets its neighbours follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskwright.methods.curve_gcn_encoding import encode_drag, following, roles
from maskwright.nets.curve_gcn_fast import DragGcn
from maskwright.training.curve_batches import ContourBatch
from maskwright.vision.outline_matching import worst

ANYWHERE = 0.2
"""How often another control point than the worst is dragged."""

ENOUGH = 0.004
"""What is so near to the contour is on it, as a share of the crop."""

FARTHEST = 6
"""The most neighbours on either side that may follow, as one part in so many of the ring."""

MISS = 0.006
"""The largest miss of the place that a control point is dragged to, as a share of the crop."""


@dataclass(frozen=True)
class Correction:
    """What the network makes of one drag.

    Attributes:
        rings: after each of its graph networks, (B, N, 2); the last is the answer.
        inside: logits of the object's inside, (B, 1, H / 2, W / 2) where the features are (B, C, H, W).
    """

    rings: list[Tensor]
    inside: Tensor


def dragged(
    rng: np.random.Generator, net: DragGcn, features: Tensor, ring: Tensor, batch: ContourBatch, count: int
) -> list[Correction]:
    """Correct a ring several times (section 3.4 of the paper); gradients flow from each correction into those before.

    A control point that was dragged is pinned: later drags leave it where it is.

    Args:
        net: moves the neighbours; how many on each side may follow is drawn for each ring and drag.
        features: (B, C, H, W).
        ring: control points, (B, N, 2).
        batch: their contours and curve.
        count: number of drags.

    Returns:
        What each drag makes of the ring.
    """
    samples, vertices = ring.shape[:2]
    side = batch.mask.shape[-1]
    lines = batch.contour.numpy() * side
    pinned: list[set[int]] = [set() for _ in range(samples)]
    corrections = []
    for _ in range(count):
        points = ring.detach().numpy() * side
        found = [worst(at, batch.form.curve, line, ENOUGH * side) for at, line in zip(points, lines, strict=True)]
        there = np.stack([places for _, _, places in found])
        index = np.where(rng.random(samples) < ANYWHERE, rng.integers(vertices, size=samples), [point for point, _, _ in found])
        reach = rng.integers(1, 1 + max(2, vertices // FARTHEST), samples)
        drags = [following(vertices, i, r, held) for i, r, held in zip(index, reach, pinned, strict=True)]
        part = torch.from_numpy(np.stack([roles(f, i, held) for f, i, held in zip(drags, index, pinned, strict=True)]))
        miss = torch.from_numpy(rng.uniform(-MISS, MISS, (samples, 1, 2)).astype(np.float32))

        one = torch.from_numpy(index)[:, None, None].expand(-1, 1, 2)
        shift = torch.from_numpy((there / side).astype(np.float32)).gather(1, one) + miss - ring.gather(1, one)
        shifts = torch.from_numpy(np.stack(drags))[:, :, None] * shift
        moved = ring + shifts
        anew = _seen_anew(net, features, moved, batch, index, pinned)
        rings = net.each(features, anew, moved, shifts, part, batch.adjacency)
        corrections.append(Correction(rings, anew[:, -1:]))
        ring = rings[-1]
        for held, i in zip(pinned, index.tolist(), strict=True):
            held.add(i)
    return corrections


def _seen_anew(
    net: DragGcn, features: Tensor, ring: Tensor, batch: ContourBatch, index: NDArray[np.int64], pinned: list[set[int]]
) -> Tensor:
    """What `DragFeatures` answers, float32, computed in bfloat16; no gradient flows through the maps that it is given."""
    points, side = ring.detach(), features.shape[-1]
    drawn = zip(batch.form.drawn(points).numpy(), points.numpy(), index, pinned, strict=True)
    maps = torch.from_numpy(np.stack([encode_drag(curve, at, i, held, side) for curve, at, i, held in drawn]))
    with torch.autocast("cpu", torch.bfloat16):
        anew: Tensor = net.anew(features, maps)
    return anew.float()
