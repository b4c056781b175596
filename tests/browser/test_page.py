"""What the page says and shows besides the canvas: bad files, shortcuts, the list of images."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Screen, Studio

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


def test_points_without_an_area_are_explained(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    screen.click((20, 20), (60, 20), (100, 20), (140, 20))
    screen.hint("span no area")
