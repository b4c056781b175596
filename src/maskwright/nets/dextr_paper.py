"""DEXTR as published (Maninis et al., "Deep Extreme Cut", CVPR 2018): ResNet-101 at output stride 8 and a pyramid pooling head.

Input: four channels, all in 0..255: red, green, blue without any normalisation, and the heat map of the points.
Output: logits at the input's size; a sigmoid turns them into the probability of "object".
"""

from __future__ import annotations

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.resnet import RESNET101, ResNet, StridePlace
from maskwright.nets.heads import PyramidPooling


class DextrPaper(nn.Module):
    """The paper's network: 48.80 M parameters, 6.30 M of them in the head; 185.7 GMAC for a crop of 512 x 512.

    The backbone's batch-norm scales and shifts are frozen (`requires_grad` is off) while its running statistics follow the
    training data; the head's batch norm trains as usual. Convolutions start from N(0, 0.01), batch norm as the identity.
    Training needs batches of two or more (see `PyramidPooling`).

    Args:
        blocks, stride_on, width: see `maskwright.nets.backbones.resnet.ResNet`. The default is the paper's; torchvision's
            weights were trained with `stride_on="3x3"`. Fewer blocks and a smaller width make a small network for tests.

    Example:
        >>> import torch
        >>> net = DextrPaper(blocks=(1, 1, 1, 1), width=8).eval()
        >>> net(torch.zeros(1, 4, 64, 96)).shape
        torch.Size([1, 1, 64, 96])
    """

    def __init__(
        self, *, blocks: tuple[int, int, int, int] = RESNET101, stride_on: StridePlace = "1x1", width: int = 64
    ) -> None:
        super().__init__()
        self.backbone = ResNet(blocks, in_channels=4, output_stride=8, stride_on=stride_on, width=width)
        features = self.backbone.channels[-1]
        branch = features // 4
        self.head = nn.Sequential(PyramidPooling(features, branch, branch), nn.Conv2d(branch, 1, 1))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (batch, 1, height, width) of `x`: float (batch, 4, height, width), RGB and heat map in 0..255."""
        size = [int(side) for side in x.shape[2:]]
        logits = self.head(self.backbone(x)[-1])
        return F.interpolate(logits, size, mode="bilinear", align_corners=True)

    def load_resnet101(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the backbone from torchvision's ResNet-101 (a network of other `blocks`: from the same depth).

        All of it is copied: the RGB kernels of the first convolution, batch-norm scales, shifts and running statistics. The
        heat map's kernels start as a copy of the blue ones. The head keeps its random start.

        Raises:
            WeightsError: the state dict is of another network.
        """
        self.backbone.load_rgb_weights(state_dict)
