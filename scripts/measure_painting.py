"""Measure what painting costs: preparing an image and a stroke, by the number of classes, and on 12 megapixels. Prints a table.

python scripts/measure_painting.py        # on an idle machine
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright import Stroke, load_method, read_image
from maskwright.methods.base import Method, PreparedImage

IMAGE = Path(__file__).resolve().parents[1] / "src" / "maskwright" / "studio" / "samples" / "coffee.jpg"
SIZES = ((640, 480), (4000, 3000))
CLASSES = (1, 2, 5, 10, 20, 50)
STROKES = 25


def random_stroke(rng: np.random.Generator, width: int, height: int, class_id: int) -> Stroke:
    """A slanting line of a tenth to a third of the image's width, as thick as one would draw it at this size."""
    start = rng.uniform(0, [0.7 * width, height - 1])
    end = np.clip(start + rng.uniform([0.1, -0.2], [0.3, 0.2]) * width, 0, [width - 1, height - 1])
    points = np.linspace(start, end, 40)
    return Stroke(tuple((x, y) for x, y in points.tolist()), class_id, radius=width / 160)


def milliseconds(method: Method, prepared: PreparedImage, classes: int) -> float:
    """The median time of a stroke, once every class has one."""
    rng = np.random.default_rng(0)
    height, width = prepared.image.shape[:2]
    paint = [random_stroke(rng, width, height, k + 1) for k in range(classes)]
    method.predict(paint, prepared)
    times = []
    for i in range(STROKES):
        paint.append(random_stroke(rng, width, height, i % classes + 1))
        start = time.perf_counter()
        method.predict(paint, prepared)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def preparing(method: Method, image: NDArray[np.uint8]) -> float:
    """The median time of preparing an image, ms."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        method.prepare(image)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    method: Method = load_method("magic-paint")
    print("| image | preparing | " + " | ".join(f"a stroke, {k} classes" for k in CLASSES) + " | peak memory |")
    print("|---|" + "---:|" * (len(CLASSES) + 2))
    for width, height in SIZES:
        image = np.asarray(cv2.resize(read_image(IMAGE), (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        method.prepare(image)
        cells = [preparing(method, image)]
        cells += [milliseconds(method, method.prepare(image), classes) for classes in CLASSES]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {width} x {height} | " + " | ".join(f"{cell:.0f} ms" for cell in cells) + f" | {peak:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
