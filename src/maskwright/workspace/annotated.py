"""All annotations of a project in the plain words of `formats`, ready to be written in any of them."""

from __future__ import annotations

from collections.abc import Iterator

from maskwright.workspace.formats.model import AnnotatedImage, AnnotatedLabel, AnnotatedObject, AnnotatedSet
from maskwright.workspace.project import ImageFile, Project
from maskwright.workspace.session import Session, SessionObject


def annotated_set(project: Project) -> tuple[AnnotatedSet, tuple[str, ...]]:
    """The project's labels and its images that have objects, in natural order; those whose file is gone come last.

    Returns:
        The set, to be gone through once (it holds the masks of one image at a time), and notes: what does not fit any more.

    Raises:
        StoreError: the annotations cannot be read; also while the set is gone through.
    """
    counts = {name: count for name, count in project.store.object_counts().items() if count}
    files = {image.name: image for image in project.images()}
    names = [name for name in files if name in counts] + sorted(name for name in counts if name not in files)
    labels = tuple(AnnotatedLabel(label.name, label.color) for label in project.store.labels())

    def images() -> Iterator[AnnotatedImage]:
        for name in names:
            width, height, fitting = _fitting(files.get(name), project.store.load(name))
            objects = tuple(
                AnnotatedObject(o.id, o.label, o.segmented.mask.mask(), outline=o.segmented.outline) for o in fitting
            )
            yield AnnotatedImage(name, width, height, objects)

    notes = [note for name in names for note in _notes(name, files.get(name), project.store.load(name))]
    return AnnotatedSet(images(), labels), tuple(notes)


def _fitting(file: ImageFile | None, session: Session) -> tuple[int, int, list[SessionObject]]:
    """The image's width and height (without a file, those of its newest mask), and the objects of that size."""
    newest = session.objects[-1].segmented.mask
    size = (newest.width, newest.height)
    if file is not None and file.width and file.height:
        size = (file.width, file.height)
    return *size, [o for o in session.objects if (o.segmented.mask.width, o.segmented.mask.height) == size]


def _notes(name: str, file: ImageFile | None, session: Session) -> Iterator[str]:
    if file is None:
        yield f"{name} is not in the folder any more; its annotations are here all the same"
    width, height, fitting = _fitting(file, session)
    if left_out := len(session.objects) - len(fitting):
        yield (
            f"{name}: {left_out} of {len(session.objects)} objects are left out; they were made on an image of another size "
            f"than {width} x {height} px"
        )
