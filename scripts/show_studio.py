"""Annotate a sample image in a real browser: takes pictures, and measures how long answers to dragged points and strokes take.

    python scripts/show_studio.py docs/images/studio.png

The latency is measured in the page, from the moment a preview is asked to the moment its mask is there to be drawn.
Beside README's picture it takes one of the outline tool (`-outline`) and one of the paint tool (`-paint`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

Point = tuple[float, float]

# Extreme points on astronaut.jpg: left, right, top, bottom.
SHUTTLE: tuple[Point, ...] = ((355, 221), (475, 222), (413, 0), (438, 284))
PERSON: tuple[Point, ...] = ((19, 440), (361, 330), (235, 15), (193, 511))
HELMET: tuple[Point, ...] = ((277, 455), (511, 478), (402, 344), (402, 511))
# On coffee.jpg.
STROKES: tuple[tuple[str, tuple[Point, ...]], ...] = (
    ("table", ((510, 60), (545, 200), (520, 330))),
    ("saucer", ((110, 190), (150, 290), (260, 355))),
    ("cup", ((195, 60), (290, 32), (385, 90))),
    ("coffee", ((240, 140), (330, 155))),
    ("spoon", ((350, 300), (385, 270))),
    ("cup", ((190, 190), (280, 228), (370, 205))),
    ("table", ((30, 130), (50, 250), (120, 370))),
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def place(page: Page, point: Point) -> Point:
    """Where a point of the image lies on the screen."""
    stage = page.locator(".stage")
    scale, left, top = map(float, (stage.get_attribute("data-view") or "").split())
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + left + (point[0] + 0.5) * scale, box["y"] + top + (point[1] + 0.5) * scale


def choose(page: Page, label: str) -> None:
    """Choose the label of what comes next."""
    page.keyboard.press("l")
    page.keyboard.type(label)
    page.keyboard.press("Enter")


def draw(page: Page, label: str, points: tuple[Point, ...]) -> None:
    """Name the next object and click its points."""
    choose(page, label)
    for point in points:
        page.mouse.click(*place(page, point))
        page.wait_for_timeout(150)
    page.locator(".latency").wait_for()


def drag(page: Page, start: Point, steps: int) -> list[float]:
    """Drag a point to and fro; the milliseconds of each answer."""
    page.mouse.move(*place(page, start))
    page.mouse.down()
    answers = []
    for i in range(steps):
        page.mouse.move(*place(page, (start[0] + (i % 8) - 4, start[1])))
        page.wait_for_timeout(250)  # a person's hand; each answer arrives before the next is asked
        answers.append(float(page.locator(".latency").get_attribute("data-milliseconds") or "nan"))
    page.mouse.move(*place(page, start))
    page.mouse.up()
    page.wait_for_timeout(500)
    return answers


def outline(page: Page, box: tuple[Point, Point], api: str) -> Point:
    """Draw a box for its outline; a control point of it."""
    page.keyboard.press("o")
    page.mouse.move(*place(page, box[0]))
    page.mouse.down()
    page.mouse.move(*place(page, box[1]), steps=5)
    page.mouse.up()
    page.locator(".latency").wait_for()
    page.wait_for_timeout(1000)
    with urllib.request.urlopen(f"{api}/project") as answer:
        first = next(image["id"] for image in json.load(answer)["images"] if image["objects"])
    with urllib.request.urlopen(f"{api}/images/{first}/session") as answer:
        x, y = json.load(answer)["objects"][-1]["outline"]["rings"][0]["points"][0]
    return x, y


def paint(page: Page) -> list[float]:
    """Label another image, stroke by stroke; the milliseconds of each live answer."""
    page.get_by_role("button", name="coffee.jpg").click()
    page.wait_for_timeout(1000)
    page.keyboard.press("b")
    page.wait_for_timeout(1000)
    answers = []
    for label, points in STROKES:
        choose(page, label)
        page.mouse.move(*place(page, points[0]))
        page.mouse.down()
        for start, end in pairwise(points):
            for i in range(1, 9):
                page.mouse.move(*place(page, (start[0] + (end[0] - start[0]) * i / 8, start[1] + (end[1] - start[1]) * i / 8)))
                page.wait_for_timeout(250)
                answers.append(float(page.locator(".latency").get_attribute("data-milliseconds") or "nan"))
        page.mouse.up()
        page.wait_for_timeout(1500)
    return answers


def said(what: str, answers: list[float]) -> str:
    """The median and the 95th percentile."""
    return (
        f"{what} in the browser: p50 {statistics.median(answers):.0f} ms, p95 {statistics.quantiles(answers, n=20)[18]:.0f} ms"
    )


def main(picture: Path) -> None:
    """Serve the samples, annotate, measure, take the picture."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "maskwright", "studio", f"{folder}/samples", "--samples", "--no-browser"]
        server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/project").close()
                    break
                except OSError:
                    time.sleep(0.2)
            chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{port}/")
            page.locator('.stage[data-view*=" "]').wait_for()
            draw(page, "shuttle", SHUTTLE)
            page.keyboard.press("Enter")
            draw(page, "helmet", HELMET)
            page.keyboard.press("Enter")
            draw(page, "person", PERSON)
            answers = drag(page, PERSON[2], steps=40)
            page.screenshot(path=picture)
            page.keyboard.press("Enter")
            point = outline(page, ((355, 0), (475, 284)), f"http://127.0.0.1:{port}/api")
            outlines = drag(page, point, steps=40)
            page.screenshot(path=picture.with_stem(f"{picture.stem}-outline"))
            page.keyboard.press("Enter")
            strokes = paint(page)
            page.screenshot(path=picture.with_stem(f"{picture.stem}-paint"))
            chromium.close()
        finally:
            server.terminate()
            server.wait()
    print(said("a dragged point's answer", answers))
    print(said("a dragged control point's answer", outlines))
    print(said("a growing stroke's answer", strokes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="where the first picture goes; the others lie beside it")
    main(parser.parse_args().picture)
