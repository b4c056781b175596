"""Labels (an object's class name) and the colours that things are drawn in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from maskwright.errors import StoreError

# Okabe and Ito's colours (2008), told apart by people with any colour vision, without black, and three more.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#9467ff", "#7fd34e", "#ff6f91")

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Label:
    """A class name and its colour, "#rrggbb".

    Example:
        >>> Label(" cat ", "#E69F00")
        Label(name='cat', color='#e69f00')
    """

    name: str
    color: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.color):
            raise StoreError(f"label {self.name!r}: the colour is {self.color!r}; give '#rrggbb', such as {PALETTE[0]!r}")
        object.__setattr__(self, "color", self.color.lower())


def clean_name(name: str) -> str:
    """A label's name without surrounding blanks.

    Raises:
        StoreError: it is empty, longer than 100 characters, or holds control characters.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise StoreError(f"{name[:LONGEST_NAME]!r} is no name for a label; give 1 to {LONGEST_NAME} printable characters")
    return name


def with_label(labels: Sequence[Label], name: str, color: str | None = None) -> tuple[Label, ...]:
    """The labels, and `name` among them, if it is new in `color`: None is the first of the palette that is still free.

    Example:
        >>> with_label([Label("cat", "#e69f00")], "dog")[-1]
        Label(name='dog', color='#56b4e9')
    """
    name = clean_name(name)
    if any(label.name == name for label in labels):
        return tuple(labels)
    used = {label.color for label in labels}
    free = [other for other in PALETTE if other not in used] or [PALETTE[len(labels) % len(PALETTE)]]
    return (*labels, Label(name, color or free[0]))


def color_of(label: str | None, object_id: int, labels: Sequence[Label]) -> str:
    """The colour to draw an object in: its label's; without a label, one that goes by its id.

    Example:
        >>> color_of("cat", 1, [Label("cat", "#112233")]), color_of(None, 2, [])
        ('#112233', '#56b4e9')
    """
    for known in labels:
        if known.name == label:
            return known.color
    # One colour for all objects of a label that is no longer in the list; hash() would change with each process.
    number = object_id - 1 if label is None else zlib.crc32(label.encode())
    return PALETTE[number % len(PALETTE)]
