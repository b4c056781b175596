"""The fast preset's network: shapes, ImageNet start, size."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from pathlib import Path  # noqa: E402

from maskwright.nets.backbones.mobilenet_edgetpu import FEATURE_WIDTHS, MobileNetEdgeTPU  # noqa: E402
from maskwright.nets.dextr_fast import FastDextr  # noqa: E402


def test_features_halve_and_widen() -> None:
    features = MobileNetEdgeTPU(extra=2).eval()(torch.zeros(1, 3, 64, 96), torch.zeros(1, 2, 64, 96))
    assert [tuple(f.shape[1:]) for f in features] == [(w, 64 >> i, 96 >> i) for i, w in enumerate(FEATURE_WIDTHS, 1)]


def test_logits_come_at_half_the_size() -> None:
    assert FastDextr().eval()(torch.zeros(1, 3, 96, 96), torch.zeros(1, 2, 96, 96)).shape == (1, 1, 48, 48)


def test_at_the_start_prompts_change_nothing() -> None:
    torch.manual_seed(0)
    encoder = MobileNetEdgeTPU(extra=2).eval()
    rgb = torch.randn(1, 3, 64, 64)
    without, with_prompts = encoder(rgb, torch.zeros(1, 2, 64, 64)), encoder(rgb, torch.ones(1, 2, 64, 64))
    assert all(torch.equal(a, b) for a, b in zip(without, with_prompts, strict=True))


def frozen_parts(blocks: int) -> set[str]:
    """Names of the encoder's parts that stay as they are, each block a part of its own."""
    encoder = MobileNetEdgeTPU(extra=2)
    encoder.freeze(blocks)
    still = [name.split(".") for name, parameter in encoder.named_parameters() if not parameter.requires_grad]
    return {".".join(parts[:2]) if parts[0] == "blocks" else parts[0] for parts in still}


def test_frozen_blocks_keep_the_stems_with_them_and_no_blocks_keep_nothing() -> None:
    assert frozen_parts(2) == {"stem", "prompt_stem", "first", "blocks.0", "blocks.1"}
    assert frozen_parts(0) == set()


def test_published_weights_are_really_loaded(shared: Path) -> None:
    from safetensors.torch import load_file

    published = load_file(shared / "weights" / "mobilenet_edgetpu_1.0_bn.safetensors")
    encoder = MobileNetEdgeTPU(extra=2).eval()
    encoder.load_imagenet(published)
    stem = published["stem.conv.weight"].float()
    assert torch.equal(encoder.stem.conv.weight, stem)
    # The stem by the published formula: convolution with bias, batch norm, ReLU, on TensorFlow's SAME padding.
    rgb = torch.rand(1, 3, 64, 64) * 2 - 1
    padded = torch.nn.functional.pad(rgb, (0, 1, 0, 1))
    x = torch.nn.functional.conv2d(padded, stem, published["stem.conv.bias"].float(), stride=2)
    names = ("running_mean", "running_var", "weight", "bias")
    x = torch.nn.functional.batch_norm(x, *(published[f"stem.bn.{n}"].float() for n in names), eps=1e-3)
    ours = encoder.stem.bn(encoder.stem.conv(padded))
    assert torch.allclose(ours, x, atol=1e-4)


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(KeyError, match=r"stem\.conv\.weight"):
        MobileNetEdgeTPU(extra=2).load_imagenet({})
