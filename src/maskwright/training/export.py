"""From a checkpoint to the graph file that ships: averaged weights, stored as float16, and its checksum."""

from __future__ import annotations

import copy
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.export import Dim

from maskwright.atomic import write_atomically
from maskwright.errors import DataError
from maskwright.methods import curve_gcn_encoding, dextr_encoding, latent_diversity_encoding, magic_paint_encoding
from maskwright.nets import curve_gcn_fast, dextr_fast, latent_diversity_fast, magic_paint_fast
from maskwright.nets.curve_gcn_fast import FastCurveGcn
from maskwright.nets.dextr_fast import FastDextr
from maskwright.nets.latent_diversity_fast import FastLatentDiversity
from maskwright.nets.magic_paint_fast import FastMagicPaint
from maskwright.training.folded import drop_norms, graph_beside, load_graph

RING, CLASSES, ROWS, COLUMNS = -37, -5, -40, -44
"""Sides that stay free, as minus what they are in the example that a graph is made with: the number of control points, of
classes, of rows and columns of cells (multiples of 4, as cells come). No other side has any of these numbers."""


@dataclass(frozen=True)
class GraphForm:
    """One graph of a network.

    Attributes:
        inputs: shape of each by name; sides that stay free are negative (`RING` and the like).
        outputs: names of its outputs.
        part: the submodule that it runs; "": all of the network.
    """

    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]
    part: str = ""


@dataclass(frozen=True)
class NetworkForm:
    """How a method's network becomes graphs.

    Attributes:
        net: builds the network that fits a checkpoint's weights.
        graphs: by what each adds to the name of the file, such as "-encoder"; "" where there is one graph only.
    """

    net: Callable[[Mapping[str, Tensor]], nn.Module]
    graphs: Mapping[str, GraphForm]


def _crop_inputs(size: int, prompts: int) -> dict[str, tuple[int, ...]]:
    return {"rgb": (1, 3, size, size), "prompts": (1, prompts, size, size)}


def _curve_gcn(weights: Mapping[str, Tensor]) -> FastCurveGcn:
    """The network of a run, which may have trained other stages than the shipped ones, and no heads."""
    stages = {key.split(".")[2] for key in weights if key.startswith("outline.stages.")}
    return FastCurveGcn(len(stages), any(key.startswith("trunk.heads.") for key in weights))


_MAP = curve_gcn_encoding.SIZE // curve_gcn_fast.STRIDE
_FEATURES = (1, curve_gcn_fast.FEATURES, _MAP, _MAP)
_POINTS, _ADJACENCY = (1, RING, 2), (1, RING, RING)
_CELLS = (ROWS, COLUMNS)

FORMS: Mapping[str, NetworkForm] = {
    "dextr": NetworkForm(
        lambda weights: FastDextr(), {"": GraphForm(_crop_inputs(dextr_encoding.SIZE, dextr_fast.PROMPT_CHANNELS), ("logits",))}
    ),
    "latent-diversity": NetworkForm(
        # A run may have trained another number of candidates than the shipped one.
        lambda weights: FastLatentDiversity(len(weights["candidates.2.bias"])),
        {
            "": GraphForm(
                _crop_inputs(latent_diversity_encoding.SIZE, latent_diversity_fast.PROMPT_CHANNELS), ("logits", "scores")
            )
        },
    ),
    "curve-gcn": NetworkForm(
        _curve_gcn,
        {
            "-encoder": GraphForm(
                _crop_inputs(curve_gcn_encoding.SIZE, curve_gcn_fast.PROMPT_CHANNELS), ("features",), "trunk"
            ),
            "-outline": GraphForm({"features": _FEATURES, "points": _POINTS, "adjacency": _ADJACENCY}, ("moved",), "outline"),
            "-drag": GraphForm(
                {
                    "features": _FEATURES,
                    "maps": (1, curve_gcn_fast.DRAG_MAPS, _MAP, _MAP),
                    "points": _POINTS,
                    "shifts": _POINTS,
                    "roles": _POINTS,
                    "adjacency": _ADJACENCY,
                },
                ("moved",),
                "drag",
            ),
        },
    ),
    "magic-paint": NetworkForm(
        lambda weights: FastMagicPaint(),
        {
            "-embedding": GraphForm(
                {"rgb": (1, 3, magic_paint_encoding.SIZE, magic_paint_encoding.SIZE)},
                ("embedding", "features", "weights"),
                "embedding",
            ),
            "-decoder": GraphForm(
                {
                    "features": (1, magic_paint_fast.FEATURES, *_CELLS),
                    "weights": (1, magic_paint_fast.WEIGHTS, *_CELLS),
                    "maps": (CLASSES, magic_paint_fast.MAPS, *_CELLS),
                },
                ("logits",),
                "decoder",
            ),
        },
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


def add_soup(method: str, net: nn.Module, earlier: Path, share: float) -> None:
    """Average the weights of a network with those of an earlier graph: a model soup (Wortsman et al., ICML 2022).

    It helps where one was trained on from the other: what both learned stays, what either happened to end at evens out.

    Args:
        method: a key of `FORMS`.
        net: its network, changed in place.
        earlier: the ONNX file; where the method has several graphs, each adds a word to its name.
        share: of the earlier weights, 0..1.

    Raises:
        DataError: the share is out of its range, or the file is missing or a graph of another network.
    """
    if not 0 <= share <= 1:
        raise DataError(f"the earlier weights' share is {share:g}; give a number from 0 to 1")
    other = copy.deepcopy(net)
    for word, form in FORMS[method].graphs.items():
        load_graph(other.get_submodule(form.part), graph_beside(earlier, "", word))
    ours, theirs = net.state_dict(), other.state_dict()
    if ours.keys() != theirs.keys():
        raise DataError(
            f"{earlier} has norms folded away that the checkpoint still has; average with a graph it was trained from"
        )
    net.load_state_dict(
        {key: value.lerp(theirs[key], share) if value.is_floating_point() else value for key, value in ours.items()}
    )


def export(method: str, checkpoint: Path, output: Path, earlier: Path | None = None, share: float = 0.5) -> list[Path]:
    """Write the graphs of a trained network and note their checksums in `checksums.json` beside them.

    Args:
        method: a key of `FORMS`.
        checkpoint: the `checkpoint.pt` of a run.
        output: the ONNX file to write; where the method has several graphs, each adds a word to its name.
        earlier, share: a graph to average the weights with, and its share; see `add_soup`.

    Returns:
        The files written.

    Raises:
        DataError: the file is missing or no checkpoint of this method's network; or see `add_soup`.
    """
    net = averaged_net(method, checkpoint)
    if earlier is not None:
        add_soup(method, net, earlier, share)
    written = []
    for word, form in FORMS[method].graphs.items():
        path = graph_beside(output, "", word)
        example = tuple(torch.zeros([abs(side) for side in shape]) for shape in form.inputs.values())
        free = tuple({i: Dim.DYNAMIC for i, side in enumerate(shape) if side < 0} for shape in form.inputs.values())
        write_graph(net.get_submodule(form.part), example, tuple(form.inputs), form.outputs, path, free)
        written.append(path)
    return written


def write_graph(
    net: nn.Module,
    example: tuple[Tensor, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    path: Path,
    free: tuple[dict[int, Any], ...] | None = None,
) -> None:
    """Export a network with fixed shapes, but for `free` sides of its inputs; shrink it, write it whole, note its checksum."""
    with torch.no_grad(), warnings.catch_warnings():
        # torch's exporter warns of its own use of a name that it will drop.
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            net, example, input_names=inputs, output_names=outputs, dynamic_shapes=free, dynamo=True, verbose=False
        )
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
