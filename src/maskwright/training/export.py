"""From a checkpoint to the graph file that ships: averaged weights, stored as float16, and its checksum."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from maskwright.atomic import write_atomically
from maskwright.errors import DataError
from maskwright.methods.dextr_encoding import SIZE
from maskwright.nets.dextr_fast import PROMPT_CHANNELS, FastDextr
from maskwright.training.folded import drop_norms


def averaged_net(checkpoint: Path) -> FastDextr:
    """The network of a run, with the averaged weights that ship.

    Raises:
        DataError: the file is missing or no checkpoint of this network.
    """
    try:
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")["average"]
    except (OSError, EOFError, KeyError, RuntimeError, UnpicklingError) as error:
        raise DataError(f"{checkpoint} is no checkpoint; give the checkpoint.pt of a run of `maskwright train`") from error
    weights = {key.removeprefix("module."): value for key, value in state.items() if key.startswith("module.")}
    net = FastDextr()
    drop_norms(net, weights)
    net.load_state_dict(weights)
    return net.eval()


def export(checkpoint: Path, output: Path) -> None:
    """Write the graph of a trained DEXTR and note its checksum in `checksums.json` beside it.

    Args:
        checkpoint: the `checkpoint.pt` of a run.
        output: the ONNX file to write.
    """
    example = (torch.zeros(1, 3, SIZE, SIZE), torch.zeros(1, PROMPT_CHANNELS, SIZE, SIZE))
    write_graph(averaged_net(checkpoint), example, ("rgb", "prompts"), ("logits",), output)


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
