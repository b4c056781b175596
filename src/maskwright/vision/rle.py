"""Run-length codes of masks in COCO's form: `{"size": [height, width], "counts": ...}`.

The runs go down the columns, left column first, and start with background (a leading 0 where the first pixel is object).
`counts` is a list of run lengths, or COCO's text form of it: each length (from the fourth on, its difference to the length
two before) in groups of five bits, low group first, the sign in the last group's bit 4, "more follows" in bit 5, plus 48.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError
from maskwright.vision.masks import Mask, as_mask

Rle: TypeAlias = dict[str, Any]

MAX_PIXELS = 1 << 28
"""The largest mask that is decoded: a few bytes of code can claim any size, and must not fill the memory."""


def encode(mask: Mask) -> Rle:
    """Code a mask, run lengths as a plain list.

    Args:
        mask: bool, shape (height, width).

    Raises:
        MaskError: the array is not a mask.

    Example:
        >>> encode(np.array([[False, True], [False, True]]))
        {'size': [2, 2], 'counts': [2, 2]}
    """
    mask = as_mask(mask)
    return {"size": [int(n) for n in mask.shape], "counts": _runs(mask).tolist()}


def encode_compressed(mask: Mask) -> Rle:
    """Code a mask, run lengths as COCO's compressed text.

    Args:
        mask: bool, shape (height, width).

    Raises:
        MaskError: the array is not a mask.

    Example:
        >>> encode_compressed(np.array([[False, True], [False, True]]))
        {'size': [2, 2], 'counts': '22'}
    """
    mask = as_mask(mask)
    return {"size": [int(n) for n in mask.shape], "counts": _to_text(_runs(mask))}


def decode(rle: Mapping[str, Any]) -> Mask:
    """Turn either code back into a mask.

    Args:
        rle: `size` [height, width] and `counts`, a list of run lengths or compressed text (str or ASCII bytes).

    Returns:
        bool, shape (height, width), contiguous.

    Raises:
        MaskError: a key is missing, a length is not a whole number from 0, or the runs do not fill the size.

    Example:
        >>> decode({"size": [2, 3], "counts": [2, 3, 1]}).astype(int).tolist()
        [[0, 1, 1], [0, 1, 0]]
    """
    if not isinstance(rle, Mapping) or "size" not in rle or "counts" not in rle:
        raise MaskError("the run-length code lacks `size` or `counts`; give {'size': [height, width], 'counts': [...]}")
    height, width = _size(rle["size"])
    counts = rle["counts"]
    runs = _from_text(counts) if isinstance(counts, str | bytes) else _from_list(counts)
    # One run longer than the mask is enough to be wrong, and lets a sum of huge numbers wrap around.
    if (runs < 0).any() or (runs > height * width).any() or int(runs.sum()) != height * width:
        raise MaskError(f"the runs do not fill {width} x {height} px; the code is damaged or of another image size")
    return from_runs(runs, height, width)


def from_runs(runs: NDArray[np.int64], height: int, width: int) -> Mask:
    """The mask whose runs are known to be sound: from 0, `height * width` in sum."""
    values = np.zeros(len(runs), np.uint8)
    values[1::2] = 1
    columns = np.repeat(values, runs).reshape(width, height)
    return cv2.transpose(columns).view(np.bool_).reshape(height, width)


def _runs(mask: Mask) -> NDArray[np.int64]:
    # OpenCV transposes in tiles, several times faster than numpy on large masks.
    flat = cv2.transpose(np.ascontiguousarray(mask).view(np.uint8)).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(changes, prepend=0, append=flat.size)
    return np.concatenate(([0], runs)) if flat[0] else runs


def _size(size: Any) -> tuple[int, int]:
    if (
        not isinstance(size, list | tuple)
        or len(size) != 2
        or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in size)
    ):
        raise MaskError(f"`size` of the run-length code is {size!r}; give [height, width], whole numbers from 1")
    height, width = size
    if height * width > MAX_PIXELS:
        raise MaskError(f"`size` of the run-length code is {size!r}, {height * width} px; at most {MAX_PIXELS} are decoded")
    return height, width


def _from_list(counts: Any) -> NDArray[np.int64]:
    problem = MaskError("`counts` of the run-length code must be a list of whole numbers from 0, or COCO's text")
    if not isinstance(counts, list | tuple | np.ndarray):
        raise problem
    try:
        runs = np.asarray(counts)
    except (ValueError, OverflowError):  # lists within the list
        raise problem from None
    if runs.ndim != 1 or (runs.size and runs.dtype.kind not in "ui"):
        raise problem
    return runs.astype(np.int64)


def _to_text(runs: NDArray[np.int64]) -> str:
    rest = runs.copy()
    rest[3:] -= runs[1:-2]
    groups, used = [], []
    more = np.ones(len(rest), bool)
    while more.any():
        group = rest & 31
        rest = rest >> 5
        used.append(more)
        more = more & np.where(group & 16, rest != -1, rest != 0)
        groups.append(group + 32 * more + 48)
    text: NDArray[np.int64] = np.stack(groups, axis=1)[np.stack(used, axis=1)]
    return text.astype(np.uint8).tobytes().decode("ascii")


def _from_text(text: str | bytes) -> NDArray[np.int64]:
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
    except UnicodeEncodeError:
        raw = b"\0"
    codes = np.frombuffer(raw, np.uint8).astype(np.int64) - 48
    if not codes.size or codes.min() < 0 or codes.max() > 63 or codes[-1] & 32:
        raise MaskError("`counts` of the run-length code is not COCO's compressed text, or is cut off")
    ends = np.flatnonzero((codes & 32) == 0)
    lengths = np.diff(ends, prepend=-1)
    if lengths.max() > 8:  # 40 bits: no run of a mask is that long
        raise MaskError("`counts` of the run-length code holds a run too long for any mask; the code is damaged")
    place = 5 * (np.arange(len(codes)) - np.repeat(ends - lengths + 1, lengths))
    values = np.add.reduceat((codes & 31) << place, ends - lengths + 1)
    values -= np.where(codes[ends] & 16, np.int64(1) << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
