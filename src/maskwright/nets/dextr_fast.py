"""DEXTR on a light encoder: what maskwright ships.

The idea is the paper's (crop, extreme points as a heat map, pyramid scene parsing, one mask); for a CPU the encoder is
MobileNet-EdgeTPU, and a feature-pyramid decoder brings the mask to stride 2 instead of 8.
"""

from __future__ import annotations

from torch import Tensor, nn

from maskwright.nets.feature_pyramid import WIDTHS, FeaturePyramid

PROMPT_CHANNELS = 2
"""Heat map of all points; the tight box around them."""


class FastDextr(FeaturePyramid):
    """Mask logits from an RGB crop and its prompt channels.

    Shape:
        rgb (N, 3, S, S) in -1..1, prompts (N, 2, S, S) in 0..1, S divisible by 32 -> logits (N, 1, S / 2, S / 2).
    """

    def __init__(self) -> None:
        super().__init__(PROMPT_CHANNELS)
        self.logits = nn.Conv2d(WIDTHS[0], 1, 3, padding=1)

    def forward(self, rgb: Tensor, prompts: Tensor) -> Tensor:
        logits: Tensor = self.logits(self.features(rgb, prompts)[0])
        return logits
