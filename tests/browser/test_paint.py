"""Painting, with a method that gives every part of the image the class of the painted pixel of its colour, if there is one."""

from __future__ import annotations

import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from .conftest import PATIENCE, held, wait_held

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Page, Route

    from .conftest import Screen, Studio

Rgb = tuple[int, int, int]
COIN, GROUND = (230, 159, 0), (86, 180, 233)
"""The colours of a project's first two labels."""

LEFT, RIGHT, CORNER = (60, 80), (180, 80), (120, 20)
"""The middles of the discs, and a place beside them."""

PREVIEWS, EVENTS = "**/paint/preview", "**/events"
REFUSED = "the weights of the day are missing"

PIXEL = """([x, y]) => {
    const canvas = document.querySelector('[data-testid=painting]');
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / box.width;
    return [...canvas.getContext('2d').getImageData((x - box.left) * ratio, (y - box.top) * ratio, 1, 1).data];
}"""


def begin(screen: Screen, studio: Studio, *labels: str) -> Page:
    """Open the page with the tool in the hand and these labels, the first of them to paint with."""
    screen.open(studio.url)
    screen.page.keyboard.press("b")
    screen.hint("Choose a label to paint with")
    for name in labels:
        screen.label(name)
    if len(labels) > 1:
        screen.page.keyboard.press("1")
    return screen.page


def pixel(screen: Screen, x: float, y: float) -> list[int]:
    """Red, green, blue and opacity of what is seen of the painting there."""
    return [int(value) for value in screen.page.evaluate(PIXEL, list(screen.at(x, y)))]


def is_seen(found: list[int], color: Rgb | None, dense: bool | None) -> bool:
    if color is None or found[3] == 0:
        return color is None and found[3] == 0
    fits = dense is None or dense == (found[3] > 180)
    return fits and all(abs(a - b) <= 6 for a, b in zip(found, color, strict=False))


def wait_seen(screen: Screen, place: tuple[float, float], color: Rgb | None, *, dense: bool | None = None) -> None:
    """Wait until the painting has this colour there (None: nothing), dense as strokes are, or translucent as the result is."""
    deadline = time.monotonic() + PATIENCE
    while not is_seen(found := pixel(screen, *place), color, dense):
        assert time.monotonic() < deadline, f"{place} is {found}, not {color} ({dense=})"
        screen.page.wait_for_timeout(50)


