"""Painting: any gestures, undos and redos lead to the painting that plain arrays lead to, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.fakes import FakePaint

from maskwright.errors import ImageError, NotFoundError, PromptError, StoreError
from maskwright.methods import METHODS
from maskwright.methods.base import Candidate, Mask, Method, Prediction, PreparedImage
from maskwright.methods.brush import Brush
from maskwright.prompts import Fill, Paint, Prompt, Region, Stroke
from maskwright.vision.painting import lay, painted, region_at
from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.kept import KeptClassMap
from maskwright.workspace.labels import Label
from maskwright.workspace.painting_events import ClassMaps, Painting
from maskwright.workspace.painting_events import Paint as PaintEvent
from maskwright.workspace.project import ImageFile, Project, open_project
from maskwright.workspace.session import Session
from maskwright.workspace.store import Store

HEIGHT, WIDTH = 20, 30
BORDER = 16
LABELS = ("sky", "sea", "sand")
INFOS = {**METHODS, "says-masks": METHODS["brush"]}


class SaysMasks(Brush):
    """Accepts paint, but answers with a mask alone."""

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        return Prediction((Candidate(super().predict(prompts, prepared).mask, 1.0),))


def load(name: str) -> Method:
    methods: dict[str, type[FakePaint | Brush | SaysMasks]] = {
        "magic-paint": FakePaint,
        "brush": Brush,
        "says-masks": SaysMasks,
    }
    return methods[name]()


@pytest.fixture
def folder(tmp_path: Path, save_image: Callable[..., Path]) -> Path:
    """One image, dark on the left and bright on the right."""
    pixels = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
    pixels[:, BORDER:] = 200
    save_image(pixels, "a.png")
    return tmp_path


@pytest.fixture
def annotator(folder: Path) -> Iterator[Annotator]:
    project = open_project(folder)
    yield Annotator(project, INFOS, load)
    project.close()


@pytest.fixture
def image(annotator: Annotator) -> ImageFile:
    return annotator.project.images()[0]


def dot(x: float, y: float = 10, radius: float = 2, freeze: bool = False) -> Stroke:
    return Stroke(((x, y),), 1, radius, freeze)


def on(session: Session) -> Painting:
    assert session.painting is not None
    return session.painting


Named = NDArray[np.object_]


def named(painting: Painting | None, which: Literal["painted", "class_map"]) -> Named:
    """The label of every pixel of a map, "" where there is none."""
    if painting is None:
        return np.full((HEIGHT, WIDTH), "", object)
    names = np.array([painting.labels.get(number, "") for number in range(255)], object)
    kept: KeptClassMap = getattr(painting.maps, which)
    found: Named = names[kept.class_map()]
    return found


@dataclass
class Plain:
    """The slow, obvious painting: every state as an array of labels, kept as a list."""

    states: list[Named] = field(default_factory=lambda: [np.full((HEIGHT, WIDTH), "", object)])
    at: int = 0

    def now(self) -> Named:
        return self.states[self.at]

    def push(self, state: Named) -> None:
        self.states = [*self.states[: self.at + 1], state]
        self.at += 1

    def laid(self, paint: Paint, label: str | None) -> Named:
        covers = np.zeros((HEIGHT, WIDTH), np.uint8)
        lay(covers, replace(paint, class_id=1, freeze=False))
        free = self.now() == "" if paint.freeze else True
        return np.where((covers > 0) & free, label or "", self.now()).astype(object)


steps = st.lists(
    st.tuples(
        st.sampled_from(["paint", "paint", "paint", "erase", "accept", "delete", "method", "object", "undo", "undo", "redo"]),
        st.integers(0, WIDTH - 1),
        st.integers(0, HEIGHT - 1),
        st.booleans(),
    ),
    max_size=14,
)


def do(annotator: Annotator, image: ImageFile, plain: Plain, step: tuple[str, int, int, bool]) -> Session:
    what, x, y, flag = step
    painter, session = annotator.painter, annotator.session(image)
    if what == "undo":
        plain.at = max(0, plain.at - 1)
        return annotator.undo(image)
    if what == "redo":
        plain.at = min(len(plain.states) - 1, plain.at + 1)
        return annotator.redo(image)
    result = named(session.painting, "class_map")
    if what in ("accept", "object") and result[y, x]:
        assert session.painting is not None
        region = region_at(session.painting.maps.class_map.class_map(), x, y)
        if what == "object":
            plain.push(plain.now())
            return painter.region_to_object(image, x, y)
        if (plain.now()[region] != result[y, x]).any():
            plain.push(np.where(region, result[y, x], plain.now()).astype(object))
        return painter.accept_region(image, x, y)
    present = sorted(set(plain.now().ravel()) - {""})
    if what == "delete" and present:
        plain.push(np.where(plain.now() == present[x % len(present)], "", plain.now()).astype(object))
        return painter.delete_class(image, present[x % len(present)])
    if what == "method" and session.painting is not None:
        method = "brush" if flag else "magic-paint"
        if method != session.painting.maps.method:
            plain.push(plain.now())
        return painter.set_method(image, method)
    paint: Paint = dot(x, y, 1 + x % 5, flag) if y % 2 else Fill(((x, y), (0, 0), (x, 0)), 1, flag)
    label = None if what == "erase" else LABELS[(x + y) % 3]
    plain.push(plain.laid(paint, label))
    method = "magic-paint" if session.painting is None else session.painting.maps.method
    return painter.paint(image, method, paint, label)


@given(steps)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_gestures_lead_to_what_plain_arrays_lead_to(folder: Path, todo: list[tuple[str, int, int, bool]]) -> None:
    project = Project(folder, Store("sqlite://"))
    annotator, plain = Annotator(project, INFOS, load), Plain()
    image = project.images()[0]
    for step in todo:
        before = annotator.session(image).painting
        session = do(annotator, image, plain, step)
        assert session.can_undo == (plain.at > 0)
        assert session.can_redo == (plain.at < len(plain.states) - 1)
        painting = session.painting
        assert (named(painting, "painted") == plain.now()).all()
        if painting is None:
            continue
        # What is kept equals what the paint leads to when all of it is laid anew, and a method without a memory is asked.
        again = load(painting.maps.method)
        answer = again.predict(painting.paints, again.prepare(project.read(image))).candidates[0].class_map
        assert answer is not None
        assert (painting.maps.class_map.class_map() == answer).all()
        assert (painting.maps.painted.class_map() == painted(painting.paints, HEIGHT, WIDTH)).all()
        assert set(painting.labels.values()) == set(plain.now().ravel()) - {""}
        kept = {label for label in painting.labels.values() if before and label in before.labels.values()}
        if step[0] not in ("undo", "redo"):
            assert all(before and painting.number(label) == before.number(label) for label in kept)
    final = annotator.session(image)
    assert project.store.load(image.name) == final  # as read from the database, not from memory
    assert (project.store.painted() == {"a.png"}) == (final.painting is not None and bool(final.painting.labels))
    project.close()


def test_classes_take_the_smallest_free_number(annotator: Annotator, image: ImageFile) -> None:
    painter = annotator.painter
    painter.paint(image, "brush", dot(3), "sky")
    painter.paint(image, "brush", dot(13), " sea ")
    assert on(painter.paint(image, "brush", dot(23), "sand")).labels == {1: "sky", 2: "sea", 3: "sand"}
    assert on(painter.delete_class(image, "sea")).labels == {1: "sky", 3: "sand"}
    assert on(painter.paint(image, "brush", dot(13), "rock")).labels == {1: "sky", 2: "rock", 3: "sand"}
    session = painter.paint(image, "brush", dot(16, 3), "sea")
    assert on(session).labels == {1: "sky", 2: "rock", 3: "sand", 4: "sea"}
    assert [label.name for label in annotator.project.store.labels()] == ["sky", "sea", "sand", "rock"]
    painter.paint(image, "brush", dot(3, radius=4), None)
    assert on(painter.paint(image, "brush", dot(3), "sky")).number("sky") == 1


def test_paint_over_paint_and_frozen_paint(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "brush", dot(10, radius=4), "sky")
    painting = on(annotator.painter.paint(image, "brush", dot(14, radius=4, freeze=True), "sea"))
    classes = painting.maps.class_map.class_map()
    assert (classes[10, 12], classes[10, 16]) == (1, 2)
    painting = on(annotator.painter.paint(image, "brush", dot(14, radius=4), "sea"))
    assert painting.maps.class_map.class_map()[10, 12] == 2


def test_the_method_spreads_and_the_brush_does_not(annotator: Annotator, image: ImageFile) -> None:
    painting = on(annotator.painter.paint(image, "magic-paint", dot(3), "sky"))
    dark = np.zeros((HEIGHT, WIDTH), bool)
    dark[:, :BORDER] = True
    assert (painting.maps.class_map.class_map() == dark).all()
    painting = on(annotator.painter.set_method(image, "brush"))
    assert painting.maps.class_map == painting.maps.painted
    assert painting.maps.method == "brush"
    revision = annotator.session(image).revision
    assert annotator.painter.set_method(image, "brush").revision == revision  # is not asked again
    assert on(annotator.undo(image)).maps.method == "magic-paint"


def test_a_preview_is_what_paint_leads_to_and_records_nothing(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "magic-paint", dot(3), "sky")
    before = annotator.session(image)
    seen = annotator.painter.preview(image, "magic-paint", dot(20), "sea")
    assert annotator.session(image) == before
    assert [label.name for label in annotator.project.store.labels()] == ["sky"]
    assert on(annotator.painter.paint(image, "magic-paint", dot(20), "sea")) == seen
    assert set(seen.labels.values()) == {"sky", "sea"}


def test_an_accepted_region_becomes_paint(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "magic-paint", dot(3), "sky")
    session = annotator.painter.accept_region(image, 0, 0)
    painting = on(session)
    assert painting.maps.painted == painting.maps.class_map
    assert isinstance(painting.paints[-1], Region)
    assert painting.labels == {1: "sky"}
    assert annotator.painter.accept_region(image, 1, 1) == session  # it is paint already
    with pytest.raises(PromptError, match="no class at 25,3"):
        annotator.painter.accept_region(image, 25, 3)
    with pytest.raises(PromptError, match="outside the image"):
        annotator.painter.accept_region(image, 1e300, 3)


def test_a_point_between_two_regions_takes_one_of_them_with_its_own_class(annotator: Annotator, image: ImageFile) -> None:
    for column, label in ((10, "sky"), (11, "sea")):
        annotator.painter.paint(image, "brush", Stroke(((column, 5), (column, 9)), 1), label)
    before = on(annotator.session(image))
    after = on(annotator.painter.accept_region(image, 10.5, 7))
    assert after.maps.class_map == before.maps.class_map
    session = annotator.painter.region_to_object(image, 10.5, 7)
    assert (session.objects[0].label, session.objects[0].segmented.mask.mask()[7].nonzero()[0].tolist()) == ("sea", [11])


def test_a_region_becomes_an_object(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "magic-paint", dot(3), "sky")
    session = annotator.painter.region_to_object(image, 0, 0)
    (found,) = session.objects
    assert (found.id, found.label, found.segmented.method, found.segmented.prompts) == (1, "sky", "magic-paint", ())
    assert (found.segmented.mask.mask() == (on(session).maps.class_map.class_map() == 1)).all()
    assert len(annotator.painter.region_to_object(image, 0, 0).objects) == 2
    session = annotator.undo(image)
    assert (len(session.objects), on(session).labels) == (1, {1: "sky"})
    assert session.next_object_id == 2


def test_all_erased_is_a_painting_without_classes(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "magic-paint", dot(3), "sky")
    painting = on(annotator.painter.paint(image, "magic-paint", dot(3, radius=5), None))
    assert painting.labels == {}
    assert not painting.maps.class_map.class_map().any()
    assert annotator.project.store.painted() == frozenset()
    assert list(annotated_set(annotator.project)[0].images) == []
    with pytest.raises(NotFoundError, match="nothing is painted as 'sky' in this image; there is: nothing"):
        annotator.painter.delete_class(image, "sky")


def test_a_painted_label_outlives_the_projects_list(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "brush", dot(3), "sky")
    annotator.project.store.set_labels([Label("sea", "#112233")])
    assert on(annotator.painter.paint(image, "brush", dot(13), "sea")).labels == {1: "sky", 2: "sea"}
    assert [label.name for label in annotator.project.store.labels()] == ["sea"]
    annotator.painter.paint(image, "brush", dot(23), "sky")
    assert [label.name for label in annotator.project.store.labels()] == ["sea", "sky"]


def test_there_is_room_for_254_classes(annotator: Annotator, image: ImageFile) -> None:
    dots = [Stroke(((n % WIDTH, n // WIDTH),), 1 + n) for n in range(254)]
    kept = KeptClassMap.of(painted(dots, HEIGHT, WIDTH))
    full = Session()
    for spot in dots:
        full = full.record(PaintEvent(spot, f"class {spot.class_id}", ClassMaps("brush", kept, kept)))
    annotator.project.store.save(image.name, Session(), full)
    for act in (annotator.painter.paint, annotator.painter.preview):
        with pytest.raises(PromptError, match="has 254 classes, the most there can be; delete one before you paint 'one more'"):
            act(image, "brush", dot(3, 15), "one more")
    assert on(annotator.painter.paint(image, "brush", dot(3, 15), "class 99")).number("class 99") == 99
    annotator.painter.delete_class(image, "class 100")
    assert on(annotator.painter.paint(image, "brush", dot(3, 15), "one more")).number("one more") == 100


def test_what_cannot_be_painted_leaves_no_trace(annotator: Annotator, image: ImageFile) -> None:
    painter = annotator.painter
    with pytest.raises(NotFoundError, match="method 'wish' does not exist"):
        painter.paint(image, "wish", dot(3), "sky")
    with pytest.raises(PromptError, match=r"dextr does not paint with a stroke; methods that do: .*brush"):
        painter.paint(image, "dextr", dot(3), "sky")
    with pytest.raises(PromptError, match="says-masks gives a mask, not classes"):
        painter.paint(image, "says-masks", dot(3), "sky")
    with pytest.raises(PromptError, match="outside the image"):
        painter.paint(image, "brush", dot(-50), "sky")
    with pytest.raises(StoreError, match="no name for a label"):
        painter.paint(image, "brush", dot(3), " ")
    acts: list[Callable[[], object]] = [
        lambda: painter.accept_region(image, 0, 0),
        lambda: painter.region_to_object(image, 0, 0),
        lambda: painter.delete_class(image, "sky"),
        lambda: painter.set_method(image, "brush"),
    ]
    for act in acts:
        with pytest.raises(NotFoundError, match="no painting yet; paint on it first"):
            act()
    assert annotator.session(image).revision == 0
    assert annotator.project.store.labels() == ()


def test_a_replaced_image_does_not_take_the_old_painting(
    annotator: Annotator, image: ImageFile, save_image: Callable[..., Path]
) -> None:
    painter = annotator.painter
    painter.paint(image, "magic-paint", dot(3), "sky")
    save_image(np.zeros((40, 50, 3), np.uint8), "a.png")
    (now,) = annotator.project.images()
    acts: list[Callable[[], object]] = [
        lambda: painter.paint(now, "magic-paint", dot(3), "sky"),
        lambda: painter.preview(now, "magic-paint", dot(3), "sky"),
        lambda: painter.accept_region(now, 0, 0),
        lambda: painter.region_to_object(now, 0, 0),
        lambda: painter.delete_class(now, "sky"),
        lambda: painter.set_method(now, "brush"),
    ]
    for act in acts:
        with pytest.raises(ImageError, match=r"50 x 40 px now, but the painting was made on 30 x 20 px.*undo the painting"):
            act()
    annotated, notes = annotated_set(annotator.project)
    (exported,) = annotated.images
    assert (exported.painting, exported.objects) == (None, ())
    assert notes == ("a.png: the painting is left out; it was made on an image of another size than 50 x 40 px",)
    annotator.undo(now)
    assert on(painter.paint(now, "magic-paint", dot(3), "sky")).maps.painted.width == 50


def test_two_programs_do_not_overwrite_each_others_paint(annotator: Annotator, image: ImageFile, folder: Path) -> None:
    annotator.painter.paint(image, "brush", dot(3), "sky")
    project = open_project(folder)
    other = Annotator(project, INFOS, load)
    other.painter.paint(image, "brush", dot(13), "sea")
    assert on(annotator.painter.paint(image, "brush", dot(23), "sand")).labels == {1: "sky", 2: "sea", 3: "sand"}
    project.close()


def test_only_a_painting_is_exported_too(annotator: Annotator, image: ImageFile) -> None:
    annotator.painter.paint(image, "brush", dot(3), "sky")
    annotated, notes = annotated_set(annotator.project)
    (exported,) = annotated.images
    assert exported.painting is not None
    assert (exported.width, exported.height, exported.painting.labels, notes) == (WIDTH, HEIGHT, {1: "sky"}, ())
    assert exported.painting.class_map.sum() == 13
    image.path.unlink()
    annotated, notes = annotated_set(annotator.project)
    (exported,) = annotated.images
    assert (exported.width, exported.height) == (WIDTH, HEIGHT)
    assert notes == ("a.png is not in the folder any more; its annotations are here all the same",)
