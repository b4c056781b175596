"""Index PNGs: palette images whose pixel values are numbers of objects, or of labels; 0 is background.

A pixel holds one number. Where objects overlap, the later one is kept; beyond 255 objects (or labels) the rest is left out.
Both are said in the notes, counted over all images. Paintings lie below all objects and have files of their own.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from maskwright.workspace.formats import archive
from maskwright.workspace.formats.colors import Rgb, numbered
from maskwright.workspace.formats.model import (
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedPainting,
    AnnotatedSet,
    label_color,
    label_name,
    with_labels_of,
)

LARGEST_INDEX = 255

_KINDS = ("objects", "labels")


def export_zip(annotated: AnnotatedSet, notes: Iterable[str] = ()) -> tuple[bytes, tuple[str, ...]]:
    """A whole set as a ZIP file: `objects/NAME.png`, `labels/NAME.png`, and `labels.json`, which says what the numbers mean.

    Images with a painting have `paintings/NAME.png` as well, with the labels' numbers.

    Args:
        annotated: what to write.
        notes: what is known already to be missing from it.

    Returns:
        The file's content, and notes: what it could not hold; `labels.json` has them too.

    Example:
        >>> content, notes = export_zip(AnnotatedSet([AnnotatedImage("cats/a.jpg", 2, 1)]))
        >>> zipfile.ZipFile(io.BytesIO(content)).namelist()
        ['objects/cats/a.png', 'labels/cats/a.png', 'labels.json']
    """
    labels = annotated.labels
    count: Counter[str] = Counter()
    records: list[dict[str, Any]] = []
    taken: set[str] = set()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for image in annotated.images:
            labels = with_labels_of(labels, image)
            count["objects"] += len(image.objects)
            name = archive.file_name(image.name, taken)
            for kind in _KINDS:
                archive.add(file, f"{kind}/{name}", _objects(image, kind, labels, count))
            if image.painting is not None:
                archive.add(file, f"paintings/{name}", _painting(image.painting, labels, count))
            numbers = enumerate(image.objects[:LARGEST_INDEX], 1)
            objects = [{"index": number, "id": item.id, "label": item.label} for number, item in numbers]
            size = {"width": image.width, "height": image.height}
            records.append({"image": image.name, "file": name, **size, "objects": objects})
        legend = [
            {"index": number, "name": label.name, "color": "#" + bytes(label_color(label, number)).hex()}
            for number, label in enumerate(labels[:LARGEST_INDEX], 1)
        ]
        all_notes = (*notes, *_notes(count, len(records)))
        document = {"background": 0, "labels": legend, "images": records, "notes": list(all_notes)}
        archive.add(file, "labels.json", (json.dumps(document, indent=2) + "\n").encode())
    return content.getvalue(), all_notes


def _objects(image: AnnotatedImage, kind: str, labels: Sequence[AnnotatedLabel], count: Counter[str]) -> bytes:
    """An image's objects as a PNG file; `labels` has all of their labels. What the file cannot hold is counted.

    Args:
        kind: "objects" numbers the image's objects in their order; "labels" gives every object its label's number.
    """
    if kind == "objects":
        numbers = list(range(1, len(image.objects) + 1))
        colors: list[Rgb] = []
    else:
        order = {label.name: number for number, label in enumerate(labels, 1)}
        numbers = [order[label_name(item)] for item in image.objects]
        colors = _colors(labels)
    pixels, hidden = _laid(image, numbers)
    count[f"{kind} hidden"] += hidden
    count[f"{kind} hidden in"] += hidden > 0
    count[f"{kind} beyond"] += sum(number > LARGEST_INDEX for number in numbers)
    return _png(pixels, colors)


def _painting(painting: AnnotatedPainting, labels: Sequence[AnnotatedLabel], count: Counter[str]) -> bytes:
    """A painting as a PNG file, every pixel its label's number; `labels` has all of its labels. What is left out is counted."""
    order = {label.name: number for number, label in enumerate(labels, 1)}
    numbers = np.zeros(256, np.uint8)
    for number, name in painting.labels.items():
        if order[name] <= LARGEST_INDEX:
            numbers[number] = order[name]
        else:
            count["classes beyond"] += 1
    count["classes"] += len(painting.labels)
    return _png(numbers[painting.class_map], _colors(labels))


def _notes(count: Counter[str], images: int) -> Iterator[str]:
    """What index PNGs could not hold, in words."""
    for kind in _KINDS:
        if hidden := count[f"{kind} hidden"]:
            where = f"in {count[f'{kind} hidden in']} of {images} images"
            yield f"{kind}: {where} overlaps hide {hidden} px of objects that lie under others; COCO JSON keeps them"
        if beyond := count[f"{kind} beyond"]:
            left_out = f"{beyond} of {count['objects']} objects left out"
            yield f"{kind}: {left_out}, an index PNG holds {LARGEST_INDEX} {kind}; COCO JSON keeps them"
    if beyond := count["classes beyond"]:
        left_out = f"{beyond} of {count['classes']} classes left out"
        yield f"paintings: {left_out}, an index PNG holds {LARGEST_INDEX} labels; COCO panoptic keeps them"


def _colors(labels: Sequence[AnnotatedLabel]) -> list[Rgb]:
    return [label_color(label, number) for number, label in enumerate(labels, 1)]


def _laid(image: AnnotatedImage, numbers: Sequence[int]) -> tuple[NDArray[np.uint8], int]:
    """Numbers laid on each other, and how many pixels show fewer than they should."""
    pixels = np.zeros((image.height, image.width), np.uint8)
    covered = np.zeros(pixels.shape, bool)
    for item, number in zip(image.objects, numbers, strict=True):
        if number <= LARGEST_INDEX:
            covered |= item.mask & (pixels != 0) & (pixels != number)
            pixels[item.mask] = number
    return pixels, int(np.count_nonzero(covered))


def _png(pixels: NDArray[np.uint8], colors: Sequence[Rgb]) -> bytes:
    palette = [numbered(index) for index in range(256)]
    palette[1 : len(colors) + 1] = colors[:LARGEST_INDEX]
    picture = PIL.Image.fromarray(pixels)
    picture.putpalette([value for color in palette[:256] for value in color])
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
