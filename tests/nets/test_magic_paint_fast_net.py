"""Magic Paint's fast networks: shapes, sizes, convex upsampling, what the decoder does not depend on, the encoder alone."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

import torch.nn.functional as F  # noqa: E402

from maskwright.methods import magic_paint_encoding, magic_paint_maps  # noqa: E402
from maskwright.nets import magic_paint_fast  # noqa: E402
from maskwright.nets.magic_paint_fast import (  # noqa: E402
    FastMagicPaint,
    PaintDecoder,
    PaintEmbedding,
    bilinear_start,
    enlarged,
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def test_an_image_becomes_three_maps_at_stride_4() -> None:
    net = PaintEmbedding().eval()
    embedding, features, weights = net(torch.randn(2, 3, 64, 64))
    assert embedding.shape == (2, 32, 16, 16)
    assert features.shape == (2, 24, 16, 16)
    assert weights.shape == (2, 144, 16, 16)
    assert torch.allclose(weights.unflatten(1, (9, 16)).sum(1), torch.ones(2, 16, 16, 16), atol=1e-5)


def test_nothing_is_built_that_is_not_used() -> None:
    net = FastMagicPaint().eval()
    embedding, features, weights = net.embedding(torch.randn(1, 3, 64, 64))
    logits = net.decoder(features, weights, torch.rand(3, 9, 16, 16))
    (embedding.sum() + logits.square().sum()).backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []


def test_the_networks_are_light() -> None:
    net = FastMagicPaint()
    assert sum(p.numel() for p in net.embedding.parameters()) == pytest.approx(2.9e6, rel=0.02)
    assert sum(p.numel() for p in net.decoder.parameters()) < 50_000


def test_method_and_network_agree_on_their_sizes() -> None:
    assert magic_paint_fast.MAPS == magic_paint_maps.MAPS
    assert magic_paint_fast.STRIDE == magic_paint_encoding.STRIDE


@pytest.mark.parametrize(("classes", "rows", "columns"), [(1, 4, 4), (5, 12, 20), (2, 4, 40)])
def test_any_number_of_classes_on_any_grid(classes: int, rows: int, columns: int) -> None:
    decoder = PaintDecoder().eval()
    features, weights = torch.randn(1, 24, rows, columns), torch.rand(1, 144, rows, columns)
    maps = torch.rand(classes, 9, rows, columns)
    logits = decoder(features, weights, maps)
    assert logits.shape == (classes, 4 * rows, 4 * columns)
    # Each class is decoded as if it were alone.
    alone = torch.cat([decoder(features, weights, one[None]) for one in maps])
    assert torch.allclose(logits, alone, atol=1e-5)


def test_upsampling_never_leaves_the_range_of_the_cells_around() -> None:
    logits = torch.randn(3, 1, 8, 12)
    weights = torch.randn(1, 9, 16, 8, 12).softmax(1).flatten(1, 2)
    full = enlarged(logits, weights)
    assert full.shape == (3, 32, 48)
    padded = F.pad(logits, (1, 1, 1, 1), mode="replicate")
    highest = F.max_pool2d(padded, 3, 1).repeat_interleave(4, 2).repeat_interleave(4, 3)[:, 0]
    lowest = -F.max_pool2d(-padded, 3, 1).repeat_interleave(4, 2).repeat_interleave(4, 3)[:, 0]
    assert (full <= highest + 1e-5).all()
    assert (full >= lowest - 1e-5).all()


def test_upsampling_starts_next_to_bilinear() -> None:
    logits = torch.randn(1, 1, 8, 12)
    weights = bilinear_start().view(9, 16).softmax(0).flatten().view(1, 144, 1, 1).expand(-1, -1, 8, 12)
    bilinear = F.interpolate(logits, scale_factor=4, mode="bilinear")[:, 0]
    assert (enlarged(logits, weights) - bilinear).abs().mean() < 0.1 * bilinear.std()


def test_upsampling_puts_each_weight_where_it_belongs() -> None:
    logits = torch.arange(12.0).view(1, 1, 3, 4)
    weights = torch.zeros(1, 9, 4, 4, 3, 4)
    weights[:, 5, 1, 2] = 1  # row 1, column 2 of every cell takes the cell to the right
    full = enlarged(logits, weights.flatten(1, 3))[0]
    assert full[1::4, 2::4].tolist() == [[1, 2, 3, 3], [5, 6, 7, 7], [9, 10, 11, 11]]
    assert full.count_nonzero() == 12
