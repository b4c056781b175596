"""A studio without weights.

One method paints disks where one clicks, one draws ellipses, one spreads paint by colour; the brush is the real one; all others
fill their prompts' box.

For tests, and to work on the page:

    python -m tests.studio.fake_studio FOLDER [PORT]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI
from tests.fakes import FakeClicks, FakeOutlines, FakePaint

from maskwright.errors import PromptError
from maskwright.methods import METHODS
from maskwright.methods.base import Candidate, Image, Mask, Method, Prediction, PreparedImage
from maskwright.methods.brush import Brush
from maskwright.prompts import BoundaryPoint, Box, Click, ExtremePoints, Prompt
from maskwright.studio.app import create_app
from maskwright.workspace.project import Project, open_project


class FillsTheBox:
    """The mask is the box of all points; a click goes on from the mask so far and adds (or removes) its pixel."""

    accepts: frozenset[type[Prompt]] = frozenset({ExtremePoints, BoundaryPoint, Box, Click})

    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, image: Image) -> PreparedImage:
        return PreparedImage(image)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        height, width = prepared.image.shape[:2]
        answer = np.zeros((height, width), bool) if mask is None or not isinstance(prompts[-1], Click) else mask.copy()
        points: list[tuple[float, float]] = []
        for prompt in prompts:
            if isinstance(prompt, ExtremePoints):
                points += prompt.points
            elif isinstance(prompt, Box):
                points += [(prompt.x0, prompt.y0), (prompt.x1, prompt.y1)]
            elif isinstance(prompt, BoundaryPoint | Click):
                points.append((prompt.x, prompt.y))
            else:
                raise PromptError(f"{prompt.kind} is not understood here")
            if not all(0 <= x < width and 0 <= y < height for x, y in points):
                raise PromptError(f"a point lies outside the image of {width} x {height} px")
            if isinstance(prompt, Click):
                answer[round(prompt.y), round(prompt.x)] = prompt.positive
        if not points:
            raise PromptError("no prompts given; give four extreme points")
        if not isinstance(prompts[-1], Click):
            (x0, y0), (x1, y1) = np.min(points, axis=0).round(), np.max(points, axis=0).round()
            answer[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1] = True
        return Prediction((Candidate(answer, 0.5),))


def load_fake(name: str) -> Method:
    """The fake that stands in for the method of that name."""
    fakes: tuple[type[FakeClicks | FakeOutlines | FakePaint | Brush], ...] = (FakeClicks, FakeOutlines, FakePaint, Brush)
    return next((fake() for fake in fakes if fake.name == name), FillsTheBox(name))


def fake_app(project: Project, **options: Any) -> FastAPI:
    """The studio with a fake under every method's name, one for outlines and one for paint."""
    return create_app(project, load_fake, METHODS, **options)


def serve(folder: Path, port: int) -> None:
    """Open the folder and answer until the process is ended."""
    uvicorn.run(fake_app(open_project(folder)), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8765)
