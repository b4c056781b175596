"""The API about one image: its pixels, and what is done to it."""

# No postponed annotations here: FastAPI could not resolve those that name the closures below.
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response

from maskwright.methods.base import Candidate
from maskwright.prompts import from_json, to_json
from maskwright.studio import pixels, routes_paint, schemas, views
from maskwright.studio.schema_parts import OutlineJson
from maskwright.vision import rle
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.project import ImageFile
from maskwright.workspace.session import Session

_THUMBNAILS_KEPT = 2000  # about 5 kB each


def image_routes(annotator: Annotator) -> APIRouter:
    """The routes below /api/images/{image_id}."""
    routes = APIRouter()
    project = annotator.project

    # The id is looked up among the folder's images; it never becomes part of a path.
    def find(image_id: Annotated[str, Path(description="An image's id, from the list.")]) -> ImageFile:
        return project.image(image_id)

    Found = Annotated[ImageFile, Depends(find)]
    Seen = Annotated[str | None, Header(alias="If-None-Match")]

    @lru_cache(maxsize=_THUMBNAILS_KEPT)
    def small(image: ImageFile) -> bytes:
        return pixels.thumbnail(project, image)

    def state(image: ImageFile, session: Session, candidates: Sequence[Candidate] = ()) -> schemas.SessionState:
        return views.session_state(image, session, project.store.labels(), candidates)

    @routes.get("/pixels", response_class=Response, responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}})
    def get_pixels(image: Found, if_none_match: Seen = None) -> Response:
        """The upright image, JPEG or PNG, in its original quality."""
        return _cached(image, if_none_match, lambda: pixels.full(project, image))

    @routes.get("/thumbnail", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
    def get_thumbnail(image: Found, if_none_match: Seen = None) -> Response:
        """A JPEG of at most 160 x 160 px."""
        return _cached(image, if_none_match, lambda: (small(image), "image/jpeg"))

    @routes.get("/session")
    def get_session(image: Found) -> schemas.SessionState:
        """All objects of the image, and its painting, as they stand."""
        return state(image, annotator.session(image))

    @routes.post("/preview")
    def post_preview(image: Found, request: schemas.PreviewRequest) -> schemas.Preview:
        """What a method makes of some prompts. Nothing is recorded."""
        start = time.perf_counter()
        prompts = [from_json(p) for p in request.prompts]
        prediction = annotator.predict(image, request.method, prompts, request.object_id)
        return views.preview(prediction, 1000 * (time.perf_counter() - start))

    @routes.post("/outline")
    def post_outline(image: Found, request: schemas.OutlineRequest) -> OutlineJson:
        """An outline of an object's mask, whatever it was made by: a prompt for methods that take one. Nothing is recorded."""
        form = request.model_dump(exclude={"object_id"})
        return to_json(annotator.outline(image, request.object_id, **form))

    @routes.post("/events")
    def post_event(image: Found, gesture: schemas.Gesture) -> schemas.SessionState:
        """Record a gesture. Once this has answered, the gesture survives a killed server."""
        match gesture:
            case schemas.AddObject():
                prompts = [from_json(p) for p in gesture.prompts]
                done = annotator.add_object(image, gesture.method, prompts, gesture.label)
                return state(image, done.session, done.candidates)
            case schemas.SetPrompts():
                prompts = [from_json(p) for p in gesture.prompts]
                done = annotator.set_prompts(image, gesture.object_id, gesture.method, prompts)
                return state(image, done.session, done.candidates)
            case schemas.ChooseCandidate():
                mask = rle.decode(gesture.mask.model_dump())
                session = annotator.choose_candidate(image, gesture.object_id, mask, gesture.score)
            case schemas.SetLabel():
                session = annotator.set_label(image, gesture.object_id, gesture.label)
            case schemas.DeleteObject():
                session = annotator.delete_object(image, gesture.object_id)
            case _:
                session = routes_paint.record(annotator.painter, image, gesture)
        return state(image, session)

    @routes.post("/undo")
    def post_undo(image: Found) -> schemas.SessionState:
        """Take the last gesture back; nothing happens when there is none."""
        return state(image, annotator.undo(image))

    @routes.post("/redo")
    def post_redo(image: Found) -> schemas.SessionState:
        """Do the last gesture taken back again; nothing happens when there is none."""
        return state(image, annotator.redo(image))

    routes.include_router(routes_paint.paint_routes(annotator, find), prefix="/paint")
    return routes


def _cached(image: ImageFile, seen: str | None, make: Callable[[], tuple[bytes, str]]) -> Response:
    """An answer that the browser keeps, asking each time whether the file has changed: its address does not say so."""
    headers = {"ETag": f'"{image.version}"', "Cache-Control": "private, no-cache"}
    if image.version and seen == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content, media_type = make()
    return Response(content, media_type=media_type, headers=headers)
