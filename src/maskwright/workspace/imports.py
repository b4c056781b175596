"""Annotations made elsewhere become objects of a project's images, to be corrected like any other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from maskwright.workspace.annotator import Annotator
from maskwright.workspace.formats.model import AnnotatedImage, AnnotatedObject, AnnotatedSet
from maskwright.workspace.kept import KeptMask
from maskwright.workspace.labels import clean_name
from maskwright.workspace.names import encodable
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

    An image of the set goes with the file of its name; where there is none, with that of its name's last part, unless others go
    with it too. What the project has already stays as it is, objects of the same mask and label are not added again, and
    nothing is changed before all of the set has been read.

    Args:
        annotator: of the project.
        annotated: the set; its paintings are left alone.
        notes: what is known already to be missing from it.

    Raises:
        DataError: the set's masks cannot be read.
        ImageError: the folder cannot be read.
        StoreError: a label is no name; or the objects cannot be stored, but those of the images before are.
    """
    files = {file.name: file for file in annotator.project.images()}
    left_out: Counter[str] = Counter()
    missing: list[str] = []
    misfits: list[str] = []
    found: dict[str, list[_Found]] = defaultdict(list)
    for image in annotated.images:
        objects = list(_single(image.objects, left_out))
        if not objects:
            continue
        name = encodable(image.name)
        listed = files.get(name) or files.get(name.replace("\\", "/").rpartition("/")[2])
        if listed is None:
            missing.append(name)
            continue
        file = annotator.project.image(listed.id)  # of a long list, not all sizes are known
        if (problem := _misfit(file, image)) is not None:
            misfits.append(f"{name}: {len(objects)} objects are left out; {problem}")
        else:
            found[file.name].append(_Found(name, file, [(item.label, KeptMask.of(item.mask)) for item in objects]))
    matched = [_merged(items, misfits) for items in found.values()]
    labels = [(clean_name(label.name), label.color) for label in annotated.labels]

    for name, color in labels:
        annotator.project.store.add_label(name, color)
    added = [annotator.import_objects(file, items) for file, items in matched]
    left_out["are there already"] = sum(len(items) for _, items in matched) - sum(added)
    said = [*notes, *(f"{count} objects {what}" for what, count in left_out.items() if count), *misfits]
    if missing:
        names = ", ".join(missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        said.append(f"{len(missing)} annotated images are not in the folder: {names}")
    return Imported(sum(count > 0 for count in added), sum(added), tuple(said))


@dataclass(frozen=True)
class _Found:
    """The objects of an image of the set, label and mask of each, and the file that it goes with."""

    name: str
    file: ImageFile
    objects: list[tuple[str | None, KeptMask]]


def _merged(items: Sequence[_Found], misfits: list[str]) -> tuple[ImageFile, list[tuple[str | None, KeptMask]]]:
    """What is to be added to one file: of images that go with it by a part of their names, only one that is alone."""
    file = items[0].file
    exact = [item for item in items if item.name == file.name]
    chosen = exact or (items if len(items) == 1 else [])
    for item in items:
        if item not in chosen:
            misfits.append(f"{item.name}: {len(item.objects)} objects are left out; several images would go with {file.name}")
    return file, [each for item in chosen for each in item.objects]


def _single(objects: Iterable[AnnotatedObject], left_out: Counter[str]) -> Iterator[AnnotatedObject]:
    """The objects that stand for one thing each; the others are counted."""
    for item in objects:
        if item.extra.get("iscrowd") == 1:
            left_out["are crowds and left out"] += 1
        elif not item.mask.any():
            left_out["are left out because their mask is empty"] += 1
        else:
            yield item


def _misfit(file: ImageFile, image: AnnotatedImage) -> str | None:
    """Why an image's objects do not go with its file; None if they do."""
    if file.error is not None:
        return file.error
    if (file.width, file.height) != (image.width, image.height):
        was, now = f"{image.width} x {image.height} px", f"{file.width} x {file.height} px"
        return f"they were made on an image of {was}, the file has {now}"
    return None
