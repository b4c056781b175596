"""Batches of contours: what the network sees, and what it is to answer, for one number of control points and one curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.methods.curve_gcn_encoding import adjacency, encode_box, first_ring
from maskwright.nets.curve_gcn_fast import STRIDE
from maskwright.nets.splines import catmull_rom, polygon_points
from maskwright.training.contour_samples import ContourSample
from maskwright.training.curve_losses import boundary_targets, resample_contour


@dataclass(frozen=True)
class CurveForm:
    """How a batch is drawn.

    Attributes:
        vertices: control points.
        curve: "polygon" or "spline".
        per_segment: points of the curve that each control point begins.
    """

    vertices: int
    curve: str
    per_segment: int

    @classmethod
    def random(cls, rng: np.random.Generator, samples: int) -> CurveForm:
        """40 control points in most batches, else from 8 to 128, smaller numbers more often; splines a little more often."""
        vertices = 40 if rng.random() < 0.6 else round(float(np.exp(rng.uniform(np.log(8), np.log(128)))))
        return cls(vertices, "spline" if rng.random() < 0.6 else "polygon", max(2, round(samples / vertices)))

    def drawn(self, points: Tensor) -> Tensor:
        """The curve through control points (B, N, 2): (B, N * per_segment, 2)."""
        return (catmull_rom if self.curve == "spline" else polygon_points)(points, self.per_segment)


@dataclass(frozen=True, eq=False)
class ContourBatch:
    """The network's inputs and targets.

    Attributes:
        form: how it is drawn, N control points and K points of the curve.
        rgb: float32 in -1..1, (B, 3, S, S), channels last.
        box: float32 0 or 1, (B, 1, S, S), channels last.
        ring: the first control points, (B, N, 2).
        adjacency: (B, N, N).
        contour: the object's, evenly along it, (B, K, 2).
        mask: float32 0 or 1, (B, S, S).
        heads: targets of the heads: edge, vertices, inside, in 0..1, (B, 3, S / 4, S / 4).
    """

    form: CurveForm
    rgb: Tensor
    box: Tensor
    ring: Tensor
    adjacency: Tensor
    contour: Tensor
    mask: Tensor
    heads: Tensor

    @classmethod
    def of(cls, samples: list[ContourSample], form: CurveForm) -> ContourBatch:
        """Encode samples of one size."""
        size = samples[0].mask.shape[0]
        rgb = torch.from_numpy(np.stack([s.rgb for s in samples])).permute(0, 3, 1, 2)
        box = torch.from_numpy(np.stack([encode_box(s.box, size) for s in samples]))
        points = form.vertices * form.per_segment
        mask = torch.from_numpy(np.stack([s.mask for s in samples])).float()
        boundary = [boundary_targets(s.contour, size // STRIDE) for s in samples]
        inside = F.avg_pool2d(mask[:, None], STRIDE)
        channels_last = torch.channels_last
        return cls(
            form,
            rgb.float().div_(127.5).sub_(1).contiguous(memory_format=channels_last),
            box.contiguous(memory_format=channels_last),
            torch.from_numpy(np.stack([first_ring(s.box, form.vertices) for s in samples])),
            torch.from_numpy(adjacency(form.vertices)).expand(len(samples), -1, -1),
            torch.from_numpy(np.stack([resample_contour(s.contour, points) for s in samples])).float(),
            mask,
            torch.cat([torch.from_numpy(np.stack([np.stack(maps) for maps in boundary])).float(), inside], 1),
        )
