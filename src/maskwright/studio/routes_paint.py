"""The API about one image's painting."""

# No postponed annotations here: FastAPI could not resolve those that name the closures below.
import time
from collections.abc import Callable
from typing import Annotated, get_args

from fastapi import APIRouter, Depends

from maskwright.errors import PromptError
from maskwright.prompts import Paint, from_json
from maskwright.prompts.paint import NO_CLASS
from maskwright.studio import paint_schemas, paint_views
from maskwright.studio.schemas import PaintingGesture
from maskwright.workspace.annotator import Annotator
from maskwright.workspace.labels import with_label
from maskwright.workspace.painter import Painter
from maskwright.workspace.project import ImageFile
from maskwright.workspace.session import Session

_KINDS = tuple(kind.kind for kind in get_args(Paint))


def paint_routes(annotator: Annotator, find: Callable[[str], ImageFile]) -> APIRouter:
    """The routes below /api/images/{image_id}/paint. `find`: the image of an id."""
    routes = APIRouter()
    store = annotator.project.store

    @routes.post("/preview")
    def post_paint_preview(
        image: Annotated[ImageFile, Depends(find)], request: paint_schemas.PaintPreviewRequest
    ) -> paint_schemas.PaintPreview:
        """The painting as it would be with this paint on top. Nothing is recorded."""
        start = time.perf_counter()
        painting = annotator.painter.preview(image, request.method, _paint(request), request.label)
        labels = store.labels() if request.label is None else with_label(store.labels(), request.label)
        maps = paint_views.class_maps(painting, labels)
        return paint_schemas.PaintPreview(**dict(maps), milliseconds=1000 * (time.perf_counter() - start))

    return routes


def record(painter: Painter, image: ImageFile, gesture: PaintingGesture) -> Session:
    """Do to the painting what a gesture says, and record it."""
    match gesture:
        case paint_schemas.Paint():
            return painter.paint(image, gesture.method, _paint(gesture), gesture.label)
        case paint_schemas.AcceptRegion():
            return painter.accept_region(image, gesture.x, gesture.y)
        case paint_schemas.DeleteClass():
            return painter.delete_class(image, gesture.label)
        case paint_schemas.SetPaintMethod():
            return painter.set_method(image, gesture.method)
        case paint_schemas.RegionToObject():
            return painter.region_to_object(image, gesture.x, gesture.y)


def _paint(request: paint_schemas.PaintPreviewRequest) -> Paint:
    # The label says the class; its number is the painting's own affair.
    number = {"class_id": NO_CLASS} if request.prompt.get("kind") in _KINDS else {}
    prompt = from_json(request.prompt | number)
    if not isinstance(prompt, Paint):
        raise PromptError(f"a {prompt.kind} does not paint; give a stroke or a fill")
    return prompt
