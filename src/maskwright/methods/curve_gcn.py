"""Curve-GCN: a box to an outline, and a dragged control point whose neighbours follow (Ling et al., CVPR 2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from maskwright.engine import Engine, OnDemand, load_engine, verify, weight_file
from maskwright.errors import PromptError
from maskwright.methods.base import Candidate, Prediction, PreparedImage, Unprepared
from maskwright.methods.curve_gcn_encoding import (
    adjacency,
    box_around,
    corners,
    crop_of,
    encode_box,
    encode_drag,
    first_ring,
    following,
    overlap,
    roles,
    to_pixels,
    to_shares,
)
from maskwright.methods.encoding import encode_image
from maskwright.prompts import Box, Outline, OutlineForm, OutlineRing, Part, Point, Prompt, VertexDrag
from maskwright.vision import outlines
from maskwright.vision.crops import Crop
from maskwright.vision.masks import Mask
from maskwright.vision.untangling import untangled

WEIGHTS = "curve-gcn-fast"

KEPT = 4
"""Crops of an image whose features are kept."""

WIDEST = 1.6
"""A kept crop will do for a ring that it holds where its side is at most this many times that of the ring's own crop."""

ALIKE = 0.5
"""And where its box overlaps the ring's own at least so much (IoU): else it was of another object."""

HALVINGS = (1.0, 0.5, 0.25, 0.125, 0.0)
"""Shares of the neighbours' shifts that are tried until the ring does not cross itself."""

DECIMALS = 2
"""Of the coordinates, in px, of control points that the network moved."""

REORDERED = "The outline crossed itself; some of its control points changed their order."
REDRAWN = "The outline crossed itself and was repaired; its control points are new."
"""What is said where an outline could not stay as it was."""

UNDERSTOOD = "box; box, outline_form; outline; outline, vertex_drag; outline, part; outline, part, outline_form"


@dataclass(frozen=True, eq=False)
class Seen:
    """What the network made of one crop.

    Attributes:
        box: what was asked for; a later box needs features of its own.
        crop: where.
        features: float32, (1, channels, rows, columns).
    """

    box: Box
    crop: Crop
    features: NDArray[np.float32]


