"""Training on from an exported graph, whose batch norms are folded into the convolutions before them.

Beside sparing the checkpoint, this is quick: on two cores a quarter of a training step goes into batch norms. Without them the
learning rate has to be several times smaller.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it has no types
from onnx import numpy_helper
from torch import nn

from maskwright.errors import DataError


def drop_norms(net: nn.Module, kept: Collection[str]) -> None:
    """Take every batch norm out of a network whose weight is not among `kept`; the convolution before it gets a bias.

    Args:
        net: every such norm follows, among the modules, the convolution that it normalises.
        kept: names of tensors, of a state dict or a graph.
    """
    convolution: nn.Conv2d | None = None
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.Conv2d):
            convolution = module
        if isinstance(module, nn.BatchNorm2d) and f"{name}.weight" not in kept and convolution is not None:
            convolution.bias = nn.Parameter(torch.zeros(convolution.out_channels))
            net.set_submodule(name, nn.Identity())


def load_graph(net: nn.Module, graph: Path, optional: tuple[str, ...] = ()) -> None:
    """Load the weights of an exported graph into the network it was exported from; norms folded in the graph leave the network.

    A norm that the graph still has keeps its statistics as long as it is in evaluation mode (`freeze_norms`).

    Args:
        net: as built for training.
        graph: the ONNX file.
        optional: beginnings of names of tensors that stay as they are where the graph has none of that name and shape.

    Raises:
        DataError: the file is no graph, or not one of this network.
    """
    try:
        initializers = onnx.load(graph).graph.initializer
    except (OSError, DecodeError) as error:
        raise DataError(f"{graph} is no ONNX graph; give one that `maskwright export` wrote") from error
    # The exporter calls a folded bias "X.weight_bias"; halving for the file adds ".half".
    tensors = {t.name.removesuffix(".half").replace(".weight_bias", ".bias"): t for t in initializers}
    drop_norms(net, tensors)
    state = net.state_dict()
    for key, value in state.items():
        if key.endswith("num_batches_tracked"):
            continue
        if key not in tensors or list(tensors[key].dims) != list(value.shape):
            if key.startswith(optional):
                continue
            raise DataError(f"{graph} is a graph of another network: it has no {key} of shape {tuple(value.shape)}")
        state[key] = torch.from_numpy(numpy_helper.to_array(tensors[key]).astype(np.float32))
    net.load_state_dict(state)


def graph_beside(graph: Path, part: str, other: str) -> Path:
    """Where export writes the graph of another part of the same network; `part` is what `graph`'s own name ends in, or "".

    Example:
        >>> graph_beside(Path("runs/curve-gcn-fast-encoder.onnx"), "encoder", "drag").name
        'curve-gcn-fast-drag.onnx'
    """
    return graph.with_name(f"{graph.stem.removesuffix(part)}{other}{graph.suffix}")


def freeze_norms(net: nn.Module) -> None:
    """Keep the statistics of every batch norm as they are; its scale and shift go on learning."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
