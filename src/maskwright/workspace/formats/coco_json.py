"""COCO JSON: categories, images, annotations (https://cocodataset.org/#format-data).

Masks are kept exact, those that an outline drew by its own points (see `coco_masks.segmentation`). Keys that this module does
not know, and the file's ids, survive reading and writing; `area` and `bbox` are computed anew from the mask. Objects without a
label get the category "unlabelled". Paintings are left out: `coco_panoptic` keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from maskwright.errors import DataError, MaskError
from maskwright.workspace.formats import coco_masks
from maskwright.workspace.formats.colors import from_hex, to_hex
from maskwright.workspace.formats.model import (
    UNLABELLED,
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedObject,
    AnnotatedSet,
    label_name,
)

_KNOWN = {
    "file": {"images", "annotations", "categories"},
    "image": {"file_name", "width", "height"},
    "category": {"name"},
    "annotation": {"image_id", "category_id", "segmentation", "area", "bbox"},
}


def export(annotated: AnnotatedSet, notes: Iterable[str] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Turn a set into COCO's JSON values.

    Args:
        annotated: what to write.
        notes: what is known already to be missing from it.

    Returns:
        The document, ready for `json.dumps`, and notes: what it could not hold, or other tools may not read. The notes are
        also in the document, as `info.notes`.

    Example:
        >>> import numpy as np
        >>> cat = AnnotatedObject(1, "cat", np.ones((2, 3), bool))
        >>> document, notes = export(AnnotatedSet([AnnotatedImage("a.jpg", 3, 2, (cat,))]))
        >>> document["annotations"][0]["segmentation"], document["categories"], notes
        ([[0, 0, 3, 0, 3, 2, 0, 2]], [{'id': 1, 'name': 'cat'}], ())
    """
    labels = {label.name: label for label in annotated.labels}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    empty = holed = unlabelled = drawn = holed_outline = painted = 0
    for image in annotated.images:
        painted += image.painting is not None
        size = {"width": image.width, "height": image.height}
        images.append({"id": None, "file_name": image.name, **image.extra, **size})
        for item in image.objects:
            if not item.mask.any():
                empty += 1
                continue
            name = label_name(item)
            labels.setdefault(name, AnnotatedLabel(name))
            annotation = _annotation(item) | {"image_id": len(images) - 1, "category_id": name}
            holed += isinstance(annotation["segmentation"], dict)
            unlabelled += item.label is None
            if item.outline is not None:
                drawn += coco_masks.has_points(item.outline)
                holed_outline += not coco_masks.has_points(item.outline)
            annotations.append(annotation)
    categories = [_category(label) for label in labels.values()]
    for records in (images, annotations, categories):
        _number(records)
    ids = {record["name"]: record["id"] for record in categories}
    for annotation in annotations:
        annotation["image_id"] = images[annotation["image_id"]]["id"]
        annotation["category_id"] = ids[annotation["category_id"]]

    said = (
        (empty, "left out because their mask is empty"),
        (holed, "have holes and are stored as run-length codes; tools that know polygons only will miss them"),
        (drawn, "were drawn as outlines and are stored with their own points, splines as eight a segment"),
        (holed_outline, "were drawn as outlines with holes; COCO keeps their masks, but not their control points"),
        (unlabelled, f"have no label and are stored as {UNLABELLED!r}"),
    )
    all_notes = (*notes, *(f"{count} of {len(annotations) + empty} objects {what}" for count, what in said if count))
    if painted:
        all_notes += (f"the paintings of {painted} of {len(images)} images are left out; COCO panoptic keeps them",)
    info = annotated.extra.get("info")
    info = {**(info if isinstance(info, Mapping) else {}), "notes": list(all_notes)}
    document = {"licenses": [], **annotated.extra, "info": info}
    return document | {"images": images, "annotations": annotations, "categories": categories}, all_notes


def parse(document: object) -> tuple[AnnotatedSet, tuple[str, ...]]:
    """Turn COCO's JSON values into a set.

    Returns:
        The set, to be gone through once (it holds the masks of one image at a time), and notes: what was left out
        (annotations without a mask).

    Raises:
        DataError: the document is not COCO's; the text names the entry. Of masks, while the set is gone through.

    Example:
        >>> import numpy as np
        >>> cat = AnnotatedObject(1, "cat", np.ones((2, 3), bool))
        >>> document, _ = export(AnnotatedSet([AnnotatedImage("a.jpg", 3, 2, (cat,))]))
        >>> annotated, notes = parse(document)
        >>> [(image.name, image.objects[0].label) for image in annotated.images]
        [('a.jpg', 'cat')]
    """
    if not isinstance(document, Mapping) or "images" not in document or "annotations" not in document:
        raise DataError("this is no COCO JSON: `images` and `annotations` are expected at the top")
    categories = _by_id(document.get("categories", []), "category", name=str)
    images = _by_id(document["images"], "image", file_name=str, width=int, height=int)
    annotations: dict[Any, list[dict[str, Any]]] = {key: [] for key in images}
    left_out = 0
    for annotation in _by_id(document["annotations"], "annotation").values():
        image = _named(images, annotation, "image_id")
        _named(categories, annotation, "category_id")
        if annotation.get("segmentation"):
            annotations[image["id"]].append(annotation)
        else:
            left_out += 1

    def decoded() -> Iterator[AnnotatedImage]:
        for key, image in images.items():
            objects = tuple(_object(number, found, image, categories) for number, found in enumerate(annotations[key], 1))
            yield AnnotatedImage(image["file_name"], image["width"], image["height"], objects, _extra(image, "image"))

    labels = tuple(_label(category) for category in categories.values() if category["name"] != UNLABELLED)
    notes = (f"{left_out} annotations left out because they have no segmentation",) if left_out else ()
    return AnnotatedSet(decoded(), labels, _extra(document, "file")), notes


