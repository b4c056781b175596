"""Protocol `clicks`: click on the object, then on what is wrong, until it is right (Latent Diversity, section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from maskwright.bench.datasets import Sample
from maskwright.bench.protocols.start import check_start, first_mask
from maskwright.bench.robots import next_click, sloppy_click
from maskwright.bench.runner import Gesture, Record, Unplayable
from maskwright.errors import PromptError
from maskwright.methods.base import Method
from maskwright.prompts import Click
from maskwright.vision.masks import iou

ENOUGH = 0.95
"""The robot is content with this IoU."""

DROP = 0.05
"""A click made the mask worse where IoU fell by more than this."""

TARGETS = (85, 90, 95)
"""IoU in percent, of the figures `noc85` and so on."""

REPAIRABLE = (0.75, 0.85)
"""IoU of the first masks, both ends included, that `repaired` looks at."""


@dataclass(frozen=True)
class Clicks:
    """The robot clicks where the mask is most wrong, at most `clicks` times, until nothing is wrong or IoU is at `ENOUGH`.

    From there on the IoU is carried on, so that every `iou_at` holds the IoU after 1, 2, ..., `clicks` clicks. The figures:

    - `noc85`, `noc90`, `noc95`: clicks until IoU is 85, 90, 95 % for the first time; `clicks` where it never is, 0 where the
      first mask of `start` has it already.
    - `failures90`: the number of objects that never reach 90 %.
    - `iou_at`: mean IoU after each click.
    - `drops`: the share of the clicks after which IoU fell by more than 5 points.
    - `chosen_iou_1`, `best_iou_1`: after the first click, mean IoU of the best candidate by score and of the best in truth.
    - with `start` also `start_iou`, the mean IoU of the first masks, `repairable`, the number of those with IoU 0.75 to 0.85,
      and `repaired`, the share of them that is at 90 % after two clicks (None where there are none).

    Attributes:
        clicks: at most so many; at least 1.
        sloppy: clicks miss as people miss, see `sloppy_click`.
        start: gives the first mask, from the object's exact extreme points; None: the first click starts from nothing.
    """

    clicks: int = 20
    sloppy: bool = False
    start: Method | None = None
    name: str = "clicks"

    @property
    def options(self) -> Mapping[str, Any]:
        """What the figures depend on beside the data."""
        return {"clicks": self.clicks, "sloppy": self.sloppy, "from": self.start.name if self.start else None}

    def check(self, method: Method) -> None:
        """Refuse a method that takes no clicks, or a start that takes no extreme points.

        Raises:
            PromptError: so it is.
        """
        if Click not in method.accepts:
            raise PromptError(f"{method.name} takes no clicks; the protocol clicks measures methods that do")
        if self.start is not None:
            check_start(self.start)

    def play(self, sample: Sample, gesture: Gesture, rng: np.random.Generator) -> Record:
        """Click until it is right; see the class.

        Raises:
            Unplayable: the object has no pixel, or is less than 2 px wide or high and extreme points are asked for.
        """
        truth, void = sample.mask, sample.void
        if not truth.any():
            raise Unplayable("the object has no pixel")
        mask = first_mask(self.start, sample) if self.start else None
        ious = [0.0 if mask is None else iou(mask, truth, void)]
        best = ious[0]
        clicks: list[Click] = []
        while len(clicks) < self.clicks and ious[-1] < ENOUGH:
            seen = np.zeros_like(truth) if mask is None else mask
            click = (
                sloppy_click(seen, truth, clicks, void=void, rng=rng)
                if self.sloppy
                else next_click(seen, truth, clicks, void=void)
            )
            if click is None:
                break
            clicks.append(click)
            prediction = gesture(tuple(clicks), mask)
            mask = prediction.mask
            ious.append(iou(mask, truth, void))
            if len(clicks) == 1:
                best = max(iou(candidate.mask, truth, void) for candidate in prediction.candidates)
        drops = sum(after < before - DROP for before, after in pairwise(ious))
        iou_at = [round(value, 6) for value in ious[1:] + ious[-1:] * (self.clicks - len(clicks))]
        return {
            "start_iou": round(ious[0], 6),
            "iou_at": iou_at,
            "best_iou_1": round(best, 6),
            "drops": drops,
            "clicks": [[click.x, click.y, click.positive] for click in clicks],
        }

    def metrics(self, records: Sequence[Record]) -> dict[str, Any]:
        """The figures over all objects; see the class.

        Example:
            >>> record = {"start_iou": 0.0, "iou_at": [0.8, 0.91], "best_iou_1": 0.9, "drops": 0, "clicks": [[1, 2, True]] * 2}
            >>> Clicks(clicks=2).metrics([record])["noc90"]
            2.0
        """
        courses = [[record["start_iou"], *record["iou_at"]] for record in records]
        made = sum(len(record["clicks"]) for record in records)
        figures: dict[str, Any] = {
            f"noc{target}": _mean([_clicks_to(course, target) for course in courses]) for target in TARGETS
        }
        figures |= {
            "failures90": sum(max(course) < 0.9 for course in courses),
            "iou_at": [_mean(ious) for ious in zip(*courses, strict=True)][1:],
            "drops": round(sum(record["drops"] for record in records) / made, 6) if made else 0.0,
            "chosen_iou_1": _mean([course[1] for course in courses]),
            "best_iou_1": _mean([record["best_iou_1"] for record in records]),
        }
        return figures | _repairs(courses) if self.start else figures


def _clicks_to(course: Sequence[float], target: int) -> int:
    """The first click after which IoU is `target` percent; the number of all clicks where it never is.

    Example:
        >>> _clicks_to([0.0, 0.7, 0.86, 0.84], 85), _clicks_to([0.0, 0.7, 0.86, 0.84], 90)
        (2, 3)
    """
    return next((k for k, iou in enumerate(course) if iou >= target / 100), len(course) - 1)


def _repairs(courses: Sequence[Sequence[float]]) -> dict[str, Any]:
    """How well two clicks repair first masks that are nearly good; a single click where no more are made."""
    low, high = REPAIRABLE
    nearly = [course for course in courses if low <= course[0] <= high]
    return {
        "start_iou": _mean([course[0] for course in courses]),
        "repairable": len(nearly),
        "repaired": _mean([course[:3][-1] >= 0.9 for course in nearly]) if nearly else None,
    }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 6)
