"""Averaging a network's weights with those of an earlier graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from torch import nn  # noqa: E402

from maskwright.engine import weight_file  # noqa: E402
from maskwright.errors import DataError  # noqa: E402
from maskwright.nets.curve_gcn_fast import FastCurveGcn  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402
from maskwright.training.export import FORMS, add_soup  # noqa: E402
from maskwright.training.folded import load_graph  # noqa: E402

SHIPPED = weight_file("dextr-fast").path.parent
NETS: dict[str, Callable[[], nn.Module]] = {"dextr": FastDextr, "curve-gcn": lambda: FastCurveGcn(3, True)}


@pytest.mark.parametrize("method", NETS)
def test_the_average_lies_where_the_share_says(method: str) -> None:
    net = NETS[method]()
    for word, form in FORMS[method].graphs.items():
        load_graph(net.get_submodule(form.part), SHIPPED / f"{method}-fast{word}.onnx")
    net.eval()
    earlier = {name: value.clone() for name, value in net.named_parameters()}
    with torch.no_grad():
        for value in net.parameters():
            value.add_(1)
    add_soup(method, net, SHIPPED / f"{method}-fast.onnx", 0.25)
    assert earlier
    for name, value in net.named_parameters():
        torch.testing.assert_close(value.detach(), earlier[name] + 0.75)


def test_a_graph_of_another_network_is_refused() -> None:
    net = FastDextr()
    with pytest.raises(DataError, match="graph of another network"):
        add_soup("dextr", net, SHIPPED / "latent-diversity-fast.onnx", 0.5)


def test_a_network_that_still_has_norms_is_not_averaged_with_one_without() -> None:
    with pytest.raises(DataError, match="norms folded away"):
        add_soup("dextr", FastDextr(), SHIPPED / "dextr-fast.onnx", 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(DataError, match="number from 0 to 1"):
        add_soup("dextr", FastDextr(), tmp_path / "none.onnx", share)
