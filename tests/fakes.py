"""Methods without weights, for tests of what lies above the methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maskwright.errors import PromptError
from maskwright.methods.base import Candidate, Mask, Prediction, PreparedImage, Unprepared
from maskwright.methods.class_seeds import PAINT, checked_paint
from maskwright.methods.clicks import checked_clicks, with_clicks
from maskwright.prompts import Box, Click, Outline, OutlineForm, OutlineRing, Part, Prompt, VertexDrag
from maskwright.vision import outlines
from maskwright.vision.masks import as_mask

RADII = (6, 12, 18, 24, 30, 36)

GRID = 4
"""Pixels, on each side, that the fake painter gives one class; more on images of over 256 px."""

ALIKE = 60.0
"""How far a colour may be from a painted one to be taken for it: red, green and blue together, each 0 to 255."""


class FakeClicks(Unprepared):
    """Takes clicks and gives six candidates, which differ in a radius: best, and smallest, first.

    Without a mask to go on from, each click paints a disk: on the object, or off it. With one, only the last click does. In the
    end every click's own pixel gets its click's sign.
    """

    name = "latent-diversity"
    accepts: frozenset[type[Prompt]] = frozenset({Click})

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        height, width = prepared.image.shape[:2]
        clicks = checked_clicks(prompts, height, width, mask)
        start = np.zeros((height, width), bool) if mask is None else as_mask(mask, like=prepared.image)
        rows, columns = np.ogrid[:height, :width]
        candidates = []
        for i, radius in enumerate(RADII):
            answer = start.copy()
            for click in clicks if mask is None else clicks[-1:]:
                answer[(columns - click.x) ** 2 + (rows - click.y) ** 2 <= radius**2] = click.positive
            candidates.append(Candidate(with_clicks(answer, clicks), 0.9 - 0.1 * i))
        return Prediction(tuple(candidates))


class FakeOutlines(Unprepared):
    """Takes what Curve-GCN takes, without a network.

    A box becomes the ellipse within it. Neighbours of a dragged control point follow it, each the less the further it is away.
    """

    name = "curve-gcn"
    accepts: frozenset[type[Prompt]] = frozenset({Box, Outline, OutlineForm, Part, VertexDrag})

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        height, width = prepared.image.shape[:2]
        form = next((p for p in prompts if isinstance(p, OutlineForm)), OutlineForm())
        match [p for p in prompts if not isinstance(p, OutlineForm)]:
            case [Box() as box]:
                outline = Outline((ellipse(box, form.vertices),), form.curve)
            case [Outline() as outline]:
                pass
            case [Outline() as start, VertexDrag() as drag]:
                outline = dragged(start, drag)
            case [Outline() as start, Part() as part]:
                outline = replace(start, rings=(*start.rings, ellipse(part.box, form.vertices, part.hole)))
            case _:
                raise PromptError(f"{', '.join(p.kind for p in prompts) or 'nothing'} is not understood here")
        notice = None
        if any(outlines.crosses_itself(ring.points, outline.curve) for ring in outline.rings):
            outline, notice = outlines.repaired(outline, height, width), "The outline crossed itself and was repaired"
        return Prediction((Candidate(outlines.fill(outline, height, width), 0.8, outline, notice),))


class FakePaint(Unprepared):
    """Takes what Magic Paint takes, without a network.

    On a coarse grid, each cell gets the class of the painted pixel whose colour is nearest to its own (of the earliest of those
    that are), or none where no colour is near. Paint stays as it is.
    """

    name = "magic-paint"
    accepts: frozenset[type[Prompt]] = frozenset(PAINT)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        height, width = prepared.image.shape[:2]
        classes = checked_paint(prompts, height, width)
        rows, columns = np.nonzero(classes)
        if len(rows):
            some = slice(None, None, 1 + len(rows) // 500)
            known = prepared.image[rows[some], columns[some]].astype(float)
            step = max(GRID, max(height, width) // 64)
            cells = prepared.image[::step, ::step].astype(float)
            apart = np.abs(cells[:, :, None] - known).sum(-1)
            spread = np.where(apart.min(-1) <= ALIKE, classes[rows[some], columns[some]][apart.argmin(-1)], 0)
            spread = spread.repeat(step, 0).repeat(step, 1)[:height, :width]
            classes = np.where(classes > 0, classes, spread).astype(np.uint8)
        return Prediction((Candidate(classes > 0, 1.0, class_map=classes),))


def ellipse(box: Box, vertices: int, hole: bool = False) -> OutlineRing:
    """The ellipse within a box, from its right end up and around."""
    x, y, a, b = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, (box.x1 - box.x0 + 1) / 2, (box.y1 - box.y0 + 1) / 2
    angles = (2 * math.pi * i / vertices for i in range(vertices))
    return OutlineRing(tuple((round(x + a * math.cos(t), 2), round(y - b * math.sin(t), 2)) for t in angles), hole=hole)


def dragged(outline: Outline, drag: VertexDrag) -> Outline:
    """The outline with a control point at its new place, and others nearer to it."""
    ring = outline.rings[drag.ring]
    n, (x, y) = len(ring.points), ring.points[drag.index]
    points = []
    for i, point in enumerate(ring.points):
        apart = min((i - drag.index) % n, (drag.index - i) % n)
        share = 0.0 if apart > drag.reach or i in ring.pinned else 1 - apart / (drag.reach + 1)
        share = 1.0 if apart == 0 else share
        points.append((point[0] + share * (drag.x - x), point[1] + share * (drag.y - y)))
    rings = list(outline.rings)
    rings[drag.ring] = replace(ring, points=tuple(points))
    return replace(outline, rings=tuple(rings))
