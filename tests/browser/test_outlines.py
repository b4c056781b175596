"""Outlines, with a method that draws the ellipse in a box and lets neighbours follow a drag, each the less the further away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from .conftest import Screen, Studio

LEFT = ((20, 40), (100, 120))
"""Two corners; the ellipse's points 0, 10, 20 and 30 of 40 are its right, top, left and bottom end."""

TOP = (60, 39.5)
PREVIEWS = "**/preview"
REFUSED = "the weights of the day are missing"


def begin(screen: Screen, studio: Studio) -> Page:
    screen.open(studio.url)
    screen.page.keyboard.press("x")  # no crosshair: what is painted is a mask, a line or a handle
    screen.page.keyboard.press("o")
    screen.hint("Drag a box around an object")
    return screen.page


def box(screen: Screen, corners: tuple[tuple[float, float], tuple[float, float]] = LEFT) -> None:
    """Draw a box and wait for its outline."""
    screen.drag(*corners)
    screen.hint("Drag a point")
    screen.wait_saved()


def rings(studio: Studio, place: int = 0) -> list[dict[str, Any]]:
    outline = studio.objects()[place]["outline"]
    assert outline is not None
    found: list[dict[str, Any]] = outline["rings"]
    return found


def points(studio: Studio) -> list[Any]:
    return list(rings(studio)[0]["points"])


def near(point: Any, x: float, y: float) -> bool:
    return abs(point[0] - x) < 0.75 and abs(point[1] - y) < 0.75


