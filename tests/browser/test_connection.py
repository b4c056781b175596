"""A connection that breaks in the middle of an answer: what was asked is done, and is not asked for again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Screen, Studio

LEFT = ((20, 80), (100, 80), (60, 40), (60, 120))
RIGHT = ((140, 80), (180, 40), (220, 80), (180, 120))
HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}


@contextmanager
def cutting(studio: Studio, path: str) -> Iterator[str]:
    """The address of a proxy to the studio that breaks off its first answer to a POST to such a path, after half of it."""
    cut = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with closing(HTTPConnection("127.0.0.1", studio.port)) as through:
                through.request(self.command, self.path, body or None, dict(self.headers))
                answer = through.getresponse()
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            breaks = self.command == "POST" and self.path.endswith(path) and not cut.is_set()
            self.wfile.write(content[: len(content) // 2] if breaks else content)
            if breaks:
                cut.set()

        do_POST = do_PUT = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
    assert cut.is_set()


def test_a_gesture_whose_answer_breaks_off_is_done_once(screen: Screen, fake_studio: Studio) -> None:
    with cutting(fake_studio, "/events") as url:
        screen.open(url)
        page = screen.page
        screen.click(*LEFT)
        screen.wait_painted(25, 45)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Select object 1").wait_for()
        screen.hint("1 of 4")  # the points did not come back
        screen.wait_saved()
        screen.click(*RIGHT)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Select object 2").wait_for()
        screen.wait_saved()
        assert page.locator(".notice.error").count() == 0
    assert [found["id"] for found in fake_studio.objects()] == [1, 2]


def test_a_file_whose_answer_breaks_off_is_added_once(screen: Screen, fake_studio: Studio) -> None:
    with cutting(fake_studio, "/images") as url:
        screen.open(url)
        image = fake_studio.folder / "one.png"
        chosen = [{"name": name, "mimeType": "image/png", "buffer": image.read_bytes()} for name in ("one.png", "new.png")]
        screen.page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
        screen.page.get_by_role("status").filter(has_text="2 images added").wait_for()
    assert sorted(path.name for path in fake_studio.folder.glob("*.png")) == ["new.png", "one-2.png", "one.png", "two.png"]
