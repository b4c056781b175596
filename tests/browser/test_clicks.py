"""Clicks and candidates, with a method whose candidates are disks of radius 6, 12, ... 36 px around the last click."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import pi
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

    from .conftest import Screen, Studio

BOX = ((20, 80), (100, 80), (60, 40), (60, 120))
CLICKS = "**/events"
WATCH_MENU = "() => window.addEventListener('contextmenu', e => { window.menu = e.defaultPrevented ? 'prevented' : 'open'; })"


def begin(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    screen.page.keyboard.press("x")  # no crosshair: what is painted is a mask or a dot
    screen.choose_tool("c")
    screen.hint("Click on an object")


def candidates(screen: Screen) -> Locator:
    return screen.page.get_by_role("group", name="Candidates").get_by_role("button")


def wait_current(screen: Screen, number: int, of: int = 6) -> None:
    """Wait until the strip is there and marks this candidate, and no other."""
    group = screen.page.get_by_role("group", name="Candidates")
    group.get_by_role("button", name=f"Candidate {number} of {of},", pressed=True).wait_for()
    assert candidates(screen).count() == of
    assert group.get_by_role("button", pressed=True).count() == 1


def radius(found: dict[str, Any]) -> float:
    return float((found["area"] / pi) ** 0.5)


@contextmanager
def answers_held(screen: Screen) -> Iterator[list[Route]]:
    """Requests that record a gesture wait in this list until the test lets them go on."""
    held: list[Route] = []
    screen.page.route(CLICKS, lambda route: held.append(route))
    yield held
    screen.page.unroute(CLICKS)


def let_go(screen: Screen, held: list[Route]) -> dict[str, Any]:
    """Wait for a request, let it go on and give what it says."""
    while not held:
        screen.page.wait_for_timeout(20)
    assert len(held) == 1, "one at a time"
    route = held.pop()
    event = route.request.post_data_json
    route.continue_()
    assert event is not None
    return dict(event)


def test_click_choose_correct_and_undo(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    page = screen.page
    screen.click((60, 80))
    wait_current(screen, 1)
    assert radius(fake_studio.objects()[0]) < 7
    assert screen.painted(60, 85)
    assert not screen.painted(75, 80)

    candidates(screen).nth(5).hover()  # looks at it, changes nothing
    screen.wait_painted(90, 80)
    wait_current(screen, 1)
    page.mouse.move(*screen.at(200, 20))
    screen.wait_painted(90, 80, False)

    page.keyboard.press("3")
    wait_current(screen, 3)
    screen.wait_painted(75, 80)
    screen.click((65, 80), button="right")
    screen.wait_painted(69, 80, False)
    wait_current(screen, 1, of=4)  # the largest three leave the same: the first click's pixel
    screen.wait_saved()
    (found,) = fake_studio.objects()
    assert [(prompt["kind"], prompt["positive"]) for prompt in found["prompts"]] == [("click", True), ("click", False)]
    assert 15 < radius(found) < 18  # a disk of 18 px with a hole: the click went on from the choice

    page.keyboard.press("Control+z")
    wait_current(screen, 3)
    screen.wait_painted(69, 80)
    page.keyboard.press("Control+z")
    wait_current(screen, 1)
    screen.wait_painted(75, 80, False)
    page.keyboard.press("Control+y")
    wait_current(screen, 3)
    screen.wait_painted(75, 80)

    page.keyboard.press("Enter")
    screen.hint("Click on an object")
    page.get_by_role("group", name="Candidates").wait_for(state="detached")
    screen.click((180, 80))
    wait_current(screen, 1)
    page.get_by_role("button", name="Select object 2").wait_for()
    candidates(screen).nth(3).click()
    wait_current(screen, 4)
    screen.wait_saved()
    before = fake_studio.objects()
    assert [round(radius(found)) for found in before] == [18, 24]
    screen.wait_painted(200, 80)

    fake_studio.kill()
    fake_studio.start()
    screen.open(fake_studio.url)
    page.keyboard.press("x")
    page.get_by_role("button", name="Select object 2").wait_for()
    screen.wait_painted(75, 80)
    screen.wait_painted(200, 80)
    assert fake_studio.objects() == before
    page.keyboard.press("Control+z")  # the choice, too, is in the history
    screen.wait_painted(200, 80, False)


def test_clicks_go_on_from_another_methods_mask(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    screen.page.keyboard.press("x")
    screen.click(*BOX)
    screen.wait_painted(25, 45)
    screen.page.keyboard.press("Enter")
    screen.page.get_by_role("button", name="Select object 1").wait_for()
    screen.wait_saved()
    area = fake_studio.objects()[0]["area"]
    screen.choose_tool("c")
    screen.click((60, 100))  # selects it
    screen.hint("Go on from this mask")
    screen.click((30, 50), button="right")
    wait_current(screen, 1)
    screen.wait_painted(34, 50, False)
    assert screen.painted(25, 45 + 15)
    screen.wait_saved()
    (found,) = fake_studio.objects()
    assert found["method"] == "latent-diversity"
    assert [(prompt["kind"], prompt["positive"]) for prompt in found["prompts"]] == [("click", False)]
    assert area - 130 < found["area"] < area - 100  # but for a disk of 6 px
    screen.page.keyboard.press("Control+z")
    screen.wait_painted(34, 50)
    screen.wait_saved()
    assert fake_studio.objects()[0]["method"] == "dextr"


def test_clicks_made_meanwhile_wait_their_turn(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    page = screen.page
    with answers_held(screen) as held:
        screen.click((50, 80), (60, 80))
        screen.click((70, 80), button="right")
        page.keyboard.press("Enter")
        screen.click((180, 80))
        page.get_by_role("progressbar", name="Computing the mask").wait_for()
        screen.wait_painted(180, 80)  # its dot
        events = [let_go(screen, held) for _ in range(4)]
    page.get_by_role("button", name="Select object 2").wait_for()
    wait_current(screen, 1)
    screen.wait_saved()
    assert [event["type"] for event in events] == ["add_object", "set_prompts", "set_prompts", "add_object"]
    assert [len(event["prompts"]) for event in events] == [1, 2, 3, 1]
    assert [len(found["prompts"]) for found in fake_studio.objects()] == [3, 1]
    for _ in range(3):
        page.keyboard.press("Control+z")  # one click each
    screen.wait_saved()
    assert [len(found["prompts"]) for found in fake_studio.objects()] == [1]


def test_clicks_survive_a_killed_server(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    fake_studio.kill()
    screen.click((60, 80))
    screen.click((65, 80), button="right")
    screen.page.locator(".saved.offline", has_text="2 not saved").wait_for()
    fake_studio.start()
    screen.wait_saved()
    assert [len(found["prompts"]) for found in fake_studio.objects()] == [2]
    wait_current(screen, 1, of=2)  # a larger disk than the first takes all away but the first click's pixel


def test_what_goes_wrong_is_said(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    page = screen.page
    with answers_held(screen) as held:
        page.evaluate(WATCH_MENU)
        screen.click((60, 80), button="right")
        page.get_by_role("alert").filter(has_text="The first click says where the object is").wait_for()
        page.wait_for_function("window.menu === 'prevented'")  # nor does the browser's own menu open
        assert held == []

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"error": {"kind": "WeightsError", "message": "the weights of the day are missing"}})

    page.route(CLICKS, refuse)
    screen.click((60, 80))
    page.get_by_role("alert").filter(has_text="the weights of the day are missing").wait_for()
    screen.wait_painted(60, 80, False)  # nothing is left of the click
    page.unroute(CLICKS)
    screen.click((60, 80))
    wait_current(screen, 1)

    page.route(CLICKS, refuse)
    screen.click((90, 80))
    screen.wait_painted(90, 80, False)
    page.unroute(CLICKS)
    screen.click((30, 80))
    screen.wait_painted(30, 80)
    screen.wait_saved()
    assert [prompt["x"] > 50 for prompt in fake_studio.objects()[0]["prompts"]] == [True, False]  # the refused one is forgotten


def test_the_strip_and_the_labels_share_the_digits(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    page = screen.page
    screen.label("coin")
    screen.label("medal")
    screen.click((60, 80))
    wait_current(screen, 1)
    page.get_by_role("button", name="Select object 1: medal").wait_for()
    page.keyboard.press("2")
    wait_current(screen, 2)
    page.keyboard.press("Shift+Digit1")
    page.get_by_role("button", name="Select object 1: coin").wait_for()
    wait_current(screen, 2)
    page.keyboard.press("Enter")
    page.keyboard.press("2")  # no strip: a label again
    page.locator(".label[aria-pressed=true]", has_text="medal").wait_for()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    assert dialog.get_by_text("choose a candidate").is_visible()
    assert dialog.get_by_text("with Shift while candidates are shown").is_visible()


def test_the_strip_shows_each_mask_once_and_works_by_keyboard(screen: Screen, fake_studio: Studio) -> None:
    begin(screen, fake_studio)
    page = screen.page
    screen.click((60, 80))
    wait_current(screen, 1)
    candidates(screen).nth(3).focus()  # shows it, as the pointer does
    screen.wait_painted(80, 80)
    page.keyboard.press("Enter")
    wait_current(screen, 4)
    screen.click((60, 80))  # all but the largest two now lie within the object
    wait_current(screen, 1, of=3)
    page.keyboard.press("3")
    wait_current(screen, 3, of=3)
    screen.click((60, 80))  # and now all of them
    page.get_by_role("group", name="Candidates").wait_for(state="detached")
    page.keyboard.press("Backspace")
    wait_current(screen, 3, of=3)


def test_points_not_kept_wait_for_their_tool(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    screen.click(*BOX)
    screen.wait_painted(25, 45)
    screen.choose_tool("c")
    screen.page.get_by_role("status").filter(has_text="waits in the tool Extreme points").wait_for()
    assert not screen.painted(25, 45)
    screen.choose_tool("e")
    screen.wait_painted(25, 45)
    screen.page.keyboard.press("Enter")
    screen.page.get_by_role("button", name="Select object 1").wait_for()
