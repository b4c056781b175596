"""Class-balanced cross-entropy (DEXTR, CVPR 2018, section 3.2; the binary form goes back to HED, Xie and Tu, ICCV 2015).

Every pixel is weighted by the inverse frequency of its class, normalised to sum to 1 over the classes, with pixels counted over
the **whole mini-batch**: an image that is all background weighs in with the others instead of dividing by zero.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

Reduction: TypeAlias = Literal["sum", "mean"]


def balanced_bce(logits: Tensor, target: Tensor, void: Tensor | None = None, reduction: Reduction = "sum") -> Tensor:
    """Class-balanced binary cross-entropy of logits, stable for logits of any size.

    With P object and Q other pixels in the batch, weights are Q / (P + Q) on the object and P / (P + Q) off it. A batch with
    only one of the two has weight zero everywhere: nothing to balance, loss 0.

    Args:
        logits: float (batch, 1, height, width), or any shape that begins with the batch.
        target: bool or 0 / 1, the shape of `logits`.
        void: bool, the shape of `logits`; True leaves a pixel out of the sums and of the counts.
        reduction: "sum" adds all pixels and divides by the batch size only: the paper's, which explains its learning rate of
            1e-8. "mean" divides by the pixels of an image as well (void ones included, so that the two differ by a constant).

    Returns:
        A scalar, at least in float32.

    Raises:
        ValueError: shapes differ.

    Example:
        >>> balanced_bce(torch.zeros(1, 1, 1, 4), torch.tensor([[[[1, 0, 0, 0]]]]))  # (3/4 + 3 * 1/4) log 2
        tensor(1.0397)
    """
    _same_shape(logits, target, void)
    logits = at_least_float32(logits)
    known = torch.ones_like(target, dtype=torch.bool) if void is None else ~void.bool()
    positive, negative = target.bool() & known, ~target.bool() & known
    p, q = positive.sum(dtype=logits.dtype), negative.sum(dtype=logits.dtype)
    total = (p + q).clamp(min=1)
    # log(1 - sigmoid(z)) = log sigmoid(-z), and logsigmoid never takes the logarithm of a rounded 0.
    per_pixel = q / total * positive * F.logsigmoid(logits) + p / total * negative * F.logsigmoid(-logits)
    return _reduce(-per_pixel, reduction)


def balanced_cross_entropy(logits: Tensor, target: Tensor, void: Tensor | None = None, reduction: Reduction = "sum") -> Tensor:
    """The same for K classes: class-balanced softmax cross-entropy.

    The weight of a class is its inverse frequency over the sum of the inverse frequencies of the classes that occur in the
    batch. For K = 2 with both present that is `balanced_bce` of the difference of the two logits; with a single class
    present its weight is 1.

    Args:
        logits: float (batch, K, height, width).
        target: integers in 0..K-1, (batch, height, width).
        void: bool (batch, height, width); True leaves a pixel out, whatever its target (any number, also outside 0..K-1).
        reduction: as in `balanced_bce`.

    Raises:
        ValueError: shapes differ, or a known pixel's target is not in 0..K-1.

    Example:
        >>> logits = torch.zeros(1, 3, 1, 3)  # 1/3 each; classes 0 and 2 weigh 1/3 and 2/3
        >>> balanced_cross_entropy(logits, torch.tensor([[[0, 0, 2]]]))  # (2 * 1/3 + 2/3) log 3
        tensor(1.4648)
    """
    _same_shape(logits[:, 0], target, void)
    logits = at_least_float32(logits)
    known = torch.ones_like(target, dtype=torch.bool) if void is None else ~void.bool()
    classes = logits.shape[1]
    labels = target.long()[known]
    if labels.numel() and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        span = f"{int(labels.min())}..{int(labels.max())}"
        raise ValueError(f"targets span {span}, logits have {classes} classes; mark other pixels void")
    counts = torch.bincount(labels, minlength=classes)
    inverse = torch.where(counts > 0, 1 / counts.clamp(min=1).to(logits.dtype), 0)
    weight = inverse / inverse.sum().clamp(min=torch.finfo(logits.dtype).tiny)
    per_pixel = F.cross_entropy(logits, torch.where(known, target.long(), -1), weight, ignore_index=-1, reduction="none")
    return _reduce(per_pixel, reduction)


def _reduce(per_pixel: Tensor, reduction: Reduction) -> Tensor:
    total = per_pixel.sum() / per_pixel.shape[0]
    return total if reduction == "sum" else total / per_pixel[0].numel()


def at_least_float32(logits: Tensor) -> Tensor:
    """Half-precision values as float32: sums over a million pixels overflow float16 and lose bfloat16's few digits."""
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits


def _same_shape(logits: Tensor, target: Tensor, void: Tensor | None) -> None:
    for name, other in (("target", target), ("void", void)):
        if other is not None and other.shape != logits.shape:
            raise ValueError(f"{name} is of shape {tuple(other.shape)}, logits ask for {tuple(logits.shape)}")
