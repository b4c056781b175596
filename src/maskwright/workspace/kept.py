"""Masks and class maps as sessions keep them: small, hashable, independent of any model."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskwright.errors import MaskError
from maskwright.methods.base import Mask
from maskwright.vision import rle
from maskwright.vision.painting import ClassMap

_LENGTH = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class KeptMask:
    """A mask as COCO's compressed run-length code.

    Attributes:
        height, width: of the image, in pixels.
        counts: the runs, column by column, as COCO's string.

    Example:
        >>> kept = KeptMask.of(np.eye(3, dtype=bool))
        >>> kept.mask().sum()
        np.int64(3)
    """

    height: int
    width: int
    counts: str

    @classmethod
    def of(cls, mask: Mask) -> KeptMask:
        """Encode a bool mask of shape (height, width)."""
        height, width = mask.shape
        return cls(int(height), int(width), rle.encode_compressed(mask)["counts"])

    def mask(self) -> Mask:
        """Decode to bool, shape (height, width).

        Raises:
            MaskError: the code is damaged.
        """
        return rle.decode({"size": [self.height, self.width], "counts": self.counts})


@dataclass(frozen=True, slots=True)
class KeptClassMap:
    """A class map as its runs of pixels of one class, row by row, compressed to about a byte each.

    Attributes:
        height, width: of the image, in pixels.
        classes: those that are in it, ascending, without 0.
        code: the runs, as text: base64 of zlib of their classes, one byte each, then their lengths, all lowest bytes first.

    Example:
        >>> kept = KeptClassMap.of(np.array([[0, 3, 3], [3, 1, 1]], np.uint8))
        >>> kept.classes, kept.runs().tolist()
        ((1, 3), [[0, 1], [3, 3], [1, 2]])
        >>> kept.class_map().tolist()
        [[0, 3, 3], [3, 1, 1]]
    """

    height: int
    width: int
    classes: tuple[int, ...]
    code: str

    @classmethod
    def of(cls, class_map: ClassMap) -> KeptClassMap:
        """Encode a class map of shape (height, width)."""
        height, width = class_map.shape
        flat = np.ascontiguousarray(class_map).ravel()
        starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
        values = flat[starts]
        # Most lengths are small: byte by byte, their upper bytes are nothing but zeros, and the code is half as long.
        lengths = np.diff(starts, append=flat.size).astype(_LENGTH).view(np.uint8).reshape(-1, _LENGTH.itemsize).T
        code = base64.b64encode(zlib.compress(values.tobytes() + lengths.tobytes())).decode("ascii")
        return cls(int(height), int(width), tuple(int(n) for n in np.unique(values) if n), code)

    def runs(self) -> NDArray[np.int64]:
        """Class and length of each run: shape (runs, 2).

        Raises:
            MaskError: the code is damaged.
        """
        try:
            raw = np.frombuffer(zlib.decompress(base64.b64decode(self.code)), np.uint8)
            values, *lengths = raw.reshape(1 + _LENGTH.itemsize, -1)
        except (ValueError, zlib.error) as e:
            raise MaskError(f"a stored class map is damaged ({e}); undo the gesture that led to it") from e
        runs = np.stack((values, np.stack(lengths, axis=1).view(_LENGTH).ravel()), axis=1).astype(np.int64)
        if runs[:, 1].sum() != self.height * self.width:
            raise MaskError(
                f"a stored class map does not fill {self.width} x {self.height} px; undo the gesture that led to it"
            )
        return runs

    def class_map(self) -> ClassMap:
        """Decode to uint8, shape (height, width).

        Raises:
            MaskError: the code is damaged.
        """
        classes, lengths = self.runs().T
        return np.repeat(classes.astype(np.uint8), lengths).reshape(self.height, self.width)
