"""The one-call Python API."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from maskwright.methods import load_method
from maskwright.methods.base import Image, Mask, Method, Prediction
from maskwright.prompts import Prompt
from maskwright.vision.images import read_image


def segment(
    image: Image | str | Path | bytes,
    prompts: Prompt | Sequence[Prompt],
    method: str = "dextr",
    *,
    mask: Mask | None = None,
    engine: str = "onnxruntime",
    threads: int | None = None,
) -> Prediction:
    """Predict the mask of one object from prompts, in one call.

    For several objects of one image, `load_method` and its `prepare` spare the work that depends on the image alone.

    Args:
        image: uint8 RGB of shape (height, width, 3), upright; or a file's path or content.
        prompts: one prompt or several, oldest first, in pixel coordinates of the upright image.
        method: a name that `maskwright methods` lists.
        mask: the object's mask so far, bool of shape (height, width), for methods that continue from one.
        engine: what runs the method's network: "onnxruntime", or "openvino" with the extra of that name.
        threads: CPU threads of the engine; None leaves the choice to it.

    Returns:
        Candidate masks of shape (height, width), best first.

    Raises:
        ImageError: the image cannot be read, or the array is not uint8 of shape (height, width, 3).
        NotFoundError: there is no such method or engine.
        PromptError: the prompts are too few, of a kind that the method does not accept, or outside the image.
        MaskError: the method goes on from a mask, and `mask` is of another size than the image, or none.
        WeightsError: the method's weight file is missing or damaged.
        MissingExtraError: the method or the engine needs an optional package.

    Example:
        >>> import numpy as np
        >>> from maskwright import ExtremePoints, segment
        >>> image = np.full((80, 120, 3), 40, np.uint8)
        >>> image[20:60, 30:90] = (220, 180, 60)
        >>> points = ExtremePoints(((30, 40), (89, 40), (60, 20), (60, 59)))
        >>> int(segment(image, points, method="grabcut").mask.sum())
        2400

        Clicks may mean several things, the best guess first; a later call goes on from the mask that was meant:

        >>> from maskwright import Click
        >>> first = segment(image, Click(60, 40), method="latent-diversity")
        >>> clicks = [Click(60, 40), Click(5, 5, positive=False)]
        >>> second = segment(image, clicks, method="latent-diversity", mask=first.candidates[1].mask)
        >>> len(first.candidates), bool(second.mask[40, 60]), bool(second.mask[5, 5])
        (6, True, False)
    """
    pixels = read_image(image) if isinstance(image, str | Path | bytes) else image
    loaded = _loaded(method, engine, threads)
    given = tuple(prompts) if isinstance(prompts, Sequence) else (prompts,)
    return loaded.predict(given, loaded.prepare(pixels), mask)


@functools.lru_cache(maxsize=8)
def _loaded(method: str, engine: str, threads: int | None) -> Method:
    return load_method(method, engine=engine, threads=threads)
