"""From the words of painting to the wire's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from maskwright.studio import paint_schemas
from maskwright.workspace.kept import KeptClassMap
from maskwright.workspace.labels import Label, color_of
from maskwright.workspace.painting_events import Painting


def painting_record(painting: Painting, labels: Sequence[Label]) -> paint_schemas.PaintingRecord:
    """A painting as the page draws it."""
    return paint_schemas.PaintingRecord(method=painting.maps.method, **dict(class_maps(painting, labels)))


def class_maps(painting: Painting, labels: Sequence[Label]) -> paint_schemas.ClassMaps:
    """A painting's classes and where they are."""
    classes = [
        paint_schemas.ClassRecord(class_id=number, label=label, color=color_of(label, number, labels))
        for number, label in painting.labels.items()
    ]
    maps = painting.maps
    return paint_schemas.ClassMaps(classes=classes, painted=_class_map(maps.painted), class_map=_class_map(maps.class_map))


@lru_cache(maxsize=32)
def _class_map(kept: KeptClassMap) -> paint_schemas.ClassMap:
    # Every answer holds the painting, also those to gestures that leave it as it is.
    return paint_schemas.ClassMap(size=[kept.height, kept.width], runs=kept.runs().ravel().tolist())
