"""Engines on a graph made here: y = x + 1."""

from __future__ import annotations

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from maskwright.engine import ENGINES, load_engine, verify, weight_file
from maskwright.engine.weights import MANIFEST, WeightFile
from maskwright.errors import MissingExtraError, NotFoundError, WeightsError
from maskwright.methods import load_method


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    onnx = pytest.importorskip("onnx", reason="needs the extra train to make a graph")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Add", ["x", "one"], ["y"])],
            "plus_one",
            [helper.make_tensor_value_info("x", kind, [1, 3])],
            [helper.make_tensor_value_info("y", kind, [1, 3])],
            [helper.make_tensor("one", kind, [1], [1.0])],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    path = tmp_path / "plus-one.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("engine_name", ENGINES)
def test_an_engine_computes_the_graph(graph: Path, engine_name: str) -> None:
    if engine_name == "openvino":
        pytest.importorskip("openvino", reason="needs the extra openvino")
    engine = load_engine(graph, engine_name)
    answer = engine.run({"x": np.array([[1, 2, 3]], np.float32)})
    assert list(answer) == ["y"]
    assert answer["y"].tolist() == [[2, 3, 4]]


def test_threads_may_share_an_engine(graph: Path) -> None:
    engine = load_engine(graph)
    with ThreadPoolExecutor(4) as pool:
        values = pool.map(lambda i: engine.run({"x": np.full((1, 3), i, np.float32)})["y"][0, 0], range(50))
    assert list(values) == [i + 1 for i in range(50)]


@pytest.mark.parametrize("engine_name", ENGINES)
def test_a_file_that_is_no_graph_is_named(tmp_path: Path, engine_name: str) -> None:
    if engine_name == "openvino":
        pytest.importorskip("openvino", reason="needs the extra openvino")
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no graph")
    with pytest.raises(WeightsError, match=r"broken\.onnx is no graph"):
        load_engine(path, engine_name)


def test_an_unknown_engine_is_refused(graph: Path) -> None:
    with pytest.raises(NotFoundError, match="choose one of onnxruntime, openvino"):
        load_engine(graph, "tensorrt")
    with pytest.raises(NotFoundError, match="engine 'tensorrt' is not known"):
        load_method("dextr", engine="tensorrt")
    with pytest.raises(NotFoundError, match="method 'nope' is not known"):
        load_method("nope")


def test_a_missing_openvino_names_its_extra(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(MissingExtraError, match=r"maskwright\[openvino\]"):
        load_engine(graph, "openvino")


def test_weights_are_found_by_name_and_verified(tmp_path: Path) -> None:
    content = b"weights"
    (tmp_path / "a.onnx").write_bytes(content)
    (tmp_path / MANIFEST).write_text(json.dumps({"a.onnx": hashlib.sha256(content).hexdigest()}))
    weights = weight_file("a", tmp_path)
    assert verify(weights) == tmp_path / "a.onnx"
    with pytest.raises(WeightsError, match=r"no weights named 'b'.*known: a\.onnx"):
        weight_file("b", tmp_path)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"other")
    with pytest.raises(WeightsError, match="damaged"):
        verify(WeightFile(path, hashlib.sha256(b"weights").hexdigest()))
    path.unlink()
    with pytest.raises(WeightsError, match=r"a\.onnx cannot be read"):
        verify(WeightFile(path, ""))


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"checksums\.json is missing or damaged"):
        weight_file("a", tmp_path)


def test_every_shipped_file_matches_its_checksum_and_has_a_card() -> None:
    folder = weight_file("dextr-fast").path.parent
    names = sorted(path.name for path in folder.glob("*.onnx"))
    assert names == sorted(json.loads((folder / MANIFEST).read_text()))
    for name in names:
        verify(weight_file(name.removesuffix(".onnx")))
        assert any(name.startswith(card.stem) for card in folder.glob("*.md"))  # one for all graphs of a method
        assert (folder / name).stat().st_size < 12e6
