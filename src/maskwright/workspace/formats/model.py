"""Annotated images as plain data: what every format reads into and writes from.

`extra` holds what a file said beyond that, by its own keys, so that reading and writing it again loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from maskwright.errors import MaskError
from maskwright.prompts import Outline
from maskwright.vision.masks import Mask
from maskwright.vision.painting import ClassMap
from maskwright.workspace.formats.colors import Rgb, from_hex, numbered

UNLABELLED = "unlabelled"
"""What objects without a label are called in formats that demand one; read back, it is no label again."""


@dataclass(frozen=True, eq=False)
class AnnotatedLabel:
    """An object class.

    Attributes:
        name: unique within a set.
        color: "#rrggbb", or None.
        extra: further keys of the format that it was read from.
    """

    name: str
    color: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AnnotatedObject:
    """One object of an image.

    Attributes:
        id: its number within the image.
        label: its class's name, or None.
        mask: bool, shape (height, width) of the image.
        extra: further keys of the format that it was read from.
        outline: what the mask was drawn by, for formats that keep points; None where it was not drawn so.
    """

    id: int
    label: str | None
    mask: Mask
    extra: Mapping[str, Any] = field(default_factory=dict)
    outline: Outline | None = None


@dataclass(frozen=True, eq=False)
class AnnotatedPainting:
    """Classes of an image's pixels, without regard to objects.

    Attributes:
        class_map: every pixel's class, 0 where there is none; uint8, shape (height, width) of the image.
        labels: the name of each class that is in it, by its number.
    """

    class_map: ClassMap
    labels: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class AnnotatedImage:
    """An image's objects, the lowest first: where two overlap, the later one lies on top.

    Attributes:
        name: the file's name, folders below the project's separated by "/".
        width, height: of the upright image, px.
        objects: in the order in which they lie on each other.
        extra: further keys of the format that it was read from.
        painting: what is painted; it lies below all objects. None where nothing is.

    Raises:
        MaskError: a mask, or the painting, is not of the image's size.
    """

    name: str
    width: int
    height: int
    objects: tuple[AnnotatedObject, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    painting: AnnotatedPainting | None = None

    def __post_init__(self) -> None:
        if self.painting is not None and self.painting.class_map.shape != (self.height, self.width):
            raise MaskError(
                f"{self.name}: the painting has shape {self.painting.class_map.shape}; give the image's, "
                f"({self.height}, {self.width})"
            )
        for item in self.objects:
            if item.mask.shape != (self.height, self.width):
                raise MaskError(
                    f"{self.name}: the mask of object {item.id} has shape {item.mask.shape}; "
                    f"give the image's, ({self.height}, {self.width})"
                )


@dataclass(frozen=True, eq=False)
class AnnotatedSet:
    """Many annotated images.

    Attributes:
        images: anything to go through once; a generator keeps the masks of one image at a time in memory.
        labels: the classes in their order, also those that nothing has. Those of objects and paintings that are not among them
            follow.
        extra: further keys of the format that it was read from.
    """

    images: Iterable[AnnotatedImage]
    labels: tuple[AnnotatedLabel, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def label_name(item: AnnotatedObject) -> str:
    """The object's label where there must be one.

    Example:
        >>> import numpy as np
        >>> label_name(AnnotatedObject(1, None, np.ones((1, 1), bool)))
        'unlabelled'
    """
    return UNLABELLED if item.label is None else item.label


def label_color(label: AnnotatedLabel, number: int) -> Rgb:
    """The label's colour; of a label without one, that of its number among the labels, from 1.

    Example:
        >>> label_color(AnnotatedLabel("cat", "#ff8000"), 1), label_color(AnnotatedLabel("dog"), 2)
        ((255, 128, 0), (0, 128, 0))
    """
    return numbered(number % 256) if label.color is None else from_hex(label.color)


def with_labels_of(labels: Sequence[AnnotatedLabel], image: AnnotatedImage) -> tuple[AnnotatedLabel, ...]:
    """The labels, and after them those of the image that are missing: its objects', then its painting's.

    Example:
        >>> import numpy as np
        >>> painting = AnnotatedPainting(np.array([[1, 2]], np.uint8), {1: "sky", 2: "sea"})
        >>> image = AnnotatedImage("a.jpg", 2, 1, (AnnotatedObject(1, None, np.ones((1, 2), bool)),), painting=painting)
        >>> [label.name for label in with_labels_of([AnnotatedLabel("sea")], image)]
        ['sea', 'unlabelled', 'sky']
    """
    painted = [] if image.painting is None else [name for _, name in sorted(image.painting.labels.items())]
    known = {label.name: label for label in labels}
    for name in [*map(label_name, image.objects), *painted]:
        known.setdefault(name, AnnotatedLabel(name))
    return tuple(known.values())
