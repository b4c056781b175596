"""A real studio and a real browser: what a person has in front of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from tests.studio.fake_studio import serve

import maskwright

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from playwright.sync_api import Browser, Page, Route

# Nothing of the browser's own traffic: the tests run offline.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Studios with fake methods are forked from a process that has loaded all they need: most of a start is loading.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.studio.fake_studio"])
PATIENCE = 180.0  # seconds: the machine may be busy with other things


def missing(what: str) -> None:
    """Skip the test, or fail it where nobody would notice a skip."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(what)
    pytest.skip(what)


class Studio:
    """`maskwright studio` on a folder, in a process of its own that can be killed.

    Args:
        fake: with the methods of tests/studio/fake_studio.py.
    """

    def __init__(self, folder: Path, *, fake: bool = False) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        self.folder = folder
        self.fake = fake
        self.process: subprocess.Popen[bytes] | BaseProcess | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        if self.fake:
            self.process = FORKS.Process(target=serve, args=(self.folder, self.port))
            self.process.start()
        else:
            words = ["maskwright", "studio", str(self.folder), "--no-browser", "--port", str(self.port)]
            self.process = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.get("project")
                return
            except OSError:
                ended = self.process.poll() if isinstance(self.process, subprocess.Popen) else self.process.exitcode
                assert ended is None, "the studio ended before it answered"
                assert time.monotonic() < deadline, "the studio does not answer"
                time.sleep(0.1)

    def kill(self) -> None:
        """End it as kill -9 does: without a chance to put anything away."""
        if self.process is None:
            return
        self.process.kill()
        if isinstance(self.process, subprocess.Popen):
            self.process.wait()
        else:
            self.process.join()
        self.process = None

    def get(self, path: str) -> Any:
        """The JSON at /api/`path`."""
        with urllib.request.urlopen(f"{self.url}api/{path}", timeout=PATIENCE) as answer:
            return json.load(answer)

    def objects(self, image: int = 0) -> list[dict[str, Any]]:
        """The objects of the image at that place in the list, as the server has them."""
        objects: list[dict[str, Any]] = self.get(f"images/{self.get('project')['images'][image]['id']}/session")["objects"]
        return objects


class Screen:
    """The page, in an annotator's terms: points are prompt points of the image."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stage = page.locator(".stage")

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.wait_shown()

    def wait_shown(self) -> None:
        """Wait until an image is on the canvas."""
        self.page.locator('.stage[data-view*=" "]').wait_for()

    @contextmanager
    def view_changes(self) -> Iterator[None]:
        """What is done inside moves the view; go on once it has come to rest."""
        before = self.stage.get_attribute("data-view")
        yield
        deadline = time.monotonic() + PATIENCE
        last = before
        while last == before or last != self.stage.get_attribute("data-view"):
            assert time.monotonic() < deadline, "the view does not move"
            last = self.stage.get_attribute("data-view")
            self.page.wait_for_timeout(150)

    def choose_method(self, name: str) -> None:
        self.page.get_by_label("Method").select_option(name)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a prompt point is on the screen."""
        scale, left, top = map(float, (self.stage.get_attribute("data-view") or "").split())
        box = self.stage.bounding_box()
        assert box is not None
        return box["x"] + left + (x + 0.5) * scale, box["y"] + top + (y + 0.5) * scale

    def choose_tool(self, key: str) -> None:
        """Choose a tool by its key, and wait until the image has its place beside the tool's own row."""
        with self.view_changes():
            self.page.keyboard.press(key)

    def click(self, *points: tuple[float, float], button: Literal["left", "right"] = "left") -> None:
        for x, y in points:
            self.page.mouse.click(*self.at(x, y), button=button)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=5)
        self.page.mouse.up()

    def hint(self, text: str) -> None:
        """Wait until the status line says this."""
        self.page.locator(".hint", has_text=text).wait_for()

    def painted(self, x: float, y: float) -> bool:
        """Whether a mask or a handle is drawn over this pixel of the image."""
        sx, sy = self.at(x, y)
        script = """([x, y]) => {
            const canvas = document.querySelector('[data-testid=canvas]');
            const box = canvas.getBoundingClientRect();
            const ratio = canvas.width / box.width;
            return canvas.getContext('2d').getImageData((x - box.left) * ratio, (y - box.top) * ratio, 1, 1).data[3] > 0;
        }"""
        return bool(self.page.evaluate(script, [sx, sy]))

    def wait_painted(self, x: float, y: float, painted: bool = True) -> None:
        """Wait until a pixel is, or is no longer, drawn over."""
        deadline = time.monotonic() + PATIENCE
        while self.painted(x, y) is not painted:
            assert time.monotonic() < deadline, f"({x:g}, {y:g}) is {'not ' if painted else ''}painted"
            self.page.wait_for_timeout(50)

    def wait_saved(self) -> None:
        self.page.get_by_test_id("saved").get_by_text("Saved", exact=True).wait_for()

    def label(self, name: str) -> None:
        self.page.keyboard.press("l")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        self.page.locator(".label[aria-pressed=true]", has_text=name).wait_for()


