"""Training samples of contours: one part, in a box as people draw it, seen by the encoding that the runtime uses."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.prompts import Box  # noqa: E402
from maskwright.training.contour_samples import ContourSamples, drawn_box, largest_part  # noqa: E402
from maskwright.training.curve_batches import ContourBatch, CurveForm  # noqa: E402
from maskwright.training.objects import SetMix, load_set  # noqa: E402
from maskwright.training.scenes import Staging  # noqa: E402
from maskwright.vision.masks import iou  # noqa: E402


@pytest.fixture(scope="module")
def samples(shapes_data: Path) -> ContourSamples:
    return ContourSamples(
        [load_set(shapes_data / "shapes", SetMix("shapes", 1.0), 100)], 64, seed=1, staging=Staging(pasted=0.3)
    )


def test_contours_fill_the_mask_and_the_box_is_around_it(samples: ContourSamples) -> None:
    for sample in islice(samples, 20):
        corners = (sample.contour * 64 * 16).round().astype(np.int32)
        filled = cv2.fillPoly(np.zeros((64, 64), np.uint8), [corners - 8], 1, cv2.LINE_8, 4)
        assert iou(filled > 0, sample.mask > 0) > 0.9
        ys, xs = np.nonzero(sample.mask)
        tight = np.array([[xs.min(), ys.min()], [xs.max() + 1, ys.max() + 1]]) / 64
        assert np.abs(sample.box.clip(0, 1) - tight).max() < 0.35  # something in front may have hidden an end
        assert sample.rgb.shape == (64, 64, 3)


def test_a_batch_has_the_ring_curve_and_targets_of_its_form(samples: ContourSamples) -> None:
    batch = ContourBatch.of(list(islice(samples, 3)), CurveForm(12, "polygon", 5))
    assert batch.ring.shape == (3, 12, 2)
    assert batch.contour.shape == batch.form.drawn(batch.ring).shape == (3, 60, 2)
    assert batch.adjacency.shape == (3, 12, 12)
    assert batch.heads.shape == (3, 3, 16, 16)
    assert batch.rgb.dtype == batch.box.dtype == batch.contour.dtype == torch.float32
    # The vertices lie on the edge, the edge around the inside.
    edge, vertices, inside = batch.heads.unbind(1)
    assert (vertices <= edge).all()
    assert (edge * (inside > 0) * (inside < 1)).sum() > 0.2 * edge.sum()


def test_numbers_of_control_points_vary_around_forty() -> None:
    rng = np.random.default_rng(0)
    forms = [CurveForm.random(rng, 320) for _ in range(300)]
    numbers = [form.vertices for form in forms]
    assert 150 < numbers.count(40) < 220
    assert 8 <= min(numbers) < 12
    assert 100 < max(numbers) <= 128
    assert {form.curve for form in forms} == {"polygon", "spline"}
    assert all(200 <= form.vertices * form.per_segment <= 400 for form in forms)


def test_of_several_parts_there_is_no_sample_but_specks_do_not_count() -> None:
    mask = np.zeros((40, 40), np.uint8)
    assert largest_part(mask) is None
    mask[5:20, 5:20] = 1
    mask[10:13, 10:13] = 0
    mask[30, 30] = 1
    part = largest_part(mask)
    assert part is not None
    assert part.sum() == 225  # the hole is filled, the speck gone
    mask[25:40, 5:20] = 1
    assert largest_part(mask) is None


def test_boxes_are_exact_at_times_and_never_far_off() -> None:
    rng = np.random.default_rng(0)
    boxes = [drawn_box(rng, Box(10, 20, 109, 69)) for _ in range(200)]
    sides = np.array([(b.x0, b.y0, b.x1, b.y1) for b in boxes]) - (10, 20, 109, 69)
    assert 50 < (sides == 0).all(axis=1).sum() < 110
    assert 1 < np.abs(sides[:, 0]).max() <= 6
    assert np.abs(sides[:, 1]).max() <= 3
