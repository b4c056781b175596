"""What `maskwright segment` gives back where a method painted: an index PNG, a JSON record, or lines of a summary."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from maskwright.vision.painting import ClassMap


def index_png(classes: ClassMap) -> bytes:
    """A class map as an 8-bit PNG whose pixels are numbers of classes, 0 for none, in PASCAL VOC's colours."""
    from PIL import Image

    from maskwright.workspace.formats.colors import numbered

    picture = Image.fromarray(classes)
    picture.putpalette([value for index in range(256) for value in numbered(index)])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def described(classes: ClassMap) -> dict[str, Any]:
    """A class map as plain JSON values: `size` [height, width], `classes` with their areas, `segments` as COCO's run lengths.

    Example:
        >>> described(np.array([[0, 7, 7]], np.uint8))
        {'size': [1, 3], 'classes': {'7': 2}, 'segments': {'7': {'size': [1, 3], 'counts': '12'}}}
    """
    from maskwright.vision import rle

    sizes = areas(classes)
    return {
        "size": list(classes.shape),
        "classes": {str(class_id): area for class_id, area in sizes.items()},
        "segments": {str(class_id): rle.encode_compressed(classes == class_id) for class_id in sizes},
    }


def areas(classes: ClassMap) -> dict[int, int]:
    """Pixels of each class that occurs.

    Example:
        >>> areas(np.array([[0, 7, 7]], np.uint8))
        {7: 2}
    """
    found, amounts = np.unique(classes[classes > 0], return_counts=True)
    return dict(zip(found.tolist(), amounts.tolist(), strict=True))


def summary(classes: ClassMap) -> Iterator[tuple[str, str]]:
    """Lines for a table: each class's area, and that of all pixels without one.

    Example:
        >>> list(summary(np.array([[0, 7, 7, 7]], np.uint8)))
        [('class 7', '3 px, 75.0% of the image'), ('no class', '1 px, 25.0% of the image')]
    """
    for class_id, area in areas(classes).items():
        yield f"class {class_id}", f"{area:,} px, {area / classes.size:.1%} of the image"
    if rest := int(np.count_nonzero(classes == 0)):
        yield "no class", f"{rest:,} px, {rest / classes.size:.1%} of the image"
