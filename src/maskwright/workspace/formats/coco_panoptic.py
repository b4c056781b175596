"""COCO panoptic (https://cocodataset.org/#format-data): every pixel belongs to one segment, or to none.

A segment is an object (a thing) or all pixels that are painted as one class (stuff). Objects lie on the painting, later objects
on earlier ones. In COCO a category is either of things or of stuff: a label that objects have is of things, and what is painted
with it is a group of them (`iscrowd`), in which nobody has told one from the other.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from maskwright.workspace.formats import archive, coco_masks
from maskwright.workspace.formats.colors import Rgb
from maskwright.workspace.formats.model import (
    UNLABELLED,
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedSet,
    label_color,
    label_name,
    with_labels_of,
)

_STEP = 7 + 256 * 11 + 65536 * 13
"""Between the ids of a label's segments: colours that differ a little. It is odd, so that every id is reached."""


@dataclass(frozen=True, slots=True)
class _Segment:
    label: str
    painted: bool
    fields: dict[str, Any]


def export_zip(annotated: AnnotatedSet, notes: Iterable[str] = ()) -> tuple[bytes, tuple[str, ...]]:
    """A whole set as a ZIP file: `panoptic/NAME.png` of every image, and `panoptic.json`.

    A pixel's segment is red + 256 green + 65536 blue; 0 is none. A label's first segment in an image has the label's colour.

    Args:
        annotated: what to write.
        notes: what is known already to be missing from it.

    Returns:
        The file's content, and notes: what it could not hold; `panoptic.json` has them too, as `info.notes`.

    Example:
        >>> content, notes = export_zip(AnnotatedSet([AnnotatedImage("cats/a.jpg", 2, 1)]))
        >>> zipfile.ZipFile(io.BytesIO(content)).namelist()
        ['panoptic/cats/a.png', 'panoptic.json']
        >>> notes
        ('1 of 1 images have pixels that belong to nothing (100 % of all pixels); they are 0',)
    """
    labels = annotated.labels
    images: list[dict[str, Any]] = []
    found: list[tuple[str, list[_Segment]]] = []
    count: Counter[str] = Counter()
    taken: set[str] = set()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for image in annotated.images:
            labels = with_labels_of(labels, image)
            colors = {label.name: label_color(label, index) for index, label in enumerate(labels, 1)}
            pixels, segments = _segments(image, colors, count)
            name = archive.file_name(image.name, taken)
            archive.add(file, f"panoptic/{name}", _png(pixels))
            size = {"width": image.width, "height": image.height}
            images.append({"id": len(images) + 1, "file_name": image.name, **size})
            found.append((name, segments))
        things = {segment.label for _, segments in found for segment in segments if not segment.painted}
        groups = sum(segment.painted and segment.label in things for _, segments in found for segment in segments)
        all_notes = (*notes, *_notes(count, groups, len(images)))
        document = {"info": {"notes": list(all_notes)}, "licenses": [], "images": images} | _described(found, labels, things)
        archive.add(file, "panoptic.json", (json.dumps(document) + "\n").encode())
    return content.getvalue(), all_notes


def _segments(
    image: AnnotatedImage, colors: Mapping[str, Rgb], count: Counter[str]
) -> tuple[NDArray[np.uint8], list[_Segment]]:
    """What is seen when all lies on each other: the ids as RGB, and the segments; what is not seen is counted."""
    names: list[str] = [""]  # of layer 0, where nothing is
    layers = np.zeros((image.height, image.width), np.int32)
    if image.painting is not None:
        numbers = np.zeros(256, np.int32)
        for number, name in sorted(image.painting.labels.items()):
            numbers[number] = len(names)
            names.append(name)
        layers = numbers[image.painting.class_map]
    first_object = len(names)
    for item in image.objects:
        count["objects"] += 1
        if not item.mask.any():
            count["empty"] += 1
            continue
        name = label_name(item)
        under = np.bincount(layers[item.mask], minlength=len(names))
        count["overlaps"] += int(under[first_object:].sum())
        count["covered"] += sum(int(under[layer]) for layer in range(1, first_object) if names[layer] != name)
        count["unlabelled"] += item.label is None
        layers[item.mask] = len(names)
        names.append(name)
    areas = np.bincount(layers.ravel(), minlength=len(names))
    count["hidden"] += int(np.count_nonzero(areas[first_object:] == 0))
    count["pixels"] += layers.size
    count["nothing"] += int(areas[0])
    count["images with nothing"] += bool(areas[0])

    segments = []
    rgb = np.zeros((len(names), 3), np.uint8)
    taken = {0}
    for layer in np.flatnonzero(areas[1:]) + 1:
        number = _free_id(colors[names[layer]], taken)
        rgb[layer] = (number & 255, number >> 8 & 255, number >> 16)
        fields = {"id": number, "area": int(areas[layer]), "bbox": coco_masks.box(layers == layer)}
        segments.append(_Segment(names[layer], bool(layer < first_object), fields))
    return rgb[layers], segments


def _free_id(color: Rgb, taken: set[int]) -> int:
    """An id that no segment of the image has yet, of this colour or one that is near it."""
    red, green, blue = color
    number = red + 256 * green + 65536 * blue
    while number in taken:
        number = (number + _STEP) % 2**24
    taken.add(number)
    return number


def _described(
    found: Sequence[tuple[str, list[_Segment]]], labels: Sequence[AnnotatedLabel], things: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """COCO's `annotations` and `categories`; `found`: each image's PNG and segments."""
    ids = {label.name: number for number, label in enumerate(labels, 1)}
    stuff = {segment.label for _, segments in found for segment in segments} - things
    annotations = [
        {
            "image_id": number,
            "file_name": name,
            "segments_info": [
                s.fields | {"category_id": ids[s.label], "iscrowd": int(s.painted and s.label in things)} for s in segments
            ],
        }
        for number, (name, segments) in enumerate(found, 1)
    ]
    categories = [
        {"id": number, "name": label.name, "supercategory": label.name}
        | dict(label.extra)
        | {"isthing": int(label.name not in stuff), "color": list(label_color(label, number))}
        for number, label in enumerate(labels, 1)
    ]
    return {"annotations": annotations, "categories": categories}


def _notes(count: Counter[str], groups: int, images: int) -> Iterator[str]:
    """What a panoptic image could not hold, in words."""
    of_objects = f"of {count['objects']} objects"
    if count["empty"]:
        yield f"{count['empty']} {of_objects} left out because their mask is empty"
    if count["hidden"]:
        yield f"{count['hidden']} {of_objects} left out because later ones hide them; COCO JSON keeps them"
    if count["overlaps"]:
        yield f"overlaps hide {count['overlaps']} px of objects that lie under others; COCO JSON keeps them"
    if count["covered"]:
        yield f"objects hide {count['covered']} px that are painted with another label; index PNGs keep them"
    if groups:
        yield f"{groups} painted classes have the label of objects; they are stored as groups of such objects (iscrowd)"
    if count["unlabelled"]:
        yield f"{count['unlabelled']} {of_objects} have no label and are stored as {UNLABELLED!r}"
    if count["nothing"]:
        share = f"{100 * count['nothing'] / count['pixels']:.3g} % of all pixels"
        yield f"{count['images with nothing']} of {images} images have pixels that belong to nothing ({share}); they are 0"


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
