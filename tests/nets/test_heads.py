"""The shared heads."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the networks need the [train] extra")

import torch

from maskwright.nets.heads import PyramidPooling, adaptive_average


@pytest.mark.parametrize("bins", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [(64, 64), (12, 20), (7, 5), (5, 3)])
def test_adaptive_average_is_pytorchs(size: tuple[int, int], bins: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, *size)
    torch.testing.assert_close(adaptive_average(x, bins), torch.nn.functional.adaptive_avg_pool2d(x, bins))


@pytest.mark.parametrize("align_corners", [True, False])
def test_pyramid_sees_the_whole_map(align_corners: bool) -> None:
    torch.manual_seed(0)
    head = PyramidPooling(4, branch_channels=3, out_channels=5, bins=(1, 2), align_corners=align_corners)
    x = torch.randn(2, 4, 8, 10, requires_grad=True)
    y = head(x)
    assert y.shape == (2, 5, 8, 10)
    y[0, :, 0, 0].sum().backward()
    assert x.grad is not None
    assert (x.grad[0].abs().sum(0) > 0).all()


def test_flat_grids_come_back_flat_and_in_order() -> None:
    head = PyramidPooling(1, branch_channels=1, out_channels=3, bins=(1, 2)).eval()
    state = head.state_dict()
    state |= {f"branches.{i}.0.weight": torch.ones(1, 1, 1, 1) for i in (0, 1)}
    state["fuse.0.weight"] = torch.eye(3)[:, :, None, None]
    head.load_state_dict(state)
    x = torch.zeros(1, 1, 4, 4)
    x[..., :2] = 1.0
    map_itself, mean, quarters = head(x)[0]
    scale = 1 / (1 + 1e-5) ** 0.5  # batch norm's epsilon, once per norm
    torch.testing.assert_close(map_itself, x[0, 0] * scale)
    torch.testing.assert_close(mean, torch.full((4, 4), 0.5 * scale**2))
    # Two columns of cells, 1 and 0: with aligned corners they fall linearly from the first pixel to the last.
    torch.testing.assert_close(quarters, torch.tensor([1, 2 / 3, 1 / 3, 0]).expand(4, 4) * scale**2)
