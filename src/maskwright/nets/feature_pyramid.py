"""The light network that the `fast` presets share: MobileNet-EdgeTPU, pyramid pooling, and a feature pyramid up to stride 2."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.mobilenet_edgetpu import FEATURE_WIDTHS, MobileNetEdgeTPU
from maskwright.nets.heads import PyramidPooling, conv_bn_relu

WIDTHS = (24, 48, 80, 96, 128)
"""Channels of the decoded maps at strides 2, 4, 8, 16 and 32."""


class FeaturePyramid(nn.Module):
    """Decoded features from an RGB crop and its prompt channels.

    Args:
        extra: number of prompt channels.

    Shape:
        rgb (N, 3, S, S) in -1..1, prompts (N, extra, S, S) in 0..1, S divisible by 32 -> five maps, finest first, `WIDTHS`
        channels at strides 2, 4, 8, 16, 32.
    """

    def __init__(self, extra: int) -> None:
        super().__init__()
        self.encoder = MobileNetEdgeTPU(extra)
        self.pool = PyramidPooling(FEATURE_WIDTHS[-1], 48, WIDTHS[-1], align_corners=False)
        self.laterals = nn.ModuleList(
            conv_bn_relu(feature, width, 1) for feature, width in zip(FEATURE_WIDTHS[:-1], WIDTHS[:-1], strict=True)
        )
        self.narrows = nn.ModuleList(conv_bn_relu(wide, width, 1) for wide, width in zip(WIDTHS[1:], WIDTHS[:-1], strict=True))
        self.smooths = nn.ModuleList(conv_bn_relu(width, width, 3) for width in WIDTHS[:-1])

    def features(self, rgb: Tensor, prompts: Tensor) -> list[Tensor]:
        """All five maps; see the class."""
        encoded = self.encoder(rgb, prompts)
        decoded = [self.pool(encoded[-1])]
        for i in reversed(range(len(encoded) - 1)):
            x = F.interpolate(self.narrows[i](decoded[0]), scale_factor=2.0, mode="bilinear", align_corners=False)
            decoded.insert(0, self.smooths[i](x + self.laterals[i](encoded[i])))
        return decoded
