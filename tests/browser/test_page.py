"""What the page says and shows besides the canvas: bad files, shortcuts, the list of images."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import held, wait_held

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

    from .conftest import Screen, Studio

DISC = ((20, 80), (100, 80), (60, 40), (60, 120))
DROP = """async ([name, data]) => {
    const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    const target = document.querySelector('.stage');
    target.dispatchEvent(new DragEvent('dragover', {bubbles: true, cancelable: true, dataTransfer: transfer}));
    target.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
}"""


def test_files_are_dropped_on_the_page(screen: Screen, studio: Studio, folder: Path) -> None:
    screen.open(studio.url)
    good = (folder / "one.png").read_bytes()
    screen.page.evaluate(DROP, ["three.png", base64.b64encode(good).decode()])
    screen.page.get_by_role("button", name="three.png, no objects").wait_for()
    screen.page.get_by_role("status").filter(has_text="1 image added").wait_for()
    assert (folder / "three.png").read_bytes() == good


def test_a_broken_file_is_refused_in_words(screen: Screen, studio: Studio, folder: Path) -> None:
    screen.open(studio.url)
    cut_off = (folder / "one.png").read_bytes()[:500]
    screen.page.evaluate(DROP, ["cut.png", base64.b64encode(cut_off).decode()])
    screen.page.get_by_role("alert").filter(has_text="cut.png").wait_for()
    entry = screen.page.locator(".rejected", has_text="cut.png")
    assert len(entry.locator(".error").inner_text()) > 20
    entry.get_by_role("button", name="Dismiss").click()
    entry.wait_for(state="detached")
    assert not (folder / "cut.png").exists()


def test_a_broken_image_of_the_folder_says_why(screen: Screen, studio: Studio, folder: Path) -> None:
    (folder / "broken.png").write_bytes((folder / "one.png").read_bytes()[:500])
    screen.page.goto(studio.url)
    screen.page.get_by_role("button", name="broken.png, broken").click()
    screen.page.locator(".placeholder", has_text="cannot be opened").wait_for()
    screen.page.keyboard.press("d")  # the next one opens as ever
    screen.wait_shown()


def test_shortcuts_are_shown(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    dialog = screen.page.get_by_role("dialog", name="Keyboard shortcuts")
    assert not dialog.is_visible()
    screen.page.keyboard.press("?")
    dialog.wait_for()
    assert dialog.get_by_text("take the last point away").is_visible()
    assert dialog.get_by_text("next image").is_visible()
    screen.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_images_are_filtered_and_stepped_through(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    current = screen.page.locator(".image[aria-current=true]")
    assert "one.png" in current.inner_text()
    screen.page.keyboard.press("d")
    screen.page.locator(".image[aria-current=true]", has_text="two.png").wait_for()
    screen.page.keyboard.press("a")
    screen.page.locator(".image[aria-current=true]", has_text="one.png").wait_for()
    screen.page.get_by_label("Filter images by name").fill("TWO")
    screen.page.get_by_role("button", name="one.png").wait_for(state="detached")
    assert screen.page.get_by_role("button", name="two.png").is_visible()


def test_keys_and_buttons_step_through_what_the_filter_leaves(screen: Screen, fake_studio: Studio, folder: Path) -> None:
    for name in ("three.png", "zoo.png"):
        shutil.copy(folder / "one.png", folder / name)
    screen.open(fake_studio.url)
    page = screen.page
    current = page.locator(".image[aria-current=true]")
    page.get_by_label("Filter images by name").fill("z")
    screen.stage.focus()
    page.keyboard.press("d")
    current.filter(has_text="zoo.png").wait_for()
    page.get_by_label("Filter images by name").fill("")
    page.get_by_role("button", name="one.png, no objects").click()
    screen.wait_shown()

    page.get_by_label("Filter images by state").focus()
    page.get_by_label("Filter images by state").select_option("To do")
    page.keyboard.press("d")  # it is the image's again, and no longer the list's
    current.filter(has_text="three.png").wait_for()
    assert page.get_by_label("Filter images by state").input_value() == "todo"
    screen.wait_shown()
    screen.click(*DISC)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="three.png").wait_for(state="detached")  # it is done
    page.get_by_role("button", name="Next").click()
    current.filter(has_text="two.png").wait_for()  # not the first again
    page.get_by_label("Filter images by state").select_option("Done")
    page.get_by_role("button", name="Previous").click()
    current.filter(has_text="three.png").wait_for()


def test_images_stepped_over_are_not_loaded(screen: Screen, fake_studio: Studio, folder: Path) -> None:
    for name in ("three.png", "zoo.png"):
        shutil.copy(folder / "one.png", folder / name)
    screen.open(fake_studio.url)
    page = screen.page
    stopped: list[str] = []
    page.on("requestfailed", lambda request: stopped.append(request.url))
    waiting = held(page, "**/pixels")
    for name in ("three.png", "two.png", "zoo.png"):
        page.keyboard.press("d")
        page.locator(".image[aria-current=true]", has_text=name).wait_for()
        request = wait_held(page, waiting)
    request.continue_()
    screen.wait_shown()
    assert sum(url.endswith("/pixels") for url in stopped) == 2
    assert page.get_by_text("does not answer").count() == 0


def test_space_presses_the_button_in_focus_and_else_moves_the_view(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    page.locator("summary").focus()
    page.keyboard.press("Space")
    page.get_by_role("menuitem", name="COCO JSON").wait_for()
    page.get_by_role("button", name="Keyboard shortcuts").focus()
    page.keyboard.press("Space")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    screen.stage.focus()
    page.mouse.move(*screen.at(120, 80))
    page.keyboard.down("Space")
    page.wait_for_function("document.querySelector('.stage').style.cursor === 'grab'")
    page.keyboard.up("Space")
    page.wait_for_function("document.querySelector('.stage').style.cursor !== 'grab'")


def test_a_message_does_not_stand_between_the_hand_and_the_image(screen: Screen, fake_studio: Studio) -> None:
    page = screen.page
    page.set_viewport_size({"width": 1024, "height": 700})
    screen.open(fake_studio.url)
    screen.click(DISC[0])
    page.keyboard.press("d")
    message = page.get_by_role("status").filter(has_text="waits on one.png")
    message.wait_for()
    screen.wait_shown()
    area = message.bounding_box()
    assert area is not None
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    screen.hint("2 of 4")
    message.get_by_role("button", name="Dismiss").click()
    message.wait_for(state="detached")
    screen.hint("2 of 4")


def test_escape_closes_the_menu_and_drops_nothing(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    screen.click(*DISC[:2])
    screen.hint("3 of 4")
    page.locator("summary").click()
    entry = page.get_by_role("menuitem", name="COCO JSON")
    entry.wait_for()
    page.keyboard.press("Escape")
    entry.wait_for(state="hidden")
    screen.hint("3 of 4")
    page.keyboard.press("Escape")
    screen.hint("1 of 4")


def test_leaving_asks_first_while_something_waits(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.reload()
    screen.wait_shown()
    assert asked == []
    screen.click(DISC[0])
    page.keyboard.press("d")
    page.get_by_role("status").filter(has_text="waits on one.png").wait_for()
    screen.wait_shown()
    page.reload()
    screen.wait_shown()
    assert asked == ["beforeunload"]


def test_delete_pressed_twice_deletes_once(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    screen.click(*DISC)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 1").click()
    screen.wait_saved()
    waiting = held(page, "**/events")
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    wait_held(page, waiting).continue_()
    page.get_by_role("button", name="Select object 1").wait_for(state="detached")
    screen.wait_saved()  # nothing else is on its way
    assert waiting == []


def test_points_without_an_area_are_explained(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    screen.click((20, 20), (60, 20), (100, 20), (140, 20))
    screen.hint("span no area")
