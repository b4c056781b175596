import { describe, expect, it } from "vitest";
import type { Outline, Point } from "../src/api/types";
import { at, bezier, nearestPlace } from "../src/canvas/curves";

const RING: Point[] = [[10, 10], [40, 12], [44, 30], [20, 60], [5, 40]];

/** Barry and Goldman's pyramid: the definition of the centripetal spline that the server fills. */
function pyramid([p0, p1, p2, p3]: [Point, Point, Point, Point], u: number): Point {
  const step = (a: Point, b: Point) => Math.sqrt(Math.hypot(b[0] - a[0], b[1] - a[1]));
  const t0 = 0;
  const t1 = t0 + step(p0, p1);
  const t2 = t1 + step(p1, p2);
  const t3 = t2 + step(p2, p3);
  const t = t1 + u * (t2 - t1);
  const mix = (a: Point, b: Point, from: number, to: number): Point => {
    const s = (t - from) / (to - from);
    return [a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1])];
  };
  const [a1, a2, a3] = [mix(p0, p1, t0, t1), mix(p1, p2, t1, t2), mix(p2, p3, t2, t3)];
  return mix(mix(a1, a2, t0, t2), mix(a2, a3, t1, t3), t1, t2);
}

function onBezier(from: Point, [p, q]: [Point, Point], to: Point, u: number): Point {
  const value = (i: 0 | 1) => (1 - u) ** 3 * from[i] + 3 * (1 - u) ** 2 * u * p[i] + 3 * (1 - u) * u ** 2 * q[i] + u ** 3 * to[i];
  return [value(0), value(1)];
}

describe("splines", () => {
  it("are the server's, segment by segment", () => {
    const inner = bezier(RING);
    RING.forEach((from, i) => {
      for (const u of [0, 0.2, 0.5, 0.9, 1]) {
        const expected = pyramid([at(RING, i - 1), from, at(RING, i + 1), at(RING, i + 2)], u);
        const [x, y] = onBezier(from, inner[i]!, at(RING, i + 1), u);
        expect(x).toBeCloseTo(expected[0], 9);
        expect(y).toBeCloseTo(expected[1], 9);
      }
    });
  });

  it("bear points at one place", () => {
    for (const pair of bezier([[0, 0], [0, 0], [4, 0], [4, 4]])) for (const point of pair) expect(point.every(Number.isFinite)).toBe(true);
  });
});

describe("the place nearest to the pointer", () => {
  const square: Outline = { kind: "outline", curve: "polygon", rings: [{ points: [[0, 0], [10, 0], [10, 10], [0, 10]], pinned: [], hole: false }] };

  it("is on the nearest edge, the closing one included", () => {
    expect(nearestPlace(square, [4, -1], 2)).toEqual({ ring: 0, edge: 0, point: [4, 0] });
    expect(nearestPlace(square, [-1, 7], 2)).toEqual({ ring: 0, edge: 3, point: [0, 7] });
  });

  it("is none beyond reach", () => {
    expect(nearestPlace(square, [5, 5], 4)).toBeNull();
  });

  it("lies on the curve of a spline, which bulges beyond the straight line", () => {
    const place = nearestPlace({ ...square, curve: "spline" }, [5, -1.25], 1);
    expect(place?.edge).toBe(0);
    expect(place?.point[1]).toBeCloseTo(-1.25, 1);
  });
});
