"""ResNet-50 and ResNet-101 as dilated encoders (He et al., CVPR 2016; dilated as in DeepLab-v2, Chen et al., TPAMI 2018).

Parameter names are torchvision's (`conv1`, `bn1`, `layer1.0.conv1` ...; no `fc`), so its public state dicts load.

A block that halves the resolution can do so at two places, and public weights were trained with one or the other:
    "1x1"  stride on the block's first convolution: the original Caffe networks, DeepLab-v2, DEXTR.
    "3x3"  stride on its second convolution: torchvision's weights ("ResNet v1.5").
Parameters have the same names and shapes in both, so the wrong choice loads without a word and computes something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.errors import WeightsError

StridePlace: TypeAlias = Literal["1x1", "3x3"]

RESNET50 = (3, 4, 6, 3)
"""Bottlenecks in each of the four stages of ResNet-50."""

RESNET101 = (3, 4, 23, 3)
"""Bottlenecks in each of the four stages of ResNet-101."""

EXPANSION = 4


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolution around a shortcut; gives `4 * width` channels."""

    def __init__(self, inputs: int, width: int, stride: int = 1, dilation: int = 1, stride_on: StridePlace = "1x1") -> None:
        super().__init__()
        outputs = EXPANSION * width
        first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
        self.conv1 = nn.Conv2d(inputs, width, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, second, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return F.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNet(nn.Module):
    """A bottleneck ResNet without its classifier, its late strides replaced by dilation.

    Args:
        blocks: bottlenecks in each of the four stages: `RESNET50`, `RESNET101`.
        in_channels: channels of the input; beyond three for prompts (see `load_rgb_weights`).
        output_stride: 8, 16 or 32: input pixels per pixel of the last feature map. Below 32 the last stages keep the resolution
            and dilate their 3x3 convolutions instead, so that weights trained at 32 stay valid: the coarse network's features
            are then exactly a subset of the fine one's.
        stride_on: where a block's stride sits, see above. Give "3x3" for torchvision's weights.
        width: channels of the stem, 64 in the published networks; stage k gives `4 * width * 2**k` channels, k = 0..3.

    Raises:
        ValueError: `output_stride` is none of the three.

    Example:
        >>> with torch.device("meta"):
        ...     features = ResNet(RESNET101)(torch.zeros(1, 3, 512, 512))
        >>> [tuple(f.shape[1:]) for f in features]
        [(256, 128, 128), (512, 64, 64), (1024, 64, 64), (2048, 64, 64)]
    """

    def __init__(
        self,
        blocks: tuple[int, int, int, int] = RESNET101,
        *,
        in_channels: int = 3,
        output_stride: int = 8,
        stride_on: StridePlace = "1x1",
        width: int = 64,
    ) -> None:
        super().__init__()
        if output_stride not in (8, 16, 32):
            raise ValueError(f"output_stride is {output_stride}; give 8, 16 or 32")
        self.stride_on = stride_on
        self.channels = tuple(EXPANSION * width * 2**k for k in range(4))
        self.conv1 = nn.Conv2d(in_channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        # Floor mode, as torchvision and DEXTR; DeepLab-v2's Caffe networks rounded up and had a map one pixel larger.
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self._inputs, self._stride, self._dilation = width, 4, 1
        self.layer1 = self._stage(width, blocks[0], 1, output_stride)
        self.layer2 = self._stage(2 * width, blocks[1], 2, output_stride)
        self.layer3 = self._stage(4 * width, blocks[2], 2, output_stride)
        self.layer4 = self._stage(8 * width, blocks[3], 2, output_stride)

    def _stage(self, width: int, count: int, stride: int, output_stride: int) -> nn.Sequential:
        before = self._dilation
        if self._stride * stride > output_stride:
            self._dilation, stride = self._dilation * stride, 1
        self._stride *= stride
        # With the stride on the 3x3, the first block's 3x3 still saw the finer grid, so it keeps the dilation from before.
        first = self._dilation if self.stride_on == "1x1" else before
        stage = [Bottleneck(self._inputs, width, stride, first, self.stride_on)]
        self._inputs = EXPANSION * width
        stage += [Bottleneck(self._inputs, width, 1, self._dilation, self.stride_on) for _ in range(count - 1)]
        return nn.Sequential(*stage)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features after each of the four stages, at strides 4, 8, 16 and 32 or `output_stride`, whichever is finer.

        Args:
            x: float (batch, in_channels, height, width), in whatever range the weights were trained with.
        """
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        first = self.layer1(x)
        second = self.layer2(first)
        third = self.layer3(second)
        return first, second, third, self.layer4(third)

    @torch.no_grad()
    def load_rgb_weights(self, state_dict: Mapping[str, Tensor]) -> None:
        """Copy a three-channel network's weights, batch-norm statistics included.

        Every input channel beyond the third starts as a copy of the third colour's kernels, as DEXTR intended. torchvision's
        weights expect RGB in 0..1, normalised by ImageNet's mean and standard deviation; fed with another range, the stem's
        running statistics must adapt in training first.

        Args:
            state_dict: torchvision's state dict of the same depth; entries of its classifier (`fc.*`) are ignored.

        Raises:
            WeightsError: parameters are missing, unknown or of another shape. Nothing is then changed.
        """
        given = {name: value for name, value in state_dict.items() if not name.startswith("fc.")}
        own = self.state_dict()
        if "conv1.weight" in given:
            stem = given["conv1.weight"]
            extra = self.conv1.in_channels - stem.shape[1]
            given["conv1.weight"] = torch.cat([stem, stem[:, -1:].expand(-1, max(extra, 0), -1, -1)], dim=1)
        # Files older than PyTorch 0.4.1 lack the batch counters; nothing here reads them.
        missing = [name for name in own if name not in given and not name.endswith("num_batches_tracked")]
        unknown = [name for name in given if name not in own]
        misfit = [name for name, value in given.items() if name in own and value.shape != own[name].shape]
        if wrong := missing + unknown + misfit:
            raise WeightsError(
                f"the state dict is not of this ResNet: {len(missing)} parameters missing, {len(unknown)} unknown, "
                f"{len(misfit)} of another shape (first: {wrong[0]}); give torchvision's state dict of the same depth"
            )
        # Not strict, for the counters alone: all else was checked above.
        self.load_state_dict(given, strict=False)
