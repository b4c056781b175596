"""The graph files that ship inside the package, and the check that they are whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from maskwright.errors import WeightsError

FOLDER = Path(__file__).parent.parent / "weights"
MANIFEST = "checksums.json"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A graph file and the SHA-256 checksum that it must have."""

    path: Path
    sha256: str


def weight_file(name: str, folder: Path = FOLDER) -> WeightFile:
    """Find a graph file.

    Args:
        name: without ending, such as "dextr-fast".
        folder: holds `NAME.onnx` and `checksums.json` (file name -> SHA-256).

    Raises:
        WeightsError: the folder's list of checksums is missing or does not name the file.
    """
    manifest = folder / MANIFEST
    try:
        checksums = json.loads(manifest.read_text("utf-8"))
        return WeightFile(folder / f"{name}.onnx", checksums[f"{name}.onnx"])
    except (OSError, ValueError):
        raise WeightsError(f"{manifest} is missing or damaged; install maskwright again") from None
    except KeyError:
        raise WeightsError(f"there are no weights named {name!r} in {manifest}; known: {', '.join(checksums)}") from None


def verify(weights: WeightFile) -> Path:
    """The file's path, once its content is known to be whole.

    Raises:
        WeightsError: the file is missing, or its checksum differs.
    """
    try:
        found = hashlib.sha256(weights.path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"weights {weights.path} cannot be read ({error.strerror}); install maskwright again") from error
    if found != weights.sha256:
        raise WeightsError(
            f"weights {weights.path} are damaged: SHA-256 is {found[:12]}..., expected {weights.sha256[:12]}...; "
            "install maskwright again"
        )
    return weights.path
