"""Magic Paint: strokes of any classes to a class for every pixel (Andriluka, Pellegrini, Popov, Ferrari; 2020)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from maskwright.engine import Engine, OnDemand, load_engine, verify, weight_file
from maskwright.methods.base import Candidate, Prediction, PreparedImage
from maskwright.methods.class_seeds import PAINT, checked_paint
from maskwright.methods.magic_paint_answer import at_full_size, enlarged, without_specks
from maskwright.methods.magic_paint_borders import along_edges, colours_of, paint_on
from maskwright.methods.magic_paint_distances import Nearest, distances, kept, rounded, squares_of
from maskwright.methods.magic_paint_encoding import Cells, Grid, Laid, encode, laid
from maskwright.methods.magic_paint_maps import class_maps, squashed
from maskwright.methods.magic_paint_ways import bounded
from maskwright.prompts import Prompt
from maskwright.vision.masks import Image, Mask, as_image
from maskwright.vision.painting import ClassMap

WEIGHTS = "magic-paint-fast"

AT_ONCE = 16
"""Classes that the decoder sees together: what it keeps in between takes some 4 MB each."""


@dataclass(frozen=True, eq=False)
class Embedded:
    """What the first graph made of an image, on the cells that the image covers.

    Attributes:
        grid: how the image lies on the network's square.
        embedding: float32 (D, h, w), as `rounded` gives it.
        features: float32 (1, F, h, w), for the decoder.
        weights: float32 (1, 9 * 16, h, w), for the decoder.
        colours: in which edges are looked for, of `colours_of`.
    """

    grid: Grid
    embedding: Cells
    features: Cells
    weights: Cells
    colours: Image


class MagicPaint:
    """The method `magic-paint`.

    The answer depends on the image and on what is painted on it, and on nothing else: neither on the order or number of the
    prompts that led to it, nor on earlier answers, nor on the numbers of the classes. Painted pixels keep their class. What is
    like no paint has no class.

    Args:
        open_embedding: opens the graph that sees the image.
        open_decoder: opens the graph that turns a class's maps into logits.

    Example:
        >>> from maskwright.engine.fake import FakeEngine
        >>> from maskwright.prompts import Stroke
        >>> shapes = {"embedding": 32, "features": 24, "weights": 144}
        >>> flat = {name: np.zeros((1, n, 128, 128), np.float32) for name, n in shapes.items()}
        >>> like = lambda arrays: {"logits": -arrays["maps"][:, 0].repeat(4, 1).repeat(4, 2)}
        >>> method = MagicPaint(lambda: FakeEngine(lambda arrays: flat), lambda: FakeEngine(like))
        >>> prepared = method.prepare(np.zeros((30, 40, 3), np.uint8))
        >>> candidate = method.predict([Stroke(((5, 5), (9, 9)), class_id=7)], prepared).candidates[0]
        >>> np.unique(candidate.class_map).tolist()
        [7]
    """

    name = "magic-paint"
    accepts: frozenset[type[Prompt]] = frozenset(PAINT)

    def __init__(self, open_embedding: Callable[[], Engine], open_decoder: Callable[[], Engine]) -> None:
        self._embedding, self._decoder = OnDemand(open_embedding), OnDemand(open_decoder)

    def prepare(self, image: Image) -> PreparedImage:
        """Run the network on the image, once for all paint.

        Raises:
            ImageError: the array is not uint8 of shape (height, width, 3).
        """
        grid = Grid.of(*as_image(image).shape[:2])
        answer = self._embedding.run({"rgb": encode(image, grid)[None]})
        down, right = grid.cells
        inside = {name: np.ascontiguousarray(values[..., :down, :right]) for name, values in answer.items()}
        seen = Embedded(grid, rounded(inside["embedding"][0]), inside["features"], inside["weights"], colours_of(image))
        return PreparedImage(image, {"embedded": seen, "nearest": ()})

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Give every pixel a class, or none.

        Args:
            prompts: all paint so far, oldest first.
            prepared: the answer of `prepare`; distances to paint are kept there, so that a stroke pays for its own cells only.
            mask: ignored: what can be gone on from is paint.

        Returns:
            One candidate: its class map, the mask of what has a class, and the score 1.

        Raises:
            PromptError: no paint, another kind of prompt, or paint outside the image.
        """
        paint = checked_paint(prompts, *prepared.image.shape[:2])
        classes = paint if (paint > 0).all() else self._spread(paint, prepared)
        return Prediction((Candidate(classes > 0, 1.0, class_map=classes),))

    def _spread(self, paint: ClassMap, prepared: PreparedImage) -> ClassMap:
        seen: Embedded = prepared.cache["embedded"]
        strokes = laid(paint, seen.grid)
        if not strokes.order:
            return paint
        known: tuple[Nearest, ...] = prepared.cache["nearest"]
        nearest = distances(seen.embedding, strokes, known)
        # One assignment of a new tuple: threads may paint at once without a lock.
        prepared.cache["nearest"] = kept(nearest, known)
        logits = without_specks(self._logits(seen, strokes, nearest), strokes.touched)
        rows, columns = seen.colours.shape[:2]
        number_of = np.zeros(256, np.uint8)
        number_of[list(strokes.order)] = np.arange(1, len(strokes.order) + 1)
        painted = number_of[paint_on(paint, rows, columns)]
        numbers = along_edges(at_full_size(logits, rows, columns), painted, seen.colours)
        if numbers.shape != paint.shape:
            numbers = enlarged(numbers, *paint.shape)
        classes = np.array((0, *strokes.order), np.uint8)[numbers]
        np.copyto(classes, paint, where=paint > 0)
        return classes

    def _logits(self, seen: Embedded, strokes: Laid, nearest: Sequence[Nearest]) -> Cells:
        """The logits of no class and of all classes, (K + 1, rows, columns) of the resized image."""
        everywhere = squashed(squares_of(np.stack([one.everywhere for one in nearest])))
        nearby = squashed(squares_of(np.stack([one.nearby for one in nearest])))
        maps = class_maps(everywhere, nearby, bounded(np.stack([one.ways for one in nearest])), strokes.owners)
        rows, columns = strokes.touched.shape
        logits = np.empty((len(maps), rows, columns), np.float32)
        for start in range(0, len(maps), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            inputs = {"features": seen.features, "weights": seen.weights, "maps": maps[some]}
            logits[some] = self._decoder.run(inputs)["logits"][:, :rows, :columns]
        return logits


def load(engine: str, threads: int | None) -> MagicPaint:
    """The method with its shipped weights."""

    def opener(part: str) -> Callable[[], Engine]:
        return lambda: load_engine(verify(weight_file(f"{WEIGHTS}-{part}")), engine, threads)

    return MagicPaint(opener("embedding"), opener("decoder"))
