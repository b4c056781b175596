"""What `maskwright segment` gives back: a PNG mask, a JSON record, or a summary on the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maskwright.atomic import write_atomically
from maskwright.errors import StoreError
from maskwright.methods.base import Prediction
from maskwright.prompts import Prompt, to_json


@dataclass(frozen=True, eq=False)
class Record:
    """A prediction and where it came from."""

    image: str
    method: str
    prompts: Sequence[Prompt]
    prediction: Prediction


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
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist; make it first")
    return lambda record: write_atomically(path, encode(record))


def as_png(record: Record) -> bytes:
    """The mask as an 8-bit grayscale PNG: 255 on the object, 0 elsewhere."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(record.prediction.mask.astype(np.uint8) * 255).save(buffer, "PNG")
    return buffer.getvalue()


def as_json(record: Record) -> bytes:
    """The mask as a COCO annotation (compressed RLE, bbox, area), with polygons, score and prompts beside it."""
    return (json.dumps(describe(record), indent=2) + "\n").encode()


def describe(record: Record) -> dict[str, Any]:
    """Put a record into plain JSON values; README names the keys."""
    from maskwright.vision import polygons, rle
    from maskwright.workspace.formats import coco_masks

    mask = record.prediction.mask
    return {
        "image": record.image,
        "width": mask.shape[1],
        "height": mask.shape[0],
        "method": record.method,
        "prompts": [to_json(prompt) for prompt in record.prompts],
        "score": round(float(record.prediction.candidates[0].score), 4),
        "area": int(mask.sum()),
        "bbox": coco_masks.box(mask),
        "segmentation": rle.encode_compressed(mask),
        "polygons": [
            {"exterior": polygon.exterior.tolist(), "holes": [hole.tolist() for hole in polygon.holes]}
            for polygon in polygons.from_mask(mask)
        ],
    }


def print_summary(record: Record) -> None:
    """Print the numbers of a mask."""
    from rich.console import Console
    from rich.table import Table

    from maskwright.workspace.formats import coco_masks

    mask = record.prediction.mask
    left, top, width, height = coco_masks.box(mask)
    table = Table(box=None, show_header=False)
    table.add_row("image", f"{record.image}, {mask.shape[1]} x {mask.shape[0]} px")
    table.add_row("method", record.method)
    table.add_row("area", f"{int(mask.sum()):,} px, {mask.mean():.1%} of the image")
    table.add_row("box", f"{width} x {height} px at {left},{top}")
    table.add_row("score", f"{record.prediction.candidates[0].score:.3f}")
    table.add_row("", "write it with -o mask.png or -o mask.json")
    Console().print(table)
