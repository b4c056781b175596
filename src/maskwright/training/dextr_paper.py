"""What the paper feeds DEXTR and how it optimises it (Maninis et al., CVPR 2018, sections 3 and 4): the preset `paper`."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from maskwright.nets.dextr_paper import DextrPaper
from maskwright.prompts import Box, Point
from maskwright.vision.crops import Crop, crop_around, cut
from maskwright.vision.heatmaps import gaussians

CROP_SIZE = 512
"""Side of the network's input, px."""

MARGIN = 50
"""Around the tight box, in pixels of the image, whatever the object's size."""

HEAT_WIDTH = 10
"""Full width at half maximum of a point's Gaussian, in pixels of the resized crop: a standard deviation of 4.247 px."""

LEARNING_RATE = 1e-8
"""The backbone's, constant over the whole training; for the loss summed over pixels."""

WEIGHT_DECAY = 5e-4


def paper_crop(box: Box) -> Crop:
    """The crop around the tight box of the extreme points; it may reach beyond the image.

    Example:
        >>> paper_crop(Box(100, 100, 199, 299))
        Crop(x0=50, y0=50, x1=250, y1=350, size=512)
    """
    return crop_around(box, CROP_SIZE, relative=0.0, absolute=MARGIN)


def paper_input(image: NDArray[np.uint8], crop: Crop, points: Sequence[Point]) -> NDArray[np.float32]:
    """The network's four channels: red, green and blue as they are, and the heat map of all points in one channel.

    Two details differ from the authors' code: where both sides of a crop shrink, pixels are averaged instead of interpolated
    (less aliasing), and points keep their fractions instead of being cut to whole pixels of the crop.

    Args:
        image: uint8 RGB, (height, width, 3).
        crop: see `paper_crop`; what lies beyond the image is black.
        points: the four extreme points in any order, then any boundary points; pixel coordinates of the image. At least one.

    Returns:
        float32 in 0..255, (4, size, size); the heat map is stretched to that whole range.
    """
    rgb = cut(image, crop, fill=0, enlarge=cv2.INTER_CUBIC)
    heat = gaussians([crop.to_crop(point) for point in points], crop.size, crop.size, HEAT_WIDTH)
    low, high = heat.min(), heat.max()
    heat = (heat - low) * (255 / (high - low))
    return np.concatenate([rgb.transpose(2, 0, 1).astype(np.float32), heat[None]])


def paper_optimizer(net: DextrPaper, pixels: int = 1) -> torch.optim.SGD:
    """SGD with momentum 0.9 over two parameter groups: the backbone, and the head at ten times its learning rate.

    Frozen parameters (the backbone's batch-norm scales and shifts) are left out.

    Args:
        net: the network.
        pixels: what the loss was divided by beside the batch size: 1 for `balanced_bce(reduction="sum")`, the paper's;
            height x width of the crop for `reduction="mean"` (512 * 512 gives a learning rate of 2.6e-3). The learning rate
            grows and the weight decay shrinks by it, so that both train exactly alike.

    Example:
        >>> optimizer = paper_optimizer(DextrPaper(blocks=(1, 1, 1, 1), width=8))
        >>> [group["lr"] for group in optimizer.param_groups]
        [1e-08, 1e-07]
    """
    rate = LEARNING_RATE * pixels
    groups = [
        {"params": [p for p in net.backbone.parameters() if p.requires_grad], "lr": rate},
        {"params": list(net.head.parameters()), "lr": 10 * rate},
    ]
    return torch.optim.SGD(groups, lr=rate, momentum=0.9, weight_decay=WEIGHT_DECAY / pixels)
