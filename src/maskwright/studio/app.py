"""The studio's web application: the HTTP API under /api, and the page."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from maskwright import __version__
from maskwright.methods import MethodInfo
from maskwright.methods.base import Method
from maskwright.studio import docs, errors, page
from maskwright.studio.routes_image import image_routes
from maskwright.studio.routes_project import project_routes
from maskwright.studio.schemas import ErrorAnswer
from maskwright.studio.security import Guard, allowed_names
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.project import Project

MAX_FILE = 100_000_000
"""Bytes that one uploaded image may have, unless told otherwise."""

MAX_JSON = 4_000_000
"""Bytes that any other request may have."""

_FILES_PER_UPLOAD = 10


def create_app(
    project: Project,
    load_method: Callable[[str], Method],
    methods: Mapping[str, MethodInfo],
    *,
    host: str = "127.0.0.1",
    further_hosts: Iterable[str] = (),
    max_file: int = MAX_FILE,
    static: Path = page.STATIC,
    warm_up: bool = False,
) -> FastAPI:
    """Build the studio for one project; the app closes the project when it shuts down.

    Args:
        project: the folder that is open.
        load_method: turns a name into the method; called at a method's first use.
        methods: what to offer, by name.
        host: the address that the server binds to; requests under foreign host names are refused.
        further_hosts: names that are not foreign either.
        max_file: bytes that one uploaded image, or a file to import, may have; ten images may come at once.
        static: the folder of the built page.
        warm_up: let the first method run once in the background, as soon as the server runs.
    """

    annotator = Annotator(project, methods, load_method)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if warm_up:
            threading.Thread(target=annotator.warm_up, daemon=True).start()
        yield
        project.close()

    app = FastAPI(
        title="maskwright studio",
        version=__version__,
        description="Masks from gestures, and the annotations of one folder of images.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads its script from the internet: studio/docs.py makes one that does not
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={"4XX": {"model": ErrorAnswer, "description": "What is wrong, where, and what to do instead."}},
    )
    errors.install(app)
    app.include_router(project_routes(annotator, max_file), prefix="/api", tags=["project"])
    app.include_router(image_routes(annotator), prefix="/api/images/{image_id}", tags=["image"])
    docs.install(app)
    page.install(app, static)
    limits = {"/api/images": max_file * _FILES_PER_UPLOAD, "/api/import": max_file, None: MAX_JSON}
    app.add_middleware(Guard, names=allowed_names(host, further_hosts), max_body=limits)
    return app
