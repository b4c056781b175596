"""Clicks in the shape of segment-anything's `SamPredictor`, so that its users swap one import."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maskwright.errors import ImageError, PromptError
from maskwright.methods import goes_on, load_method
from maskwright.methods.base import Image, Mask, Method, PreparedImage
from maskwright.prompts import Box, Click
from maskwright.vision.distances import pixel_of
from maskwright.vision.low_resolution import SIDE, from_logits, to_logits
from maskwright.vision.masks import as_image


class Predictor:
    """Masks of one image after the other, from points, a box, or an earlier mask.

    As `SamPredictor`: `set_image` once, then `predict` as often as needed; arrays are numpy's, points are x and y in pixels.
    Where it differs:

    - Masks come best first; there are as many as the method gives (`latent-diversity`: six), not three.
    - `logits` are made from the masks, not the other way round: -10..10, on the masks' edges in between.
    - Each call needs all points so far, the oldest first, and is better for the mask so far: nothing is kept in between.
    - A box is a hint, not a border (see `predict`).

    Args:
        method: the name of a method that takes clicks, or such a method itself.
        engine: what runs the method's network: "onnxruntime", or "openvino" with the extra of that name.
        threads: CPU threads of the engine; None leaves the choice to it.

    Raises:
        PromptError: the method takes no clicks.
        NotFoundError: there is no such method or engine.

    Example:
        >>> image = np.full((80, 120, 3), 40, np.uint8)
        >>> image[20:60, 30:90] = (220, 180, 60)
        >>> predictor = Predictor()
        >>> predictor.set_image(image)
        >>> masks, scores, logits = predictor.predict(np.array([[60, 40]]), np.array([1]))
        >>> masks.shape, scores.shape, logits.shape
        ((6, 80, 120), (6,), (6, 256, 256))
        >>> points, labels = np.array([[60, 40], [5, 5]]), np.array([1, 0])
        >>> masks, _, _ = predictor.predict(points, labels, mask_input=logits[:1], multimask_output=False)
        >>> masks.shape, bool(masks[0, 40, 60]), bool(masks[0, 5, 5])
        ((1, 80, 120), True, False)
    """

    def __init__(
        self, method: str | Method = "latent-diversity", *, engine: str = "onnxruntime", threads: int | None = None
    ) -> None:
        self._method = load_method(method, engine=engine, threads=threads) if isinstance(method, str) else method
        if Click not in self._method.accepts:
            kinds = ", ".join(sorted(kind.kind for kind in self._method.accepts))
            raise PromptError(f"{self._method.name} takes no clicks, only {kinds}; give a method that takes clicks")
        self._prepared: PreparedImage | None = None

    def set_image(self, image: Image, image_format: str = "RGB") -> None:
        """Take an image, and forget the one before.

        Args:
            image: uint8 of shape (height, width, 3), upright. It is copied: what becomes of the array later does not matter.
            image_format: the order of its channels, "RGB" or "BGR".

        Raises:
            ImageError: the image is of another kind, or the order another; no image is set then.
        """
        self.reset_image()
        if image_format not in ("RGB", "BGR"):
            raise ImageError(f"image_format is {image_format!r}; give 'RGB' or 'BGR'")
        pixels = as_image(image)
        self._prepared = self._method.prepare(np.array(pixels[..., ::-1] if image_format == "BGR" else pixels, order="C"))

    def reset_image(self) -> None:
        """Forget the image."""
        self._prepared = None

    def predict(
        self,
        point_coords: ArrayLike | None = None,
        point_labels: ArrayLike | None = None,
        box: ArrayLike | None = None,
        mask_input: ArrayLike | None = None,
        multimask_output: bool = True,
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32], NDArray[np.float32]]:
        """Predict the masks of one object. Something must say where it is: a point or a box.

        Args:
            point_coords: shape (N, 2), x and y in pixels: all points so far, oldest first. Of several on one pixel the last
                counts.
            point_labels: shape (N,), for each point 1 where it lies on the object, 0 where it lies off it.
            box: shape (4,) or (1, 4), the object's left, top, right and bottom in pixels; what lies outside the image is cut
                off. The filled box becomes the mask so far (or cuts `mask_input` to its inside), and where no point is given,
                its centre is clicked. The answer may reach beyond the box.
            mask_input: the mask so far: one of the logits that came with an earlier answer, shape (1, 256, 256), positive on
                the object; or, without the loss of detail, a bool mask of shape (height, width), from wherever.
            multimask_output: False gives the best mask alone.

        Returns:
            masks: bool, shape (C, height, width), best first.
            scores: float32, shape (C,), the method's own belief in each, 0..1.
            logits: float32, shape (C, 256, 256): each mask with the image's longest side scaled to 256, and 0 beside the
                image; as `mask_input` takes them.

        Raises:
            ImageError: no image is set.
            PromptError: an argument is of another shape or kind, a point lies outside the image, nothing says where the
                object is, or a box or a mask is given to a method that does not go on from a mask.
            WeightsError: the method's weight file is missing or damaged.
            MissingExtraError: the method or the engine needs an optional package.
        """
        if self._prepared is None:
            raise ImageError("no image is set; call set_image(image) before predict")
        height, width = self._prepared.image.shape[:2]
        self._check_start(box, mask_input)
        clicks = _clicks(point_coords, point_labels)
        mask = None if mask_input is None else _mask(mask_input, height, width)
        if box is not None:
            x0, y0, x1, y1 = _pixel_box(box, height, width)
            filled = np.zeros((height, width), bool)
            filled[y0 : y1 + 1, x0 : x1 + 1] = True
            mask = filled if mask is None else mask & filled
            clicks = clicks or [Click((x0 + x1) / 2, (y0 + y1) / 2)]
        if not clicks:
            raise PromptError("nothing says where the object is; give point_coords and point_labels, or a box")
        if mask is None:  # segment-anything does not care for the order; our methods begin with a positive click
            clicks.sort(key=lambda click: not click.positive)
        candidates = self._method.predict(clicks, self._prepared, mask).candidates
        if not multimask_output:
            candidates = candidates[:1]
        masks = np.stack([candidate.mask for candidate in candidates])
        scores = np.array([candidate.score for candidate in candidates], np.float32)
        return masks, scores, np.stack([to_logits(candidate.mask) for candidate in candidates])

    def _check_start(self, box: ArrayLike | None, mask_input: ArrayLike | None) -> None:
        if not goes_on(self._method.name) and not (box is None and mask_input is None):
            given = "mask_input" if box is None else "box"
            raise PromptError(f"{self._method.name} does not go on from a mask, and {given} would be one; give points alone")


def _clicks(point_coords: ArrayLike | None, point_labels: ArrayLike | None) -> list[Click]:
    if point_coords is None and point_labels is None:
        return []
    if point_coords is None or point_labels is None:
        missing, given = ("point_coords", "point_labels") if point_coords is None else ("point_labels", "point_coords")
        raise PromptError(f"{given} is given without {missing}; give both: (N, 2) coordinates and (N,) labels")
    points = _numbers(point_coords, "point_coords", "(N, 2), x and y of each point in pixels")
    if points.ndim != 2 or points.shape[1] != 2:
        raise PromptError(f"point_coords has shape {points.shape}; give (N, 2), x and y of each point in pixels")
    labels = _numbers(point_labels, "point_labels", "(N,), 1 on the object, 0 off it")
    if labels.shape != (len(points),):
        raise PromptError(f"point_labels has shape {labels.shape}; give {(len(points),)}, one label for each of point_coords")
    if not np.isin(labels, (0, 1)).all():
        raise PromptError("point_labels holds other values than 1 (on the object) and 0 (off it); give these alone")
    last: dict[tuple[int, int], Click] = {}
    for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True):
        last.pop(pixel_of(x, y), None)  # so that the order stays that of the clicks that count
        last[pixel_of(x, y)] = Click(x, y, positive=label == 1)
    return list(last.values())


def _pixel_box(box: ArrayLike, height: int, width: int) -> tuple[int, int, int, int]:
    """First and last column and row of the box's part that lies on the image."""
    values = _numbers(box, "box", "(4,): left, top, right, bottom in pixels")
    if values.shape not in ((4,), (1, 4)):
        raise PromptError(f"box has shape {values.shape}; give (4,): left, top, right, bottom in pixels")
    frame = Box(*values.ravel().tolist())
    (x0, y0), (x1, y1) = pixel_of(frame.x0, frame.y0), pixel_of(frame.x1, frame.y1)
    if x1 < 0 or y1 < 0 or x0 >= width or y0 >= height:
        raise PromptError(f"box lies outside the image of {width} x {height} px; give left, top, right, bottom in pixels")
    return max(x0, 0), max(y0, 0), min(x1, width - 1), min(y1, height - 1)


