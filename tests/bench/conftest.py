"""Tiny data sets, made up in a temporary folder in each layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Save = Callable[[str, NDArray[np.uint8]], Path]

HEIGHT, WIDTH = 30, 40


@pytest.fixture
def truth() -> NDArray[np.bool_]:
    """An object of 12 x 20 px."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[6:18, 10:30] = True
    return mask


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """`save("masks/a.png", array)` writes an image file below tmp_path, folders included."""

    def write(name: str, pixels: NDArray[np.uint8]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    return write


@pytest.fixture
def image() -> NDArray[np.uint8]:
    """RGB noise."""
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture
def berkeley(save: Save, image: NDArray[np.uint8], truth: NDArray[np.bool_], tmp_path: Path) -> Path:
    """Three objects of two images in Berkeley's layout."""
    for name in ("1", "2"):
        save(f"images/{name}.jpg", image)
    for name, mask in (("1", truth), ("1#2", np.roll(truth, 3, axis=0)), ("2", np.roll(truth, 3, axis=1))):
        save(f"masks/{name}.png", mask.astype(np.uint8) * 255)
    return tmp_path


@pytest.fixture
def coco_file(save: Save, image: NDArray[np.uint8], tmp_path: Path) -> Callable[..., Path]:
    """`coco_file(segmentation, ...)` writes COCO JSON with one image and one annotation per segmentation."""
    save("images/a.png", image)

    def write(*segmentations: Any, **changes: Any) -> Path:
        annotations = [
            {"id": 10 + k, "image_id": 1, "category_id": 3, "segmentation": s, "iscrowd": 0}
            for k, s in enumerate(segmentations)
        ]
        data = {
            "images": [{"id": 1, "file_name": "a.png", "height": HEIGHT, "width": WIDTH}],
            "categories": [{"id": 3, "name": "cat"}],
            "annotations": annotations,
        } | changes
        path = tmp_path / "instances.json"
        path.write_text(json.dumps(data))
        return path

    return write
