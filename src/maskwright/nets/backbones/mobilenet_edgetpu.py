"""MobileNet-EdgeTPU 1.0 as a feature encoder (Google, 2019: "Introducing the next generation of on-device vision models").

Inverted bottlenecks whose early ones are *fused* (one full 3x3 convolution in place of expand + depthwise), plain ReLU and no
squeeze-and-excitation: on CPUs this is fast for its accuracy. The last classification layers are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FEATURE_WIDTHS = (16, 32, 48, 96, 192)
"""Channels of the features at strides 2, 4, 8, 16 and 32."""


class ConvBN(nn.Module):
    """Convolution, batch norm and (optionally) ReLU, padded as TensorFlow's SAME does it for even sizes.

    A stride of 2 pads the bottom and the right only; the published weights were trained so, and symmetric padding would shift
    every feature by half a pixel at each stage.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, relu: bool = True) -> None:
        super().__init__()
        total = kernel - stride if stride > 1 else 0
        self.pad = (total // 2, total - total // 2) * 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, 0 if stride > 1 else kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        if any(self.pad):
            x = F.pad(x, self.pad)
        x = self.bn(self.filtered(x))
        return F.relu(x, inplace=True) if self.relu else x

    def filtered(self, x: Tensor) -> Tensor:
        """The convolution; a depthwise one always in float32, since its bfloat16 gradient takes 3 to 8 times longer on CPUs."""
        if self.conv.groups == 1:
            y: Tensor = self.conv(x)
            return y
        with torch.autocast(x.device.type, enabled=False):
            return self.conv(x.float()).to(x.dtype)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class BlockShape:
    """One inverted bottleneck; where `fused`, one full convolution replaces expand + depthwise."""

    kernel: int
    stride: int
    inputs: int
    expanded: int
    outputs: int
    fused: bool = False


def _stage(first: BlockShape, repeats: int, expanded: int) -> list[BlockShape]:
    """A stage: its first block and `repeats` residual ones."""
    rest = BlockShape(first.kernel, 1, first.outputs, expanded, first.outputs, first.fused)
    return [first, *([rest] * repeats)]


BLOCKS: tuple[BlockShape, ...] = (
    *_stage(BlockShape(3, 2, 16, 128, 32, fused=True), 3, 128),
    *_stage(BlockShape(3, 2, 32, 256, 48, fused=True), 3, 192),
    *_stage(BlockShape(3, 2, 48, 384, 96), 3, 384),
    *_stage(BlockShape(3, 1, 96, 768, 96), 3, 384),
    *_stage(BlockShape(5, 2, 96, 768, 160), 3, 640),
    BlockShape(3, 1, 160, 1280, 192),
)


class InvertedBottleneck(nn.Module):
    """Expand, filter, project; a residual connection where shapes allow and the block is not the first of its stage."""

    def __init__(self, shape: BlockShape, residual: bool) -> None:
        super().__init__()
        s = shape
        if s.fused:
            layers = [ConvBN(s.inputs, s.expanded, s.kernel, s.stride)]
        else:
            layers = [ConvBN(s.inputs, s.expanded), ConvBN(s.expanded, s.expanded, s.kernel, s.stride, groups=s.expanded)]
        self.layers = nn.Sequential(*layers, ConvBN(s.expanded, s.outputs, relu=False))
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


class MobileNetEdgeTPU(nn.Module):
    """The encoder with `extra` input channels beside RGB.

    The extra channels (prompts) have their own stem convolution whose output is added to that of RGB before batch norm. It
    starts at zero, so training begins from exactly the ImageNet features.

    Args:
        extra: number of prompt channels; 0: a network that sees images alone.

    Shape:
        rgb (N, 3, H, W) in -1..1 (x / 127.5 - 1), prompts (N, extra, H, W), None where there are none; H and W divisible by
        32. Answers five feature maps, finest first, with `FEATURE_WIDTHS` channels at strides 2, 4, 8, 16, 32.
    """

    def __init__(self, extra: int) -> None:
        super().__init__()
        self.stem = ConvBN(3, 32, 3, 2)
        if extra:
            self.prompt_stem = nn.Conv2d(extra, 32, 3, 2, bias=False)
            nn.init.zeros_(self.prompt_stem.weight)
        self.first = ConvBN(32, 16, relu=False)
        # A stage's first block is never residual, even where widths agree (BLOCKS[12]: 96 -> 96 at stride 1).
        firsts = {0, 4, 8, 12, 16, 20}
        self.blocks = nn.ModuleList(InvertedBottleneck(shape, residual=i not in firsts) for i, shape in enumerate(BLOCKS))

    def forward(self, rgb: Tensor, prompts: Tensor | None = None) -> list[Tensor]:
        x = self.stem.conv(F.pad(rgb, self.stem.pad))
        if prompts is not None:
            x = x + self.prompt_stem(F.pad(prompts, self.stem.pad))
        x = self.first(F.relu(self.stem.bn(x), inplace=True))
        features = []
        for shape, block in zip(BLOCKS, self.blocks, strict=True):
            if shape.stride == 2:
                features.append(x)
            x = block(x)
        return [*features, x]

    def freeze(self, blocks: int) -> None:
        """Keep the stems and the first `blocks` bottlenecks as they are: training then spares its way back through them.

        Of 0 blocks nothing is kept, the stems neither.
        """
        if blocks == 0:
            return
        for name, part in self.named_children():
            if name in ("stem", "prompt_stem", "first"):
                part.requires_grad_(False)
        self.blocks[:blocks].requires_grad_(False)

    def load_imagenet(self, state: Mapping[str, Tensor]) -> None:
        """Start from published ImageNet weights.

        Args:
            state: keys `stem.*`, `blocks.0.m.0.*` (the plain projection after the stem), `blocks.I.m.J.*` for the bottlenecks,
                each ending in `conv.weight`, `conv.bias` or a batch norm's tensor; classification layers (`head.*`, `fc.*`) are
                ignored.

        Raises:
            KeyError: a tensor that the encoder needs is missing.
        """
        renamed: dict[str, Tensor] = {}
        for key, value in self.state_dict().items():
            if key == "prompt_stem.weight":
                renamed[key] = value
                continue
            source = published_name(key)
            renamed[key] = torch.zeros((), dtype=torch.long) if key.endswith("num_batches_tracked") else state[source].float()
            if key.endswith("running_mean"):
                # Batch norm takes a convolution's bias away again: it lives on in the mean.
                renamed[key] = renamed[key] - state[source.replace("bn.running_mean", "conv.bias")].float()
        self.load_state_dict(renamed)


def published_name(key: str) -> str:
    """The name that a tensor of the encoder has in the published weights."""
    head, _, rest = key.partition(".")
    if head == "first":
        return f"blocks.0.m.0.{rest}"
    if head == "blocks":
        index, _, rest = rest.partition(".")
        return f"blocks.{int(index) + 1}.m.{rest.removeprefix('layers.')}"
    return key
