"""The public surface is pinned, and importing it is light."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import maskwright

PUBLIC = [
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


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_public_names_are_pinned() -> None:
    assert maskwright.__all__ == PUBLIC
    assert dir(maskwright) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(maskwright, name) is not None


def test_all_errors_are_public() -> None:
    from maskwright import errors

    assert {name for name in vars(errors) if name.endswith("Error")} <= set(PUBLIC)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="'segmnt'"):
        maskwright.segmnt  # noqa: B018


def test_importing_loads_nothing_heavy() -> None:
    assert not loaded_after("import maskwright") & {"cv2", "fastapi", "numpy", "onnxruntime", "PIL", "torch", "typer"}


def test_the_runtime_loads_no_torch() -> None:
    loaded = loaded_after("import maskwright; [getattr(maskwright, name) for name in maskwright.__all__]")
    assert "numpy" in loaded
    assert "torch" not in loaded


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_after("from maskwright.cli.app import app\ntry: app(['--help'])\nexcept SystemExit: pass")
    assert "typer" in loaded
    assert not loaded & {"cv2", "fastapi", "numpy", "onnxruntime", "PIL", "sqlalchemy", "torch"}


def test_every_dependency_is_pinned_for_the_checks(repository: Path) -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pins = dict(
        line.split("==") for line in (repository / "constraints.txt").read_text().splitlines() if not line.startswith("#")
    )
    for requirement in map(Requirement, lines):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement
