"""Measure what a user waits for and pays: import, cold start, memory, size of the wheel. Prints a Markdown table.

python scripts/measure.py        # after `make wheel`, on an idle machine
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE = ROOT / "src" / "maskwright" / "studio" / "samples" / "coffee.jpg"
POINTS = ["79,215", "480,160", "280,17", "300,392"]
RUNS = 7


def seconds(command: list[str]) -> float:
    """The median wall time of a command over several runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    timed = "import time; t = time.perf_counter(); import maskwright; print(time.perf_counter() - t)"
    imports = [float(subprocess.check_output([sys.executable, "-c", timed])) for _ in range(RUNS)]
    with tempfile.TemporaryDirectory() as folder:
        segment = [sys.executable, "-m", "maskwright", "segment", str(IMAGE), "--points", *POINTS, "-o", f"{folder}/mask.png"]
        cold = seconds(segment)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = [
        ("`import maskwright`", f"{statistics.median(imports) * 1000:.0f} ms"),
        ("`maskwright segment`, cold start to mask written", f"{cold:.2f} s"),
        ("peak memory of it", f"{peak:.0f} MB"),
    ]
    rows += [("wheel", f"{wheel.stat().st_size / 1e6:.1f} MB") for wheel in sorted(ROOT.glob("dist/*.whl"))]
    print("| what | measured |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
