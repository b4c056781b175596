"""All annotations of a project in the plain words of `formats`, ready to be written in any of them."""

from __future__ import annotations

from collections.abc import Iterator

from maskwright.workspace.formats.model import (
    AnnotatedImage,
    AnnotatedLabel,
    AnnotatedObject,
    AnnotatedPainting,
    AnnotatedSet,
)
from maskwright.workspace.painting_events import Painting
from maskwright.workspace.project import ImageFile, Project
from maskwright.workspace.session import Session, SessionObject


def annotated_set(project: Project) -> tuple[AnnotatedSet, tuple[str, ...]]:
    """The project's labels and its images that have objects or paint, in natural order; those whose file is gone come last.

    Returns:
        The set, to be gone through once (it holds the masks of one image at a time), and notes: what does not fit any more.

    Raises:
        StoreError: the annotations cannot be read; also while the set is gone through.
    """
    annotated = {name for name, count in project.store.object_counts().items() if count} | project.store.painted()
    files = {image.name: image for image in project.images()}
    names = [name for name in files if name in annotated] + sorted(name for name in annotated if name not in files)
    labels = tuple(AnnotatedLabel(label.name, label.color) for label in project.store.labels())

    def images() -> Iterator[AnnotatedImage]:
        for name in names:
            width, height, fitting, painting = _fitting(files.get(name), project.store.load(name))
            objects = tuple(
                AnnotatedObject(o.id, o.label, o.segmented.mask.mask(), outline=o.segmented.outline) for o in fitting
            )
            painted = None if painting is None else AnnotatedPainting(painting.maps.class_map.class_map(), painting.labels)
            yield AnnotatedImage(name, width, height, objects, painting=painted)

    notes = [note for name in names for note in _notes(name, files.get(name), project.store.load(name))]
    return AnnotatedSet(images(), labels), tuple(notes)


def _fitting(file: ImageFile | None, session: Session) -> tuple[int, int, list[SessionObject], Painting | None]:
    """The image's width and height (without a file, those of its newest mask, or its painting), and what is of that size."""
    painting = _painting(session)
    sizes = [(o.segmented.mask.width, o.segmented.mask.height) for o in session.objects]
    painted = None if painting is None else (painting.maps.class_map.width, painting.maps.class_map.height)
    size = sizes[-1] if sizes else painted
    if file is not None and file.width and file.height:
        size = (file.width, file.height)
    assert size is not None  # nothing else is annotated
    fitting = [o for o, its in zip(session.objects, sizes, strict=True) if its == size]
    return *size, fitting, painting if painted == size else None


def _painting(session: Session) -> Painting | None:
    """The painting, if there is paint on it."""
    return session.painting if session.painting is not None and session.painting.labels else None


def _notes(name: str, file: ImageFile | None, session: Session) -> Iterator[str]:
    if file is None:
        yield f"{name} is not in the folder any more; its annotations are here all the same"
    width, height, fitting, painting = _fitting(file, session)
    another = f"made on an image of another size than {width} x {height} px"
    if left_out := len(session.objects) - len(fitting):
        yield f"{name}: {left_out} of {len(session.objects)} objects are left out; they were {another}"
    if painting is None and _painting(session) is not None:
        yield f"{name}: the painting is left out; it was {another}"
