"""Write constraints.txt: the versions of everything that the current environment has installed.

Local version parts such as torch's `+cpu` are left out, so that the pins fit any index.
"""

from __future__ import annotations

import argparse
from importlib.metadata import distributions
from pathlib import Path

UNPINNED = {"maskwright", "pip", "setuptools", "wheel"}


def main() -> None:
    """Write the file."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    versions = {d.metadata["Name"].lower().replace("_", "-"): d.version.partition("+")[0] for d in distributions()}
    pins = [f"{name}=={version}" for name, version in sorted(versions.items()) if name not in UNPINNED]
    header = "# Versions that are tested together; written by `make constraints`."
    Path(__file__).parents[1].joinpath("constraints.txt").write_text("\n".join([header, *pins]) + "\n")


if __name__ == "__main__":
    main()
