"""Files that come in by hundreds, with folders among them, through a connection that breaks; and files that go out."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import held, wait_held

if TYPE_CHECKING:
    from .conftest import Screen, Studio

BOX = ((20, 80), (100, 80), (60, 40), (60, 120))
UPLOADS, EVENTS = "**/api/images", "**/events"


def drop(screen: Screen, *paths: Path) -> None:
    """Drop these from the desktop on the image: files or folders, as the browser itself sees them."""
    x, y = screen.at(120, 80)
    session = screen.page.context.new_cdp_session(screen.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})


def copies(folder: Path, *names: str) -> list[Path]:
    """Files of these names to drop, beside the studio's folder."""
    (folder.parent / "desktop").mkdir()
    return [Path(shutil.copy(folder / "one.png", folder.parent / "desktop" / name)) for name in names]


def test_a_dropped_folder_is_refused_and_does_not_stop_the_files(screen: Screen, studio: Studio, folder: Path) -> None:
    screen.open(studio.url)
    files = copies(folder, "three.png", "four.png")
    drop(screen, files[0], folder.parent / "desktop", files[1])
    for name in ("three.png", "four.png"):
        screen.page.get_by_role("button", name=f"{name}, no objects").wait_for()
    screen.page.get_by_role("status").filter(has_text="2 images added").wait_for()
    assert "open it and drop the images" in screen.page.locator(".rejected", has_text="desktop").inner_text()
    assert screen.page.get_by_text("does not answer").count() == 0


def test_files_wait_for_a_broken_connection_and_are_seen_to_come(screen: Screen, studio: Studio, folder: Path) -> None:
    screen.open(studio.url)
    page = screen.page
    waiting = held(page, UPLOADS)
    drop(screen, *copies(folder, "three.png", "four.png", "five.png"))
    wait_held(page, waiting).continue_()
    page.get_by_text("Adding images: 1 of 3").wait_for()
    page.get_by_role("button", name="three.png, no objects").wait_for()  # in the list while others are on their way
    wait_held(page, waiting).abort()
    page.get_by_role("alert").filter(has_text="trying again").wait_for()
    wait_held(page, waiting).continue_()
    page.get_by_text("Adding images: 2 of 3").wait_for()
    wait_held(page, waiting).continue_()
    page.get_by_role("status").filter(has_text="3 images added").wait_for()
    page.get_by_role("progressbar", name="Images added").wait_for(state="detached")
    assert sorted(path.name for path in folder.glob("*.png")) == ["five.png", "four.png", "one.png", "three.png", "two.png"]


def test_an_export_has_what_is_still_on_its_way(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    waiting = held(page, EVENTS)
    screen.click(*BOX)
    page.keyboard.press("Enter")
    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="COCO JSON").click()
        page.wait_for_timeout(300)
        wait_held(page, waiting).continue_()
    assert len(json.loads(download.value.path().read_text())["annotations"]) == 1
    assert download.value.suggested_filename == "annotations.json"


def test_an_export_has_the_name_that_the_studio_gives_it(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    for title, name in (("Index PNG", "annotations.zip"), ("COCO panoptic", "panoptic.zip")):
        screen.page.locator("summary").click()
        with screen.page.expect_download() as download:
            screen.page.get_by_role("menuitem", name=title).click()
        assert download.value.suggested_filename == name
        assert zipfile.is_zipfile(download.value.path())
        screen.page.get_by_role("status").filter(has_text=f"Exported {name}").wait_for()


def test_annotations_dropped_with_their_image_become_objects_to_correct(screen: Screen, studio: Studio, folder: Path) -> None:
    screen.open(studio.url)
    page = screen.page
    (image,) = copies(folder, "three.png")
    annotations = folder.parent / "desktop" / "cats.json"
    square = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[20, 20, 90, 20, 90, 90, 20, 90]]}
    names = {1: "one.png", 2: "three.png"}
    images = [{"id": i, "file_name": f"photos/{name}", "width": 240, "height": 160} for i, name in names.items()]
    objects = [square, square | {"id": 2, "image_id": 2}]
    annotations.write_text(json.dumps({"images": images, "categories": [{"id": 1, "name": "kitten"}], "annotations": objects}))
    drop(screen, annotations, image)
    page.get_by_role("status").filter(has_text="cats.json: 2 objects added to 2 images").wait_for()
    page.get_by_role("button", name="three.png, 1 object").wait_for()
    page.get_by_role("button", name="one.png, 1 object").wait_for()
    page.locator(".objects").get_by_text("kitten").first.wait_for()
