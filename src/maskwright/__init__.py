"""maskwright: a few gestures on an image become a pixel-accurate mask.

This module is the whole public surface. Every name loads on first use, so that `import maskwright` stays quick.

Example:
    >>> import maskwright
    >>> maskwright.ExtremePoints(((3, 20), (50, 22), (30, 4), (28, 41))).box
    Box(x0=3.0, y0=4.0, x1=50.0, y1=41.0)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskwright.api import segment
    from maskwright.errors import (
        DataError,
        ImageError,
        MaskError,
        MaskwrightError,
        MissingExtraError,
        NotFoundError,
        PromptError,
        StoreError,
        WeightsError,
    )
    from maskwright.methods import load_method
    from maskwright.methods.base import Candidate, Prediction, PreparedImage
    from maskwright.predictor import Predictor
    from maskwright.prompts import (
        BoundaryPoint,
        Box,
        Click,
        ExtremePoints,
        Fill,
        Outline,
        OutlineForm,
        OutlineRing,
        Part,
        Phrase,
        Region,
        Stroke,
        VertexDrag,
    )
    from maskwright.vision.images import read_image

__version__ = "0.1.0"

__all__ = [
    "BoundaryPoint",
    "Box",
    "Candidate",
    "Click",
    "DataError",
    "ExtremePoints",
    "Fill",
    "ImageError",
    "MaskError",
    "MaskwrightError",
    "MissingExtraError",
    "NotFoundError",
    "Outline",
    "OutlineForm",
    "OutlineRing",
    "Part",
    "Phrase",
    "Prediction",
    "Predictor",
    "PreparedImage",
    "PromptError",
    "Region",
    "StoreError",
    "Stroke",
    "VertexDrag",
    "WeightsError",
    "__version__",
    "load_method",
    "read_image",
    "segment",
]

_HOMES = {
    "maskwright.api": ("segment",),
    "maskwright.errors": (
        "DataError",
        "ImageError",
        "MaskError",
        "MaskwrightError",
        "MissingExtraError",
        "NotFoundError",
        "PromptError",
        "StoreError",
        "WeightsError",
    ),
    "maskwright.methods": ("load_method",),
    "maskwright.methods.base": ("Candidate", "Prediction", "PreparedImage"),
    "maskwright.predictor": ("Predictor",),
    "maskwright.prompts": (
        "BoundaryPoint",
        "Box",
        "Click",
        "ExtremePoints",
        "Fill",
        "Outline",
        "OutlineForm",
        "OutlineRing",
        "Part",
        "Phrase",
        "Region",
        "Stroke",
        "VertexDrag",
    ),
    "maskwright.vision.images": ("read_image",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'maskwright' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
