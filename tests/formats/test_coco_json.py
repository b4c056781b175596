"""COCO JSON: exact masks, read by the COCO API too; nothing lost on the way there and back."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco
from pycocotools.coco import COCO

from maskwright.errors import DataError, MaskError
from maskwright.prompts import Outline, OutlineRing
from maskwright.vision import outlines, rle
from maskwright.vision.masks import Mask
from maskwright.workspace.formats import coco_json, coco_masks
from maskwright.workspace.formats.model import (
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedObject,
    AnnotatedPainting,
    AnnotatedSet,
)

# pycocotools' own call of numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14)).filter(lambda mask: bool(mask.any()))


def ring() -> Mask:
    mask = np.zeros((8, 10), bool)
    mask[1:7, 1:7] = True
    mask[3:5, 3:5] = False
    return mask


def two_parts() -> Mask:
    mask = np.zeros((8, 10), bool)
    mask[0:2, 0:3] = mask[5:8, 6:9] = True
    return mask


def image(*objects: tuple[str | None, Mask], name: str = "a.jpg") -> AnnotatedImage:
    return AnnotatedImage(name, 10, 8, tuple(AnnotatedObject(i, *item) for i, item in enumerate(objects, 1)))


def document() -> dict[str, Any]:
    return {
        "info": {"year": 2020},
        "licenses": [{"id": 1, "name": "CC"}],
        "videos": [1],
        "images": [{"id": 70, "file_name": "a.jpg", "width": 10, "height": 8, "license": 1}],
        "categories": [
            {"id": 3, "name": "cat", "supercategory": "animal", "color": [1, 2, 255]},
            {"id": 9, "name": "dog", "color": "red"},
        ],
        "annotations": [
            {
                "id": 500,
                "image_id": 70,
                "category_id": 3,
                "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]],
                "area": 6,
                "bbox": [1, 1, 3, 2],
                "iscrowd": 0,
                "score": 0.5,
                "attributes": {"occluded": True},
            },
            {
                "id": 400,
                "image_id": 70,
                "category_id": 9,
                "segmentation": rle.encode(ring()),
                "area": 32,
                "bbox": [1, 1, 6, 6],
                "iscrowd": 1,
            },
        ],
    }


@given(masks)
def test_segmentation_is_exact_here_and_in_the_coco_api(mask: Mask) -> None:
    value = coco_masks.segmentation(mask)
    height, width = mask.shape
    assert (coco_masks.from_segmentation(value, height, width) == mask).all()
    codes = coco.frPyObjects(value, height, width)
    assert (coco.decode(coco.merge(codes) if isinstance(codes, list) else codes) == mask).all()
    json.dumps(value)


def test_polygons_without_holes_else_runs() -> None:
    assert coco_masks.segmentation(two_parts()) == [[0, 0, 3, 0, 3, 2, 0, 2], [6, 5, 9, 5, 9, 8, 6, 8]]
    assert coco_masks.segmentation(ring()) == rle.encode(ring())


def test_box() -> None:
    assert coco_masks.box(ring()) == [1, 1, 6, 6]
    assert coco_masks.box(np.zeros((3, 3), bool)) == [0, 0, 0, 0]


def test_the_coco_api_reads_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.json"
    images = [image(("cat", ring()), ("dog", two_parts())), image(("dog", ring()), name="b.jpg")]
    document, _ = coco_json.export(AnnotatedSet(images, (AnnotatedLabel("bird"), AnnotatedLabel("cat"))))
    path.write_text(json.dumps(document))
    api = COCO(str(path))
    capsys.readouterr()
    assert [category["name"] for category in api.loadCats(api.getCatIds())] == ["bird", "cat", "dog"]
    objects = [item for one in images for item in one.objects]
    annotations = api.loadAnns(sorted(api.getAnnIds()))
    assert len(annotations) == len(objects)
    for annotation, item in zip(annotations, objects, strict=True):
        assert (api.annToMask(annotation) == item.mask).all()
        assert annotation["area"] == item.mask.sum()
        assert annotation["bbox"] == coco.toBbox(coco.encode(np.asfortranarray(item.mask, np.uint8))).tolist()
        assert annotation["iscrowd"] == 0
        assert api.loadCats(annotation["category_id"])[0]["name"] == item.label
    assert [api.loadImgs(a["image_id"])[0]["file_name"] for a in annotations] == ["a.jpg", "a.jpg", "b.jpg"]


def test_there_and_back() -> None:
    labels = (AnnotatedLabel("cat", "#0102ff"), AnnotatedLabel("dog"))
    before = image(("dog", ring()), (None, two_parts()), ("cat", ring()))
    document, _ = coco_json.export(AnnotatedSet([before], labels))
    after, notes = coco_json.read(json.dumps(document).encode(), "out.json")
    assert notes == ()
    assert [(label.name, label.color) for label in after.labels] == [("cat", "#0102ff"), ("dog", None)]
    (same,) = after.images
    assert (same.name, same.width, same.height) == ("a.jpg", 10, 8)
    assert [(item.id, item.label) for item in same.objects] == [(1, "dog"), (2, None), (3, "cat")]
    for old, new in zip(before.objects, same.objects, strict=True):
        assert (old.mask == new.mask).all()


def test_what_the_file_said_beyond_survives() -> None:
    annotated, notes = coco_json.parse(document())
    again, _ = coco_json.export(annotated)
    assert notes == ()
    notes_added = again["info"].pop("notes")
    assert len(notes_added) == 1
    assert again == document()


def test_new_entries_get_ids_of_their_own() -> None:
    annotated, _ = coco_json.parse(document())
    first = next(iter(annotated.images))
    more = [first, image(("bird", ring()), name="b.jpg"), first]  # the same image twice: its ids cannot both stay
    again, _ = coco_json.export(AnnotatedSet(more, annotated.labels, annotated.extra))
    assert [entry["id"] for entry in again["images"]] == [70, 71, 72]
    assert [entry["id"] for entry in again["categories"]] == [3, 9, 10]
    assert [entry["id"] for entry in again["annotations"]] == [500, 400, 501, 502, 503]
    assert [entry["image_id"] for entry in again["annotations"]] == [70, 70, 71, 72, 72]
    assert again["annotations"][2]["category_id"] == 10


def test_compressed_runs_are_read() -> None:
    source = document()
    source["annotations"][1]["segmentation"] = rle.encode_compressed(ring())
    (only,) = coco_json.parse(source)[0].images
    assert (only.objects[1].mask == ring()).all()


def test_notes_say_what_is_not_there() -> None:
    none = np.zeros((8, 10), bool)
    exported, notes = coco_json.export(AnnotatedSet([image(("cat", none), (None, two_parts()), ("cat", ring()))]))
    assert len(exported["annotations"]) == 2
    assert [note.split(";")[0] for note in notes] == [
        "1 of 3 objects left out because their mask is empty",
        "1 of 3 objects have holes and are stored as run-length codes",
        "1 of 3 objects have no label and are stored as 'unlabelled'",
    ]
    assert exported["info"]["notes"] == list(notes)
    source = document()
    del source["annotations"][0]["segmentation"]
    source["annotations"][1]["segmentation"] = []
    assert coco_json.parse(source)[1] == ("2 annotations left out because they have no segmentation",)


def test_images_are_taken_one_at_a_time() -> None:
    taken: list[weakref.ref[AnnotatedImage]] = []
    alive: list[int] = []

    def images() -> Iterator[AnnotatedImage]:
        for i in range(5):
            alive.append(sum(reference() is not None for reference in taken))
            made = image(("cat", ring()), name=f"{i}.jpg")
            taken.append(weakref.ref(made))
            yield made
            del made

    exported, _ = coco_json.export(AnnotatedSet(images()))
    assert len(exported["images"]) == 5
    assert alive == [0, 1, 1, 1, 1]  # the one before, until the next is there


def _broken() -> Iterator[tuple[Any, str]]:
    yield [], "this is no COCO JSON"
    yield {"images": []}, "`annotations` are expected"
    for key, value, words in (
        ("images", 3, "the list of each image is int"),
        ("images", ["a"], "image number 1: an object with an `id`"),
        ("images", [{"id": 1, "file_name": 3, "width": 2, "height": 2}], "image number 1: `file_name` is 3; text"),
        ("images", [{"id": 1, "file_name": "a", "width": 0, "height": 2}], "`width` is 0; a number from 1"),
        ("images", [{"id": 1, "file_name": "a", "width": 2, "height": True}], "`height` is True"),
        ("images", [{"id": 1, "file_name": "a", "width": 2, "height": 2}] * 2, "image number 2: its id 1 is another's"),
        ("images", [], "annotation 500: its image_id 70 is not among"),
        ("annotations", [{"id": 5, "image_id": [70], "category_id": 3}], r"annotation 5: its image_id \[70\] is not among"),
        ("annotations", [{"id": 5, "image_id": 70, "category_id": {}}], r"annotation 5: its category_id \{\} is not among"),
        ("categories", [], "annotation 500: its category_id 3 is not among"),
        ("categories", [{"id": 3}], "category number 1: `name` is None"),
    ):
        yield document() | {key: value}, words
    segmentations: tuple[tuple[Any, str], ...] = (
        ("abc", "`segmentation` is str"),
        ([[1, 2, 3, 4]], "at least three points"),
        ([[1, 2, 3, 4, 5, 6, 7]], "flat list"),
        ([[[1, 2], [3, 4], [5, 6]]], "flat list"),
        ([[1, 2, 3, 4, "x", 6]], "flat list"),
        ([1, 2, 3, 4, 5, 6], "flat list"),
        ([[1, 2, 3, 4, 10**400, 6]], "flat list"),
        ({"size": [8, 10], "counts": [3]}, "do not fill"),
        ({"size": [2, 2], "counts": [4]}, "2 x 2 px; its image is 10 x 8 px"),
    )
    for segmentation, words in segmentations:
        broken = document()
        broken["annotations"][1]["segmentation"] = segmentation
        yield broken, f"annotation 400: .*{words}"


@pytest.mark.parametrize(("source", "words"), list(_broken()))
def test_broken_documents_are_named(source: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        list(coco_json.parse(source)[0].images)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 99) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.sampled_from(["size", "counts"]), inner, max_size=2),
    max_leaves=8,
)
annotation = st.fixed_dictionaries(
    {"id": st.integers() | values, "image_id": st.just(70) | values, "category_id": st.just(3) | values},
    optional={"segmentation": st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6)) | values, "iscrowd": values},
)


@given(st.lists(annotation | values, max_size=3) | values)
def test_any_list_of_annotations_is_read_or_refused(annotations: Any) -> None:
    try:
        annotated, notes = coco_json.parse(document() | {"annotations": annotations})
        (only,) = annotated.images
    except DataError:
        return
    left_out = sum(not given.get("segmentation") for given in annotations)
    assert len(only.objects) == len(annotations) - left_out
    assert notes == ((f"{left_out} annotations left out because they have no segmentation",) if left_out else ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", r"a\.json is not JSON"),
        (b"\xff", r"a\.json is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"{}", "this is no COCO JSON"),
    ],
)
def test_content_that_is_no_coco_json_is_named(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        coco_json.read(content, "a.json")


def test_masks_are_decoded_image_by_image_and_errors_name_the_file() -> None:
    source = document()
    source["images"].append({"id": 71, "file_name": "b.jpg", "width": 10, "height": 8})
    source["annotations"][1] |= {"image_id": 71, "segmentation": "abc"}
    annotated, _ = coco_json.read(json.dumps(source).encode(), "a.json")
    images = iter(annotated.images)
    assert [item.label for item in next(images).objects] == ["cat"]
    with pytest.raises(DataError, match=r"a\.json: annotation 400: `segmentation` is str"):
        next(images)


def test_masks_must_be_of_the_images_size() -> None:
    with pytest.raises(MaskError, match="the mask of object 4"):
        AnnotatedImage("a.jpg", 3, 3, (AnnotatedObject(4, None, np.ones((2, 3), bool)),))


SQUARE = OutlineRing(((0.5, 0.25), (6, 1), (5.5, 6), (1, 5)))
CORNER = OutlineRing(((6, 5), (9.25, 5), (9, 7.5)))
HOLE = OutlineRing(((2, 2), (4, 2), (4, 4), (2, 4)), hole=True)


def drawn(*rings: OutlineRing, curve: str = "polygon") -> AnnotatedObject:
    """An object of an image of 10 x 8 px that is what the rings fill."""
    outline = Outline(rings, curve)
    return AnnotatedObject(1, "cat", outlines.fill(outline, 8, 10), outline=outline)


def exported(*items: AnnotatedObject) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    made, notes = coco_json.export(AnnotatedSet([AnnotatedImage("a.jpg", 10, 8, items)]))
    return made["annotations"], notes


def decoded(segmentation: Any) -> Mask:
    """As the COCO API reads it."""
    codes = coco.frPyObjects(segmentation, 8, 10)
    mask: Mask = coco.decode(coco.merge(codes) if isinstance(codes, list) else codes) > 0
    return mask


def test_an_outlines_own_control_points_are_exported_half_a_pixel_on() -> None:
    (only,), notes = exported(drawn(SQUARE))
    assert only["segmentation"] == [[1, 0.75, 6.5, 1.5, 6, 6.5, 1.5, 5.5]]
    assert notes == ("1 of 1 objects were drawn as outlines and are stored with their own points, splines as eight a segment",)
    (only,), _ = exported(drawn(SQUARE, CORNER))
    assert only["segmentation"] == [[1, 0.75, 6.5, 1.5, 6, 6.5, 1.5, 5.5], [6.5, 5.5, 9.75, 5.5, 9.5, 8]]


def test_an_exported_polygon_is_its_mask_to_the_coco_api() -> None:
    item = drawn(SQUARE, CORNER)
    (only,), _ = exported(item)
    assert (decoded(only["segmentation"]) == item.mask).all()
    assert only["area"] == item.mask.sum()


def test_an_exported_spline_is_nearly_its_mask_to_the_coco_api() -> None:
    outline = Outline((OutlineRing(((90, 70), (130, 20), (60, 5), (20, 60), (50, 100))),))
    mask = outlines.fill(outline, 120, 160)
    (flat,) = coco_masks.segmentation(mask, outline)
    assert len(flat) == 2 * 5 * 8
    assert flat[:2] == [90.5, 70.5]
    (code,) = coco.frPyObjects([flat], 120, 160)
    assert (coco.decode(code) != mask).sum() < 0.01 * mask.sum()


def test_an_outline_with_a_hole_keeps_its_mask_and_that_is_said() -> None:
    item = drawn(SQUARE, HOLE)
    (first, second), notes = exported(item, drawn(SQUARE))
    assert (decoded(first["segmentation"]) == item.mask).all()
    assert first["segmentation"] == rle.encode(item.mask)
    assert isinstance(second["segmentation"], list)
    assert [note.split(" ", 4)[4] for note in notes] == [
        "have holes and are stored as run-length codes; tools that know polygons only will miss them",
        "were drawn as outlines and are stored with their own points, splines as eight a segment",
        "were drawn as outlines with holes; COCO keeps their masks, but not their control points",
    ]


def test_paintings_are_left_out_and_it_is_said() -> None:
    painting = AnnotatedPainting(np.ones((8, 10), np.uint8), {1: "sky"})
    images = [AnnotatedImage("a.jpg", 10, 8, painting=painting), image(("cat", ring()), name="b.jpg")]
    document, notes = coco_json.export(AnnotatedSet(images))
    assert [record["file_name"] for record in document["images"]] == ["a.jpg", "b.jpg"]
    assert [record["name"] for record in document["categories"]] == ["cat"]
    assert "the paintings of 1 of 2 images are left out; COCO panoptic keeps them" in notes
