"""A folder of images: what is listed, what is refused, what is put into it."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maskwright.errors import ImageError, NotFoundError, StoreError
from maskwright.workspace import project as project_module
from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.labels import Label
from maskwright.workspace.names import is_image_name, safe_name
from maskwright.workspace.project import STORE_FILE, Project, open_project
from maskwright.workspace.session import AddObject, Segmented

Save = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = open_project(tmp_path)
    yield project
    project.close()


def annotate(project: Project, name: str, height: int, width: int, label: str | None = None) -> None:
    done = Segmented("dextr", (), KeptMask.of(np.ones((height, width), bool)), 0.5)
    before = project.store.load(name)
    project.store.save(name, before, before.record(AddObject(before.next_object_id, done, label)))


def as_png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_images_are_listed_in_natural_order(project: Project, save_image: Save, disc_image: NDArray[np.uint8]) -> None:
    for name in ("img10.png", "IMG2.JPG", "a.webp", ".hidden.png"):
        save_image(disc_image, name)
    (project.folder / "notes.txt").write_text("no image")
    (project.folder / "folder.png").mkdir()
    assert [image.name for image in project.images()] == ["a.webp", "IMG2.JPG", "img10.png"]
    assert {(image.width, image.height) for image in project.images()} == {(160, 120)}


def test_the_size_is_that_of_the_upright_image(project: Project, save_image: Save, disc_image: NDArray[np.uint8]) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    save_image(disc_image, "turned.jpg", exif=exif)
    image = project.images()[0]
    assert (image.width, image.height) == (120, 160)
    assert project.read(image).shape == (160, 120, 3)


def test_a_broken_image_is_listed_with_its_error(project: Project, save_image: Save, disc_image: NDArray[np.uint8]) -> None:
    (project.folder / "a.png").write_bytes(b"no image")
    cut = save_image(disc_image, "b.jpg")
    cut.write_bytes(cut.read_bytes()[:900])
    a, b = project.images()
    assert a.error is not None
    assert "a.png is not an image" in a.error
    assert b.error is None  # its header is whole
    with pytest.raises(ImageError, match=r"b\.jpg is damaged"):
        project.read(b)
    b = project.image(b.id)
    assert b.error is not None
    with pytest.raises(ImageError, match=r"b\.jpg is damaged"):
        project.read(b)
    save_image(disc_image, "b.jpg")
    assert project.image(b.id).error is None


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, disc_image: NDArray[np.uint8]) -> None:
    (tmp_path / "in").mkdir()
    PIL.Image.fromarray(disc_image).save(tmp_path / "secret.png")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in" / "dead.png").symlink_to(tmp_path / "in" / "nothing.png")
    project = open_project(tmp_path / "in")
    dead, link = project.images()
    assert "cannot be read" in str(dead.error)
    assert "outside the folder" in str(link.error)
    with pytest.raises(ImageError, match="outside the folder"):
        project.read(project.image(link.id))
    project.close()


def test_ids_are_looked_up_never_joined(project: Project, save_image: Save, disc_image: NDArray[np.uint8]) -> None:
    save_image(disc_image, "cat.png")
    for wrong in ("cat.png", "../cat.png", "", "..", "0" * 16):
        with pytest.raises(NotFoundError):
            project.image(wrong)
    image = project.images()[0]
    assert project.image(image.id) == image
    image.path.unlink()
    with pytest.raises(NotFoundError, match="reload"):
        project.image(image.id)


def test_a_new_project_finds_an_image_by_the_id_that_an_earlier_one_gave(
    project: Project, save_image: Save, disc_image: NDArray[np.uint8]
) -> None:
    save_image(disc_image, "cat.png")
    other = Project(project.folder, project.store)
    assert other.image(project.images()[0].id).name == "cat.png"


def test_only_so_many_headers_are_read_at_once(
    project: Project, save_image: Save, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_module, "_HEADERS_PER_LISTING", 2)
    for i in range(3):
        save_image(disc_image, f"{i}.png")
    assert sum(image.width is None for image in project.images()) == 1
    assert sum(image.width is None for image in project.images()) == 0


def test_the_last_images_are_kept_and_cannot_be_spoilt(
    project: Project, save_image: Save, disc_image: NDArray[np.uint8]
) -> None:
    for i in range(4):
        save_image(disc_image, f"{i}.png")
    first, *others = project.images()
    pixels = project.read(first)
    assert project.read(first) is pixels
    assert not pixels.flags.writeable
    for other in others:
        project.read(other)
    assert project.read(first) is not pixels


def test_the_image_before_the_last_is_kept(project: Project, save_image: Save, disc_image: NDArray[np.uint8]) -> None:
    for name in "abc":
        save_image(disc_image, f"{name}.png")
    a, b, c = project.images()
    kept = project.read(a)
    for image in (b, a, c):
        project.read(image)
    assert project.read(a) is kept


def test_an_added_image_keeps_its_bytes_and_gets_a_name_of_its_own(project: Project, disc_image: NDArray[np.uint8]) -> None:
    content = as_png(disc_image)
    names = [project.add_image("../../cat.png", content).name for _ in range(3)]
    assert names == ["cat.png", "cat-2.png", "cat-3.png"]
    assert all((project.folder / name).read_bytes() == content for name in names)
    assert sorted(p.name for p in project.folder.parent.glob("*.png")) == []


def test_what_is_no_image_is_not_added(project: Project) -> None:
    with pytest.raises(ImageError, match=r"cat\.png is not an image"):
        project.add_image("cat.png", b"no image")
    assert project.images() == ()


def test_a_full_disk_leaves_nothing_behind(
    project: Project, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(project.folder.rglob("*"))

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("maskwright.atomic.os.fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        project.add_image("cat.png", as_png(disc_image))
    assert sorted(project.folder.rglob("*")) == before


def test_a_folder_without_the_right_to_write_says_so(
    project: Project, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_args: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(StoreError, match=r"cat\.png cannot be put into .* allow writing"):
        project.add_image("cat.png", as_png(disc_image))


def refuse_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a read-only file system does; permission bits would not stop a test that runs as root."""

    def forbidden(*_args: object, **_options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("maskwright.workspace.project.tempfile.TemporaryFile", forbidden)


def test_a_read_only_folder_is_opened_for_looking(
    tmp_path: Path, save_image: Save, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_image(disc_image, "cat.png")
    refuse_writing(monkeypatch)
    project = open_project(tmp_path)
    assert project.read_only
    assert len(project.images()) == 1
    assert project.store.load("cat.png").objects == ()
    with pytest.raises(StoreError, match="reading only"):
        annotate(project, "cat.png", 120, 160)
    project.close()
    assert not (tmp_path / STORE_FILE).exists()


def test_a_read_only_folder_shows_the_annotations_it_has(
    tmp_path: Path, save_image: Save, disc_image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_image(disc_image, "cat.png")
    project = open_project(tmp_path)
    annotate(project, "cat.png", 120, 160)
    project.close()
    refuse_writing(monkeypatch)
    project = open_project(tmp_path)
    assert project.read_only
    assert len(project.store.load("cat.png").objects) == 1
    project.close()


def test_annotations_may_be_kept_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    project = open_project(tmp_path / "images", f"sqlite:///{tmp_path}/elsewhere.sqlite")
    project.close()
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (tmp_path / "images" / STORE_FILE).parent.exists()


@pytest.mark.parametrize("name", ["missing", "cat.png"])
def test_a_folder_that_is_none_is_refused(tmp_path: Path, save_image: Save, disc_image: NDArray[np.uint8], name: str) -> None:
    save_image(disc_image, "cat.png")
    with pytest.raises(ImageError, match="is not a folder"):
        open_project(tmp_path / name)


def test_a_folder_that_vanishes_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    project = open_project(tmp_path / "in", "sqlite://")
    (tmp_path / "in").rmdir()
    with pytest.raises(ImageError, match="cannot be read"):
        project.images()
    project.close()


def test_the_set_holds_images_with_objects_and_notes_misfits(
    project: Project, save_image: Save, disc_image: NDArray[np.uint8]
) -> None:
    for name in ("b10.png", "b9.png", "empty.png"):
        save_image(disc_image, name)
    annotate(project, "b10.png", 120, 160, "cat")
    annotate(project, "b9.png", 50, 60)
    annotate(project, "b9.png", 120, 160)
    annotate(project, "gone.png", 7, 8)
    project.store.set_labels([Label("cat", "#112233")])
    annotated, notes = annotated_set(project)
    found = [(image.name, image.width, image.height, len(image.objects)) for image in annotated.images]
    assert found == [("b9.png", 160, 120, 1), ("b10.png", 160, 120, 1), ("gone.png", 8, 7, 1)]
    assert [(label.name, label.color) for label in annotated.labels] == [("cat", "#112233")]
    assert len(notes) == 2
    assert "b9.png: 1 of 2 objects are left out" in notes[0]
    assert "gone.png is not in the folder any more" in notes[1]


@given(st.text(max_size=200) | st.text("\u6f22\u00e9x", min_size=60, max_size=120) | st.just("con." + "x" * 300))
def test_any_text_becomes_a_name_that_stays_in_the_folder(text: str) -> None:
    name = safe_name(text)
    assert is_image_name(name)
    assert not set(name) & set('/\\:*?"<>|')
    assert name.isprintable()
    assert len(name.encode()) <= 220
    assert Path("folder", name).parent == Path("folder")
    assert safe_name(name) == name


@pytest.mark.parametrize(("letter", "kept"), [("x", 200), ("\u00e9", 100), ("\u6f22", 66), ("\U0001f408", 50)])
def test_a_long_name_is_cut_between_characters(project: Project, disc_image: NDArray[np.uint8], letter: str, kept: int) -> None:
    assert project.add_image(letter * 210 + ".png", as_png(disc_image)).name == letter * kept + ".png"


@pytest.mark.parametrize(("name", "color"), [("", "#112233"), (" ", "#112233"), ("a\nb", "#112233"), ("x" * 101, "#112233")])
def test_a_label_without_a_proper_name_is_refused(name: str, color: str) -> None:
    with pytest.raises(StoreError, match="is no name for a label"):
        Label(name, color)


@pytest.mark.parametrize("color", ["red", "#12345", "#12345g", "112233", "#112233\n"])
def test_a_label_without_a_proper_colour_is_refused(color: str) -> None:
    with pytest.raises(StoreError, match="give '#rrggbb'"):
        Label("cat", color)
