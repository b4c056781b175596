"""The main job, start to end, as a person does it: draw, correct, label, export; and nothing is lost when the server dies."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Screen, Studio

LEFT_DISC = ((20, 80), (100, 80), (60, 40), (60, 120))
RIGHT_DISC = ((140, 80), (180, 40), (220, 80), (180, 120))


def begin(screen: Screen, studio: Studio) -> None:
    screen.open(studio.url)
    screen.choose_method("grabcut")  # needs no weights


def test_annotate_and_export(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    page = screen.page
    screen.hint("1 of 4")
    screen.click(*LEFT_DISC[:3])
    screen.hint("4 of 4")
    assert not screen.painted(45, 70)
    screen.click(LEFT_DISC[3])
    screen.wait_painted(45, 70)  # the preview

    screen.drag(LEFT_DISC[3], (60, 92))
    screen.wait_painted(50, 105, False)  # the mask followed the point
    page.keyboard.press("Control+z")
    screen.wait_painted(50, 105)
    page.keyboard.press("Control+Shift+Z")
    screen.wait_painted(50, 105, False)
    page.get_by_role("button", name="Undo").click()
    screen.wait_painted(50, 105)

    screen.label("coin")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 1: coin").wait_for()
    assert [o["label"] for o in studio.objects()] == ["coin"]

    screen.click(*RIGHT_DISC)
    screen.wait_painted(165, 70)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 2: coin").wait_for()  # the last label is the next one's
    screen.click((180, 80))  # a click on an object selects it
    screen.hint("Enter when done")
    screen.label("medal")
    page.get_by_role("button", name="Select object 2: medal").wait_for()
    page.keyboard.press("1")
    page.get_by_role("button", name="Select object 2: coin").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Select object 2: medal").wait_for()
    screen.wait_saved()
    assert page.get_by_role("button", name="one.png, 2 objects").is_visible()

    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="COCO JSON").click()
    coco = json.loads(download.value.path().read_text())
    names = {c["id"]: c["name"] for c in coco["categories"]}
    assert [names[a["category_id"]] for a in coco["annotations"]] == ["coin", "medal"]
    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Index PNG").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "labels.json" in archive.namelist()
    page.get_by_role("status").filter(has_text="Exported").first.wait_for()


def test_objects_can_be_corrected_and_deleted(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    screen.click(*LEFT_DISC)
    screen.page.keyboard.press("Enter")
    screen.page.get_by_role("button", name="Select object 1").click()
    screen.wait_saved()
    before = studio.objects()[0]
    screen.drag(LEFT_DISC[3], (60, 92))
    screen.wait_painted(50, 105, False)
    screen.wait_saved()
    after = studio.objects()[0]
    assert after["area"] < before["area"]
    assert abs(after["prompts"][0]["points"][3][1] - 92) < 1
    screen.page.keyboard.press("Control+z")
    screen.wait_painted(50, 105)
    screen.wait_saved()
    assert studio.objects()[0]["prompts"] == before["prompts"]
    screen.page.keyboard.press("Delete")
    screen.wait_painted(45, 70, False)
    screen.wait_saved()
    assert studio.objects() == []


def test_an_object_not_kept_waits_on_its_image(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    screen.click(*LEFT_DISC)
    screen.wait_painted(45, 70)
    screen.page.keyboard.press("d")
    screen.page.get_by_role("status").filter(has_text="waits on one.png").wait_for()
    screen.page.locator(".image[aria-current=true]", has_text="two.png").wait_for()
    screen.wait_shown()
    assert not screen.painted(45, 70)
    screen.page.keyboard.press("a")
    screen.page.locator(".image[aria-current=true]", has_text="one.png").wait_for()
    screen.wait_shown()
    screen.wait_painted(45, 70)
    screen.page.keyboard.press("Enter")
    screen.page.get_by_role("button", name="Select object 1").wait_for()
    screen.wait_saved()
    assert [len(studio.objects(i)) for i in (0, 1)] == [1, 0]


def test_zooming_and_panning_keep_points_where_they_are(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    page = screen.page
    screen.click(*LEFT_DISC[:2])
    page.mouse.move(*screen.at(60, 40))
    before = screen.at(60, 40)
    with screen.view_changes():
        for _ in range(8):
            page.mouse.wheel(0, -100)
    after = screen.at(60, 40)
    assert abs(after[0] - before[0]) < 3  # zoomed at the cursor, which counts whole pixels
    assert abs(after[1] - before[1]) < 3
    screen.click(LEFT_DISC[2])
    with screen.view_changes():
        page.keyboard.down("Space")
        page.mouse.move(*after)
        page.mouse.down()
        page.mouse.move(after[0], after[1] + 60, steps=5)
        page.mouse.up()
        page.keyboard.up("Space")
    assert screen.at(60, 40)[1] > after[1] + 5
    with screen.view_changes():
        page.keyboard.press("0")
    screen.click(LEFT_DISC[3])
    screen.wait_painted(45, 70)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 1").wait_for()
    screen.wait_saved()
    for found, meant in zip(studio.objects()[0]["prompts"][0]["points"], LEFT_DISC, strict=True):
        assert abs(found[0] - meant[0]) < 0.5
        assert abs(found[1] - meant[1]) < 0.5


def test_a_pinch_zooms_and_leaves_no_point(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    touches = screen.page.context.new_cdp_session(screen.page)
    x, y = screen.at(120, 80)

    def touch(kind: str, *apart: float) -> None:
        points = [{"x": x + distance, "y": y, "id": i} for i, distance in enumerate(apart)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    with screen.view_changes():
        touch("touchStart", -40)
        screen.hint("2 of 4")  # a finger places a point
        touch("touchStart", -40, 40)
        touch("touchMove", -60, 60)
        touch("touchMove", -80, 80)
        touch("touchEnd")
    screen.hint("1 of 4")


def test_nothing_is_lost_when_the_server_is_killed(screen: Screen, studio: Studio) -> None:
    begin(screen, studio)
    page = screen.page
    screen.label("coin")
    screen.click(*LEFT_DISC)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select object 1: coin").wait_for()
    screen.wait_saved()
    screen.click(*RIGHT_DISC)
    screen.wait_painted(165, 70)

    studio.kill()
    page.keyboard.press("Enter")  # kept with nobody there to take it
    page.get_by_role("alert").filter(has_text="does not answer").wait_for()
    page.locator(".saved.offline", has_text="1 not saved").wait_for()
    assert screen.painted(45, 70)
    assert screen.painted(165, 70)

    studio.start()
    page.get_by_role("button", name="Select object 2: coin").wait_for()
    screen.wait_saved()
    page.get_by_role("alert").filter(has_text="does not answer").wait_for(state="detached")
    assert [o["label"] for o in studio.objects()] == ["coin", "coin"]

    studio.kill()
    studio.start()
    screen.open(studio.url)
    page.get_by_role("button", name="Select object 2: coin").wait_for()
    screen.wait_painted(45, 70)
    page.keyboard.press("Control+z")  # history survives, too
    page.get_by_role("button", name="Select object 2: coin").wait_for(state="detached")
