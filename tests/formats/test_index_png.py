"""Index PNGs: numbers, colours, and notes on what does not fit."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from maskwright.errors import MaskError
from maskwright.vision.masks import Mask
from maskwright.workspace.formats import index_png
from maskwright.workspace.formats.colors import from_hex, numbered, to_hex
from maskwright.workspace.formats.model import (
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedObject,
    AnnotatedPainting,
    AnnotatedSet,
)


def stripe(first: int, last: int) -> Mask:
    mask = np.zeros((2, 12), bool)
    mask[:, first : last + 1] = True
    return mask


def image(*objects: tuple[str | None, Mask], name: str = "a.jpg") -> AnnotatedImage:
    return AnnotatedImage(name, 12, 2, tuple(AnnotatedObject(i * 10, *item) for i, item in enumerate(objects, 1)))


def opened(png: bytes) -> tuple[NDArray[np.uint8], list[tuple[int, ...]]]:
    with PIL.Image.open(io.BytesIO(png)) as file:
        assert file.mode == "P"
        palette = file.getpalette() or []
        return np.asarray(file), [tuple(palette[i : i + 3]) for i in range(0, len(palette), 3)]


def unzipped(images: Iterable[AnnotatedImage], *labels: AnnotatedLabel) -> tuple[dict[str, bytes], Any, tuple[str, ...]]:
    content, notes = index_png.export_zip(AnnotatedSet(images, labels))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, json.loads(files["labels.json"]), notes


def test_objects_are_numbered_in_their_order() -> None:
    files, _, notes = unzipped([image(("cat", stripe(0, 2)), (None, stripe(5, 6)), ("cat", stripe(9, 9)))])
    pixels, palette = opened(files["objects/a.png"])
    assert pixels[1].tolist() == [1, 1, 1, 0, 0, 2, 2, 0, 0, 3, 0, 0]
    assert palette[:4] == [numbered(i) for i in range(4)]
    assert notes == ()


def test_labels_are_numbered_by_the_list() -> None:
    labels = [AnnotatedLabel("dog"), AnnotatedLabel("cat", "#010203")]
    objects = (("cat", stripe(0, 2)), ("bird", stripe(4, 5)), ("cat", stripe(7, 7)), (None, stripe(9, 9)))
    files, _, notes = unzipped([image(*objects)], *labels)
    pixels, palette = opened(files["labels/a.png"])
    assert pixels[0].tolist() == [2, 2, 2, 0, 3, 3, 0, 2, 0, 4, 0, 0]
    assert palette[:4] == [(0, 0, 0), numbered(1), (1, 2, 3), numbered(3)]
    assert notes == ()


def test_later_objects_hide_earlier_ones_and_it_is_said() -> None:
    overlapping = image(("cat", stripe(0, 5)), ("cat", stripe(4, 8)), ("dog", stripe(8, 10)))
    files, legend, notes = unzipped([overlapping, overlapping, image(("cat", stripe(0, 1)))])
    assert opened(files["objects/a.png"])[0][0].tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 0]
    # Two objects of one label hide nothing of the label.
    assert opened(files["labels/a.png"])[0][0].tolist() == [1] * 8 + [2] * 3 + [0]
    assert notes == (
        "objects: in 2 of 3 images overlaps hide 12 px of objects that lie under others; COCO JSON keeps them",
        "labels: in 2 of 3 images overlaps hide 4 px of objects that lie under others; COCO JSON keeps them",
    )
    assert legend["notes"] == list(notes)


def test_more_than_255() -> None:
    masks = np.zeros((260, 20, 20), bool)
    masks[np.arange(260), np.arange(260) // 20, np.arange(260) % 20] = True
    objects = tuple(AnnotatedObject(i, f"label {i}", mask) for i, mask in enumerate(masks))
    files, _, notes = unzipped([AnnotatedImage("many.jpg", 20, 20, objects), image()])
    for kind in ("objects", "labels"):
        assert opened(files[f"{kind}/many.png"])[0].ravel()[:260].tolist() == [*range(1, 256), 0, 0, 0, 0, 0]
    assert [note.split(";")[0] for note in notes] == [
        "objects: 5 of 260 objects left out, an index PNG holds 255 objects",
        "labels: 5 of 260 objects left out, an index PNG holds 255 labels",
    ]


def test_no_objects() -> None:
    files, _, notes = unzipped([image()])
    assert not opened(files["objects/a.png"])[0].any()
    assert not opened(files["labels/a.png"])[0].any()
    assert notes == ()


def test_zip_holds_both_kinds_and_says_what_the_numbers_mean() -> None:
    images = [image(("dog", stripe(0, 1)), (None, stripe(1, 2))), image(("cat", stripe(3, 3)), name="sub/b.png")]
    files, legend, notes = unzipped(iter(images), AnnotatedLabel("cat", "#010203"))
    assert list(files) == ["objects/a.png", "labels/a.png", "objects/sub/b.png", "labels/sub/b.png", "labels.json"]
    assert [(entry["index"], entry["name"]) for entry in legend["labels"]] == [(1, "cat"), (2, "dog"), (3, "unlabelled")]
    assert [entry["color"] for entry in legend["labels"]] == ["#010203", "#008000", "#808000"]
    assert opened(files["labels/a.png"])[0][0].tolist() == [2, 3, 3] + [0] * 9
    assert opened(files["labels/sub/b.png"])[0][0].tolist() == [0, 0, 0, 1] + [0] * 8
    assert opened(files["labels/a.png"])[1][3] == from_hex(legend["labels"][2]["color"])
    assert legend["images"][0] == {
        "image": "a.jpg",
        "file": "a.png",
        "width": 12,
        "height": 2,
        "objects": [{"index": 1, "id": 10, "label": "dog"}, {"index": 2, "id": 20, "label": None}],
    }
    assert legend["notes"] == list(notes)
    assert len(notes) == 2


def painted(*classes: int, name: str = "a.jpg", labels: dict[int, str] | None = None) -> AnnotatedImage:
    class_map = np.tile(np.array(classes, np.uint8), (2, 1))
    names = labels or {3: "sky", 7: "cat"}
    return AnnotatedImage(name, len(classes), 2, painting=AnnotatedPainting(class_map, names))


def test_zip_holds_paintings_with_the_labels_numbers() -> None:
    images = [painted(0, 3, 7, 7), image(("dog", stripe(1, 2)), name="b.jpg")]
    files, legend, notes = unzipped(images, AnnotatedLabel("sea"), AnnotatedLabel("cat", "#010203"))
    assert [name for name in files if name.startswith("paintings/")] == ["paintings/a.png"]
    assert [entry["name"] for entry in legend["labels"]] == ["sea", "cat", "sky", "dog"]
    pixels, palette = opened(files["paintings/a.png"])
    assert pixels.tolist() == [[0, 3, 2, 2]] * 2
    assert palette[:4] == [(0, 0, 0), numbered(1), (1, 2, 3), numbered(3)]
    assert not opened(files["labels/a.png"])[0].any()  # of objects alone
    assert notes == ()


def test_a_painting_with_more_labels_than_numbers() -> None:
    labels = {number: f"class {number}" for number in range(1, 255)}
    image = painted(1, 250, 254, labels=labels)
    files, legend, (note,) = unzipped([image], *(AnnotatedLabel(f"label {n}") for n in range(5)))
    assert opened(files["paintings/a.png"])[0][0].tolist() == [6, 255, 0]
    assert len(legend["labels"]) == 255
    assert note.startswith("paintings: 4 of 254 classes left out, an index PNG holds 255 labels")


def test_a_painting_of_another_size_is_refused() -> None:
    with pytest.raises(MaskError, match=r"a\.jpg: the painting has shape \(2, 3\); give the image's, \(3, 3\)"):
        AnnotatedImage("a.jpg", 3, 3, painting=AnnotatedPainting(np.zeros((2, 3), np.uint8), {}))


def test_names_in_the_zip_stay_inside_and_apart() -> None:
    names = ["a.jpg", "a.png", "A.JPG", "a.jpg", "../../etc/x.jpg", "/root.jpg", "c\\d.jpg", "..", "a.jpg"]
    files, legend, _ = unzipped(image(name=name) for name in names)
    stored = [entry["file"] for entry in legend["images"]]
    assert stored[:3] == ["a.png", "a.png.png", "A.JPG.png"]
    assert stored[4:8] == ["etc/x.png", "root.png", "c/d.png", "image.png"]
    assert len({name.lower() for name in stored}) == len(names)
    assert set(files) == {f"{kind}/{name}" for kind in ("objects", "labels") for name in stored} | {"labels.json"}


def test_the_same_annotations_give_the_same_file() -> None:
    one, two = (index_png.export_zip(AnnotatedSet([image(("cat", stripe(0, 1)))]))[0] for _ in range(2))
    assert one == two


def test_colors() -> None:
    assert len({numbered(index) for index in range(256)}) == 256
    assert [numbered(index) for index in (2, 3, 15)] == [(0, 128, 0), (128, 128, 0), (192, 128, 128)]
    assert to_hex(from_hex("#12ab00")) == "#12ab00"
    for value in (None, "red", [1, 2], [1, 2, 256], [1, 2, True], [1.0, 2, 3]):
        assert to_hex(value) is None
