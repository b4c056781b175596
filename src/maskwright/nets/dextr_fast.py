"""DEXTR on a light encoder: what maskwright ships.

The idea is the paper's (crop, extreme points as a heat map, pyramid scene parsing, one mask); for a CPU the encoder is
MobileNet-EdgeTPU, and a feature-pyramid decoder brings the mask to stride 2 instead of 8.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.mobilenet_edgetpu import FEATURE_WIDTHS, MobileNetEdgeTPU
from maskwright.nets.heads import PyramidPooling, conv_bn_relu

PROMPT_CHANNELS = 2
"""Heat map of all points; the tight box around them."""


class FastDextr(nn.Module):
    """Mask logits from an RGB crop and its prompt channels.

    Shape:
        rgb (N, 3, S, S) in -1..1, prompts (N, 2, S, S) in 0..1, S divisible by 32 -> logits (N, 1, S / 2, S / 2).
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (24, 48, 80, 96, 128)) -> None:
        super().__init__()
        self.encoder = MobileNetEdgeTPU(PROMPT_CHANNELS)
        self.pool = PyramidPooling(FEATURE_WIDTHS[-1], 48, widths[-1], align_corners=False)
        self.laterals = nn.ModuleList(
            conv_bn_relu(feature, width, 1) for feature, width in zip(FEATURE_WIDTHS[:-1], widths[:-1], strict=True)
        )
        self.narrows = nn.ModuleList(conv_bn_relu(wide, width, 1) for wide, width in zip(widths[1:], widths[:-1], strict=True))
        self.smooths = nn.ModuleList(conv_bn_relu(width, width, 3) for width in widths[:-1])
        self.logits = nn.Conv2d(widths[0], 1, 3, padding=1)

    def forward(self, rgb: Tensor, prompts: Tensor) -> Tensor:
        features = self.encoder(rgb, prompts)
        x = self.pool(features[-1])
        for i in reversed(range(len(features) - 1)):
            x = F.interpolate(self.narrows[i](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.smooths[i](x + self.laterals[i](features[i]))
        logits: Tensor = self.logits(x)
        return logits
