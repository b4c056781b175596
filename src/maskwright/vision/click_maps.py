"""Clicks as maps of the whole image, the form in which the network of Latent Diversity sees them (CVPR 2018, section 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maskwright.prompts import Click
from maskwright.vision import distances

REACH = 255.0
"""Distances are cut here, px: further away, a click is only "far"."""


def click_maps(clicks: Sequence[Click], height: int, width: int) -> NDArray[np.float32]:
    """The distance to the nearest positive and negative click, and where the clicks are.

    All maps are 0 at a click and 1 far from it: distances are cut at `REACH` px and divided by it.

    Args:
        clicks: in pixel coordinates of the image; each is taken as the pixel that it rounds to. Any number, none included.
        height, width: of the image, px.

    Returns:
        float32 in 0..1, (4, height, width): the distance to the positive clicks, to the negative clicks; then 0 at the positive
        clicks' pixels and 1 elsewhere, and the same of the negative ones. Maps of no click are 1 everywhere.

    Raises:
        PromptError: a click lies outside the image.

    Example:
        >>> maps = click_maps([Click(1, 0)], height=1, width=4)
        >>> (maps[0] * 255).tolist()
        [[1.0, 0.0, 1.0, 2.0]]
        >>> maps[2:].tolist()
        [[[1.0, 0.0, 1.0, 1.0]], [[1.0, 1.0, 1.0, 1.0]]]
    """
    points = [[(c.x, c.y) for c in clicks if c.positive == sign] for sign in (True, False)]
    near = np.stack([distances.to_points(group, height, width, truncate=REACH) for group in points])
    return np.concatenate([near / np.float32(REACH), near > 0], dtype=np.float32)
