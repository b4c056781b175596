"""Protocol `contour`: a box, then the worst control point dragged to its place (Curve-GCN, sections 3.4 and 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from maskwright.bench.datasets import Sample
from maskwright.bench.drag_robot import largest_ring, next_drag, true_line
from maskwright.bench.metrics import boundary_f
from maskwright.bench.protocols.start import check_start, first_mask, given_points
from maskwright.bench.runner import Gesture, Record, Unplayable
from maskwright.errors import PromptError
from maskwright.methods.base import Mask, Method, Prediction
from maskwright.prompts import Box, ExtremePoints, Outline, OutlineForm, VertexDrag
from maskwright.vision import outlines
from maskwright.vision.masks import bounding_box, iou
from maskwright.vision.polygons import Ring

ENOUGH = 1.0
"""px; the robot leaves a control point that is so near to its place, and stops where all are."""

Drawn: TypeAlias = tuple[Outline, Mask]
"""An outline and what it fills."""

TARGETS = (80, 90)
"""IoU in percent, of the figures `corrections80` and `corrections90`."""


@dataclass(frozen=True)
class Contour:
    """The robot gives the object's tight box, then drags the worst control point to its place, at most `drags` times.

    See `drag_robot` for which point is worst and where it belongs. A method that takes no outlines is played by hand: its mask
    (of the box, or of the exact extreme points where it takes no box) is traced to `vertices` control points, around its
    largest part, and each drag moves one of them and nothing else. Where such a mask is empty, the box itself is traced.

    With `start` the outline that is dragged is traced in the same way from that method's mask of the exact extreme points.

    Objects of several parts are left out: one closed curve cannot be right. Holes are not: they count as wrong.

    The figures:

    - `mean_iou`, `boundary_f_1px`, `boundary_f`: of the first outline, before any drag; the boundaries within 1 px and 2 px.
    - `iou_at`: mean IoU after 0, 1, 2, ..., `drags` drags; an object that needs no further drag keeps its IoU.
    - `corrections80`, `corrections90`: drags until IoU is 80, 90 % for the first time; 0 where the first outline has it
      already, `drags` where it never is. `reached80`, `reached90`: the share of the objects where it is.
    - `iou_at_by_hand`, `corrections80_by_hand`, `corrections90_by_hand`: the same from the same first outlines, but with drags
      that move one point and nothing else; only where others may follow. `saved80`, `saved90`: the share of the drags by hand
      that following spares, over those objects that get to 80, 90 % in either way: of the others it is not known how many
      it takes. None where no object does, or all begin there.
    - `outline_ms`, `drag_ms`: the median times of the first answer (None with `start`, whose answer is not the method's) and of
      a drag (None where drags are by hand, or none is made).

    Attributes:
        drags: at most so many; at least 0.
        reach: how many neighbours on each side may follow a drag; 0: the points are moved by hand, one at a time.
        vertices: control points of the outline, 6 to 200.
        curve: "polygon" or "spline".
        start: gives the mask that the first outline is traced from; None: the method draws it.
    """

    drags: int = 20
    reach: int = 3
    vertices: int = 40
    curve: str = "spline"
    start: Method | None = None
    name: str = "contour"

    @property
    def options(self) -> Mapping[str, Any]:
        """What the figures depend on beside the data."""
        return {
            "drags": self.drags,
            "reach": self.reach,
            "vertices": self.vertices,
            "curve": self.curve,
            "from": self.start.name if self.start else None,
        }

    def check(self, method: Method) -> None:
        """Refuse a method that takes neither a box nor extreme points, or, with `start`, one that takes no outline.

        Raises:
            PromptError: so it is, or `start` takes no extreme points, or `vertices`, `curve` or `reach` are not such as an
                outline and its drags can have.
        """
        OutlineForm(self.vertices, self.curve)
        VertexDrag(0, 0, 0, reach=self.reach)
        if not method.accepts & {Box, ExtremePoints}:
            raise PromptError(f"{method.name} takes neither a box nor extreme points; the protocol contour begins with one")
        if self.start is not None:
            check_start(self.start)
            if Outline not in method.accepts:
                raise PromptError(f"{method.name} takes no outline to go on from; measure it without a start")

    def play(self, sample: Sample, gesture: Gesture, rng: np.random.Generator) -> Record:
        """Draw the outline, then drag; see the class.

        Raises:
            Unplayable: the object has no pixel, or several parts, or is less than 2 px wide or high where the robot gives
                extreme points.
        """
        truth, void = sample.mask, sample.void
        box = bounding_box(truth)
        if box is None:
            raise Unplayable("the object has no pixel")
        line = true_line(truth)
        if line is None:
            raise Unplayable("the object has several parts")

        def by_hand(outline: Outline, drag: VertexDrag, mask: Mask) -> Drawn:
            moved = outlines.moved(outline, drag.ring, drag.index, (drag.x, drag.y))
            return moved, outlines.fill(moved, *truth.shape)

        def followed(outline: Outline, drag: VertexDrag, mask: Mask) -> Drawn:
            return _drawn(gesture((outline, drag), mask))

        draws = Outline in gesture.accepts
        form = OutlineForm(self.vertices, self.curve)
        if self.start is not None:
            first = self._traced(first_mask(self.start, sample), box)
        elif draws:
            first = _drawn(gesture((box, form), None))
        else:
            first = self._traced(gesture((box if Box in gesture.accepts else given_points(truth),), None).mask, box)
        ious, drags = self._dragged(first, followed if draws else by_hand, line, sample)
        record = {
            "boundary_f_1px": round(boundary_f(first[1], truth, void, tolerance=1), 6),
            "boundary_f": round(boundary_f(first[1], truth, void, tolerance=2), 6),
            "iou_at": ious,
            "drags": [[drag.ring, drag.index, drag.x, drag.y] for drag in drags],
        }
        if draws and self.reach:
            record["iou_at_by_hand"], _ = self._dragged(first, by_hand, line, sample)
        return record

    def metrics(self, records: Sequence[Record]) -> dict[str, Any]:
        """The figures over all objects; see the class.

        Example:
            >>> record = {"boundary_f": 0.7, "boundary_f_1px": 0.5, "iou_at": [0.7, 0.85, 0.86], "ms": [30.0, 4.0, 5.0]}
            >>> figures = Contour(drags=2).metrics([record])
            >>> figures["corrections80"], figures["corrections90"], figures["reached90"], figures["drag_ms"]
            (1.0, 2.0, 0.0, 4.5)
        """
        drawn = 0 if self.start else 1
        first = [ms for record in records for ms in record["ms"][:drawn]]
        later = [ms for record in records for ms in record["ms"][drawn:]]
        courses = [record["iou_at"] for record in records]
        by_hand = [record["iou_at_by_hand"] for record in records if "iou_at_by_hand" in record]
        figures: dict[str, Any] = {
            "mean_iou": _mean([course[0] for course in courses]),
            "boundary_f_1px": _mean([record["boundary_f_1px"] for record in records]),
            "boundary_f": _mean([record["boundary_f"] for record in records]),
        }
        figures |= _corrections(courses, "")
        figures |= {f"reached{target}": _mean([max(course) >= target / 100 for course in courses]) for target in TARGETS}
        if by_hand:
            figures |= _corrections(by_hand, "_by_hand")
            figures |= {f"saved{target}": _saved(courses, by_hand, target) for target in TARGETS}
        return figures | {"outline_ms": _median(first), "drag_ms": _median(later)}

    def _dragged(
        self, first: Drawn, step: Callable[[Outline, VertexDrag, Mask], Drawn], line: Ring, sample: Sample
    ) -> tuple[list[float], list[VertexDrag]]:
        """The IoU after 0, 1, ..., `drags` drags, and the drags."""
        outline, mask = first
        ious = [round(iou(mask, sample.mask, sample.void), 6)]
        drags: list[VertexDrag] = []
        while len(drags) < self.drags:
            drag = next_drag(outline, line, self.reach, ENOUGH)
            if drag is None:
                break
            outline, mask = step(outline, drag, mask)
            drags.append(drag)
            ious.append(round(iou(mask, sample.mask, sample.void), 6))
        return ious + ious[-1:] * (self.drags - len(drags)), drags

    def _traced(self, mask: Mask, box: Box) -> Drawn:
        """A mask as an outline of one ring; of an empty one, the box."""
        if not mask.any():
            mask = mask.copy()
            mask[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1] = True
        traced = outlines.of_mask(mask, vertices=self.vertices, curve=self.curve)
        outline = replace(traced, rings=(traced.rings[largest_ring(traced)],))
        return outline, outlines.fill(outline, *mask.shape)


def drags_to(course: Sequence[float], target: int) -> int:
    """The first drag after which IoU is `target` percent, 0 for none; the number of all drags where it never is.

    Example:
        >>> drags_to([0.7, 0.86, 0.84], 80), drags_to([0.7, 0.86, 0.84], 90), drags_to([0.95, 0.9, 0.9], 90)
        (1, 2, 0)
    """
    return next((k for k, iou in enumerate(course) if iou >= target / 100), len(course) - 1)


def _corrections(courses: Sequence[Sequence[float]], suffix: str) -> dict[str, Any]:
    return {f"iou_at{suffix}": [_mean(ious) for ious in zip(*courses, strict=True)]} | {
        f"corrections{target}{suffix}": _mean([drags_to(course, target) for course in courses]) for target in TARGETS
    }


def _saved(courses: Sequence[Sequence[float]], by_hand: Sequence[Sequence[float]], target: int) -> float | None:
    """The share of the drags by hand that `courses` spare, over the objects that either way brings to `target` percent."""
    there = [pair for pair in zip(courses, by_hand, strict=True) if max(*pair[0], *pair[1]) >= target / 100]
    followed = sum(drags_to(course, target) for course, _ in there)
    moved = sum(drags_to(course, target) for _, course in there)
    return round(1 - followed / moved, 6) if moved else None


def _drawn(prediction: Prediction) -> Drawn:
    best = prediction.candidates[0]
    if best.outline is None:
        raise PromptError("the method takes outlines but answered none; the protocol contour has nothing to drag")
    return best.outline, best.mask


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 6)


def _median(times: Sequence[float]) -> float | None:
    return round(float(np.median(times)), 3) if times else None
