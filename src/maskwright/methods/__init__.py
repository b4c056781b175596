"""The methods: one module each, found by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from maskwright.engine import check_engine
from maskwright.errors import NotFoundError
from maskwright.methods.base import Candidate, Image, Mask, Method, Prediction, PreparedImage

__all__ = [
    "METHODS",
    "Candidate",
    "Image",
    "Mask",
    "Method",
    "MethodInfo",
    "Prediction",
    "PreparedImage",
    "goes_on",
    "load_method",
]


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """What can be said of a method before it is loaded.

    Attributes:
        name: the name used everywhere.
        title: for people.
        gesture: what a person does.
        accepts: the kinds of prompts, as in their JSON form.
        source: the paper or library behind it.
        module: holds `load(engine, threads) -> Method`.
        continues: whether it goes on from a mask; the others ignore it.
    """

    name: str
    title: str
    gesture: str
    accepts: tuple[str, ...]
    source: str
    module: str
    continues: bool = False


_ALL = (
    MethodInfo(
        name="dextr",
        title="DEXTR",
        gesture="click the object's four extreme points, then points on its boundary",
        accepts=("extreme_points", "boundary_point"),
        source="Maninis et al., Deep Extreme Cut, CVPR 2018",
        module="maskwright.methods.dextr",
    ),
    MethodInfo(
        name="latent-diversity",
        title="Latent Diversity",
        gesture="click on the object, then on what is wrong; choose among six candidates",
        accepts=("click",),
        source="Li, Chen, Koltun, Interactive Image Segmentation with Latent Diversity, CVPR 2018",
        module="maskwright.methods.latent_diversity",
        continues=True,
    ),
    MethodInfo(
        name="curve-gcn",
        title="Curve-GCN",
        gesture="drag a box, then its outline's control points",
        accepts=("box", "outline", "outline_form", "part", "vertex_drag"),
        source="Ling et al., Fast Interactive Object Annotation with Curve-GCN, CVPR 2019",
        module="maskwright.methods.curve_gcn",
    ),
    MethodInfo(
        name="magic-paint",
        title="Magic Paint",
        gesture="paint strokes of every class; they spread to what looks alike",
        accepts=("stroke", "fill", "region"),
        source="Andriluka et al., Efficient Full Image Interactive Segmentation, 2020",
        module="maskwright.methods.magic_paint",
    ),
    MethodInfo(
        name="brush",
        title="Brush",
        gesture="paint strokes; nothing spreads",
        accepts=("stroke", "fill", "region"),
        source="painting by hand",
        module="maskwright.methods.brush",
    ),
    MethodInfo(
        name="grabcut",
        title="GrabCut",
        gesture="a box, or the four extreme points that span it",
        accepts=("box", "extreme_points", "boundary_point"),
        source="Rother et al., GrabCut, SIGGRAPH 2004 (OpenCV)",
        module="maskwright.methods.grabcut",
    ),
    MethodInfo(
        name="random-walker",
        title="Random walker",
        gesture="clicks on the object and off it; a box, or the four extreme points; or strokes of every class",
        accepts=("click", "box", "extreme_points", "boundary_point", "stroke", "fill", "region"),
        source="Grady, Random Walks for Image Segmentation, PAMI 2006 (scikit-image)",
        module="maskwright.methods.random_walker",
    ),
    MethodInfo(
        name="graph-cut",
        title="Graph cut",
        gesture="clicks on the object and off it",
        accepts=("click",),
        source="Boykov and Jolly, Interactive Graph Cuts, ICCV 2001 (OpenCV)",
        module="maskwright.methods.graph_cut",
    ),
    MethodInfo(
        name="geodesic",
        title="Geodesic distance",
        gesture="clicks on the object and off it",
        accepts=("click",),
        source="Bai and Sapiro, Geodesic Matting, IJCV 2009 (scikit-image)",
        module="maskwright.methods.geodesic",
    ),
    MethodInfo(
        name="nearest-colour",
        title="Nearest colour",
        gesture="strokes of every class",
        accepts=("stroke", "fill", "region"),
        source="the nearest painted pixel by colour and place (SciPy)",
        module="maskwright.methods.nearest_colour",
    ),
    MethodInfo(
        name="watershed",
        title="Watershed",
        gesture="strokes of every class",
        accepts=("stroke", "fill", "region"),
        source="Meyer, Color Image Segmentation, IPA 1992 (scikit-image)",
        module="maskwright.methods.watershed",
    ),
)

METHODS: Mapping[str, MethodInfo] = MappingProxyType({info.name: info for info in _ALL})
"""All methods by name."""


def goes_on(name: str) -> bool:
    """Whether a method goes on from a mask; of a method of somebody's own it is not known, so that it is taken to.

    Example:
        >>> goes_on("latent-diversity"), goes_on("graph-cut")
        (True, False)
    """
    return name not in METHODS or METHODS[name].continues


def load_method(name: str, *, engine: str = "onnxruntime", threads: int | None = None) -> Method:
    """Load a method; its graph is read at the first prediction.

    Args:
        name: a key of `METHODS`.
        engine: what runs its graph, one of `maskwright.engine.ENGINES`; methods without a graph need none.
        threads: for the engine; None: as many as there are cores, at most 8.

    Raises:
        NotFoundError: there is no such method or engine. (That a package is not installed which one of them needs, a
            `MissingExtraError`, shows at the first prediction.)

    Example:
        >>> load_method("dextr").name
        'dextr'
    """
    info = METHODS.get(name)
    if info is None:
        raise NotFoundError(f"method {name!r} is not known; choose one of {', '.join(METHODS)}")
    check_engine(engine)
    return cast(Method, import_module(info.module).load(engine, threads))
