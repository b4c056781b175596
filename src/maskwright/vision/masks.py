"""Masks and images as arrays: what they must look like, how alike two masks are, where a mask's ends lie."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from maskwright.errors import ImageError, MaskError
from maskwright.prompts import Box, ExtremePoints, Point

Image: TypeAlias = NDArray[np.uint8]
"""RGB, upright, shape (height, width, 3)."""

Mask: TypeAlias = NDArray[np.bool_]
"""True on the object, shape (height, width)."""


def as_image(array: Any) -> Image:
    """Check that an array is an image; it comes back as it is, without a copy.

    Raises:
        ImageError: it is not a uint8 array of shape (height, width, 3) with at least one pixel.

    Example:
        >>> as_image(np.zeros((4, 6, 3), np.uint8)).shape
        (4, 6, 3)
    """
    if not isinstance(array, np.ndarray):
        raise ImageError(f"the image is a {type(array).__name__}; give a numpy array, as read_image returns it")
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ImageError(
            f"the image is {array.dtype} of shape {array.shape}; give uint8 RGB of shape (height, width, 3), 0..255"
        )
    if array.size == 0:
        raise ImageError(f"the image has no pixels (shape {array.shape}); give at least 1 x 1")
    return array


def as_mask(array: Any, like: NDArray[Any] | None = None) -> Mask:
    """Turn an array of truth values into a mask: bool as it is, integers by "not zero".

    Args:
        array: shape (height, width), bool or integer. Floats are refused: where to cut them is the caller's decision.
        like: an image or a mask whose height and width the mask must have.

    Raises:
        MaskError: another shape, another kind of numbers, or no pixels.

    Example:
        >>> as_mask(np.array([[0, 255], [1, 0]], np.uint8)).tolist()
        [[False, True], [True, False]]
    """
    if not isinstance(array, np.ndarray):
        raise MaskError(f"the mask is a {type(array).__name__}; give a numpy array of shape (height, width)")
    if array.ndim != 2 or array.size == 0:
        raise MaskError(f"the mask has shape {array.shape}; give (height, width), at least 1 x 1")
    if array.dtype.kind not in "bui":
        raise MaskError(f"the mask's values are {array.dtype}; give bool (True on the object), such as `scores > 0.5`")
    if like is not None and array.shape != like.shape[:2]:
        raise MaskError(
            f"the mask is {array.shape[1]} x {array.shape[0]} px, the image {like.shape[1]} x {like.shape[0]} px; "
            "give a mask of the image's size"
        )
    mask: Mask = array if array.dtype == np.bool_ else array != 0
    return mask


def iou(a: Mask, b: Mask, void: Mask | None = None) -> float:
    """Intersection over union (Jaccard index), 0..1; two empty masks agree, hence 1.

    Args:
        a, b: bool, same shape.
        void: pixels that do not count (unsure, or at an object's rim), same shape.

    Raises:
        MaskError: the shapes differ.

    Example:
        >>> iou(np.array([[True, True, False]]), np.array([[False, True, True]]))
        0.3333333333333333
    """
    a = as_mask(a)
    b = as_mask(b, like=a)
    if void is not None:
        keep = ~as_mask(void, like=a)
        a, b = a & keep, b & keep
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0


def bounding_box(mask: Mask) -> Box | None:
    """The tight box around a mask, its corners pixel centres that belong to it; None for an empty mask.

    Example:
        >>> mask = np.zeros((5, 7), bool)
        >>> mask[1:3, 2:6] = True
        >>> bounding_box(mask)
        Box(x0=2.0, y0=1.0, x1=5.0, y1=2.0)
    """
    mask = as_mask(mask)
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1]))


def extreme_points(mask: Mask, rng: np.random.Generator | None = None, jitter: float = 0.0) -> ExtremePoints:
    """The object's left-, right-, top- and bottom-most points, in this order, as a person would click them.

    Each point is a pixel of the object. Where several pixels lie equally far out, `rng` picks one of them; without `rng` it
    is the middle one.

    Args:
        mask: bool, shape (height, width).
        rng: the source of chance; None gives the same answer every time.
        jitter: how far a person misses, in px: each point moves to a pixel drawn evenly from the disk of this radius around
            it. It may leave the object, never the image.

    Raises:
        MaskError: the object is less than 2 px wide or high, or `jitter` is not a number from 0.

    Example:
        >>> mask = np.zeros((5, 7), bool)
        >>> mask[1:4, 2:5] = True
        >>> extreme_points(mask).points
        ((2.0, 2.0), (4.0, 2.0), (3.0, 1.0), (3.0, 3.0))
    """
    box = bounding_box(mask)
    if box is None or box.x1 - box.x0 < 1 or box.y1 - box.y0 < 1:
        size = "empty" if box is None else f"{box.x1 - box.x0 + 1:g} x {box.y1 - box.y0 + 1:g} px"
        raise MaskError(f"the mask is {size}; extreme points need an object of at least 2 x 2 px")
    if not 0 <= jitter < float("inf"):
        raise MaskError(f"jitter is {jitter}; give a number of pixels from 0")
    x0, y0, x1, y1 = int(box.x0), int(box.y0), int(box.x1), int(box.y1)

    def pick(line: NDArray[np.bool_]) -> int:
        ties = np.flatnonzero(line)
        return int(ties[(len(ties) - 1) // 2] if rng is None else rng.choice(ties))

    points = (
        (x0, pick(mask[:, x0])),
        (x1, pick(mask[:, x1])),
        (pick(mask[y0]), y0),
        (pick(mask[y1]), y1),
    )
    return ExtremePoints(_missed(points, mask.shape, jitter, rng) if jitter else points)


def _missed(
    points: tuple[tuple[int, int], ...], shape: tuple[int, ...], jitter: float, rng: np.random.Generator | None
) -> tuple[Point, Point, Point, Point]:
    """Move each point within a disk of `jitter` px, keeping a box of at least 2 x 2 px among them."""
    rng = np.random.default_rng(0) if rng is None else rng
    reach = int(jitter)
    offsets = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T
    offsets = offsets[(offsets**2).sum(axis=1) <= jitter**2]
    exact = np.array(points)
    moved = exact
    for _ in range(20):  # on a small object the four may fall on one line: draw again, at last keep the exact ones
        moved = np.clip(exact + offsets[rng.integers(len(offsets), size=4)], 0, (shape[1] - 1, shape[0] - 1))
        if (np.ptp(moved, axis=0) >= 1).all():
            break
    else:
        moved = exact
    a, b, c, d = ((float(x), float(y)) for x, y in moved)
    return a, b, c, d
