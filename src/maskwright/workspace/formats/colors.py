"""Colours in the forms that formats use."""

from __future__ import annotations

from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]


def from_hex(color: str) -> Rgb:
    """Red, green and blue, 0..255 each, of "#rrggbb".

    Example:
        >>> from_hex("#ff8000")
        (255, 128, 0)
    """
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def to_hex(value: object) -> str | None:
    """ "#rrggbb" of a list of three numbers 0..255, None for anything else.

    Example:
        >>> to_hex([255, 128, 0]), to_hex("red")
        ('#ff8000', None)
    """
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    if any(isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= 255 for n in value):
        return None
    return "#" + bytes(value).hex()


def numbered(index: int) -> Rgb:
    """The colour of an index, 0..255, in PASCAL VOC's colour map: 0 is black, neighbours differ well.

    Example:
        >>> numbered(0), numbered(1), numbered(255)
        ((0, 0, 0), (128, 0, 0), (224, 224, 192))
    """
    red = green = blue = 0
    for bit in range(7, -1, -1):  # each three bits of the index give one bit of each colour, the highest first
        red |= (index & 1) << bit
        green |= (index >> 1 & 1) << bit
        blue |= (index >> 2 & 1) << bit
        index >>= 3
    return red, green, blue
