"""Annotations made elsewhere become objects of a project's images, to be corrected like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maskwright.workspace.annotator import Annotator
from maskwright.workspace.formats.model import AnnotatedImage, AnnotatedObject, AnnotatedSet
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.project import ImageFile

_NAMED = 3  # images that a note names


@dataclass(frozen=True)
class Imported:
    """What came of an import.

    Attributes:
        images: how many images have new objects.
        objects: how many objects are new.
        notes: what was left out, and why.
    """

    images: int
    objects: int
    notes: tuple[str, ...]


def import_set(annotator: Annotator, annotated: AnnotatedSet, notes: Iterable[str] = ()) -> Imported:
    """Add a set's objects to the project's images of the same names, and its labels to the project's.

    An image of the set goes with the file of its name, or of its name's last part where the set's names have folders. What the
    project has already stays as it is, objects of the same mask and label are not added again, and nothing is changed before
    all of the set has been read.

    Args:
        annotator: of the project.
        annotated: the set; its paintings are left alone.
        notes: what is known already to be missing from it.

    Raises:
        DataError: the set's masks cannot be read.
        ImageError: the folder cannot be read.
        StoreError: the objects cannot be stored; those of the images before are.
    """
    files = {file.name: file for file in annotator.project.images()}
    left_out: Counter[str] = Counter()
    missing: list[str] = []
    misfits: list[str] = []
    found: list[tuple[ImageFile, list[tuple[str | None, KeptMask]]]] = []
    for image in annotated.images:
        objects = list(_single(image.objects, left_out))
        if not objects:
            continue
        if (file := _file(files, image.name)) is None:
            missing.append(image.name)
        elif (problem := _misfit(file, image)) is not None:
            misfits.append(f"{image.name}: {len(objects)} objects are left out; {problem}")
        else:
            found.append((file, [(item.label, KeptMask.of(item.mask)) for item in objects]))

    for label in annotated.labels:
        annotator.project.store.add_label(label.name, label.color)
    added = [annotator.import_objects(file, items) for file, items in found]
    left_out["are there already"] = sum(len(items) for _, items in found) - sum(added)
    said = [*notes, *(f"{count} objects {what}" for what, count in left_out.items() if count), *misfits]
    if missing:
        names = ", ".join(missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        said.append(f"{len(missing)} annotated images are not in the folder: {names}")
    return Imported(sum(count > 0 for count in added), sum(added), tuple(said))


def _single(objects: Iterable[AnnotatedObject], left_out: Counter[str]) -> Iterator[AnnotatedObject]:
    """The objects that stand for one thing each; the others are counted."""
    for item in objects:
        if item.extra.get("iscrowd") == 1:
            left_out["are crowds and left out"] += 1
        elif not item.mask.any():
            left_out["are left out because their mask is empty"] += 1
        else:
            yield item


def _file(files: Mapping[str, ImageFile], name: str) -> ImageFile | None:
    return files.get(name) or files.get(name.replace("\\", "/").rpartition("/")[2])


def _misfit(file: ImageFile, image: AnnotatedImage) -> str | None:
    """Why an image's objects do not go with its file; None if they do."""
    if file.error is not None:
        return file.error
    if (file.width, file.height) not in ((image.width, image.height), (None, None)):
        was, now = f"{image.width} x {image.height} px", f"{file.width} x {file.height} px"
        return f"they were made on an image of {was}, the file has {now}"
    return None