def painting(studio: Studio, image: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = studio.get(f"images/{studio.get('project')['images'][image]['id']}/session")["painting"]
    return found


def class_map(studio: Studio, which: str = "class_map") -> NDArray[Any]:
    """The labels of all pixels, "" for none."""
    found = painting(studio)
    names = {0: ""} | {c["class_id"]: c["label"] for c in found["classes"]}
    runs = found[which]["runs"]
    return np.repeat([names[n] for n in runs[::2]], runs[1::2]).reshape(found[which]["size"])


def test_with_the_shipped_weights_paint_spreads(screen: Screen, studio: Studio) -> None:
    begin(screen, studio, "coin", "ground")
    screen.drag((50, 80), (70, 80))
    screen.wait_saved()
    screen.page.keyboard.press("2")
    screen.drag((100, 20), (140, 20))
    wait_seen(screen, (20, 140), GROUND, dense=False)
    wait_seen(screen, (60, 100), COIN, dense=False)
    screen.wait_saved()
    assert painting(studio)["method"] == "magic-paint"
    assert class_map(studio)[RIGHT[::-1]] == "coin"  # what looks alike is alike


def test_a_whole_image_is_painted_and_exported(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin", "ground")
    page.get_by_role("status", name="Painting with").get_by_text("coin").wait_for()
    page.mouse.move(*screen.at(50, 80))
    page.mouse.down()
    page.mouse.move(*screen.at(70, 80), steps=4)
    wait_seen(screen, (60, 80), COIN, dense=True)  # the stroke
    wait_seen(screen, RIGHT, COIN, dense=False)  # and live what it means
    assert painting(fake_studio) is None  # nothing is recorded before the hand lets go
    page.mouse.up()
    screen.wait_saved()
    assert class_map(fake_studio)[RIGHT[::-1]] == "coin"
    assert class_map(fake_studio, "painted")[RIGHT[::-1]] == ""
    wait_seen(screen, CORNER, None)

    page.keyboard.press("2")
    screen.drag((100, 20), (140, 20))
    wait_seen(screen, (20, 140), GROUND, dense=False)
    wait_seen(screen, RIGHT, COIN, dense=False)
    page.get_by_text("100 % of the image has a label").wait_for()
    screen.drag((170, 80), (190, 80))  # another label takes the disc back, and with it the other one
    wait_seen(screen, (180, 60), GROUND, dense=False)
    wait_seen(screen, LEFT, COIN, dense=True)
    page.keyboard.press("Control+z")
    wait_seen(screen, (180, 60), COIN, dense=False)
    page.keyboard.press("Control+z")
    wait_seen(screen, CORNER, None)
    page.keyboard.press("Control+y")
    wait_seen(screen, CORNER, GROUND, dense=True)
    screen.wait_saved()
    page.get_by_role("button", name="one.png, no objects, painted").wait_for()
    before = painting(fake_studio)
    assert before["method"] == "magic-paint"

    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="COCO panoptic").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        document = json.loads(archive.read("panoptic.json"))
    names = {c["id"]: c["name"] for c in document["categories"]}
    found = {names[s["category_id"]]: s["area"] for s in document["annotations"][0]["segments_info"]}
    assert found == {"coin": (class_map(fake_studio) == "coin").sum(), "ground": (class_map(fake_studio) == "ground").sum()}

    fake_studio.kill()
    fake_studio.start()
    screen.open(fake_studio.url)
    wait_seen(screen, RIGHT, COIN)  # seen with other tools, too
    assert painting(fake_studio) == before
    page.keyboard.press("b")
    wait_seen(screen, CORNER, GROUND, dense=True)
    page.keyboard.press("Control+z")
    wait_seen(screen, CORNER, None)


def test_freeze_and_eraser(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin", "ground")
    page.get_by_role("group", name="Propagate").get_by_role("button", name="Off").click()
    screen.drag((40, 80), (80, 80))
    wait_seen(screen, (60, 80), COIN, dense=True)
    page.keyboard.press("2")
    page.keyboard.press("f")
    page.get_by_role("button", name="Freeze", pressed=True).wait_for()
    page.mouse.move(*screen.at(60, 60))
    page.mouse.down()
    page.mouse.move(*screen.at(60, 100), steps=4)
    wait_seen(screen, (60, 62), GROUND, dense=True)
    assert is_seen(pixel(screen, 60, 80), COIN, True)  # what was painted before stays, also while the hand is on it
    page.mouse.up()
    screen.wait_saved()
    assert [class_map(fake_studio)[y, 60] for y in (62, 80, 98)] == ["ground", "coin", "ground"]
    page.keyboard.press("f")
    screen.drag((45, 60), (45, 100))
    wait_seen(screen, (45, 80), GROUND)

    page.keyboard.press("w")
    page.get_by_role("status", name="Painting with").get_by_text("Eraser").wait_for()
    screen.hint("Drag to erase")
    screen.drag((60, 70), (60, 90))
    wait_seen(screen, (60, 80), None)
    page.keyboard.press("1")  # a label ends that
    screen.click((60, 80))
    wait_seen(screen, (60, 80), COIN)
    page.mouse.move(*screen.at(75, 80))
    page.mouse.down(button="right")
    page.mouse.move(*screen.at(75, 82))
    page.mouse.up(button="right")
    wait_seen(screen, (75, 80), None)
    screen.wait_saved()
    assert class_map(fake_studio)[80, 75] == ""
    assert class_map(fake_studio)[80, 60] == "coin"


def test_polygons_are_filled(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin")
    page.keyboard.press("p")
    screen.hint("Click the corners of an area")
    screen.click((150, 50), (210, 50), (210, 110))
    screen.hint("fills the polygon")
    wait_seen(screen, LEFT, COIN, dense=False)  # what it would mean
    page.keyboard.press("Backspace")
    wait_seen(screen, LEFT, None)
    page.keyboard.press("Control+z")
    wait_seen(screen, LEFT, COIN)
    screen.click((150, 110))
    assert painting(fake_studio) is None
    screen.click((151, 51))
    screen.hint("Click the corners of an area")
    screen.wait_saved()
    assert (class_map(fake_studio, "painted") == "coin").sum() == 61 * 61
    wait_seen(screen, (200, 105), COIN, dense=True)
    screen.click((10, 10), (30, 10), (30, 30))
    page.keyboard.press("Escape")
    screen.hint("Click the corners of an area")
    screen.click((110, 100), (130, 100))
    page.mouse.dblclick(*screen.at(120, 130))
    screen.hint("Click the corners of an area")
    wait_seen(screen, (120, 120), COIN, dense=True)

    screen.click((20, 20), (40, 20), (30, 40))
    page.keyboard.press("d")  # what was begun waits on its image
    page.get_by_role("status").filter(has_text="The polygon that you were drawing waits on one.png").wait_for()
    page.locator(".image[aria-current=true]", has_text="two.png").wait_for()
    screen.wait_shown()
    page.keyboard.press("a")
    screen.wait_shown()
    screen.hint("fills the polygon")
    page.keyboard.press("Enter")
    wait_seen(screen, (30, 30), COIN, dense=True)


def test_what_is_shown(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin")
    screen.click(LEFT)
    wait_seen(screen, LEFT, COIN, dense=True)
    wait_seen(screen, RIGHT, COIN, dense=False)
    page.keyboard.press("v")
    page.get_by_role("button", name="Result", pressed=True).wait_for()
    wait_seen(screen, LEFT, COIN, dense=False)
    page.keyboard.press("v")
    wait_seen(screen, RIGHT, None)
    wait_seen(screen, LEFT, COIN, dense=True)
    page.get_by_role("button", name="Both").click()
    wait_seen(screen, RIGHT, COIN, dense=False)
    page.get_by_label("Opacity", exact=True).fill("1")
    wait_seen(screen, RIGHT, COIN, dense=True)
    page.get_by_label("Opacity", exact=True).fill("0.5")
    page.keyboard.press("m")
    wait_seen(screen, LEFT, None)
    page.keyboard.press("m")
    wait_seen(screen, LEFT, COIN, dense=True)
    opacity = pixel(screen, *RIGHT)[3]

    page.keyboard.press("o")
    wait_seen(screen, LEFT, COIN, dense=False)
    assert 0 < pixel(screen, *RIGHT)[3] < opacity  # fainter, and no strokes
    page.get_by_role("button", name="Show the painting").click()
    wait_seen(screen, LEFT, None)
    page.keyboard.press("d")
    page.locator(".image[aria-current=true]", has_text="two.png").wait_for()
    screen.wait_shown()
    page.get_by_role("button", name="Show the painting").wait_for(state="detached")
    page.keyboard.press("b")
    assert pixel(screen, *LEFT)[3] == 0  # the other image's painting
    page.keyboard.press("a")
    screen.wait_shown()
    wait_seen(screen, LEFT, COIN, dense=True)


def test_propagation_can_be_turned_off(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin", "ground")
    propagate = page.get_by_role("group", name="Propagate")
    screen.click(LEFT)
    wait_seen(screen, RIGHT, COIN)
    propagate.get_by_role("button", name="Off").click()
    wait_seen(screen, RIGHT, None)
    wait_seen(screen, LEFT, COIN)
    screen.wait_saved()
    assert painting(fake_studio)["method"] == "brush"
    assert page.get_by_label("Method").input_value() == "brush"
    page.keyboard.press("2")
    screen.click(CORNER)
    wait_seen(screen, CORNER, GROUND)
    assert is_seen(pixel(screen, 20, 140), None, None)
    propagate.get_by_role("button", name="On").click()
    wait_seen(screen, (20, 140), GROUND)
    wait_seen(screen, RIGHT, COIN)
    for _ in range(3):
        page.keyboard.press("Control+z")
    propagate.get_by_role("button", name="On", pressed=True).wait_for()
    wait_seen(screen, RIGHT, COIN)
    screen.wait_saved()
    assert painting(fake_studio)["method"] == "magic-paint"


def test_regions_become_objects_and_are_accepted(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin", "ground")
    screen.click(LEFT)
    wait_seen(screen, RIGHT, COIN, dense=False)
    page.get_by_role("button", name="To object").click()
    page.locator(".paint", has_text="it becomes an object of its label").wait_for()
    screen.click((60, 60))
    page.get_by_role("button", name="Select object 1: coin").wait_for()
    screen.wait_saved()
    (found,) = fake_studio.objects()
    assert found["method"] == "magic-paint"
    assert 4500 < found["area"] < 5600  # the left disc
    assert class_map(fake_studio)[60, 60] == "coin"  # the painting stays
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Select object 1: coin").wait_for(state="detached")

    page.keyboard.press("r")
    screen.hint("it becomes paint")
    screen.click(CORNER)
    page.get_by_role("alert").filter(has_text="no class at").wait_for()
    page.keyboard.press("Escape")
    screen.hint("Drag to paint")
    page.keyboard.down("Shift")
    screen.click((170, 80))
    page.keyboard.up("Shift")
    wait_seen(screen, RIGHT, COIN, dense=True)
    screen.wait_saved()
    assert class_map(fake_studio, "painted")[80, 200] == "coin"
    assert class_map(fake_studio, "painted")[60, 60] == ""

    page.locator(".label", has_text="coin").hover()
    page.get_by_role("button", name="Delete the paint of coin").click()
    wait_seen(screen, RIGHT, None)
    wait_seen(screen, LEFT, None)
    page.keyboard.press("Control+z")
    wait_seen(screen, RIGHT, COIN, dense=True)


def test_the_brush_has_its_true_size_at_any_zoom(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin")

    def size() -> int:
        return int(page.locator("output[for=paint-size]").inner_text().removesuffix(" px"))

    def wait_size(expected: int) -> None:
        page.locator("output[for=paint-size]", has_text=f"{expected} px").wait_for()

    def wait_circle(x: float, y: float) -> None:
        """The cursor is drawn where the brush ends, and not within it."""
        screen.wait_painted(x + size() / 2, y)
        screen.wait_painted(x, y - size() / 2)
        screen.wait_painted(x + 0.6 * size() / 2, y, False)
        screen.wait_painted(x + 1.5 * size() / 2, y, False)

    wait_size(22)
    page.mouse.move(*screen.at(*CORNER))
    wait_circle(*CORNER)
    page.keyboard.press("]")
    wait_size(26)
    wait_circle(*CORNER)
    page.keyboard.down("Alt")
    page.mouse.wheel(0, 100)
    wait_size(22)
    page.mouse.wheel(0, -100)
    wait_size(26)
    page.keyboard.up("Alt")
    with screen.view_changes():
        for _ in range(4):
            page.mouse.wheel(0, -200)
    wait_circle(*CORNER)
    page.get_by_label("Size").fill("7")
    wait_size(10)
    page.mouse.move(*screen.at(130, 20))
    wait_circle(130, 20)
    page.mouse.down()
    page.mouse.up()
    screen.wait_saved()
    painted = class_map(fake_studio, "painted") == "coin"
    assert painted.any(0).sum() == painted.any(1).sum() == pytest.approx(10, abs=1)
    page.mouse.move(5, 5)  # off the image
    screen.wait_painted(135, 20, False)


def test_previews_ask_for_the_latest_only_and_may_fail(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin")
    waiting = held(page, PREVIEWS)
    page.mouse.move(*screen.at(40, 80))
    page.mouse.down()
    for x in (50, 60, 70, 80):
        page.mouse.move(*screen.at(x, 80))
        page.wait_for_timeout(50)
    wait_seen(screen, (75, 80), COIN, dense=True)  # the stroke does not wait for answers
    wait_held(page, waiting).continue_()
    second = wait_held(page, waiting)
    request = second.request.post_data_json
    assert request is not None
    assert request["label"] == "coin"
    assert abs(request["prompt"]["points"][-1][0] - 80) < 1
    wait_seen(screen, RIGHT, COIN, dense=False)
    second.fulfill(status=422, json={"error": {"kind": "WeightsError", "message": REFUSED}})
    screen.hint(REFUSED)
    wait_seen(screen, (75, 80), COIN, dense=True)
    page.unroute(PREVIEWS)
    page.mouse.up()
    screen.wait_saved()
    assert class_map(fake_studio, "painted")[80, 75] == "coin"
    screen.hint("Drag to paint")

    page.mouse.move(*screen.at(20, 20))
    page.mouse.down()
    page.mouse.move(*screen.at(40, 20), steps=2)
    wait_seen(screen, (30, 20), COIN, dense=True)
    page.keyboard.press("Escape")  # drops it
    wait_seen(screen, (30, 20), None)
    page.mouse.up()
    screen.wait_saved()
    assert class_map(fake_studio, "painted")[20, 30] == ""


def test_a_quick_hand_and_a_dead_server_lose_nothing(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin", "ground")
    waiting = held(page, EVENTS)
    screen.drag((50, 80), (70, 80))
    page.keyboard.press("2")
    screen.drag((100, 20), (140, 20))
    screen.drag((100, 140), (140, 140))
    page.keyboard.press("Control+z")
    for place, color in ((LEFT, COIN), (CORNER, GROUND), ((120, 140), GROUND)):
        wait_seen(screen, place, color, dense=True)
    for _ in range(3):
        wait_held(page, waiting).continue_()
    page.unroute(EVENTS)
    wait_seen(screen, RIGHT, COIN)
    wait_seen(screen, (120, 140), GROUND, dense=False)
    screen.wait_saved()
    assert class_map(fake_studio, "painted")[140, 120] == ""

    fake_studio.kill()
    screen.drag((170, 80), (190, 80))
    page.locator(".saved.offline", has_text="1 not saved").wait_for()
    wait_seen(screen, RIGHT, GROUND, dense=True)
    fake_studio.start()
    screen.wait_saved()
    wait_seen(screen, (180, 60), GROUND)
    assert class_map(fake_studio, "painted")[80, 180] == "ground"


def test_what_the_server_refuses_is_said(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio, "coin")

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"error": {"kind": "WeightsError", "message": REFUSED}})

    page.route(EVENTS, refuse)
    screen.drag((50, 80), (70, 80))
    page.get_by_role("alert").filter(has_text=REFUSED).wait_for()
    wait_seen(screen, LEFT, None)
    page.keyboard.press("p")
    screen.click((20, 20), (40, 20), (30, 40))
    page.keyboard.press("Enter")
    screen.hint("fills the polygon")  # its corners come back
    page.unroute(EVENTS)
    page.keyboard.press("Enter")
    wait_seen(screen, (30, 28), COIN, dense=True)
    screen.wait_saved()
    assert class_map(fake_studio, "painted")[28, 30] == "coin"


def test_labels_are_chosen_by_keys_and_the_keys_are_shown(screen: Screen, fake_studio: Studio) -> None:
    names = [f"label {i}" for i in range(1, 12)]
    page = begin(screen, fake_studio, *names)
    loaded = page.get_by_role("status", name="Painting with")
    page.keyboard.press("0")
    loaded.get_by_text("label 10", exact=True).wait_for()
    page.keyboard.press("9")
    loaded.get_by_text("label 9", exact=True).wait_for()
    page.get_by_role("button", name="label 11", exact=True).click()
    loaded.get_by_text("label 11", exact=True).wait_for()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for text in ("paint with that label; 0 is the tenth", "a smaller or larger brush", "freeze: what was painted before stays"):
        assert dialog.get_by_text(text).is_visible()
