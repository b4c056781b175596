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
        extra: number of prompt channels; 0: a network that sees images alone.
        finest: which of the five maps is the finest that is wanted; what would make finer ones is left out.

    Shape:
        rgb (N, 3, S, S) in -1..1, prompts (N, extra, S, S) in 0..1 or None, S divisible by 32 -> the maps from `finest` on,
        `WIDTHS` channels at strides 2, 4, 8, 16, 32.
    """

    def __init__(self, extra: int, finest: int = 0) -> None:
        super().__init__()
        self.steps = range(finest, len(WIDTHS) - 1)
        self.encoder = MobileNetEdgeTPU(extra)
        self.pool = PyramidPooling(FEATURE_WIDTHS[-1], 48, WIDTHS[-1], align_corners=False)
        # By name, so that the weights of one pyramid fit another with fewer steps.
        self.laterals = nn.ModuleDict({str(i): conv_bn_relu(FEATURE_WIDTHS[i], WIDTHS[i], 1) for i in self.steps})
        self.narrows = nn.ModuleDict({str(i): conv_bn_relu(WIDTHS[i + 1], WIDTHS[i], 1) for i in self.steps})
        self.smooths = nn.ModuleDict({str(i): conv_bn_relu(WIDTHS[i], WIDTHS[i], 3) for i in self.steps})

    def features(self, rgb: Tensor, prompts: Tensor | None = None) -> list[Tensor]:
        """The maps, finest first; see the class."""
        encoded = self.encoder(rgb, prompts)
        decoded = [self.pool(encoded[-1])]
        for i in reversed(self.steps):
            x = F.interpolate(self.narrows[str(i)](decoded[0]), scale_factor=2.0, mode="bilinear", align_corners=False)
            decoded.insert(0, self.smooths[str(i)](x + self.laterals[str(i)](encoded[i])))
        return decoded
