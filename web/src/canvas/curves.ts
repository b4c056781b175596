/**
 * The curves of outlines, as the screen needs them: polygons, and closed centripetal Catmull-Rom splines as the server fills them.
 *
 * A segment of such a spline is a cubic, so it is drawn as a Bezier curve: exact and smooth at every zoom.
 */

import type { Curve, Outline, Point, Ring } from "../api/types";

/** The two inner control points of each segment's Bezier curve; segment i runs from point i to the next. */
export function bezier(points: readonly Point[]): [Point, Point][] {
  return points.map((from, i) => {
    const [before, to, after] = [at(points, i - 1), at(points, i + 1), at(points, i + 2)];
    return [handle(before, from, to), handle(after, to, from)];
  });
}

/** The Bezier point beside `near` on its segment to `far`; `beyond` is the point on `near`'s other side. */
function handle(beyond: Point, near: Point, far: Point): Point {
  // Knots lie apart by the square root of the points' distance: `a` before and `b` along the segment.
  const [a, b] = [knot(beyond, near), knot(near, far)];
  if (a === 0 || b === 0) return near;
  const along = (i: 0 | 1) => near[i] + (a * a * (far[i] - near[i]) + b * b * (near[i] - beyond[i])) / (3 * a * (a + b));
  return [along(0), along(1)];
}

const knot = (p: Point, q: Point) => Math.sqrt(Math.hypot(q[0] - p[0], q[1] - p[1]));

/** Point i of a closed ring, counted around. */
export function at(points: readonly Point[], i: number): Point {
  const n = points.length;
  return points[((i % n) + n) % n] ?? [0, 0];
}

const paths = new WeakMap<Outline, Path2D>();

/** All rings as one path in canvas coordinates, made once per outline. */
export function outlinePath(outline: Outline): Path2D {
  let path = paths.get(outline);
  if (!path) {
    path = new Path2D();
    for (const ring of outline.rings) trace(path, ring, outline.curve);
    paths.set(outline, path);
  }
  return path;
}

function trace(path: Path2D, { points }: Ring, curve: Curve): void {
  const inner = curve === "spline" ? bezier(points) : [];
  const [x0, y0] = at(points, 0);
  path.moveTo(x0 + 0.5, y0 + 0.5);
  points.forEach((_, i) => {
    const [x, y] = at(points, i + 1);
    const [p, q] = inner[i] ?? [];
    if (p && q) path.bezierCurveTo(p[0] + 0.5, p[1] + 0.5, q[0] + 0.5, q[1] + 0.5, x + 0.5, y + 0.5);
    else path.lineTo(x + 0.5, y + 0.5);
  });
  path.closePath();
}

const STEPS = 12; // pieces of a segment, to find the place nearest to the pointer

/** A place on an outline's line: between control point `edge` of the ring and the next. */
export interface Place {
  ring: number;
  edge: number;
  point: Point;
}

/** The place on the line nearest to `p` within reach; null for none. */
export function nearestPlace({ rings, curve }: Outline, p: Point, reach: number): Place | null {
  let best: Place | null = null;
  let distance = reach;
  rings.forEach(({ points }, ring) => {
    const inner = curve === "spline" ? bezier(points) : [];
    points.forEach((from, edge) => {
      const line = sampled(from, inner[edge], at(points, edge + 1));
      for (let k = 1; k < line.length; k++) {
        const point = nearestOn(at(line, k - 1), at(line, k), p);
        const d = Math.hypot(point[0] - p[0], point[1] - p[1]);
        if (d <= distance) [best, distance] = [{ ring, edge, point }, d];
      }
    });
  });
  return best;
}

function sampled(from: Point, inner: [Point, Point] | undefined, to: Point): Point[] {
  if (!inner) return [from, to];
  const along = (i: 0 | 1, t: number) => {
    const u = 1 - t;
    return u * u * u * from[i] + 3 * u * u * t * inner[0][i] + 3 * u * t * t * inner[1][i] + t * t * t * to[i];
  };
  return Array.from({ length: STEPS + 1 }, (_, k): Point => [along(0, k / STEPS), along(1, k / STEPS)]);
}

function nearestOn(a: Point, b: Point, p: Point): Point {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy || 1);
  const inside = Math.min(Math.max(t, 0), 1);
  return [a[0] + inside * dx, a[1] + inside * dy];
}
