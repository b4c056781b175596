"""`make studio` opens the folder that it is given."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], "--samples"),
        (["FOLDER=photos"], '"photos"'),
        (["FOLDER=my photos"], '"my photos"'),
        (["FOLDER=~/my photos"], '"$HOME/my photos"'),
    ],
)
def test_the_folder_may_have_blanks_in_its_name(repository: Path, options: list[str], shown: str) -> None:
    command = ["make", "--dry-run", "studio", *options]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].endswith(f"maskwright studio {shown}")