def read(content: bytes, name: str) -> tuple[AnnotatedSet, tuple[str, ...]]:
    """Read the content of a COCO JSON file; see `parse`.

    Args:
        content: the file's.
        name: what errors call it.

    Raises:
        DataError: it is not COCO JSON.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is not JSON ({error}); export it again") from error
    try:
        annotated, notes = parse(document)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    return replace(annotated, images=_from_file(annotated.images, name)), notes


def _from_file(images: Iterable[AnnotatedImage], name: str) -> Iterator[AnnotatedImage]:
    try:
        yield from images
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _object(
    number: int, annotation: Mapping[str, Any], image: Mapping[str, Any], categories: Mapping[Any, Mapping[str, Any]]
) -> AnnotatedObject:
    try:
        mask = coco_masks.from_segmentation(annotation["segmentation"], image["height"], image["width"])
    except MaskError as error:
        raise DataError(f"annotation {annotation['id']}: {error}") from error
    label = categories[annotation["category_id"]]["name"]
    return AnnotatedObject(number, None if label == UNLABELLED else label, mask, _extra(annotation, "annotation"))


def _annotation(item: AnnotatedObject) -> dict[str, Any]:
    found = {
        "segmentation": coco_masks.segmentation(item.mask, item.outline),
        "area": int(item.mask.sum()),
        "bbox": coco_masks.box(item.mask),
    }
    return {"id": None, "image_id": None, "category_id": None, "iscrowd": 0} | dict(item.extra) | found


def _category(label: AnnotatedLabel) -> dict[str, Any]:
    color = {} if label.color is None else {"color": list(from_hex(label.color))}
    return {"id": None, "name": label.name} | dict(label.extra) | color


def _label(category: Mapping[str, Any]) -> AnnotatedLabel:
    extra = _extra(category, "category")
    color = to_hex(extra.get("color"))
    if color is not None:
        del extra["color"]
    return AnnotatedLabel(category["name"], color, extra)


def _extra(record: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in _KNOWN[kind]}


def _number(records: list[dict[str, Any]]) -> None:
    """Keep the first of each id that a file had, number the rest after the largest."""
    taken: set[int | str] = set()
    for record in records:
        given = record["id"]
        if isinstance(given, int | str) and given not in taken:
            taken.add(given)
        else:
            record["id"] = None
    following = max((given for given in taken if isinstance(given, int)), default=0)
    for record in records:
        if record["id"] is None:
            following = record["id"] = following + 1


def _named(entries: Mapping[Any, dict[str, Any]], annotation: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The image or category that an annotation names."""
    given = annotation.get(key)
    if not isinstance(given, Hashable) or given not in entries:
        raise DataError(f"annotation {annotation['id']}: its {key} {given!r} is not among the file's; add or correct it")
    return entries[given]


def _by_id(records: object, kind: str, **fields: type) -> dict[Any, dict[str, Any]]:
    """Check a list of records and the fields that each must have; returned by their ids, in order."""
    if not isinstance(records, Iterable) or isinstance(records, str | Mapping):
        raise DataError(f"the list of each {kind} is {type(records).__name__}; a list is expected")
    found: dict[Any, dict[str, Any]] = {}
    for position, record in enumerate(records):
        where = f"{kind} number {position + 1}"
        if not isinstance(record, dict) or not isinstance(record.get("id"), int | str):
            raise DataError(f"{where}: an object with an `id` is expected")
        if record["id"] in found:
            raise DataError(f"{where}: its id {record['id']!r} is another's already; ids must differ")
        for name, expected in fields.items():
            value = record.get(name)
            if not isinstance(value, expected) or (isinstance(value, int) and (isinstance(value, bool) or value < 1)):
                raise DataError(
                    f"{where}: `{name}` is {value!r}; {'a number from 1' if expected is int else 'text'} is expected"
                )
        found[record["id"]] = record
    return found
