"""All annotations of a project as one file to take away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.formats import coco_json, coco_panoptic, index_png
from maskwright.workspace.project import Project

Format: TypeAlias = Literal["coco", "index-png", "coco-panoptic"]


@dataclass(frozen=True)
class Export:
    """A file, and what its format could not hold."""

    name: str
    media_type: str
    content: bytes
    notes: tuple[str, ...]


def export(project: Project, format: Format) -> Export:
    """Write all annotations in one format.

    Raises:
        StoreError: they cannot be read.
    """
    annotated, known = annotated_set(project)
    if format == "coco":
        document, notes = coco_json.export(annotated, known)
        return Export("annotations.json", "application/json", json.dumps(document).encode(), notes)
    if format == "coco-panoptic":
        content, notes = coco_panoptic.export_zip(annotated, known)
        return Export("panoptic.zip", "application/zip", content, notes)
    content, notes = index_png.export_zip(annotated, known)
    return Export("annotations.zip", "application/zip", content, notes)
