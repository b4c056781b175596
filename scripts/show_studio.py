"""Annotate a sample image in a real browser: takes README's picture and measures how long an answer to a dragged point takes.

    python scripts/show_studio.py docs/images/studio.png

The latency is measured in the page, from the moment a preview is asked to the moment its mask is there to be drawn.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

Point = tuple[float, float]

# Extreme points on astronaut.jpg: left, right, top, bottom.
SHUTTLE: tuple[Point, ...] = ((355, 221), (475, 222), (413, 0), (438, 284))
PERSON: tuple[Point, ...] = ((19, 440), (361, 330), (235, 15), (193, 511))
HELMET: tuple[Point, ...] = ((277, 455), (511, 478), (402, 344), (402, 511))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def place(page: Page, point: Point) -> Point:
    """Where a point of the image lies on the screen."""
    stage = page.locator(".stage")
    scale, left, top = map(float, (stage.get_attribute("data-view") or "").split())
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + left + (point[0] + 0.5) * scale, box["y"] + top + (point[1] + 0.5) * scale


def draw(page: Page, label: str, points: tuple[Point, ...]) -> None:
    """Name the next object and click its points."""
    page.keyboard.press("l")
    page.keyboard.type(label)
    page.keyboard.press("Enter")
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
            chromium.close()
        finally:
            server.terminate()
            server.wait()
    deciles = statistics.quantiles(answers, n=20)
    print(f"a dragged point's answer in the browser: p50 {statistics.median(answers):.0f} ms, p95 {deciles[18]:.0f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
