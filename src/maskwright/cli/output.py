"""What `maskwright segment` gives back: a PNG mask or index PNG, a JSON record, or a summary on the terminal."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maskwright.atomic import write_atomically
from maskwright.errors import NotFoundError, StoreError
from maskwright.methods.base import Candidate, Prediction
from maskwright.prompts import Prompt, to_json


@dataclass(frozen=True, eq=False)
class Record:
    """A prediction, where it came from, and which candidate is wanted: 1 is the best.

    Raises:
        NotFoundError: the prediction has no such candidate.
    """

    image: str
    method: str
    prompts: Sequence[Prompt]
    prediction: Prediction
    number: int = 1

    def __post_init__(self) -> None:
        last = len(self.prediction.candidates)
        if not 1 <= self.number <= last:
            given = f"{last} candidates; give --candidate 1 to {last}" if last > 1 else "one candidate; leave --candidate out"
            raise NotFoundError(f"there is no candidate {self.number}: {self.method} gave {given}")

    @property
    def candidate(self) -> Candidate:
        """The one that is wanted."""
        return self.prediction.candidates[self.number - 1]


def check_folder(path: Path) -> None:
    """Refuse a file whose folder there is not, before any work is done.

    Raises:
        StoreError: so it is.
    """
    if not os.path.isdir(path.resolve().parent):  # pathlib's raises below a folder that is closed to us
        raise StoreError(f"{path}: the folder {path.parent} does not exist; make it first")


def writer(path: Path) -> Callable[[Record], None]:
    """Choose the format by the file's ending, before any work is done.

    Returns:
        A function that writes a record to `path`, whole or not at all.

    Raises:
        StoreError: the ending is neither .png nor .json, or the folder does not exist.
    """
    encoders = {".png": as_png, ".json": as_json}
    encode = encoders.get(path.suffix.lower())
    if encode is None:
        raise StoreError(f"{path}: the ending {path.suffix!r} names no format; give a name that ends in .png or .json")
    check_folder(path)
    return lambda record: write_atomically(path, encode(record))


def as_png(record: Record) -> bytes:
    """The mask as an 8-bit grayscale PNG: 255 on the object, 0 elsewhere; of a class map, an index PNG with a palette."""
    from PIL import Image

    from maskwright.cli import class_maps

    if (classes := record.candidate.class_map) is not None:
        return class_maps.index_png(classes)
    buffer = io.BytesIO()
    Image.fromarray(record.candidate.mask.astype(np.uint8) * 255).save(buffer, "PNG")
    return buffer.getvalue()


def as_json(record: Record) -> bytes:
    """The mask as a COCO annotation (compressed RLE, bbox, area), with polygons, outline, score and prompts beside it.

    Of a class map: its size, its classes' areas and their compressed RLEs.
    """
    return (json.dumps(describe(record), indent=2) + "\n").encode()


def describe(record: Record) -> dict[str, Any]:
    """Put a record into plain JSON values; README names the keys.

    Where an outline drew the mask, the polygons are its own: of its control points, or sampled along the spline. `outline` and
    `notice` are there only where the method gave one. Of a class map, see `class_maps.described`.
    """
    from maskwright.cli import class_maps
    from maskwright.vision import outlines, polygons, rle
    from maskwright.workspace.formats import coco_masks

    if (classes := record.candidate.class_map) is not None:
        return {
            "image": record.image,
            "method": record.method,
            "prompts": [to_json(prompt) for prompt in record.prompts],
            "score": round(float(record.candidate.score), 4),
            **class_maps.described(classes),
        }
    mask, outline, notice = record.candidate.mask, record.candidate.outline, record.candidate.notice
    parts = polygons.from_mask(mask) if outline is None else outlines.to_polygons(outline)
    described = {
        "image": record.image,
        "width": mask.shape[1],
        "height": mask.shape[0],
        "method": record.method,
        "prompts": [to_json(prompt) for prompt in record.prompts],
        "score": round(float(record.candidate.score), 4),
        "area": int(mask.sum()),
        "bbox": coco_masks.box(mask),
        "segmentation": rle.encode_compressed(mask),
        "polygons": [
            {"exterior": polygon.exterior.tolist(), "holes": [hole.tolist() for hole in polygon.holes]} for polygon in parts
        ],
    }
    if outline is not None:
        described["outline"] = to_json(outline)
    if notice is not None:
        described["notice"] = notice
    return described


def print_summary(record: Record) -> None:
    """Print the numbers of a mask or a class map."""
    from rich.console import Console
    from rich.table import Table

    from maskwright.cli import class_maps
    from maskwright.workspace.formats import coco_masks

    mask, classes = record.candidate.mask, record.candidate.class_map
    table = Table(box=None, show_header=False)
    table.add_row("image", f"{record.image}, {mask.shape[1]} x {mask.shape[0]} px")
    table.add_row("method", record.method)
    if (last := len(record.prediction.candidates)) > 1:
        table.add_row("candidate", f"{record.number} of {last}; --candidate gives another")
    if classes is None:
        left, top, width, height = coco_masks.box(mask)
        table.add_row("area", f"{int(mask.sum()):,} px, {mask.mean():.1%} of the image")
        table.add_row("box", f"{width} x {height} px at {left},{top}")
    else:
        for row in class_maps.summary(classes):
            table.add_row(*row)
    table.add_row("score", f"{record.candidate.score:.3f}")
    if outline := record.candidate.outline:
        points = " + ".join(f"{len(ring.points)}{' around a hole' if ring.hole else ''}" for ring in outline.rings)
        table.add_row("outline", f"{outline.curve}, {points} control points")
    if record.candidate.notice:
        table.add_row("notice", record.candidate.notice)
    name = "mask" if classes is None else "classes"
    table.add_row("", f"write it with -o {name}.png or -o {name}.json")
    Console().print(table)
