"""COCO panoptic: files that keep the format's rules, and notes on what they could not hold."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

import numpy as np
import PIL.Image
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from maskwright.vision.masks import Mask
from maskwright.workspace.formats import coco_panoptic
from maskwright.workspace.formats.model import (
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedObject,
    AnnotatedPainting,
    AnnotatedSet,
)

WIDTH = 12


def stripe(first: int, last: int) -> Mask:
    mask = np.zeros((2, WIDTH), bool)
    mask[:, first : last + 1] = True
    return mask


def painting(**classes: tuple[int, int]) -> AnnotatedPainting:
    """Stripes of classes, numbered from 5 on."""
    class_map = np.zeros((2, WIDTH), np.uint8)
    for number, (first, last) in enumerate(classes.values(), 5):
        class_map[stripe(first, last)] = number
    return AnnotatedPainting(class_map, dict(enumerate(classes, 5)))


def image(*objects: tuple[str | None, Mask], paint: AnnotatedPainting | None = None, name: str = "a.jpg") -> AnnotatedImage:
    items = tuple(AnnotatedObject(i, *item) for i, item in enumerate(objects, 1))
    return AnnotatedImage(name, WIDTH, 2, items, painting=paint)


class Read:
    """What another program reads, checked against the format's rules on the way."""

    def __init__(self, images: Iterable[AnnotatedImage], *labels: AnnotatedLabel) -> None:
        content, self.notes = coco_panoptic.export_zip(AnnotatedSet(images, labels))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            self.names = archive.namelist()
            self.document: dict[str, Any] = json.loads(archive.read("panoptic.json"))
            self.ids = [self._decoded(archive.read(f"panoptic/{a['file_name']}")) for a in self.document["annotations"]]
        self.categories = {category["id"]: category for category in self.document["categories"]}
        self._check()

    def _decoded(self, png: bytes) -> NDArray[np.int64]:
        with PIL.Image.open(io.BytesIO(png)) as file:
            assert file.mode == "RGB"
            return np.asarray(file).astype(np.int64) @ (1, 256, 65536)

    def _check(self) -> None:
        assert len(self.categories) == len(self.document["categories"])
        for category in self.categories.values():
            assert {"id", "name", "supercategory", "isthing", "color"} <= set(category)
            assert category["isthing"] in (0, 1)
            assert len(category["color"]) == 3
        images = {record["id"]: record for record in self.document["images"]}
        assert [a["image_id"] for a in self.document["annotations"]] == list(images)
        for annotation, ids in zip(self.document["annotations"], self.ids, strict=True):
            assert ids.shape == (images[annotation["image_id"]]["height"], images[annotation["image_id"]]["width"])
            segments = annotation["segments_info"]
            assert sorted(segment["id"] for segment in segments) == sorted(set(ids.ravel().tolist()) - {0})
            for segment in segments:
                assert set(segment) == {"id", "category_id", "iscrowd", "bbox", "area"}
                mask = ids == segment["id"]
                rows, columns = np.nonzero(mask)
                left, top = int(columns.min()), int(rows.min())
                size = [int(columns.max()) - left + 1, int(rows.max()) - top + 1]
                assert (segment["area"], segment["bbox"]) == (int(mask.sum()), [left, top, *size])
                assert segment["iscrowd"] <= self.categories[segment["category_id"]]["isthing"]  # stuff is never a group

    def seen(self, number: int = 0) -> list[str]:
        """The category of every pixel of an image's first row; "~" before it where it is one of a group, "" for none."""
        names = {0: ""}
        for segment in self.document["annotations"][number]["segments_info"]:
            names[segment["id"]] = "~" * segment["iscrowd"] + self.categories[segment["category_id"]]["name"]
        return [names[number] for number in self.ids[number][0].tolist()]


def test_objects_lie_on_the_painting() -> None:
    read = Read([image(("cat", stripe(2, 4)), ("dog", stripe(4, 5)), paint=painting(sky=(0, 6), sea=(7, 11)))])
    assert read.seen() == ["sky"] * 2 + ["cat"] * 2 + ["dog"] * 2 + ["sky"] + ["sea"] * 5
    assert {c["name"]: c["isthing"] for c in read.document["categories"]} == {"cat": 1, "dog": 1, "sky": 0, "sea": 0}
    assert read.notes == (
        "overlaps hide 2 px of objects that lie under others; COCO JSON keeps them",
        "objects hide 8 px that are painted with another label; index PNGs keep them",
    )
    assert read.document["info"]["notes"] == list(read.notes)
    assert read.names == ["panoptic/a.png", "panoptic.json"]
    assert read.document["images"] == [{"id": 1, "file_name": "a.jpg", "width": WIDTH, "height": 2}]


