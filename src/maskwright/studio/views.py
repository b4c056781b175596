"""From the workspace's words to the wire's."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from maskwright.methods.base import Candidate, Prediction
from maskwright.prompts import Outline, to_json
from maskwright.studio import paint_views, schemas
from maskwright.studio.schema_parts import OutlineJson
from maskwright.vision import rle
from maskwright.vision.masks import Mask, bounding_box
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.labels import Label, color_of
from maskwright.workspace.project import ImageFile
from maskwright.workspace.session import Session, SessionObject


def image_record(image: ImageFile, objects: int, painted: bool) -> schemas.ImageRecord:
    """The image as the list shows it."""
    size = {"width": image.width, "height": image.height}
    return schemas.ImageRecord(id=image.id, name=image.name, **size, objects=objects, painted=painted, error=image.error)


def image_records(images: Sequence[ImageFile], counts: Mapping[str, int], painted: Container[str]) -> list[schemas.ImageRecord]:
    """The images as the list shows them; `counts`: objects by image name; `painted`: the names of those with paint."""
    return [image_record(image, counts.get(image.name, 0), image.name in painted) for image in images]


def session_state(
    image: ImageFile, session: Session, labels: Sequence[Label], candidates: Sequence[Candidate] = ()
) -> schemas.SessionState:
    """All of a session that the page draws, and of the answer to a gesture its notice, and its candidates if several."""
    objects, painting = session.objects, session.painting
    return schemas.SessionState(
        image=image_record(image, len(objects), painting is not None and bool(painting.labels)),
        revision=session.revision,
        can_undo=session.can_undo,
        can_redo=session.can_redo,
        objects=[_object_record(found, labels) for found in objects],
        painting=None if painting is None else paint_views.painting_record(painting, labels),
        candidates=candidate_records(candidates) if len(candidates) > 1 else None,
        notice=candidates[0].notice if candidates else None,
    )


def _object_record(found: SessionObject, labels: Sequence[Label]) -> schemas.ObjectRecord:
    mask, area, box = _measured(found.segmented.mask)
    return schemas.ObjectRecord(
        id=found.id,
        label=found.label,
        color=color_of(found.label, found.id, labels),
        method=found.segmented.method,
        prompts=[to_json(prompt) for prompt in found.segmented.prompts],
        mask=mask,
        area=area,
        box=box,
        score=found.segmented.score,
        outline=outline_json(found.segmented.outline),
    )


@lru_cache(maxsize=512)
def _measured(kept: KeptMask) -> tuple[schemas.Mask, int, list[int] | None]:
    # Every answer holds all objects of the image, and all but one of them are as they were in the answer before.
    mask = kept.mask()
    box = bounding_box(mask)
    return mask_record(mask), int(mask.sum()), None if box is None else [int(v) for v in (box.x0, box.y0, box.x1, box.y1)]


def mask_record(mask: Mask) -> schemas.Mask:
    """A mask's run-length code."""
    return schemas.Mask(**rle.encode(mask))


def candidate_records(candidates: Sequence[Candidate]) -> list[schemas.CandidateRecord]:
    """Candidates in their order."""
    return [schemas.CandidateRecord(mask=mask_record(c.mask), score=c.score) for c in candidates]


def outline_json(outline: Outline | None) -> OutlineJson | None:
    """An outline's JSON form, if there is one."""
    return None if outline is None else to_json(outline)


def preview(prediction: Prediction, milliseconds: float) -> schemas.Preview:
    """A prediction, best candidate first."""
    best = prediction.candidates[0]
    return schemas.Preview(
        candidates=candidate_records(prediction.candidates),
        outline=outline_json(best.outline),
        notice=best.notice,
        milliseconds=milliseconds,
    )