class CurveGcn(Unprepared):
    """The method `curve-gcn`.

    It understands, oldest prompt first: a `Box`, which becomes an outline, drawn as an `OutlineForm` says, where one is given;
    an `Outline` to go on from, which is only filled, or changed by one `VertexDrag`, or by one `Part` (and an `OutlineForm` for
    its number of control points). Every gesture starts from the outline of the last answer.

    A box or a part may reach beyond the image and is cut off there. A point that is dragged beyond stays on the image's edge.
    What crosses itself after all is put in order or drawn anew, which the candidate's notice says.

    Args:
        open_encoder: opens the graph from a crop to features.
        open_outline: opens the graph that brings a first ring to the object.
        open_drag: opens the graph that lets others follow a dragged point.

    Example:
        >>> from maskwright.engine.fake import FakeEngine
        >>> encoder = FakeEngine(lambda arrays: {"features": np.zeros((1, 96, 64, 64), np.float32)})
        >>> still = FakeEngine(lambda arrays: {"moved": arrays["points"]})
        >>> method = CurveGcn(lambda: encoder, lambda: still, lambda: still)
        >>> prepared = method.prepare(np.zeros((60, 80, 3), np.uint8))
        >>> outline = method.predict([Box(10, 10, 49, 49), OutlineForm(vertices=12)], prepared).candidates[0].outline
        >>> len(outline.rings[0].points), outline.rings[0].points[0]
        (12, (45.5, 29.5))
    """

    name = "curve-gcn"
    accepts: frozenset[type[Prompt]] = frozenset({Box, Outline, OutlineForm, Part, VertexDrag})

    def __init__(
        self,
        open_encoder: Callable[[], Engine],
        open_outline: Callable[[], Engine],
        open_drag: Callable[[], Engine],
    ) -> None:
        self._encoder, self._outline, self._drag = OnDemand(open_encoder), OnDemand(open_outline), OnDemand(open_drag)

    def predict(self, prompts: Sequence[Prompt], prepared: PreparedImage, mask: Mask | None = None) -> Prediction:
        """Draw or change an outline; the one candidate holds it and the mask that it fills. Its score is 1.

        Args:
            prompts: see the class.
            prepared: the answer of `prepare`; features of the last few crops are kept there, so that a drag pays for a small
                graph only.
            mask: ignored: what can be gone on from is an `Outline`.

        Raises:
            PromptError: the prompts are no such combination; a box or part lies outside the image or spans no area; a drag
                names a ring or a control point that the outline does not have.
        """
        forms = [p for p in prompts if isinstance(p, OutlineForm)]
        match [p for p in prompts if not isinstance(p, OutlineForm)], forms:
            case [Box() as box], ([] | [_]):
                form = forms[0] if forms else OutlineForm()
                drawn = self._drawn(box, "box", form.vertices, prepared)
                return self._answer(Outline((OutlineRing(drawn),), form.curve), prepared, changed=0)
            case [Outline() as outline], []:
                return self._answer(outline, prepared)
            case [Outline() as outline, VertexDrag() as drag], []:
                return self._answer(self._dragged(outline, drag, prepared), prepared, changed=drag.ring, held=drag.index)
            case [Outline() as outline, Part() as part], ([] | [_]):
                form = forms[0] if forms else OutlineForm()
                ring = OutlineRing(self._drawn(part.box, "part", form.vertices, prepared), hole=part.hole)
                rings = (*outline.rings, ring)
                return self._answer(Outline(rings, outline.curve), prepared, changed=len(outline.rings))
        given = ", ".join(p.kind for p in prompts) or "nothing"
        raise PromptError(f"curve-gcn understands these prompts together: {UNDERSTOOD}; given: {given}")

    def _answer(
        self, outline: Outline, prepared: PreparedImage, changed: int | None = None, held: int | None = None
    ) -> Prediction:
        """The prediction of an outline; where the ring that was changed crosses itself, its control points are put in order, or
        it is drawn anew."""
        height, width = prepared.image.shape[:2]
        notice = None
        if changed is not None and outlines.crosses_itself(outline.rings[changed].points, outline.curve):
            in_order = untangled(outline, changed, held)
            outline = in_order or outlines.repaired(outline, height, width)
            notice = REORDERED if in_order else REDRAWN
        return Prediction((Candidate(outlines.fill(outline, height, width), 1.0, outline, notice),))

    def _drawn(self, box: Box, what: str, vertices: int, prepared: PreparedImage) -> tuple[Point, ...]:
        """The control points of the object in a box."""
        box = within_image(box, what, *prepared.image.shape[:2])
        crop = crop_of(box)
        kept = [seen for seen in seen_of(prepared) if (seen.box, seen.crop) == (box, crop)]
        seen = kept[0] if kept else self._look(box, crop, prepared)
        ring = {"features": seen.features, "points": first_ring(corners(box, crop), vertices)[None]}
        moved = self._outline.run(ring | {"adjacency": adjacency(vertices)[None]})["moved"][0]
        return as_points(to_pixels(moved, crop).round(DECIMALS))

    def _dragged(self, outline: Outline, drag: VertexDrag, prepared: PreparedImage) -> Outline:
        """The outline with one control point at its new place, pinned there, and its neighbours following."""
        height, width = prepared.image.shape[:2]
        place = np.clip((drag.x, drag.y), -0.5, (width - 0.5, height - 0.5))
        placed = outlines.moved(outline, drag.ring, drag.index, (place[0], place[1]))
        ring = placed.rings[drag.ring]
        shares = following(len(ring.points), drag.index, drag.reach, ring.pinned)
        part = roles(shares, drag.index, ring.pinned)
        placed = outlines.pinned(placed, drag.ring, drag.index, on=True)
        follow = part[:, :1] > 0
        if not follow.any():
            return placed
        points = np.array(ring.points)
        shifts = shares[:, None] * (place - outline.rings[drag.ring].points[drag.index])
        brought = points + np.where(follow, shifts, 0)
        seen = self._seen_around(brought, prepared)
        side = (seen.crop.width, seen.crop.height)
        at = to_shares(brought, seen.crop)
        drawn = to_shares(outlines.curve_of(brought, outline.curve), seen.crop)
        maps = encode_drag(drawn, at, drag.index, ring.pinned, seen.features.shape[-1])
        inputs = {"features": seen.features, "maps": maps[None], "points": at[None], "roles": part[None]}
        inputs |= {"shifts": (shifts / side).astype(np.float32)[None], "adjacency": adjacency(len(points))[None]}
        moved = to_pixels(self._drag.run(inputs)["moved"][0], seen.crop)

        def followed(share: float) -> tuple[Point, ...]:
            return as_points(np.where(follow, (points + share * (moved - points)).round(DECIMALS), points))

        for changed in map(followed, HALVINGS):
            if not outlines.crosses_itself(changed, outline.curve):
                break
        else:
            changed = followed(HALVINGS[0])
        return outlines.with_ring(placed, drag.ring, replace(placed.rings[drag.ring], points=changed))

    def _seen_around(self, points: NDArray[np.float64], prepared: PreparedImage) -> Seen:
        """Features of a crop that holds a ring: of those kept the one whose box is most like the ring's, or of the ring's own.

        Features know of what box they are, and so of which object.
        """
        height, width = prepared.image.shape[:2]
        # Outlines may reach anywhere; there is nothing to see beyond the image.
        inside = np.clip(points, 0, (width - 1, height - 1))
        box = box_around(inside)
        crop = crop_of(box)

        def holds(seen: Seen) -> bool:
            shares = to_shares(inside, seen.crop)
            return bool(seen.crop.width <= WIDEST * crop.width and (shares >= 0).all() and (shares <= 1).all())

        likest = max(filter(holds, seen_of(prepared)), key=lambda seen: overlap(seen.box, box), default=None)
        if likest is None or overlap(likest.box, box) < ALIKE:
            return self._look(box, crop, prepared)
        return likest

    def _look(self, box: Box, crop: Crop, prepared: PreparedImage) -> Seen:
        """Run the encoder and keep what it answers."""
        prompts = encode_box(corners(box, crop), crop.size)
        features = self._encoder.run({"rgb": encode_image(prepared.image, crop)[None], "prompts": prompts[None]})["features"]
        seen = Seen(box, crop, features)
        # One assignment of a new tuple: threads may look at once without a lock.
        prepared.cache["seen"] = (seen, *seen_of(prepared))[:KEPT]
        return seen


