"""Latent Diversity as published (Li, Chen, Koltun, "Interactive Image Segmentation with Latent Diversity", CVPR 2018).

Two networks: f, `LatentDiversityPaper`, gives six masks that all respect the clicks; g, `SelectionPaper`, chooses one of them.

The first layer of f is a 1 x 1 convolution over 1,477 channels at full resolution: 1.8 GB for an image of 640 x 480. It is
linear, and so is resizing; so here each group of channels has a convolution of its own, and VGG's features are projected to 64
channels **at their own resolution**, then resized and added. That is the same function, and all but the clicks' part depends on
the image alone: `image_part` is computed once per image, `click_part` once per click.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.nets.backbones.vgg19 import VGG19, WIDTHS
from maskwright.nets.context_aggregation import DILATIONS, WIDTH, ContextAggregation

CANDIDATES = 6
"""M, the number of masks."""

_DISTANCES, _ALL_MAPS = 2, 4
"""The click maps' channels: two distance maps, then where the clicks are (see `maskwright.vision.click_maps`)."""


class ImagePart(nn.Module):
    """The part of f's first layer that depends on the image alone.

    Args:
        width: channels that the first layer gives.
        vgg_widths: channels of the five VGG features.
    """

    def __init__(self, width: int, vgg_widths: tuple[int, int, int, int, int]) -> None:
        super().__init__()
        self.vgg = VGG19(vgg_widths)
        self.colours = nn.Conv2d(3, width, 1, bias=False)
        self.levels = nn.ModuleList(nn.Conv2d(channels, width, 1, bias=False) for channels in vgg_widths)

    def forward(self, rgb: Tensor) -> Tensor:
        """(batch, width, H, W) of `rgb`: float (batch, 3, H, W) in 0..255."""
        return self.project(rgb, self.vgg(rgb))

    def project(self, rgb: Tensor, features: list[Tensor]) -> Tensor:
        """The same from features at hand: those of `vgg`, which never change in training."""
        # Not as numbers: an exported graph takes images of any size.
        size = rgb.shape[2:]
        total: Tensor = self.colours(rgb / 255)
        for level, feature in zip(self.levels, features, strict=True):
            # Dividing by 255 after the projection, not before, spares a copy of the widest features.
            total = total + F.interpolate(level(feature) / 255, size, mode="bilinear", align_corners=False)
        return total


class ClickPart(nn.Module):
    """What runs at every click: the clicks' part of the first layer and all that follows.

    Args:
        candidates, width, click_maps, dilations: see `LatentDiversityPaper`.
    """

    def __init__(self, candidates: int, width: int, click_maps: bool, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.clicks = nn.Conv2d(_ALL_MAPS if click_maps else _DISTANCES, width, 1, bias=False)
        self.context = ContextAggregation(candidates, width, dilations)

    def forward(self, image: Tensor, maps: Tensor) -> Tensor:
        """Probabilities (batch, candidates, H, W) of `ImagePart`'s answer and of all click maps, (batch, 4, H, W)."""
        return torch.sigmoid(self.context(image + self.clicks(maps[:, : self.clicks.in_channels])))


class LatentDiversityPaper(nn.Module):
    """f: 0.427 M parameters that learn, a receptive field of 513 x 513 px and 131 GMAC at 640 x 480, beside the frozen VGG-19.

    Args:
        click_maps: False for the paper's 1,477 input channels: colours (3), distance maps (2), VGG (1,472). True for the
            authors' code, 1,479: the two maps of where the clicks are come after the distance maps.
        candidates: M.
        width: channels of the hidden layers.
        vgg_widths, dilations: smaller ones make a small network for tests.

    Example:
        >>> net = LatentDiversityPaper(width=8, vgg_widths=(4, 4, 4, 4, 4), dilations=(1, 2, 1))
        >>> image = net.image_part(torch.zeros(1, 3, 48, 64))  # once per image
        >>> net.click_part(image, torch.ones(1, 4, 48, 64)).shape  # once per click
        torch.Size([1, 6, 48, 64])
    """

    def __init__(
        self,
        *,
        click_maps: bool = False,
        candidates: int = CANDIDATES,
        width: int = WIDTH,
        vgg_widths: tuple[int, int, int, int, int] = WIDTHS,
        dilations: tuple[int, ...] = DILATIONS,
    ) -> None:
        super().__init__()
        self.image_part = ImagePart(width, vgg_widths)
        self.click_part = ClickPart(candidates, width, click_maps, dilations)
        weight = torch.empty(width, self.in_channels, 1, 1)
        nn.init.dirac_(weight)
        parts = weight.split([conv.in_channels for conv in self._first_layer()], dim=1)
        with torch.no_grad():
            for conv, part in zip(self._first_layer(), parts, strict=True):
                conv.weight.copy_(part)

    def forward(self, rgb: Tensor, maps: Tensor) -> Tensor:
        """Probabilities of the candidates, (batch, candidates, H, W).

        Args:
            rgb: float (batch, 3, H, W), 0..255. Any size.
            maps: float (batch, 4, H, W), 0..1: `maskwright.vision.click_maps.click_maps`.
        """
        probabilities: Tensor = self.click_part(self.image_part(rgb), maps)
        return probabilities

    @property
    def in_channels(self) -> int:
        """Channels of the stack that the first layer sees, were it ever built."""
        return sum(conv.in_channels for conv in self._first_layer())

    def first_layer(self) -> Tensor:
        """The first layer's weight in the plain form, (width, in_channels, 1, 1)."""
        return torch.cat([conv.weight for conv in self._first_layer()], dim=1)

    def _first_layer(self) -> list[nn.Conv2d]:
        """The first layer's pieces in the order of the stack's channels."""
        levels = [level for level in self.image_part.levels if isinstance(level, nn.Conv2d)]
        return [self.image_part.colours, self.click_part.clicks, *levels]


class SelectionPaper(nn.Module):
    """g: which of f's masks is meant; 0.333 M parameters.

    It sees 13 channels: colours, all four click maps and the six masks. The same kind of network as f, averaged over the image.

    Args:
        candidates: M.
        width, dilations: smaller ones make a small network for tests.

    Example:
        >>> net = SelectionPaper(width=16, dilations=(1, 2, 1))
        >>> net(torch.zeros(2, 3, 48, 64), torch.ones(2, 4, 48, 64), torch.zeros(2, 6, 48, 64)).shape
        torch.Size([2, 6])
    """

    def __init__(self, *, candidates: int = CANDIDATES, width: int = WIDTH, dilations: tuple[int, ...] = DILATIONS) -> None:
        super().__init__()
        self.first = nn.Conv2d(3 + _ALL_MAPS + candidates, width, 1, bias=False)
        nn.init.dirac_(self.first.weight)
        self.context = ContextAggregation(candidates, width, dilations)

    def forward(self, rgb: Tensor, maps: Tensor, probabilities: Tensor) -> Tensor:
        """Logits (batch, candidates); the largest one's mask is shown.

        Args:
            rgb, maps: as f saw them.
            probabilities: f's answer, (batch, candidates, H, W). Detach it: f is fixed while g learns.
        """
        hidden = self.context.hidden(self.first(torch.cat([rgb / 255, maps, probabilities], dim=1)))
        # The last convolution is linear: averaged before it, the answer is the same and costs nothing.
        logits: Tensor = self.context.last(hidden.mean((2, 3), keepdim=True))
        return logits.flatten(1)
