"""A tiny training set of discs and bars on plain grounds, encoder weights in the published form, an exported DEXTR."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from maskwright.vision import rle

if TYPE_CHECKING:
    from maskwright.nets.dextr_fast import FastDextr


@pytest.fixture(scope="session")
def shapes_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one set, `shapes`: 8 images of 96 x 128, two objects each."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "shapes" / "images").mkdir(parents=True)
    rng = np.random.default_rng(3)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for i in range(8):
        image = np.full((96, 128, 3), rng.integers(0, 90, 3), np.uint8)
        for kind in ("disc", "bar"):
            mask = np.zeros((96, 128), np.uint8)
            if kind == "disc":
                cv2.circle(mask, (32, 48), int(rng.integers(14, 26)), 1, -1)
            else:
                cv2.rectangle(mask, (64, 20), (64 + int(rng.integers(20, 50)), 20 + int(rng.integers(20, 60))), 1, -1)
            image[mask == 1] = rng.integers(140, 255, 3)
            number = len(annotations) + 1
            annotations.append(
                {
                    "id": number,
                    "image_id": i + 1,
                    "category_id": 1,
                    "segmentation": rle.encode_compressed(mask.astype(bool)),
                    "area": int(mask.sum()),
                    "iscrowd": 0,
                }
            )
        cv2.imwrite(str(folder / "shapes" / "images" / f"{i}.png"), image)
        images.append({"id": i + 1, "file_name": f"{i}.png", "width": 128, "height": 96})
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "shape"}]}
    (folder / "shapes" / "instances_train.json").write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="session")
def maps_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one set of class maps, `maps`: 10 images of 96 x 128, of which 8 train: disc, bar, ground; a void rim."""
    folder = tmp_path_factory.mktemp("data")
    for part in ("images", "labels"):
        (folder / "maps" / part).mkdir(parents=True)
    rng = np.random.default_rng(3)
    for i in range(10):
        labels = np.zeros((96, 128), np.uint8)
        cv2.circle(labels, (32, 48), int(rng.integers(14, 26)), 1, -1)
        cv2.rectangle(labels, (64, 20), (64 + int(rng.integers(20, 50)), 20 + int(rng.integers(20, 60))), 2, -1)
        colours = np.stack([rng.integers(0, 90, 3), rng.integers(100, 170, 3), rng.integers(180, 255, 3)])
        cv2.imwrite(str(folder / "maps" / "images" / f"{i}.png"), colours[labels].astype(np.uint8))
        labels[:2] = 255
        cv2.imwrite(str(folder / "maps" / "labels" / f"{i}.png"), labels)
    (folder / "maps" / "classes.json").write_text(json.dumps({"0": "ground", "1": "disc", "2": "bar"}))
    return folder


@pytest.fixture(scope="session")
def encoder_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random encoder weights, named as the published ones are."""
    torch = pytest.importorskip("torch", reason="needs the extra train")
    from safetensors.torch import save_file

    from maskwright.nets.backbones.mobilenet_edgetpu import MobileNetEdgeTPU, published_name

    torch.manual_seed(0)
    state = MobileNetEdgeTPU(extra=2).state_dict()
    published = {published_name(k): v for k, v in state.items() if k != "prompt_stem.weight"}
    biases = {k.replace("conv.weight", "conv.bias"): torch.zeros(len(v)) for k, v in published.items() if "conv.weight" in k}
    path = tmp_path_factory.mktemp("weights") / "encoder.safetensors"
    save_file(published | biases, path)
    return path


@pytest.fixture(scope="session")
def exported_dextr(tmp_path_factory: pytest.TempPathFactory) -> tuple[FastDextr, Path]:
    """A DEXTR of random weights and its graph, for crops of 64 px: seconds of work, done once. Tests leave it as it is."""
    torch = pytest.importorskip("torch", reason="needs the extra train")

    from maskwright.nets.dextr_fast import FastDextr
    from maskwright.training.export import write_graph

    torch.manual_seed(0)
    net = FastDextr().eval()
    # The exporter leaves out what is zero, and writes equal tensors once.
    torch.nn.init.normal_(net.encoder.prompt_stem.weight)
    for norm in net.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(norm.bias)
            torch.nn.init.normal_(norm.running_mean)
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
    graph = tmp_path_factory.mktemp("graphs") / "dextr.onnx"
    example = (torch.randn(1, 3, 64, 64), torch.rand(1, 2, 64, 64))
    write_graph(net, example, ("rgb", "prompts"), ("logits",), graph)
    return net, graph
