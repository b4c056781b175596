"""One file with an odd name, link or right neither hides the others nor stays an error for longer than it is one."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from maskwright.errors import ImageError, NotFoundError
from maskwright.workspace import project as project_module
from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.names import respelled
from maskwright.workspace.project import Project, open_project
from maskwright.workspace.session import AddObject, Segmented, Session

COMPOSED = "caf\u00e9.png"
APART = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture
def dog(tmp_path: Path, save_image: Callable[..., Path], disc_image: NDArray[np.uint8]) -> Path:
    """An image that nothing is wrong with."""
    return save_image(disc_image, "dog.png")


@pytest.fixture
def project(tmp_path: Path, dog: Path) -> Iterator[Project]:
    project = open_project(tmp_path)
    yield project
    project.close()


def annotate(project: Project, name: str) -> None:
    done = Segmented("dextr", (), KeptMask.of(np.ones((120, 160), bool)), 0.5)
    before = project.store.load(name)
    project.store.save(name, before, before.record(AddObject(before.next_object_id, done)))


def objects(project: Project) -> dict[str, int]:
    """How many objects each file of the folder is shown with."""
    return {image.path.name: len(project.store.load(image.name).objects) for image in project.images()}


def test_a_name_that_is_not_utf_8_is_an_error_of_that_image(project: Project, dog: Path) -> None:
    path = dog.with_name(os.fsdecode(b"caf\xe9.png"))
    try:
        path.write_bytes(dog.read_bytes())
    except OSError:
        pytest.skip("this disk takes no such names")
    cafe, fine = project.images()
    assert (cafe.name, cafe.path) == (r"caf\udce9.png", path)
    assert cafe.error == r"caf\udce9.png has a name that is not UTF-8; rename the file"
    assert fine.error is None
    assert project.image(cafe.id) == cafe
    with pytest.raises(ImageError, match="rename the file"):
        project.read(cafe)
    assert project.store.load(cafe.name) == Session()
    path.rename(path.with_name(COMPOSED))
    with pytest.raises(NotFoundError):
        project.image(cafe.id)


def test_a_folder_whose_name_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9") / "photos"
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this disk takes no such names")
    with pytest.raises(ImageError, match=r"photos has a name that is not UTF-8; rename it"):
        open_project(folder)
    assert list(folder.iterdir()) == []


def test_a_link_to_itself_is_an_error_of_that_image(project: Project, dog: Path) -> None:
    dog.with_name("loop.png").symlink_to("loop.png")
    fine, loop = project.images()
    assert fine.error is None
    assert "loop.png cannot be read: Too many levels of symbolic links" in str(loop.error)
    assert project.image(loop.id) == loop
    loop.path.unlink()
    with pytest.raises(NotFoundError):
        project.image(loop.id)


def test_a_link_into_a_closed_folder_is_an_error_of_that_image(project: Project, dog: Path, closed_folder: Path) -> None:
    dog.with_name("link.png").symlink_to(closed_folder / "cat.png")
    fine, link = project.images()
    assert fine.error is None
    assert link.error == "link.png cannot be read: Permission denied"
    assert project.image(link.id) == link


def test_a_folder_below_a_closed_one_is_refused(closed_folder: Path) -> None:
    with pytest.raises(ImageError, match="is not a folder"):
        open_project(closed_folder / "photos")


def test_a_closed_folder_is_opened_for_looking(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_folder: Path, exist_ok: bool) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", forbidden)
    project = open_project(closed_folder)
    assert project.read_only
    project.close()


def unreadable(path: Path, *, name: str) -> None:
    raise ImageError(f"{name} cannot be opened (Permission denied)")


def test_an_error_of_the_header_goes_with_its_cause(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(project_module, "image_size", unreadable)
        (image,) = project.images()
        assert "Permission denied" in str(image.error)
    assert project.images()[0].error is None
    assert project.image(image.id).width == 160


def test_an_error_of_the_pixels_goes_with_the_right_that_was_missing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (image,) = project.images()
    with monkeypatch.context() as patch:
        patch.setattr(project_module, "read_image", unreadable)
        with pytest.raises(ImageError, match="Permission denied"):
            project.read(image)
    assert "Permission denied" in str(project.image(image.id).error)
    image.path.chmod(0o600)
    assert project.images()[0].error is None
    assert project.read(project.image(image.id)).shape == (120, 160, 3)


@pytest.mark.parametrize(("before", "after"), [(COMPOSED, APART), (APART, COMPOSED)])
def test_annotations_follow_a_name_whose_accents_are_written_otherwise(
    tmp_path: Path, project: Project, dog: Path, before: str, after: str
) -> None:
    path = dog.with_name(before)
    path.write_bytes(dog.read_bytes())
    annotate(project, before)
    annotate(project, "dog.png")
    project.close()
    path.rename(path.with_name(after))
    again = open_project(tmp_path)
    assert objects(again) == {after: 1, "dog.png": 1}
    annotated, notes = annotated_set(again)
    assert notes == ()
    assert [image.name for image in annotated.images] == [after, "dog.png"]
    again.close()


def test_annotations_stay_where_they_are_as_long_as_their_file_is_there(tmp_path: Path, project: Project, dog: Path) -> None:
    for name in (COMPOSED, APART):
        dog.with_name(name).write_bytes(dog.read_bytes())
    annotate(project, COMPOSED)
    project.close()
    again = open_project(tmp_path)
    assert objects(again) == {COMPOSED: 1, APART: 0, "dog.png": 0}
    again.close()


def test_of_several_names_that_may_be_meant_none_is() -> None:
    long, short, mixed = "\u00e9\u00e9", "e\u0301e\u0301", "\u00e9e\u0301"
    assert respelled([long], [short]) == {long: short}
    assert respelled([long], [short, mixed]) == {}
    assert respelled([long, mixed], [short]) == {}