def seen_of(prepared: PreparedImage) -> tuple[Seen, ...]:
    """What is kept of an image, newest first."""
    kept: tuple[Seen, ...] = prepared.cache.get("seen", ())
    return kept


def within_image(box: Box, what: str, height: int, width: int) -> Box:
    """The part of a box that lies on the image.

    Args:
        box: as the person drew it.
        what: "box" or "part", named in errors.
        height, width: of the image, px.

    Raises:
        PromptError: none of it does, or hardly a line.

    Example:
        >>> within_image(Box(-20, 5, 30, 200), "box", height=60, width=80)
        Box(x0=0.0, y0=5.0, x1=30.0, y1=59.0)
    """
    place = f"the {what} {box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g}"
    if box.x1 < -0.5 or box.y1 < -0.5 or box.x0 > width - 0.5 or box.y0 > height - 0.5:
        raise PromptError(f"{place} lies outside the image of {width} x {height} px; draw it around an object")
    inside = Box(max(box.x0, 0), max(box.y0, 0), min(max(box.x1, 0), width - 1), min(max(box.y1, 0), height - 1))
    if inside.x1 - inside.x0 < 1 or inside.y1 - inside.y0 < 1:
        raise PromptError(f"{place} spans no area of the image; draw it around an object, at least 2 px wide and high")
    return inside


def as_points(values: NDArray[np.float64]) -> tuple[Point, ...]:
    """Control points, (n, 2), as a ring holds them."""
    return tuple((x, y) for x, y in values.tolist())


def load(engine: str, threads: int | None) -> CurveGcn:
    """The method with its shipped weights."""

    def opener(part: str) -> Callable[[], Engine]:
        return lambda: load_engine(verify(weight_file(f"{WEIGHTS}-{part}")), engine, threads)

    return CurveGcn(opener("encoder"), opener("outline"), opener("drag"))