def _mask(mask_input: ArrayLike, height: int, width: int) -> Mask:
    expected = f"logits of shape (1, {SIDE}, {SIDE}), such as logits[:1], or a bool mask of the image's shape {(height, width)}"
    values = _array(mask_input, "mask_input", expected)
    if values.dtype == np.bool_ and values.shape == (height, width):
        mask: Mask = values
        return mask
    if values.dtype == np.bool_ or values.shape != (1, SIDE, SIDE):
        raise PromptError(f"mask_input is {values.dtype} of shape {values.shape}; give {expected}")
    logits = _numbers(values[0], "mask_input", expected)
    return from_logits(np.clip(logits, -100, 100).astype(np.float32), height, width)


def _numbers(value: ArrayLike, name: str, expected: str) -> NDArray[np.float64]:
    numbers = _array(value, name, expected).astype(np.float64)
    if not np.isfinite(numbers).all():
        raise PromptError(f"{name} holds NaN or infinity; give finite numbers, {expected}")
    return numbers


def _array(value: ArrayLike, name: str, expected: str) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # lists of different lengths, tensors on a GPU
        raise PromptError(f"{name} is no array of numbers; give {expected}") from None
    if array.dtype.kind not in "biuf":
        raise PromptError(f"{name} is {array.dtype} of shape {array.shape}; give {expected}")
    return array
