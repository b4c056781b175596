"""Protocol `extreme`: four extreme points, then boundary points on the largest error (DEXTR, sections 4.2 and 4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maskwright.bench.datasets import Sample
from maskwright.bench.metrics import boundary_f, error_rate
from maskwright.bench.protocols.start import given_points
from maskwright.bench.robots import next_boundary_point
from maskwright.bench.runner import Gesture, Record
from maskwright.errors import PromptError
from maskwright.methods.base import Method
from maskwright.prompts import BoundaryPoint, ExtremePoints, Point, Prompt
from maskwright.vision.masks import iou

TOLERANCE = "0.8 % of the image's diagonal, rounded up"
"""Of `boundary_f`: DAVIS's own, in words for the report."""


@dataclass(frozen=True)
class Extreme:
    """The robot gives the object's four extreme points, then up to `extra` boundary points, one after each answer.

    `iou_at` holds the IoU after 4, 5, ... points; an object that needs no further point keeps its IoU. `mean_iou`, `error_rate`
    and `boundary_f` are those of the last mask, hence of 4 + `extra` points.

    Attributes:
        jitter: how far the robot misses, px of the image; each point is drawn evenly from the disk of this radius.
        extra: further boundary points.
    """

    jitter: float = 0.0
    extra: int = 0
    name: str = "extreme"

    @property
    def options(self) -> Mapping[str, Any]:
        """What the figures depend on beside the data."""
        return {
            "jitter": self.jitter,
            "extra": self.extra,
            "boundary_tolerance": TOLERANCE,
        }

    def check(self, method: Method) -> None:
        """Refuse a method that takes no extreme points, or no boundary points where the robot gives some.

        Raises:
            PromptError: so it is.
        """
        if ExtremePoints not in method.accepts:
            raise PromptError(f"{method.name} takes no extreme points; the protocol extreme measures methods that do")
        if self.extra and BoundaryPoint not in method.accepts:
            raise PromptError(f"{method.name} takes no boundary points; leave them out (extra = 0)")

    def play(self, sample: Sample, gesture: Gesture, rng: np.random.Generator) -> Record:
        """Give four points, then correct; see the class.

        Raises:
            Unplayable: the object is less than 2 px wide or high.
        """
        truth, void = sample.mask, sample.void
        start = given_points(truth, rng, self.jitter)
        prompts: list[Prompt] = [start]
        points: list[Point] = list(start.points)
        mask = gesture(tuple(prompts), None).mask
        ious = [iou(mask, truth, void)]
        for _ in range(self.extra):
            further = next_boundary_point(mask, truth, points, void=void, rng=rng, jitter=self.jitter)
            if further is not None:
                prompts.append(further)
                points.append((further.x, further.y))
                mask = gesture(tuple(prompts), mask).mask
            ious.append(iou(mask, truth, void))
        return {
            "iou_at": [round(value, 6) for value in ious],
            "error_rate": round(error_rate(mask, truth, void), 6),
            "boundary_f": round(boundary_f(mask, truth, void), 6),
            "points": [[x, y] for x, y in points],
        }

    def metrics(self, records: Sequence[Record]) -> dict[str, Any]:
        """Means over the objects.

        Example:
            >>> record = {"iou_at": [0.8, 0.9], "error_rate": 4.0, "boundary_f": 0.7}
            >>> Extreme(extra=1).metrics([record])
            {'mean_iou': 0.9, 'iou_at': [0.8, 0.9], 'error_rate': 4.0, 'boundary_f': 0.7}
        """
        iou_at = [_mean([record["iou_at"][k] for record in records]) for k in range(self.extra + 1)]
        return {
            "mean_iou": iou_at[-1],
            "iou_at": iou_at,
            "error_rate": _mean([record["error_rate"] for record in records]),
            "boundary_f": _mean([record["boundary_f"] for record in records]),
        }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 6)
