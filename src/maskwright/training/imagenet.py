"""Training from published ImageNet weights of the encoder."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file

from maskwright.errors import DataError
from maskwright.nets.backbones.mobilenet_edgetpu import MobileNetEdgeTPU


def load_imagenet(encoder: MobileNetEdgeTPU, weights: Path) -> None:
    """Start an encoder from published weights.

    Args:
        encoder: as built for training.
        weights: the safetensors file.

    Raises:
        DataError: the file is no safetensors, or not of such an encoder.
    """
    expected = "give ImageNet weights of the encoder (.safetensors), or a graph to go on from (.onnx)"
    try:
        encoder.load_imagenet(load_file(weights))
    except (OSError, SafetensorError) as error:
        raise DataError(f"{weights} is no safetensors file ({error}); {expected}") from error
    except (KeyError, RuntimeError) as error:  # a tensor is missing, or has another shape
        raise DataError(f"{weights} holds weights of another network ({error}); {expected}") from error
