"""Every recipe says what its file of weights must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from safetensors.torch import load_file, save_file  # noqa: E402

from maskwright.errors import DataError  # noqa: E402
from maskwright.training import curve_gcn, dextr, latent_diversity, magic_paint  # noqa: E402

RECIPES: list[Any] = [
    pytest.param(module.new_net, settings, id=module.__name__.rpartition(".")[2])
    for module, settings in (
        (curve_gcn, curve_gcn.CurveGcnSettings),
        (dextr, dextr.DextrSettings),
        (latent_diversity, latent_diversity.LatentDiversitySettings),
        (magic_paint, magic_paint.MagicPaintSettings),
    )
]


def refused(new_net: Any, settings: Any, init: Path) -> str:
    with pytest.raises(DataError, match=r"give ImageNet weights of the encoder \(\.safetensors\)") as caught:
        new_net(settings(data=init.parent, init=init, out=init.parent))
    assert str(init) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("new_net", "settings"), RECIPES)
def test_a_file_that_is_no_safetensors_is_named(new_net: Any, settings: Any, tmp_path: Path) -> None:
    init = tmp_path / "notes.txt"
    init.write_text("buy milk")
    assert "is no safetensors file" in refused(new_net, settings, init)
    init.unlink()
    assert "is no safetensors file" in refused(new_net, settings, init)


@pytest.mark.parametrize(("new_net", "settings"), RECIPES)
def test_weights_of_another_network_are_named(new_net: Any, settings: Any, tmp_path: Path, encoder_weights: Path) -> None:
    init = tmp_path / "other.safetensors"
    weights = load_file(encoder_weights)
    name = next(name for name, value in weights.items() if value.ndim == 4)
    save_file(weights | {name: torch.zeros(1, 2, 3, 4)}, init)
    assert "holds weights of another network" in refused(new_net, settings, init)
    del weights[name]
    save_file(weights, init)
    assert "holds weights of another network" in refused(new_net, settings, init)
