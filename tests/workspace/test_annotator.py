"""Where sessions meet models: what is loaded, and what is asked of methods."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes import FakeOutlines

from maskwright.errors import MaskError, NotFoundError, PromptError, WeightsError
from maskwright.methods import METHODS
from maskwright.methods.base import Candidate, Image, Mask, Prediction, PreparedImage
from maskwright.prompts import Box, ExtremePoints, Outline, OutlineForm, Prompt, VertexDrag
from maskwright.vision import outlines
from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.project import Project, open_project


class Recorder:
    """Answers with one pixel more than the mask so far, and keeps what it was asked."""

    accepts: frozenset[type[Prompt]] = frozenset({ExtremePoints, Box})

    def __init__(self, name: str) -> None:
        self.name = name
        self.prepared: list[tuple[int, ...]] = []
        self.masks: list[Mask | None] = []

    def prepare(self, image: Image) -> PreparedImage:
        self.prepared.append(image.shape)
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        if not prompts:
            raise PromptError("none given")
        self.masks.append(mask)
        answer = np.zeros(prepared.image.shape[:2], bool) if mask is None else mask.copy()
        answer.flat[np.argmin(answer)] = True
        return Prediction((Candidate(answer, 0.7), Candidate(~answer, 0.1)))


class Loader:
    """Loads recorders, each once."""

    def __init__(self) -> None:
        self.loaded: dict[str, Recorder] = {}

    def __call__(self, name: str) -> Recorder:
        assert name not in self.loaded
        self.loaded[name] = Recorder(name)
        return self.loaded[name]


BOX = Box(1, 2, 5, 6)


@pytest.fixture
def project(tmp_path: Path, save_image: Callable[..., Path], disc_image: NDArray[np.uint8]) -> Iterator[Project]:
    for i in range(6):
        save_image(disc_image, f"{i}.png")
    project = open_project(tmp_path)
    yield project
    project.close()


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def annotator(project: Project, loader: Loader) -> Annotator:
    return Annotator(project, METHODS, loader)


def test_the_best_candidate_is_kept_and_given_on(annotator: Annotator, project: Project, loader: Loader) -> None:
    image = project.images()[0]
    annotator.add_object(image, "dextr", [BOX])
    annotator.set_prompts(image, 1, "dextr", [BOX, BOX])
    session = annotator.set_prompts(image, 1, "grabcut", [BOX]).session
    (found,) = session.objects
    assert found.segmented.mask.mask().sum() == 3
    assert found.segmented.score == 0.7
    assert [None if m is None else int(m.sum()) for m in loader.loaded["dextr"].masks] == [None, 1]
    assert [None if m is None else int(m.sum()) for m in loader.loaded["grabcut"].masks] == [2]
    assert annotator.session(image) == session


def test_a_chosen_candidate_is_kept_and_given_on(annotator: Annotator, project: Project, loader: Loader) -> None:
    image = project.images()[0]
    candidates = annotator.add_object(image, "dextr", [BOX]).candidates
    assert [candidate.score for candidate in candidates] == [0.7, 0.1]
    session = annotator.choose_candidate(image, 1, candidates[1].mask, candidates[1].score)
    (found,) = session.objects
    assert (found.segmented.mask.mask() == candidates[1].mask).all()
    assert (found.segmented.method, found.segmented.prompts, found.segmented.score) == ("dextr", (BOX,), 0.1)
    assert annotator.session(image) == session
    annotator.set_prompts(image, 1, "dextr", [BOX])
    given = loader.loaded["dextr"].masks[-1]
    assert given is not None
    assert (given == candidates[1].mask).all()


def test_the_mask_that_an_object_has_is_not_chosen_again(annotator: Annotator, project: Project) -> None:
    image = project.images()[0]
    recorded = annotator.add_object(image, "dextr", [BOX])
    assert annotator.choose_candidate(image, 1, recorded.candidates[0].mask, 0.7) == recorded.session


def test_a_mask_of_another_size_is_not_chosen(annotator: Annotator, project: Project) -> None:
    image = project.images()[0]
    annotator.add_object(image, "dextr", [BOX])
    with pytest.raises(MaskError, match=r"the mask is 3 x 2 px, 0\.png 160 x 120 px"):
        annotator.choose_candidate(image, 1, np.zeros((2, 3), bool), 0.5)
    assert annotator.session(image).revision == 1


def test_a_refused_gesture_leaves_no_trace(annotator: Annotator, project: Project) -> None:
    image = project.images()[0]
    with pytest.raises(PromptError):
        annotator.add_object(image, "dextr", [], "cat")
    with pytest.raises(NotFoundError):
        annotator.set_label(image, 3, "cat")
    assert project.store.labels() == ()
    assert annotator.session(image).revision == 0


def test_only_the_last_images_stay_prepared(annotator: Annotator, project: Project, loader: Loader) -> None:
    images = project.images()
    for image in [*images, images[-1], images[0]]:
        annotator.predict(image, "dextr", [BOX])
    assert len(loader.loaded["dextr"].prepared) == len(images) + 1


def test_a_method_that_many_ask_for_at_once_is_loaded_once(annotator: Annotator, project: Project, loader: Loader) -> None:
    image = project.images()[0]
    threads = [threading.Thread(target=annotator.add_object, args=(image, "dextr", [BOX], f"label {i}")) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(loader.loaded) == ["dextr"]
    assert len(annotator.session(image).objects) == 6
    assert len(project.store.labels()) == 6
    assert len({label.color for label in project.store.labels()}) == 6


def test_warming_up_runs_the_first_method_once(annotator: Annotator, loader: Loader) -> None:
    annotator.warm_up()
    assert list(loader.loaded) == [next(iter(METHODS))]
    assert loader.loaded["dextr"].masks == [None]


def test_warming_up_keeps_quiet_about_missing_weights(project: Project) -> None:
    def fail(name: str) -> Recorder:
        raise WeightsError(f"{name} has none")

    annotator = Annotator(project, METHODS, fail)
    annotator.warm_up()
    with pytest.raises(WeightsError):
        annotator.predict(project.images()[0], "dextr", [BOX])


@pytest.fixture
def outliner(project: Project) -> Annotator:
    return Annotator(project, METHODS, lambda name: FakeOutlines())


def test_an_outline_is_kept_with_its_mask(outliner: Annotator, project: Project) -> None:
    image = project.images()[0]
    recorded = outliner.add_object(image, "curve-gcn", [Box(10, 20, 89, 79), OutlineForm(12, "polygon")])
    (found,) = outliner.session(image).objects
    drawn = found.segmented.outline
    assert drawn is not None
    assert drawn == recorded.candidates[0].outline
    assert (len(drawn.rings[0].points), drawn.curve) == (12, "polygon")
    session = outliner.set_prompts(image, 1, "curve-gcn", [drawn, VertexDrag(3, 50, 5)]).session
    after = session.objects[0].segmented
    assert after.outline is not None
    assert after.outline.rings[0].points[3] == (50, 5)
    assert (after.mask.mask() == outlines.fill(after.outline, 120, 160)).all()
    assert outliner.undo(image).objects[0].segmented.outline == drawn
    (exported,) = next(iter(annotated_set(project)[0].images)).objects
    assert exported.outline == drawn


def test_an_outline_goes_with_the_mask_that_it_drew(outliner: Annotator, project: Project) -> None:
    image = project.images()[0]
    mask = outliner.add_object(image, "curve-gcn", [Box(10, 20, 89, 79)]).candidates[0].mask
    session = outliner.choose_candidate(image, 1, ~mask, 0.5)
    assert session.objects[0].segmented.outline is None


def test_any_mask_has_an_outline_to_go_on_from(annotator: Annotator, project: Project) -> None:
    image = project.images()[0]
    mask = np.zeros((120, 160), bool)
    mask[20:60, 30:90] = mask[80:100, 30:90] = True
    mask[30:40, 50:60] = False
    annotator.add_object(image, "dextr", [BOX])
    annotator.choose_candidate(image, 1, mask, 0.5)
    outline = annotator.outline(image, 1, tolerance=0)
    assert isinstance(outline, Outline)
    assert [(len(ring.points), ring.hole) for ring in outline.rings] == [(4, False), (4, True), (4, False)]
    assert (outlines.fill(outline, 120, 160) == mask).all()
    spline = annotator.outline(image, 1, vertices=24, curve="spline")
    assert [len(ring.points) for ring in spline.rings] == [24, 24, 24]
    assert spline.curve == "spline"
    assert annotator.session(image).revision == 2  # nothing was recorded
    with pytest.raises(NotFoundError, match="object 7"):
        annotator.outline(image, 7)
    annotator.choose_candidate(image, 1, np.zeros_like(mask), 0.5)
    with pytest.raises(MaskError, match="empty"):
        annotator.outline(image, 1)
