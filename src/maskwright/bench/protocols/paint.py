"""Protocol `paint`: strokes where the class map is most wrong, until so many per class are spent (Magic Paint)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maskwright.bench.datasets import Sample
from maskwright.bench.paint_robot import next_paint
from maskwright.bench.runner import Gesture, Record, Unplayable
from maskwright.errors import DataError, PromptError
from maskwright.methods.base import Method
from maskwright.prompts import Stroke
from maskwright.vision.painting import ClassMap

NOTABLE = 0.001
"""Classes of a smaller share of an image's labelled pixels bring no strokes of their own."""

DROP = 0.01
"""A stroke made the class map worse where pixel accuracy fell by more than this."""

STROKE_SECONDS, PATH_SECONDS, CHANGE_SECONDS = 1.2, 0.009, 1.0
"""What a stroke, a pixel of its path and a change of class are estimated to cost a person, s (an assumption)."""


@dataclass(frozen=True)
class Paint:
    """The robot labels whole images: one stroke after the other, each on the largest error, whatever its class.

    Strokes are counted per class: an image with m notable classes (at least 0.1 % of its labelled pixels) is worth
    `strokes_per_class` x m of them, and its state is noted after m, 2 m, ... strokes. Where nothing is wrong any more the robot
    stops, and the state is carried on. What has no class yet is wrong.

    The figures, lists by strokes per class, 1 to `strokes_per_class`:

    - `miou_at`: IoU of an image's class maps, mean over its true classes; mean over the images.
    - `pixel_accuracy_at`: the share of an image's labelled pixels that have the right class; mean over the images.
    - `pixel_accuracy_pooled_at`: the same over the pixels of all images together.
    - `seconds_at`: how long a person may take for an image, mean: 1.2 s a stroke, 0.9 s for 100 px of path, 1 s for each change
      to another class.
    - `drops`: the share of the strokes after which pixel accuracy fell by more than 1 point.

    Attributes:
        strokes_per_class: at least 1.
    """

    strokes_per_class: int = 5
    name: str = "paint"

    @property
    def options(self) -> Mapping[str, Any]:
        """What the figures depend on beside the data."""
        return {"strokes_per_class": self.strokes_per_class}

    def check(self, method: Method) -> None:
        """Refuse a method that takes no strokes.

        Raises:
            PromptError: so it is.
        """
        if Stroke not in method.accepts:
            raise PromptError(f"{method.name} takes no strokes; the protocol paint measures methods that do")

    def play(self, sample: Sample, gesture: Gesture, rng: np.random.Generator) -> Record:
        """Paint; see the class.

        Raises:
            Unplayable: no pixel of the image has a class.
            DataError: the sample is one object and no whole image.
            PromptError: the method answered no class map.
        """
        truth = sample.class_map
        if truth is None:
            raise DataError("the protocol paint needs whole images; open the data set with images=True")
        amounts = np.bincount(truth[truth > 0], minlength=1)
        labelled = int(amounts.sum())
        if not labelled:
            raise Unplayable("no pixel of the image has a class")
        notable = int((amounts >= NOTABLE * labelled).sum())
        classes: ClassMap = np.zeros_like(truth)
        strokes: list[Stroke] = []
        right, drops, seconds = 0, 0, 0.0
        course: dict[str, list[float]] = {"miou_at": [], "right_at": [], "seconds_at": []}
        for _ in range(self.strokes_per_class):
            for _ in range(notable):
                stroke = next_paint(classes, truth, sample.void, rng)
                if stroke is None:
                    break
                seconds += _seconds(stroke, strokes[-1] if strokes else None)
                strokes.append(stroke)
                classes = _class_map(gesture(tuple(strokes), None).candidates[0].class_map)
                before, right = right, int(np.count_nonzero(classes[truth > 0] == truth[truth > 0]))
                drops += right < before - DROP * labelled
            course["miou_at"].append(round(_mean_iou(classes, truth), 6))
            course["right_at"].append(right)
            course["seconds_at"].append(round(seconds, 3))
        return {
            "labelled": labelled,
            "classes": int(np.count_nonzero(amounts)),
            "notable": notable,
            "strokes": len(strokes),
            "drops": drops,
            "pixel_accuracy_at": [round(count / labelled, 6) for count in course["right_at"]],
            **course,
        }

    def metrics(self, records: Sequence[Record]) -> dict[str, Any]:
        """The figures over all images; see the class.

        Example:
            >>> record = {"labelled": 10, "strokes": 2, "drops": 1, "miou_at": [0.5, 0.4], "right_at": [8, 7]}
            >>> record |= {"pixel_accuracy_at": [0.8, 0.7], "seconds_at": [1.2, 2.4]}
            >>> figures = Paint(strokes_per_class=2).metrics([record])
            >>> figures["pixel_accuracy_pooled_at"], figures["drops"]
            ([0.8, 0.7], 0.5)
        """
        pixels = sum(record["labelled"] for record in records)
        made = sum(record["strokes"] for record in records)
        rights = zip(*(record["right_at"] for record in records), strict=True)
        return {
            "miou_at": _means(records, "miou_at"),
            "pixel_accuracy_at": _means(records, "pixel_accuracy_at"),
            "pixel_accuracy_pooled_at": [round(sum(right) / pixels, 6) for right in rights],
            "seconds_at": _means(records, "seconds_at"),
            "drops": round(sum(record["drops"] for record in records) / made, 6),
        }


def _class_map(class_map: ClassMap | None) -> ClassMap:
    if class_map is None:
        raise PromptError("the method takes strokes but answered no class map; the protocol paint has nothing to look at")
    return class_map


def _mean_iou(classes: ClassMap, truth: ClassMap) -> float:
    """IoU of each true class among the labelled pixels, mean over the true classes.

    Example:
        >>> _mean_iou(np.array([[1, 2, 2, 9]], np.uint8), np.array([[1, 1, 2, 0]], np.uint8))
        0.5
    """
    counted = truth > 0
    pairs = np.bincount(truth[counted].astype(int) * 256 + classes[counted], minlength=1 << 16).reshape(256, 256)
    common, wanted, given = np.diagonal(pairs), pairs.sum(axis=1), pairs.sum(axis=0)
    true = wanted > 0
    return float((common[true] / (wanted + given - common)[true]).mean())


def _seconds(stroke: Stroke, last: Stroke | None) -> float:
    """How long a person may take for a stroke after another one, s.

    Example:
        >>> _seconds(Stroke(((0, 0), (30, 40)), class_id=1), None)
        1.65
    """
    length = float(np.hypot(*np.diff(np.array(stroke.points), axis=0).T).sum())
    changed = last is not None and last.class_id != stroke.class_id
    return STROKE_SECONDS + PATH_SECONDS * length + CHANGE_SECONDS * changed


def _means(records: Sequence[Record], name: str) -> list[float]:
    return [round(float(np.mean(values)), 6) for values in zip(*(record[name] for record in records), strict=True)]
