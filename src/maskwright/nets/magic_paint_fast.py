"""Magic Paint on a light encoder: the two networks of the preset `fast`.

The idea is the paper's (an embedding of every cell, in which distances to painted cells spread the paint; a small network,
shared by all classes, that makes a class's distances into its logits). What differs from what is known of it, FEELVOS in
particular:

- The encoder is MobileNet-EdgeTPU under a feature pyramid, for an image of 512 px; the embedding has 32 dimensions, not 100.
- The decoder has 16 channels, 32 at stride 8 and 64 at stride 16, where it sees far, instead of 256 at stride 4. Beside its own
  class's distances it sees those of the nearest other class, all strokes, and the ways to them across the image, which are long
  where they cross edges; and no answer of before, so that a painting depends on its paint alone.
- Unlabelled is an outcome like any class, from the same decoder.
- Logits are brought to full resolution by convex combinations of their neighbours (Teed and Deng, RAFT, ECCV 2020), whose
  weights look at the image as well: edges follow it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.feature_pyramid import WIDTHS, FeaturePyramid

STRIDE = 4
"""Image pixels per cell."""

EMBEDDING = 32
"""Dimensions of a cell's embedding."""

FEATURES = 24
"""Channels that the decoder sees of the image itself."""

WEIGHTS = 9 * STRIDE * STRIDE
"""For each pixel of a cell, the weights of the 3 x 3 cells around it; neighbours first, pixels second."""

MAPS = 9
"""Channels that the decoder sees of a class (see `maskwright.methods.magic_paint_maps.class_maps`)."""

FINE, MIDDLE, COARSE = 16, 32, 64
"""Width of the decoder at strides 4, 8 and 16."""


class PaintEmbedding(FeaturePyramid):
    """What is computed once per image.

    Shape:
        rgb (N, 3, S, S) in -1..1, S divisible by 32 -> embedding (N, 32, S / 4, S / 4), features (N, 24, S / 4, S / 4) and
        weights (N, 144, S / 4, S / 4) in 0..1, each pixel's nine summing to 1.
    """

    def __init__(self) -> None:
        super().__init__(0, finest=1)
        width = 64
        first = nn.Conv2d(WIDTHS[1], width, 3, padding=1)
        self.trunk = nn.Sequential(first, nn.ReLU(inplace=True))
        self.embed = nn.Conv2d(width, EMBEDDING, 1)
        self.describe = nn.Conv2d(width, FEATURES, 1)
        self.look = nn.Conv2d(3 * STRIDE * STRIDE, 32, 3, padding=1)
        self.consider = nn.Conv2d(width, 32, 1)
        self.weigh = nn.Conv2d(32, WEIGHTS, 1)
        nn.init.kaiming_normal_(first.weight, nonlinearity="relu")
        # Distances saturate where squares are large: in the beginning they must be about 1.
        nn.init.normal_(self.embed.weight, std=0.03)
        nn.init.normal_(self.weigh.weight, std=0.02)
        self.weigh.bias = nn.Parameter(bilinear_start())

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        seen = self.trunk(self.features(rgb)[0])
        pixels = F.relu(self.look(F.pixel_unshuffle(rgb, STRIDE)) + self.consider(seen))
        weights = self.weigh(pixels).unflatten(1, (9, STRIDE * STRIDE)).softmax(1).flatten(1, 2)
        return self.embed(seen), self.describe(seen), weights


def bilinear_start() -> Tensor:
    """Biases whose softmax is nearly bilinear interpolation between cells: where training of the weights starts; (144,)."""
    offsets = [(i + 0.5) / STRIDE - 0.5 for i in range(STRIDE)]
    shares = torch.tensor([[max(0.0, 1 - abs(offset - place)) for offset in offsets] for place in (-1, 0, 1)])
    both = shares[:, None, :, None] * shares[None, :, None, :]
    return (both + 0.01).log().flatten()


class PaintBlock(nn.Module):
    """A depthwise and a pointwise convolution around a shortcut; FEELVOS's head is four such layers, with batch norm."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width)
        self.pointwise = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        # In float32: a depthwise convolution's gradient in bfloat16 takes several times longer on CPUs.
        with torch.autocast(x.device.type, enabled=False):
            near = F.relu(self.depthwise(x.float())).to(x.dtype)
        return F.relu(x + self.pointwise(near))


class PaintDecoder(nn.Module):
    """One class's logits, from what distances say of it; all classes share the weights.

    Shape:
        features (1, 24, h, w), weights (1, 144, h, w) of one image, maps (C, 9, h, w) of its classes, h and w divisible by 4
        -> logits (C, 4 h, 4 w).
    """

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Conv2d(FEATURES, FINE, 3, padding=1, bias=False)
        self.read = nn.Conv2d(MAPS, FINE, 3, padding=1)
        self.to_middle = nn.Conv2d(FINE, MIDDLE, 2, 2)
        self.before = PaintBlock(MIDDLE, 5)
        self.to_coarse = nn.Conv2d(MIDDLE, COARSE, 2, 2)
        self.far = nn.Sequential(*(PaintBlock(COARSE, 7) for _ in range(3)))
        self.from_coarse = nn.Conv2d(COARSE, MIDDLE, 1)
        self.after = PaintBlock(MIDDLE, 5)
        self.from_middle = nn.Conv2d(MIDDLE, FINE, 1)
        self.join = nn.Conv2d(FINE, FINE, 3, padding=1)
        self.logit = nn.Conv2d(FINE, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.normal_(self.logit.weight, std=FINE**-0.5)

    def forward(self, features: Tensor, weights: Tensor, maps: Tensor) -> Tensor:
        return enlarged(self.logits(self.project(features), maps), weights)

    def logits(self, projected: Tensor, maps: Tensor) -> Tensor:
        """Logits at stride 4, (C, 1, h, w), of projected features (1 or C, 16, h, w) and maps (C, 9, h, w)."""
        # In this order: OpenVINO fuses the sum into its first operand, which must be that of many classes.
        fine = F.relu(self.read(maps) + projected)
        middle = self.before(F.relu(self.to_middle(fine)))
        coarse = self.far(F.relu(self.to_coarse(middle)))
        middle = self.after(F.relu(middle + doubled(self.from_coarse(coarse))))
        answer: Tensor = self.logit(F.relu(self.join(F.relu(fine + doubled(self.from_middle(middle))))))
        return answer


def doubled(x: Tensor) -> Tensor:
    """A map at twice its resolution, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def enlarged(logits: Tensor, weights: Tensor) -> Tensor:
    """Logits at full resolution: each pixel a convex combination of the cells around its own; on the rim the rim repeats.

    Args:
        logits: (C, 1, h, w).
        weights: (1, 144, h, w), see `PaintEmbedding`.

    Returns:
        (C, 4 h, 4 w).
    """
    height, width = logits.shape[2:]
    padded = F.pad(logits, (1, 1, 1, 1), mode="replicate")
    of_neighbour = weights.unflatten(1, (9, STRIDE * STRIDE))
    total = padded[:, :, :height, :width] * of_neighbour[:, 0]
    for i in range(1, 9):
        down, right = divmod(i, 3)
        total = total + padded[:, :, down : down + height, right : right + width] * of_neighbour[:, i]
    return F.pixel_shuffle(total, STRIDE)[:, 0]


class FastMagicPaint(nn.Module):
    """Both, as they are trained; each becomes a graph of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = PaintEmbedding()
        self.decoder = PaintDecoder()
