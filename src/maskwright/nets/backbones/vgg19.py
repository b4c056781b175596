"""VGG-19 up to conv5_2 as a frozen encoder with average pooling (Simonyan and Zisserman, ICLR 2015).

Its answers are the hypercolumns of Latent Diversity: conv1_2, conv2_2, conv3_2, conv4_2 and conv5_2.

Public weights come in two kinds, and both compute the same here as where they came from, up to one factor on all features:
    torchvision  RGB in 0..1, normalised by ImageNet's mean and standard deviation;
    Caffe        BGR in 0..255 minus a mean colour (MatConvNet's `imagenet-vgg-verydeep-19`, used by the paper, is these).
The colours' order and deviation are folded into the first convolution, the mean colour is kept in the buffer `mean`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maskwright.errors import WeightsError

WIDTHS = (64, 128, 256, 512, 512)
"""Channels of the five features."""

_CONVS = (2, 2, 4, 4, 2)
"""Convolutions in each block; the fifth block ends where the last feature is taken."""

_TAP = 2
"""Each block's feature is taken after its second convolution."""

CAFFE_MEAN = (123.68, 116.779, 103.939)
"""The mean colour of the Caffe weights, RGB in 0..255."""

_TORCHVISION_MEAN = (0.485, 0.456, 0.406)
_TORCHVISION_DEVIATION = (0.229, 0.224, 0.225)


class VGG19(nn.Module):
    """Convolutions of 3 x 3 with ReLU, 2 x 2 average pooling between blocks; no parameter learns.

    It starts from He's random weights, under which features keep the size of the input's values; see `load_torchvision` and
    `load_caffe`. 15.3 M parameters; 114 GMAC at 640 x 480.

    Args:
        widths: channels of the five blocks; smaller ones make a small network for tests.

    Example:
        >>> with torch.device("meta"):
        ...     features = VGG19()(torch.zeros(1, 3, 481, 321))
        >>> [tuple(f.shape[1:]) for f in features]
        [(64, 481, 321), (128, 241, 161), (256, 121, 81), (512, 61, 41), (512, 31, 21)]
    """

    mean: Tensor

    def __init__(self, widths: tuple[int, int, int, int, int] = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        self.register_buffer("mean", torch.tensor(CAFFE_MEAN).view(1, 3, 1, 1))
        self.convs = nn.ModuleDict()
        inputs = 3
        for block, (width, count) in enumerate(zip(widths, _CONVS, strict=True), 1):
            for number in range(1, count + 1):
                conv = nn.Conv2d(inputs, width, 3, padding=1)
                nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
                nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
                self.convs[f"conv{block}_{number}"] = conv
                inputs = width
        self.requires_grad_(False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """The five features after ReLU, finest first, at strides 1, 2, 4, 8 and 16; odd sides are rounded up.

        Args:
            rgb: float (batch, 3, height, width), 0..255.
        """
        x = rgb - self.mean
        features = []
        for block, count in enumerate(_CONVS, 1):
            if block > 1:
                # An odd last row or column is averaged over the pixels that are there (TensorFlow's SAME).
                x = F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False)
            for number in range(1, count + 1):
                x = F.relu(self.convs[f"conv{block}_{number}"](x))
                if number == _TAP:
                    features.append(x)
        return features

    def load_torchvision(self, state_dict: Mapping[str, Tensor]) -> None:
        """Copy torchvision's VGG-19 (`vgg19`, without batch norm).

        Its input has a deviation of about 1 instead of that of pixels. All biases are multiplied by 255 x its mean
        deviation (57.6), and with them all features: they then have the size of those that the paper divides by 255.

        Args:
            state_dict: keys `features.N.weight`, `features.N.bias`; classifier and deeper layers are ignored.

        Raises:
            WeightsError: parameters are missing or of another shape. Nothing is then changed.
        """
        deviation = torch.tensor(_TORCHVISION_DEVIATION)
        names = self._torchvision_names()
        state = self._taken(state_dict, names, "torchvision's state dict of vgg19")
        unit = 255 * deviation.mean()
        state["convs.conv1_1.weight"] = state["convs.conv1_1.weight"] * (deviation.mean() / deviation).view(1, 3, 1, 1)
        biases = {name: value * unit for name, value in state.items() if name.endswith("bias")}
        mean = 255 * torch.tensor(_TORCHVISION_MEAN).view(1, 3, 1, 1)
        self.load_state_dict({**state, **biases, "mean": mean})

    def load_caffe(self, state_dict: Mapping[str, Tensor]) -> int:
        """Copy the Caffe weights as far as they go; deeper layers keep what they have.

        Args:
            state_dict: keys `conv1_1.weight`, `conv1_1.bias`, ..., each perhaps after a prefix that ends in a dot (`c.`);
                the first convolution sees BGR. Any number of convolutions from the first on without a gap.

        Returns:
            How many convolutions were copied, of 14.

        Raises:
            WeightsError: there is no first convolution, a gap, or a shape differs. Nothing is then changed.
        """
        given = {".".join(name.split(".")[-2:]): value for name, value in state_dict.items()}
        found = [name for name in self.convs if f"{name}.weight" in given]
        if not found or found != list(self.convs)[: len(found)]:
            listed = ", ".join(found) or "none"
            raise WeightsError(
                f"the weights have these convolutions of VGG-19: {listed}; give all from conv1_1 to the last one"
            )
        names = {f"{name}.{part}": f"{name}.{part}" for name in found for part in ("weight", "bias")}
        state = self._taken(given, names, "VGG-19's weights of Caffe or MatConvNet")
        state["convs.conv1_1.weight"] = state["convs.conv1_1.weight"].flip(1)
        self.load_state_dict({**self.state_dict(), **state, "mean": torch.tensor(CAFFE_MEAN).view(1, 3, 1, 1)})
        return len(found)

    def _torchvision_names(self) -> dict[str, str]:
        """For each own parameter below `convs`, the name that it has in torchvision: ReLU and pooling layers count too."""
        names = {}
        index = 0
        for block, count in enumerate(_CONVS, 1):
            for number in range(1, count + 1):
                for part in ("weight", "bias"):
                    names[f"conv{block}_{number}.{part}"] = f"features.{index}.{part}"
                index += 2
            index += 1
        return names

    def _taken(self, given: Mapping[str, Tensor], names: Mapping[str, str], expected: str) -> dict[str, Tensor]:
        """The parameters `names` (own name to given name), checked and in float32."""
        own = self.state_dict()
        missing = [source for source in names.values() if source not in given]
        misfit = [s for name, s in names.items() if s in given and given[s].shape != own[f"convs.{name}"].shape]
        if wrong := missing + misfit:
            raise WeightsError(
                f"the state dict is not of this VGG-19: {len(missing)} parameters missing, {len(misfit)} of another shape "
                f"(first: {wrong[0]}); give {expected}"
            )
        return {f"convs.{name}": given[source].float() for name, source in names.items()}