def test_a_box_becomes_an_outline_whose_points_are_dragged(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    drawn = points(fake_studio)
    assert len(drawn) == 40
    assert near(drawn[10], *TOP)
    assert screen.painted(60, 80)

    page.mouse.move(*screen.at(*TOP))
    page.mouse.down()
    page.mouse.move(*screen.at(60, 20), steps=4)
    screen.hint("3 neighbours on each side may follow")
    screen.wait_painted(65, 29)  # the neighbours, live
    for _ in range(3):
        page.keyboard.press("[")
    screen.wait_painted(65, 29, False)
    screen.hint("0 neighbours")
    page.keyboard.press("]")
    page.keyboard.press("]")
    screen.wait_painted(65, 29)
    assert points(fake_studio) == drawn  # nothing is recorded before the hand lets go
    page.mouse.up()
    screen.hint("Drag a point")
    screen.wait_saved()
    (found,) = fake_studio.objects()
    assert [prompt["kind"] for prompt in found["prompts"]] == ["outline", "vertex_drag"]
    after = points(fake_studio)
    assert near(after[10], 60, 20)
    assert near(after[11], drawn[11][0], drawn[11][1] - 13)
    assert after[13] == drawn[13]

    page.keyboard.press("Control+z")  # one gesture each
    screen.wait_painted(65, 29, False)
    screen.wait_saved()
    assert points(fake_studio) == drawn
    page.keyboard.press("Control+z")
    screen.wait_painted(60, 80, False)
    page.keyboard.press("Control+y")
    screen.hint("Drag a point")  # it comes back selected
    page.keyboard.press("Control+y")
    screen.wait_painted(65, 29)
    screen.wait_saved()
    fake_studio.kill()
    fake_studio.start()
    assert points(fake_studio) == after


def test_points_come_and_go_and_are_pinned(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    page.get_by_label("Points", exact=True).fill("8")
    page.keyboard.press("Enter")
    box(screen)
    drawn = points(fake_studio)
    assert len(drawn) == 8

    page.get_by_role("button", name="Polygon").click()
    screen.wait_saved()
    assert fake_studio.objects()[0]["outline"]["curve"] == "polygon"
    page.keyboard.press("s")
    page.get_by_role("button", name="Spline", pressed=True).wait_for()
    page.keyboard.press("s")
    page.get_by_role("button", name="Polygon", pressed=True).wait_for()

    middle = [(drawn[2][i] + drawn[3][i]) / 2 for i in (0, 1)]
    screen.drag((middle[0], middle[1]), (middle[0] - 12, middle[1] - 14))  # inserts a point and moves it on
    screen.wait_saved()
    longer = points(fake_studio)
    assert len(longer) == 9
    assert near(longer[3], middle[0] - 12, middle[1] - 14)

    page.mouse.move(*screen.at(*longer[5]))
    page.keyboard.press("p")
    screen.wait_saved()
    assert rings(fake_studio)[0]["pinned"] == [5]
    screen.drag(tuple(longer[4]), (longer[4][0] - 10, longer[4][1]))
    screen.wait_saved()
    assert near(points(fake_studio)[5], *longer[5])
    assert not near(points(fake_studio)[3], *longer[3])

    page.mouse.move(*screen.at(*points(fake_studio)[3]))
    page.keyboard.press("Delete")
    screen.wait_saved()
    assert len(points(fake_studio)) == 8
    assert rings(fake_studio)[0]["pinned"] == [4]
    page.keyboard.press("Control+z")
    screen.wait_saved()
    assert len(points(fake_studio)) == 9
    page.keyboard.press("Escape")
    screen.click((60, 80))  # selects it; no point is meant, so that Delete means the object
    screen.hint("Drag a point")
    page.keyboard.press("Delete")
    screen.wait_painted(60, 80, False)


def test_escape_forgets_a_number_that_was_typed(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    field = page.get_by_label("Points", exact=True)
    for key, left in (("Escape", "40"), ("Enter", "9")):  # the next number counts again
        field.fill("9")
        page.keyboard.press(key)
        page.wait_for_function("left => document.querySelector('#outline-points').value === left", arg=left)
        screen.wait_saved()
        assert str(len(points(fake_studio))) == left


def test_the_hint_is_read_whole_on_a_narrow_screen(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    page.set_viewport_size({"width": 1024, "height": 700})
    hint = page.locator(".hint")
    assert hint.evaluate("e => [e.scrollWidth <= e.clientWidth, e.scrollHeight <= e.clientHeight]") == [True, True]
    assert hint.get_attribute("title") == hint.inner_text()


def test_any_objects_mask_can_be_edited_as_an_outline(screen: Screen, fake_studio: Studio) -> None:
    screen.open(fake_studio.url)
    page = screen.page
    page.keyboard.press("x")
    screen.click((20, 80), (100, 80), (60, 40), (60, 120))
    screen.wait_painted(25, 45)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 1").click()
    page.keyboard.press("o")
    screen.hint("Enter makes an outline of this mask")
    page.get_by_role("button", name="Edit as outline").click()
    screen.hint("Drag a point")
    screen.wait_saved()
    (found,) = fake_studio.objects()
    assert (found["method"], len(points(fake_studio))) == ("curve-gcn", 40)
    page.get_by_role("button", name="Polygon").click()
    page.get_by_role("button", name="Simplify").click()
    page.wait_for_function("() => document.querySelector('#outline-points').value < 12")
    screen.wait_saved()
    corners = points(fake_studio)
    assert len(corners) < 12
    nearest = min(corners, key=lambda p: abs(p[0] - 20) + abs(p[1] - 40))
    screen.drag(tuple(nearest), (10, 20))
    screen.wait_saved()
    assert any(near(p, 10, 20) for p in points(fake_studio))
    for _ in range(4):
        page.keyboard.press("Control+z")
    screen.hint("Enter makes an outline of this mask")
    screen.wait_saved()
    assert fake_studio.objects()[0]["method"] == "dextr"


def test_handles_can_be_grabbed_at_any_zoom(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    page.mouse.move(*screen.at(*TOP))
    with screen.view_changes():
        for _ in range(12):
            page.mouse.wheel(0, -240)
    screen.drag((TOP[0] + 0.1, TOP[1]), (62, 37))  # a tenth of a pixel is a few on the screen
    screen.wait_saved()
    moved = points(fake_studio)[10]
    assert abs(moved[0] - 61.9) < 0.2
    assert abs(moved[1] - 37) < 0.2
    with screen.view_changes():
        for _ in range(20):
            page.mouse.wheel(0, 240)
    screen.drag(tuple(moved), (60, 20))
    screen.wait_saved()
    assert abs(points(fake_studio)[10][1] - 20) < 2.5  # a screen pixel is more than one of the image


def test_a_drag_asks_for_the_latest_only_and_records_where_it_ended(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    held: list[Route] = []
    page.route(PREVIEWS, lambda route: held.append(route))
    page.mouse.move(*screen.at(*TOP))
    page.mouse.down()
    for y in (36, 33, 30, 27, 24):
        page.mouse.move(*screen.at(60, y))
        page.wait_for_timeout(50)
    screen.wait_painted(60, 24)  # the point does not wait for answers
    assert len(held) == 1
    held.pop().continue_()
    while not held:
        page.wait_for_timeout(20)
    (request,) = (held[0].request.post_data_json,)
    assert request is not None
    assert near([request["prompts"][1][axis] for axis in "xy"], 60, 24)
    page.mouse.up()
    held.pop().continue_()
    page.unroute(PREVIEWS)
    screen.wait_saved()
    assert near(points(fake_studio)[10], 60, 24)


def test_what_was_repaired_is_said(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    page.mouse.move(*screen.at(*TOP))
    page.mouse.down()
    page.mouse.move(*screen.at(60, 150), steps=3)
    screen.hint("crossed itself and was repaired")
    page.keyboard.press("Escape")
    page.mouse.up()
    screen.hint("Drag a point")
    assert near(points(fake_studio)[10], *TOP)
    screen.drag(TOP, (60, 150))
    page.get_by_role("status").filter(has_text="crossed itself and was repaired").last.wait_for()
    screen.wait_saved()
    assert not near(points(fake_studio)[10], 60, 150)


def test_parts_and_holes(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)
    page.keyboard.down("Shift")
    screen.drag((150, 50), (210, 110))
    page.keyboard.up("Shift")
    screen.wait_painted(180, 80)
    page.mouse.move(*screen.at(50, 70))
    page.mouse.down(button="right")
    page.mouse.move(*screen.at(70, 90), steps=4)
    page.mouse.up(button="right")
    screen.wait_painted(60, 80, False)
    screen.wait_saved()
    assert [ring["hole"] for ring in rings(fake_studio)] == [False, False, True]
    page.mouse.move(*screen.at(*rings(fake_studio)[1]["points"][0]))
    page.keyboard.press("Shift+Delete")
    screen.wait_painted(180, 80, False)
    screen.wait_saved()
    assert [ring["hole"] for ring in rings(fake_studio)] == [False, True]

    screen.drag((150, 50), (210, 110))  # without Shift another object
    page.get_by_role("button", name="Select object 2").wait_for()
    screen.wait_saved()
    assert [len(rings(fake_studio, i)) for i in (0, 1)] == [2, 1]
    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="COCO JSON").click()
    first, second = json.loads(download.value.path().read_text())["annotations"]
    assert isinstance(first["segmentation"], dict)
    assert len(second["segmentation"][0]) == 2 * 8 * 40
    page.get_by_role("status").filter(has_text="stored with their own points").wait_for()


def test_what_the_server_refuses_is_said_and_undone(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    box(screen)

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"error": {"kind": "WeightsError", "message": REFUSED}})

    page.route("**/events", refuse)
    screen.drag(TOP, (60, 20))
    page.get_by_role("alert").filter(has_text=REFUSED).wait_for()
    screen.wait_painted(60, 25, False)
    page.unroute("**/events")
    screen.drag(TOP, (60, 30))  # it is where it was
    screen.wait_saved()
    assert near(points(fake_studio)[10], 60, 30)


def test_the_keys_are_shown(screen: Screen, fake_studio: Studio) -> None:
    page = begin(screen, fake_studio)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for text in (
        "switch between spline and polygon",
        "pin the point",
        "fewer or more neighbours follow",
        "draw a box for a hole",
    ):
        assert dialog.get_by_text(text).is_visible()
