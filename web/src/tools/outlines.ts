/** The pure part of the outline tool: outlines and how they are changed, no pointer and no screen. */

import type { Curve, Outline, Point, Ring } from "../api/types";
import { at, type Place } from "../canvas/curves";

const FEWEST_POINTS = 3;
export const MOST_POINTS = 400;

/** A control point: which ring, which of its points. */
export interface Vertex {
  ring: number;
  index: number;
}

export function sameVertex(a: Vertex | null, b: Vertex | null): boolean {
  return a?.ring === b?.ring && a?.index === b?.index;
}

export function pointAt({ rings }: Outline, { ring, index }: Vertex): Point | null {
  return rings[ring]?.points[index] ?? null;
}

/** The control point within reach of `p`, the nearest of several; null for none. */
export function nearestVertex({ rings }: Outline, [x, y]: Point, reach: number): Vertex | null {
  let best: Vertex | null = null;
  let distance = reach;
  rings.forEach(({ points }, ring) =>
    points.forEach((p, index) => {
      const d = Math.hypot(p[0] - x, p[1] - y);
      if (d <= distance) [best, distance] = [{ ring, index }, d];
    }),
  );
  return best;
}

function withRing(outline: Outline, index: number, change: (ring: Ring) => Ring): Outline {
  return { ...outline, rings: outline.rings.map((ring, i) => (i === index ? change(ring) : ring)) };
}

export function movedTo(outline: Outline, { ring, index }: Vertex, to: Point): Outline {
  return withRing(outline, ring, (old) => ({ ...old, points: old.points.map((p, i) => (i === index ? to : p)) }));
}

/** Whether a place lies in the middle of its edge, clear of both ends: a press there adds a point rather than to grab one. */
export function isBetween({ rings }: Outline, { ring, edge, point }: Place, reach: number): boolean {
  const { points } = rings[ring] ?? { points: [] };
  const [from, to] = [at(points, edge), at(points, edge + 1)];
  const apart = (p: Point, q: Point) => Math.hypot(p[0] - q[0], p[1] - q[1]);
  const length = apart(from, to);
  return length > 1.4 * reach && Math.min(apart(point, from), apart(point, to)) > 0.3 * length;
}

/** One control point more, at a place on the line; it comes right after point number `edge`. */
export function insertedAt(outline: Outline, { ring, edge, point }: Place): Outline {
  return withRing(outline, ring, ({ points, pinned, hole }) => ({
    points: [...points.slice(0, edge + 1), point, ...points.slice(edge + 1)],
    pinned: pinned.map((i) => (i > edge ? i + 1 : i)),
    hole,
  }));
}

/** Without a control point; a ring of three goes as a whole. Null where none but holes would be left. */
export function deletedAt(outline: Outline, { ring, index }: Vertex): Outline | null {
  if ((outline.rings[ring]?.points.length ?? 0) <= FEWEST_POINTS) return withoutRing(outline, ring);
  return withRing(outline, ring, ({ points, pinned, hole }) => ({
    points: points.filter((_, i) => i !== index),
    pinned: pinned.filter((i) => i !== index).map((i) => (i > index ? i - 1 : i)),
    hole,
  }));
}

/** Without a whole ring; null where none but holes would be left. */
export function withoutRing(outline: Outline, ring: number): Outline | null {
  const rings = outline.rings.filter((_, i) => i !== ring);
  return rings.some(({ hole }) => !hole) ? { ...outline, rings } : null;
}

export function isPinned({ rings }: Outline, { ring, index }: Vertex): boolean {
  return rings[ring]?.pinned.includes(index) ?? false;
}

/** Pinned if it was not, and the other way round. */
export function pinnedOrNot(outline: Outline, { ring, index }: Vertex): Outline {
  return withRing(outline, ring, (old) => ({
    ...old,
    pinned: old.pinned.includes(index) ? old.pinned.filter((i) => i !== index) : [...old.pinned, index].sort((a, b) => a - b),
  }));
}

export function withCurve(outline: Outline, curve: Curve): Outline {
  return { ...outline, curve };
}

/** The neighbours on each side that may follow a dragged point: those within reach, up to the first pinned one. */
export function followers({ rings }: Outline, { ring, index }: Vertex, reach: number): number[] {
  const { points, pinned }: Pick<Ring, "points" | "pinned"> = rings[ring] ?? { points: [], pinned: [] };
  const n = points.length;
  const found = new Set<number>();
  for (const side of [1, n - 1]) {
    for (let step = 1; step <= Math.min(reach, n - 1); step++) {
      const neighbour = (index + side * step) % n;
      if (pinned.includes(neighbour)) break;
      found.add(neighbour);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Whether two outlines have the same rings of as many points, so that a vertex of one names that of the other. */
export function sameForm(a: Outline, b: Outline): boolean {
  return a.rings.length === b.rings.length && a.rings.every((ring, i) => ring.points.length === b.rings[i]?.points.length);
}
