"""The page itself: the built web face, or a plain word on how to build it."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
"""Where the build puts the web face."""

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>maskwright studio</title>
<body><h1>The page is not built</h1>
<p>This maskwright was installed from its source without the web face. <code>make studio</code> builds it;
or install a released package: <code>pip install maskwright</code>.</p>
<p>The <a href="/api/docs">HTTP API</a> works without it.</p></body></html>"""


class _BuiltFiles(StaticFiles):
    """The files of the build; while there is none, each of them is merely not found."""

    async def check_config(self) -> None:
        if not Path(str(self.directory)).is_dir():
            raise HTTPException(404, "the page is not built")


def install(app: FastAPI, static: Path) -> None:
    """Serve the page at "/" and its files; without a build, a page that says so (503)."""

    @app.get("/", include_in_schema=False)
    def index() -> Response:
        file = static / "index.html"
        if not file.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503)
        # The files it names carry a hash in their names; the page itself must be asked for anew after an upgrade.
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    # Else the files below would have to answer for requests that the API does not know.
    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(request: Request) -> Response:
        raise HTTPException(404, f"there is no {request.method} {request.url.path}; /api/docs lists what there is")

    app.mount("/", _BuiltFiles(directory=static, check_dir=False), name="static")
