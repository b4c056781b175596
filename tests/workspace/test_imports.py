"""Annotations made elsewhere become objects of a project's images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from maskwright.errors import DataError, StoreError
from maskwright.prompts import Outline, OutlineRing
from maskwright.vision.outlines import fill
from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.formats import coco_json
from maskwright.workspace.formats.model import AnnotatedImage, AnnotatedLabel, AnnotatedObject, AnnotatedSet
from maskwright.workspace.imports import import_set
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.project import open_project
from maskwright.workspace.session import AddObject, Segmented, Session


@pytest.fixture
def annotator(tmp_path: Path) -> Iterator[Annotator]:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (10, 8)).save(tmp_path / name)
    project = open_project(tmp_path)
    yield Annotator(project, {}, lambda name: pytest.fail(name))
    project.close()


def square(x: int, number: int = 1, label: str | None = "cat", **extra: Any) -> AnnotatedObject:
    mask = np.zeros((8, 10), bool)
    mask[2:5, x : x + 3] = True
    return AnnotatedObject(number, label, mask, extra)


def given(*images: AnnotatedImage, labels: tuple[AnnotatedLabel, ...] = ()) -> AnnotatedSet:
    return AnnotatedSet(iter(images), labels)


def session(annotator: Annotator, name: str) -> Session:
    return annotator.session(next(image for image in annotator.project.images() if image.name == name))


def test_objects_go_to_the_images_of_the_same_names(annotator: Annotator) -> None:
    images = (
        AnnotatedImage("a.png", 10, 8, (square(0), square(5, 2, None))),
        AnnotatedImage("train2017/b.png", 10, 8, (square(3, label="dog"),)),
    )
    done = import_set(annotator, given(*images, labels=(AnnotatedLabel("dog", "#010203"), AnnotatedLabel("bird"))), ["as said"])
    assert (done.images, done.objects, done.notes) == (2, 3, ("as said",))
    first = session(annotator, "a.png")
    assert [(o.id, o.label, o.segmented.method, o.segmented.prompts) for o in first.objects] == [
        (1, "cat", "import", ()),
        (2, None, "import", ()),
    ]
    assert (first.objects[1].segmented.mask.mask() == square(5).mask).all()
    assert [o.label for o in session(annotator, "b.png").objects] == ["dog"]
    labels = annotator.project.store.labels()
    assert [label.name for label in labels] == ["dog", "bird", "cat"]
    assert labels[0].color == "#010203"
    assert first.undo().objects == first.objects[:1]


def test_what_is_there_already_stays_as_it_is(annotator: Annotator) -> None:
    import_set(annotator, given(AnnotatedImage("a.png", 10, 8, (square(0),)), labels=(AnnotatedLabel("cat", "#010203"),)))
    again = given(AnnotatedImage("a.png", 10, 8, (square(0), square(5, 2))), labels=(AnnotatedLabel("cat", "#999999"),))
    done = import_set(annotator, again)
    assert (done.images, done.objects, done.notes) == (1, 1, ("1 objects are there already",))
    assert [o.id for o in session(annotator, "a.png").objects] == [1, 2]
    assert annotator.project.store.labels()[0].color == "#010203"


def test_an_export_comes_back_whole(annotator: Annotator) -> None:
    ring = np.ones((8, 10), bool)
    ring[3:5, 3:6] = False
    import_set(annotator, given(AnnotatedImage("a.png", 10, 8, (square(0), AnnotatedObject(2, None, ring)))))
    document, _ = coco_json.export(annotated_set(annotator.project)[0])
    done = import_set(annotator, *coco_json.read(json.dumps(document).encode(), "x"))
    assert (done.images, done.objects) == (0, 0)
    before = session(annotator, "a.png")
    for object_id in (1, 2):
        annotator.delete_object(annotator.project.images()[0], object_id)
    done = import_set(annotator, *coco_json.read(json.dumps(document).encode(), "x"))
    assert (done.images, done.objects) == (1, 2)
    after = session(annotator, "a.png").objects
    assert [(o.label, o.segmented.mask) for o in after] == [(o.label, o.segmented.mask) for o in before.objects]


def test_what_is_left_out_is_said(annotator: Annotator, tmp_path: Path) -> None:
    (tmp_path / "c.png").write_bytes(b"no image")
    empty = AnnotatedObject(1, "cat", np.zeros((8, 10), bool))
    images = (
        AnnotatedImage("a.png", 10, 8, (empty, square(0, 2, iscrowd=1), square(5, 3))),
        AnnotatedImage("b.png", 5, 4, (AnnotatedObject(1, "cat", np.ones((4, 5), bool)),)),
        AnnotatedImage("c.png", 10, 8, (square(0),)),
        *(AnnotatedImage(f"{n}.png", 10, 8, (square(0),)) for n in range(4)),
        AnnotatedImage("nothing.png", 10, 8),
    )
    done = import_set(annotator, given(*images))
    assert (done.images, done.objects) == (1, 1)
    crowd, hollow, small, broken, missing = done.notes
    assert {crowd, hollow} == {"1 objects are left out because their mask is empty", "1 objects are crowds and left out"}
    assert small == "b.png: 1 objects are left out; they were made on an image of 5 x 4 px, the file has 10 x 8 px"
    assert broken.startswith("c.png: 1 objects are left out; ")
    assert missing == "4 annotated images are not in the folder: 0.png, 1.png, 2.png, ..."


def test_images_of_one_name_in_several_folders_are_not_mixed(annotator: Annotator) -> None:
    twins = [AnnotatedImage(f"{part}/a.png", 10, 8, (square(x),)) for x, part in enumerate(("train", "val"))]
    done = import_set(annotator, given(*twins))
    assert (done.images, done.objects) == (0, 0)
    assert [note.partition(":")[0] for note in done.notes] == ["train/a.png", "val/a.png"]
    assert all("1 objects are left out; several images would go with a.png" in note for note in done.notes)
    done = import_set(annotator, given(AnnotatedImage("a.png", 10, 8, (square(5),)), *twins))
    assert (done.images, done.objects) == (1, 1)
    assert (session(annotator, "a.png").objects[0].segmented.mask.mask() == square(5).mask).all()


def test_sizes_are_compared_also_where_the_list_does_not_know_them(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maskwright.workspace.project._HEADERS_PER_LISTING", 0)
    small = AnnotatedObject(1, "cat", np.ones((4, 5), bool))
    done = import_set(annotator, given(AnnotatedImage("a.png", 5, 4, (small,)), AnnotatedImage("b.png", 10, 8, (square(0),))))
    assert (done.images, done.objects) == (1, 1)
    assert "made on an image of 5 x 4 px" in done.notes[0]


@pytest.mark.parametrize("curve", ["spline", "polygon"])
def test_an_exported_outline_is_known_again(annotator: Annotator, curve: str) -> None:
    ring = OutlineRing(((1.2, 1.1), (8.3, 1.4), (7.9, 6.2), (4.4, 5.1), (1.7, 6.6)))
    outline = Outline((ring,), curve)
    image = annotator.project.images()[0]
    drawn = Segmented("curve-gcn", (), KeptMask.of(fill(outline, 8, 10)), 0.9, outline)
    annotator.project.store.save(image.name, Session(), Session().record(AddObject(1, drawn, "cat")))
    document, _ = coco_json.export(annotated_set(annotator.project)[0])
    done = import_set(annotator, *coco_json.read(json.dumps(document).encode(), "x"))
    assert (done.images, done.objects, done.notes) == (0, 0, ("1 objects are there already",))


def test_names_that_cannot_be_shown_are_escaped(annotator: Annotator) -> None:
    done = import_set(annotator, given(AnnotatedImage("caf\ud800.png", 10, 8, (square(0),))))
    assert done.notes == ("1 annotated images are not in the folder: caf\\ud800.png",)


def test_nothing_is_changed_where_the_set_is_damaged(annotator: Annotator) -> None:
    source: dict[str, Any] = {
        "images": [{"id": i, "file_name": f"{name}.png", "width": 10, "height": 8} for i, name in enumerate("ab")],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 0, "category_id": 1, "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]]},
            {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[1, 1]]},
        ],
    }
    with pytest.raises(DataError, match="x: annotation 2"):
        import_set(annotator, *coco_json.read(json.dumps(source).encode(), "x"))
    assert not session(annotator, "a.png").objects
    assert not annotator.project.store.labels()


def test_a_label_that_is_no_name_is_refused_before_anything_is_added(annotator: Annotator) -> None:
    images = AnnotatedImage("a.png", 10, 8, (square(0),))
    with pytest.raises(StoreError, match="is no name for a label"):
        import_set(annotator, given(images, labels=(AnnotatedLabel("dog"), AnnotatedLabel("x" * 101))))
    assert not session(annotator, "a.png").objects
    assert not annotator.project.store.labels()
