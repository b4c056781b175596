"""From a checkpoint to the graph file that ships: averaged weights, stored as float16, and its checksum."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from maskwright.atomic import write_atomically
from maskwright.errors import DataError
from maskwright.methods.encoding import SIZE
from maskwright.nets import dextr_fast, latent_diversity_fast
from maskwright.nets.dextr_fast import FastDextr
from maskwright.nets.latent_diversity_fast import FastLatentDiversity
from maskwright.training.folded import drop_norms


@dataclass(frozen=True)
class GraphForm:
    """How a method's network becomes a graph.

    Attributes:
        net: builds the network that fits a checkpoint's weights.
        prompts: number of prompt channels.
        outputs: names of its outputs.
    """

    net: Callable[[Mapping[str, Tensor]], nn.Module]
    prompts: int
    outputs: tuple[str, ...]


FORMS: Mapping[str, GraphForm] = {
    "dextr": GraphForm(lambda weights: FastDextr(), dextr_fast.PROMPT_CHANNELS, ("logits",)),
    "latent-diversity": GraphForm(
        # A run may have trained another number of candidates than the shipped one.
        lambda weights: FastLatentDiversity(len(weights["candidates.2.bias"])),
        latent_diversity_fast.PROMPT_CHANNELS,
        ("logits", "scores"),
    ),
}


def averaged_net(method: str, checkpoint: Path) -> nn.Module:
    """The network of a run, with the averaged weights that ship.

    Args:
        method: a key of `FORMS`.
        checkpoint: the `checkpoint.pt` of a run.

    Raises:
        DataError: the file is missing or no checkpoint of this method's network.
    """
    try:
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")["average"]
        weights = {key.removeprefix("module."): value for key, value in state.items() if key.startswith("module.")}
        net = FORMS[method].net(weights)
        drop_norms(net, weights)
        net.load_state_dict(weights)
    except (OSError, EOFError, KeyError, RuntimeError, UnpicklingError) as error:
        raise DataError(
            f"{checkpoint} is no checkpoint of {method}; give the checkpoint.pt of its `maskwright train`"
        ) from error
    return net.eval()


def export(method: str, checkpoint: Path, output: Path) -> None:
    """Write the graph of a trained network and note its checksum in `checksums.json` beside it.

    Args:
        method: a key of `FORMS`.
        checkpoint: the `checkpoint.pt` of a run.
        output: the ONNX file to write.

    Raises:
        DataError: the file is missing or no checkpoint of this method's network.
    """
    form = FORMS[method]
    example = (torch.zeros(1, 3, SIZE, SIZE), torch.zeros(1, form.prompts, SIZE, SIZE))
    write_graph(averaged_net(method, checkpoint), example, ("rgb", "prompts"), form.outputs, output)


def write_graph(
    net: nn.Module, example: tuple[Tensor, ...], inputs: tuple[str, ...], outputs: tuple[str, ...], path: Path
) -> None:
    """Export a network with fixed shapes, shrink it, write it whole, and note its checksum."""
    with torch.no_grad(), warnings.catch_warnings():
        # torch's exporter warns of its own use of a name that it will drop.
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(net, example, input_names=inputs, output_names=outputs, dynamo=True, verbose=False)
    if program is None:
        raise RuntimeError("torch.onnx.export answered no program")
    model = halve(program.model_proto)
    onnx.checker.check_model(model)
    content = model.SerializeToString()
    write_atomically(path, content)
    manifest = path.parent / "checksums.json"
    checksums = json.loads(manifest.read_text("utf-8")) if manifest.is_file() else {}
    checksums[path.name] = hashlib.sha256(content).hexdigest()
    write_atomically(manifest, (json.dumps(checksums, indent=2, sort_keys=True) + "\n").encode())


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 constants as float16, each cast back when the graph is loaded: half the file, the same arithmetic."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 256:
            continue
        values = numpy_helper.to_array(tensor)
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    # Exporters note where in the source each node came from: paths that have no place in a file that ships.
    for node in graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.value_info[:]
    return model
