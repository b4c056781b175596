/** The pure part of the paint tool: what the brush holds, its sizes, the points of strokes; no pointer and no screen. */

import type { PaintPrompt, Point } from "../api/types";
import type { Size } from "../canvas/view";
import { bounds } from "./points";
import type { Laid, PaintHost } from "./tool";

export const NO_LABEL = "Choose a label to paint with: 1 to 9, or L to type a new one";
const ERASER = "#ffffff";

/** What the hand paints with: a label, or none to erase. */
export type Loaded = Pick<Laid, "label" | "color">;

/** What a press lays now; null where it would paint but no label is chosen. */
export function loaded({ settings, colorOf }: PaintHost, erases = settings.erase): Loaded | null {
  if (erases) return { label: null, color: ERASER };
  return settings.label === null ? null : { label: settings.label, color: colorOf(settings.label) };
}

export function stroke(brush: Loaded, points: readonly Point[], radius: number, freeze: boolean): Laid {
  return laid(brush, { kind: "stroke", points, radius, class_id: 1, freeze });
}

export function fill(brush: Loaded, points: readonly Point[], freeze: boolean): Laid {
  return laid(brush, { kind: "fill", points, class_id: 1, freeze });
}

/** Of an eraser, frozen paint would leave nothing to erase. */
function laid({ label, color }: Loaded, prompt: PaintPrompt): Laid {
  return { label, color, prompt: label === null ? { ...prompt, class_id: 0, freeze: false } : prompt };
}

/** Across, in pixels of the image: each about a fifth more than the one before. */
export const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 26, 32, 38, 46, 56, 68, 82, 100, 120, 145, 175, 210, 250, 300, 360, 430, 500] as const;

/** The place in the list of the size nearest to this one. */
export function sizeIndex(size: number): number {
  const apart = SIZES.map((other) => Math.abs(other - size));
  return apart.indexOf(Math.min(...apart));
}

/** The size so many steps further in the list, or at its end. */
export function resized(size: number, steps: number): number {
  const index = Math.min(Math.max(sizeIndex(size) + steps, 0), SIZES.length - 1);
  return SIZES[index] ?? size;
}

/** A point in hundredths of a pixel: finer than any hand, and short in JSON. */
export function rounded([x, y]: Point): Point {
  return [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
}

/** Append to a stroke those of the points that take it further by `step` at least; whether there was one. */
export function extend(stroke: Point[], points: readonly Point[], step: number): boolean {
  const before = stroke.length;
  for (const point of points) {
    const last = stroke.at(-1);
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= step) stroke.push(rounded(point));
  }
  return stroke.length > before;
}

/** Whether a stroke may leave paint on the image: false where it lies outside altogether. */
export function touches(stroke: readonly Point[], radius: number, { width, height }: Size): boolean {
  const { x0, y0, x1, y1 } = bounds(stroke);
  return x1 >= -radius && y1 >= -radius && x0 <= width - 1 + radius && y0 <= height - 1 + radius;
}
