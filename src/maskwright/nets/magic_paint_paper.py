"""Magic Paint as far as its network is known (Andriluka, Pellegrini, Popov, Ferrari, 2020): FEELVOS's parts on a still image.

The paper's own network was not published in detail. It builds on FEELVOS (Voigtlaender et al., CVPR 2019): an embedding of
every cell on top of DeepLabv3+ (Chen et al., ECCV 2018), distances in it to what is labelled, and a head that is run once per
class. The backbone here is ResNet-50 (FEELVOS: Xception-65).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.resnet import RESNET50, ResNet, StridePlace
from maskwright.nets.heads import conv_bn_relu

STRIDE = 4
"""Image pixels per cell."""

EMBEDDING = 100
"""Dimensions of a cell's embedding."""

FEATURES = 256
"""Channels of the backbone's map, which the head sees beside the distances."""

MAPS = 3
"""Channels of a class: its distances everywhere, its distances nearby, its probability of before."""

WIDTH, LAYERS, KERNEL = 256, 4, 7
"""Of the head."""

RATES = (6, 12, 18)
"""Dilations of the spatial pyramid, for output stride 16."""


def separable(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """A depthwise and a pointwise convolution, each with batch norm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, kernel, padding=kernel // 2, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU(inplace=True),
        *conv_bn_relu(inputs, outputs),
    )


class PaintHead(nn.Sequential):
    """FEELVOS's dynamic segmentation head: four separable 7x7 layers and a logit, run once per class.

    Args:
        inputs: channels.
        width: of every layer.

    Shape:
        (C, inputs, h, w) -> (C, 1, h, w).
    """

    def __init__(self, inputs: int = FEATURES + MAPS, width: int = WIDTH) -> None:
        layers = [separable(inputs if i == 0 else width, width, KERNEL) for i in range(LAYERS)]
        super().__init__(*layers, nn.Conv2d(width, 1, 1))


class SpatialPyramid(nn.Module):
    """Atrous spatial pyramid pooling (DeepLabv3): a 1x1 and three dilated 3x3 convolutions and the image's mean, joined.

    Training needs batches of two or more: the mean is one value per image.

    Shape:
        (N, inputs, h, w) -> (N, outputs, h, w).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.plain = conv_bn_relu(inputs, outputs)
        self.dilated = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=rate, dilation=rate, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(inplace=True),
            )
            for rate in RATES
        )
        self.mean = conv_bn_relu(inputs, outputs)
        self.join = conv_bn_relu(outputs * (2 + len(RATES)), outputs)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
        joined: Tensor = self.join(torch.cat([self.plain(x), *(layer(x) for layer in self.dilated), mean], 1))
        return joined


class MagicPaintPaper(nn.Module):
    """Embedding and head.

    Args:
        blocks, stride_on, width: see `maskwright.nets.backbones.resnet.ResNet`; fewer and narrower make a small network for
            tests, whose other widths shrink alike.

    Example:
        >>> net = MagicPaintPaper(blocks=(1, 1, 1, 1), width=8).eval()
        >>> features, embedding = net(torch.zeros(2, 3, 64, 96))
        >>> features.shape, embedding.shape
        (torch.Size([2, 32, 16, 24]), torch.Size([2, 100, 16, 24]))
        >>> net.logits(features[:1], torch.zeros(5, 3, 16, 24)).shape
        torch.Size([5, 1, 16, 24])
    """

    def __init__(
        self, *, blocks: tuple[int, int, int, int] = RESNET50, stride_on: StridePlace = "3x3", width: int = 64
    ) -> None:
        super().__init__()
        self.backbone = ResNet(blocks, output_stride=16, stride_on=stride_on, width=width)
        features = FEATURES * width // 64
        self.pyramid = SpatialPyramid(self.backbone.channels[-1], features)
        self.low = conv_bn_relu(self.backbone.channels[0], 48)
        self.join = nn.Sequential(separable(features + 48, features, 3), separable(features, features, 3))
        self.embed = nn.Sequential(
            nn.Conv2d(features, features, 3, padding=1, groups=features), nn.Conv2d(features, EMBEDDING, 1)
        )
        self.head = PaintHead(features + MAPS, WIDTH * width // 64)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is computed once per image: features (N, 256, h / 4, w / 4) and embedding (N, 100, h / 4, w / 4).

        Args:
            x: float (N, 3, h, w), normalised by ImageNet's mean and deviation; sides divisible by 16.
        """
        fine, _, _, deep = self.backbone(x)
        size = [int(side) for side in fine.shape[2:]]
        wide = F.interpolate(self.pyramid(deep), size, mode="bilinear", align_corners=True)
        features = self.join(torch.cat([wide, self.low(fine)], 1))
        return features, self.embed(features)

    def logits(self, features: Tensor, maps: Tensor) -> Tensor:
        """One logit per cell and class, (C, 1, h, w).

        Args:
            features: (1, 256, h, w) of the image.
            maps: (C, 3, h, w), see `MAPS`, all in 0..1.
        """
        logits: Tensor = self.head(torch.cat([features.expand(len(maps), -1, -1, -1), maps], 1))
        return logits

    def load_resnet50(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the backbone from torchvision's ResNet-50; the rest keeps its random start.

        Raises:
            WeightsError: the state dict is of another network.
        """
        self.backbone.load_rgb_weights(state_dict)
