"""All annotations of a project as one file to take away."""

from __future__ import annotations

from dataclasses import dataclass

from maskwright.workspace.project import Project


@dataclass(frozen=True)
class Export:
    """A file, and what its format could not hold."""

    name: str
    media_type: str
    content: bytes
    notes: tuple[str, ...]


def export(project: Project, format: str) -> Export:
    raise NotImplementedError