def held(page: Page, url: str) -> list[Route]:
    """Requests to this address wait in this list until the test lets them go on."""
    waiting: list[Route] = []
    page.route(url, lambda route: waiting.append(route))
    # For a moment the page's requests still pass by: go on once one is seen to be stopped.
    page.route("**/probe", lambda route: route.fulfill(status=204))
    while page.evaluate("fetch('probe').then(answer => answer.status)") != 204:
        page.wait_for_timeout(20)
    return waiting


def wait_held(page: Page, waiting: list[Route]) -> Route:
    """Wait for the next of them."""
    deadline = time.monotonic() + PATIENCE
    while not waiting:
        assert time.monotonic() < deadline, "no request comes"
        page.wait_for_timeout(20)
    assert len(waiting) == 1, "one at a time"
    return waiting.pop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))]
    if not found:
        missing("no chromium on the PATH; on Debian: apt-get install chromium")
    if find_spec("playwright") is None:
        missing("playwright is not installed: pip install playwright")
    if not (Path(maskwright.__file__).parent / "studio" / "static" / "index.html").is_file():
        missing("the web face is not built: python scripts/build_web.py")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found[0], args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def screen(browser: Browser) -> Iterator[Screen]:
    """A fresh page; errors in its scripts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Screen(page)
    context.close()
    assert errors == []


@pytest.fixture
def folder(save_image: Callable[..., Path], tmp_path: Path) -> Path:
    """A folder with two images of 240 x 160: bright discs of radius 40 around (60, 80) and (180, 80) on a dark ground."""
    rows, columns = np.mgrid[:160, :240]
    noise = np.random.default_rng(0).integers(0, 12, (160, 240, 3))
    discs = ((columns - 60) ** 2 + (rows - 80) ** 2 <= 40**2) | ((columns - 180) ** 2 + (rows - 80) ** 2 <= 40**2)
    pixels = (np.where(discs[..., None], (210, 160, 60), (30, 50, 40)) + noise).astype(np.uint8)
    (tmp_path / "images").mkdir()
    for name in ("one.png", "two.png"):
        save_image(pixels, f"images/{name}")
    return tmp_path / "images"


@pytest.fixture
def studio(folder: Path) -> Iterator[Studio]:
    """A running studio on `folder`."""
    studio = Studio(folder)
    studio.start()
    yield studio
    studio.kill()


@pytest.fixture
def fake_studio(folder: Path) -> Iterator[Studio]:
    """A running studio on `folder` whose methods fill boxes and paint disks (tests/studio/fake_studio.py)."""
    studio = Studio(folder, fake=True)
    studio.start()
    yield studio
    studio.kill()
