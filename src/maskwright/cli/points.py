"""Points on the command line: `--points 10,20 30,40`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand

from maskwright.errors import PromptError
from maskwright.prompts import Box, Point


class ManyPoints(TyperCommand):
    """A command whose point options take several values: `--points 1,2 3,4` means `--points 1,2 --points 3,4`."""

    many = frozenset({"--points", "-p", "--boundary", "-b", "--click", "-c", "--off"})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each of its values, then parse as usual."""
        return super().parse_args(ctx, repeat_options(args, self.many))


def repeat_options(args: Sequence[str], options: Iterable[str]) -> list[str]:
    """Repeat an option before each further value that follows it; a further value is a word with a comma that is no file.

    Example:
        >>> repeat_options(["--points", "1,2", "-3,4", "cat.jpg", "5,6"], ["--points"])
        ['--points', '1,2', '--points', '-3,4', 'cat.jpg', '5,6']
    """
    known = frozenset(options)
    repeated: list[str] = []
    current = None
    for i, word in enumerate(args):
        if word in known or word.partition("=")[0] in known:
            current = word.partition("=")[0]
        elif current and i > 0 and args[i - 1] != current:
            if "," in word and not os.path.exists(word):  # unlike Path's, it takes a word too long for a name
                repeated.append(current)
            else:
                current = None
        repeated.append(word)
    return repeated


def parse_points(values: Iterable[str], option: str) -> tuple[Point, ...]:
    """Read `x,y` words; one value may hold several, separated by spaces.

    Raises:
        PromptError: a word is not two numbers with a comma between them.

    Example:
        >>> parse_points(["10,20 30.5,40"], "--points")
        ((10.0, 20.0), (30.5, 40.0))
    """
    points = []
    for word in " ".join(values).split():
        try:
            x, y = map(float, word.split(","))
        except ValueError:
            raise PromptError(f"{option}: {word!r} is not a point; give x,y in pixels, such as 120,45") from None
        points.append((x, y))
    return tuple(points)


def parse_box(word: str) -> Box:
    """Read `left,top,right,bottom`.

    Raises:
        PromptError: it is not four numbers with commas between them, or the box is inside out.

    Example:
        >>> parse_box("10,20,110,220")
        Box(x0=10.0, y0=20.0, x1=110.0, y1=220.0)
    """
    try:
        x0, y0, x1, y1 = map(float, word.split(","))
    except ValueError:
        raise PromptError(f"--box: {word!r} is not a box; give left,top,right,bottom in pixels") from None
    return Box(x0, y0, x1, y1)
