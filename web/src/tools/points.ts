/** The pure part of the extreme-point tool: points and prompts, no pointer and no screen. The first four points are the extreme ones. */

import type { Point, Prompt } from "../api/types";

export const EXTREMES = 4;

export function toPrompts(points: readonly Point[]): Prompt[] {
  const boundary = points.slice(EXTREMES).map(([x, y]): Prompt => ({ kind: "boundary_point", x, y }));
  return [{ kind: "extreme_points", points: points.slice(0, EXTREMES) }, ...boundary];
}

/** The points of prompts that this tool can edit; none for those of other gestures. */
export function fromPrompts(prompts: readonly Prompt[]): Point[] {
  const points: Point[] = [];
  for (const prompt of prompts) {
    if (prompt.kind === "extreme_points" && points.length === 0) points.push(...prompt.points);
    else if (prompt.kind === "boundary_point" && points.length >= EXTREMES) points.push([prompt.x, prompt.y]);
    else return [];
  }
  return points;
}

export interface Bounds {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export function bounds(points: readonly Point[]): Bounds {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

/** Whether the points make a prompt that a method can work on: four, at least 2 px apart in width and in height. */
export function complete(points: readonly Point[]): boolean {
  return points.length >= EXTREMES && spans(points.slice(0, EXTREMES));
}

function spans(points: readonly Point[]): boolean {
  const { x0, y0, x1, y1 } = bounds(points);
  return x1 - x0 >= 1 && y1 - y0 >= 1;
}

/** The point within reach of `at`, the nearest of several; -1 for none. */
export function nearest(points: readonly Point[], [x, y]: Point, reach: number): number {
  let best = -1;
  let distance = reach;
  points.forEach((p, i) => {
    const d = Math.hypot(p[0] - x, p[1] - y);
    if (d <= distance) [best, distance] = [i, d];
  });
  return best;
}

export function near(a: Point, b: Point, reach: number): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) <= reach;
}

export function moved(points: readonly Point[], index: number, to: Point): Point[] {
  return points.map((p, i) => (i === index ? to : p));
}