def test_two_objects_of_a_label_are_two_segments() -> None:
    read = Read([image(("cat", stripe(0, 5)), ("cat", stripe(6, 11)))], AnnotatedLabel("cat", "#102030"))
    assert read.seen() == ["cat"] * 12
    first, second = read.document["annotations"][0]["segments_info"]
    assert first["id"] == 0x10 + 256 * 0x20 + 65536 * 0x30  # the label's colour
    assert second["id"] != first["id"]
    assert (first["bbox"], second["bbox"]) == ([0, 0, 6, 2], [6, 0, 6, 2])
    assert read.categories[1]["color"] == [0x10, 0x20, 0x30]
    assert read.notes == ()


def test_paint_with_the_label_of_objects_is_a_group() -> None:
    images = [image(("cat", stripe(0, 11))), image(paint=painting(cat=(0, 5), sky=(6, 11)), name="b.jpg")]
    read = Read(iter(images), AnnotatedLabel("sky"), AnnotatedLabel("unused"))
    assert read.seen(1) == ["~cat"] * 6 + ["sky"] * 6
    assert {c["name"]: c["isthing"] for c in read.document["categories"]} == {"sky": 0, "unused": 1, "cat": 1}
    assert read.notes == ("1 painted classes have the label of objects; they are stored as groups of such objects (iscrowd)",)


def test_an_object_cut_out_of_its_own_paint_hides_nothing() -> None:
    read = Read([image(("cat", stripe(0, 5)), paint=painting(cat=(0, 11)))])
    assert read.seen() == ["cat"] * 6 + ["~cat"] * 6
    assert not any("hide" in note for note in read.notes)


def test_what_is_not_seen_is_said() -> None:
    objects = (("cat", stripe(2, 3)), ("dog", stripe(1, 4)), ("cow", np.zeros((2, WIDTH), bool)), (None, stripe(5, 5)))
    read = Read([image(*objects, paint=painting(sky=(2, 3)))])
    assert read.seen() == [""] + ["dog"] * 4 + ["unlabelled"] + [""] * 6
    assert read.notes == (
        "1 of 4 objects left out because their mask is empty",
        "1 of 4 objects left out because later ones hide them; COCO JSON keeps them",
        "overlaps hide 4 px of objects that lie under others; COCO JSON keeps them",
        "objects hide 4 px that are painted with another label; index PNGs keep them",
        "1 of 4 objects have no label and are stored as 'unlabelled'",
        "1 of 1 images have pixels that belong to nothing (58.3 % of all pixels); they are 0",
    )


def test_what_is_known_to_be_missing_is_said_first() -> None:
    _, notes = coco_panoptic.export_zip(AnnotatedSet([image(("cat", stripe(0, 11)))]), ["b.jpg is gone"])
    assert notes == ("b.jpg is gone",)


def test_names_stay_inside_and_apart() -> None:
    read = Read(image(name=name) for name in ("a.jpg", "a.png", "../../etc/x.jpg"))
    assert [a["file_name"] for a in read.document["annotations"]] == ["a.png", "a.png.png", "etc/x.png"]
    assert [i["file_name"] for i in read.document["images"]] == ["a.jpg", "a.png", "../../etc/x.jpg"]


def test_the_same_annotations_give_the_same_file() -> None:
    one, two = (coco_panoptic.export_zip(AnnotatedSet([image(("cat", stripe(0, 1)))]))[0] for _ in range(2))
    assert one == two


def test_labels_of_one_colour_are_told_apart() -> None:
    labels = [AnnotatedLabel(name, "#000000") for name in ("sky", "sea", "sand")]
    read = Read([image(paint=painting(sky=(0, 3), sea=(4, 7), sand=(8, 11)))], *labels)
    assert read.seen() == ["sky"] * 4 + ["sea"] * 4 + ["sand"] * 4


@given(
    st.lists(
        st.tuples(st.sampled_from(["cat", "dog", None, "sky"]), arrays(bool, (3, 4))),
        max_size=5,
    ),
    arrays(np.uint8, (3, 4), elements=st.integers(0, 3)),
)
def test_every_pixel_is_what_lies_on_top(objects: list[tuple[str | None, Mask]], class_map: NDArray[np.uint8]) -> None:
    paint = AnnotatedPainting(class_map, {1: "sky", 2: "sea", 3: "cat"})
    expected = np.array(["", "sky", "sea", "cat"], object)[class_map]
    for label, mask in objects:
        expected[mask] = label or "unlabelled"
    items = tuple(AnnotatedObject(i, *item) for i, item in enumerate(objects, 1))
    read = Read([AnnotatedImage("a.jpg", 4, 3, items, painting=paint)])
    assert [name.removeprefix("~") for name in read.seen()] == expected[0].tolist()
