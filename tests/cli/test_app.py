"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import maskwright

COMMANDS = ["segment", "studio", "bench", "methods", "train", "export"]


def test_help_lists_the_commands_in_order(run: Any) -> None:
    text = run("--help").stdout
    places = [text.index(f"│ {command} ") for command in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Any, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"maskwright {command}" in result.stdout


def test_version(run: Any) -> None:
    assert run("--version").stdout == f"maskwright {maskwright.__version__}\n"


def test_methods_lists_every_method(run: Any) -> None:
    from maskwright.methods import METHODS

    text = run("methods").stdout
    assert {"dextr", "grabcut", "random-walker"} <= set(METHODS)
    for name in METHODS:
        assert name in text


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "maskwright", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"maskwright {maskwright.__version__}\n"


def test_training_without_its_extra(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("maskwright.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    init = tmp_path / "init.safetensors"
    init.touch()
    result = run("train", "dextr", "--data", tmp_path, "--init", init, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "pip install 'maskwright[train]'" in result.stderr
