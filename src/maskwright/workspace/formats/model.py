"""Annotated images as plain data: what every format reads into and writes from.

`extra` holds what a file said beyond that, by its own keys, so that reading and writing it again loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maskwright.errors import MaskError
from maskwright.prompts import Outline
from maskwright.vision.masks import Mask

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
class AnnotatedImage:
    """An image's objects, the lowest first: where two overlap, the later one lies on top.

    Attributes:
        name: the file's name, folders below the project's separated by "/".
        width, height: of the upright image, px.
        objects: in the order in which they lie on each other.
        extra: further keys of the format that it was read from.

    Raises:
        MaskError: a mask is not of the image's size.
    """

    name: str
    width: int
    height: int
    objects: tuple[AnnotatedObject, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
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
        labels: the classes in their order, also those that no object has. Labels of objects that are not among them follow.
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
