"""What the methods that take clicks share: checking them, finding their pixels, and keeping to their signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from maskwright.errors import PromptError
from maskwright.methods.checks import check_inside
from maskwright.prompts import Click, Prompt
from maskwright.vision.distances import pixel_of
from maskwright.vision.masks import Mask


def checked_clicks(prompts: Sequence[Prompt], height: int, width: int, mask: Mask | None = None) -> list[Click]:
    """The prompts, once they are known to be clicks that a mask can be made of.

    Args:
        prompts: all prompts of the object, oldest first.
        height, width: of the image, px.
        mask: the mask so far; None where there is none, or where the method does not go on from one.

    Returns:
        The clicks, oldest first.

    Raises:
        PromptError: there is no click, a prompt is of another kind, a click lies outside the image, or the first one is
            negative without a mask to take away from.

    Example:
        >>> checked_clicks([Click(3, 4)], height=10, width=10)
        [Click(x=3.0, y=4.0, positive=True)]
    """
    clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
    if len(clicks) != len(prompts):
        kinds = sorted({prompt.kind for prompt in prompts} - {Click.kind})
        raise PromptError(f"clicks alone are expected; also given: {', '.join(kinds)}")
    if not clicks:
        raise PromptError("no click is given; click on the object")
    check_inside(((click.x, click.y) for click in clicks), height, width)
    if mask is None and not clicks[0].positive:
        raise PromptError("the first click is negative, but there is no mask to take away from; click on the object first")
    return clicks


def click_pixels(clicks: Iterable[Click], height: int, width: int) -> dict[tuple[int, int], bool]:
    """The pixels (column, row) that were clicked, each with its sign; of several clicks on one pixel the last counts.

    Args:
        clicks: inside the image, oldest first.
        height, width: of the image, px.

    Example:
        >>> click_pixels([Click(2.2, 1), Click(1.8, 1, positive=False), Click(7.5, 0)], height=4, width=8)
        {(2, 1): False, (7, 0): True}
    """
    signs: dict[tuple[int, int], bool] = {}
    for click in clicks:
        column, row = pixel_of(click.x, click.y)
        signs[min(column, width - 1), min(row, height - 1)] = click.positive
    return signs


def with_clicks(mask: Mask, clicks: Iterable[Click]) -> Mask:
    """A copy of the mask in which every click's own pixel has its click's sign.

    Args:
        mask: bool, shape (height, width).
        clicks: inside the image, oldest first; of several on one pixel the last counts.

    Example:
        >>> import numpy as np
        >>> with_clicks(np.array([[False, True, True]]), [Click(0, 0), Click(2, 0, positive=False)]).tolist()
        [[True, True, False]]
    """
    result = mask.copy()
    for (column, row), positive in click_pixels(clicks, *mask.shape).items():
        result[row, column] = positive
    return result
