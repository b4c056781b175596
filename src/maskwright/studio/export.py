"""All annotations of a project as one file to take away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import quote

from maskwright.workspace.annotated import annotated_set
from maskwright.workspace.formats import coco_json, coco_panoptic, index_png
from maskwright.workspace.project import Project

Format: TypeAlias = Literal["coco", "index-png", "coco-panoptic"]

# Characters of a header: some programs between here and the browser take 4,000 of all headers together.
_LONGEST_HEADER = 3000


@dataclass(frozen=True)
class Export:
    """A file, and what its format could not hold.

    Attributes:
        name: the file's.
        media_type: the file's.
        content: the file.
        notes: what it could not hold.
        noted_in: the JSON file that holds all notes: this one, or one in it.
    """

    name: str
    media_type: str
    content: bytes
    notes: tuple[str, ...]
    noted_in: str

    def notes_header(self) -> str:
        """The notes, URL-encoded, a line each: as many as a header takes, then how many more there are, and where."""
        lines: list[str] = []
        length = 0
        for number, note in enumerate(self.notes):
            length += len(quote(f"{note}\n"))
            if length > _LONGEST_HEADER:
                lines.append(f"... and {len(self.notes) - number} more, see {self.noted_in}")
                break
            lines.append(note)
        return quote("\n".join(lines))


def export(project: Project, format: Format) -> Export:
    """Write all annotations in one format.

    Raises:
        StoreError: they cannot be read.
    """
    annotated, known = annotated_set(project)
    if format == "coco":
        document, notes = coco_json.export(annotated, known)
        return Export("annotations.json", "application/json", json.dumps(document).encode(), notes, "annotations.json")
    if format == "coco-panoptic":
        content, notes = coco_panoptic.export_zip(annotated, known)
        return Export("panoptic.zip", "application/zip", content, notes, "panoptic.json")
    content, notes = index_png.export_zip(annotated, known)
    return Export("annotations.zip", "application/zip", content, notes, "labels.json")
