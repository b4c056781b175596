/** Class maps as the screen needs them: read and compared as run lengths, decoded only in the rows that changed. */

import type { ClassMap, Point } from "../api/types";

/** Rows of an image, from `top` to before `bottom`. */
export interface Rows {
  top: number;
  bottom: number;
}

/** The class of the pixel under a prompt point; 0 for none, and off the image. */
export function classAt({ size: [height, width], runs }: ClassMap, [x, y]: Point): number {
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) return 0;
  const target = row * width + column;
  let end = 0;
  for (let i = 0; i < runs.length; i += 2) {
    end += runs[i + 1] ?? 0;
    if (target < end) return runs[i] ?? 0;
  }
  return 0;
}

const counted = new WeakMap<ClassMap, ReadonlyMap<number, number>>();

/** How many pixels each class has, 0 (none) included; counted once per map. */
export function areas(map: ClassMap): ReadonlyMap<number, number> {
  let found = counted.get(map);
  if (!found) {
    const counts = new Map<number, number>();
    for (let i = 0; i < map.runs.length; i += 2) {
      const id = map.runs[i] ?? 0;
      counts.set(id, (counts.get(id) ?? 0) + (map.runs[i + 1] ?? 0));
    }
    counted.set(map, (found = counts));
  }
  return found;
}

/** The share of the pixels that have a class, 0..1. */
export function share(map: ClassMap): number {
  const total = map.size[0] * map.size[1];
  return total === 0 ? 0 : 1 - (areas(map).get(0) ?? 0) / total;
}

/** The rows that hold all differences between two maps of one size; null where there are none. */
export function changedRows(before: ClassMap, after: ClassMap): Rows | null {
  const [height, width] = after.size;
  const first = agreement(before.runs, after.runs, 0);
  if (first >= height * width) return null;
  const last = height * width - 1 - agreement(before.runs, after.runs, 1);
  return { top: Math.floor(first / width), bottom: Math.floor(last / width) + 1 };
}

/** How many pixels two lists of runs have in common at their start, or (`end` 1) at their end. */
function agreement(a: readonly number[], b: readonly number[], end: 0 | 1): number {
  const pair = (runs: readonly number[], i: number) => (end === 0 ? i : runs.length - 2 - i);
  const most = Math.min(a.length, b.length);
  let pixels = 0;
  for (let i = 0; i < most; i += 2) {
    const [p, q] = [pair(a, i), pair(b, i)];
    if (a[p] !== b[q]) break;
    const [m, n] = [a[p + 1] ?? 0, b[q + 1] ?? 0];
    pixels += Math.min(m, n);
    if (m !== n) break;
  }
  return pixels;
}

/** The rows' pixels; `colors` gives each class's, by its number. */
export function paintRows({ size: [, width], runs }: ClassMap, { top, bottom }: Rows, colors: Uint32Array): Uint32Array<ArrayBuffer> {
  const [from, to] = [top * width, bottom * width];
  const pixels = new Uint32Array(to - from);
  let start = 0;
  for (let i = 0; i < runs.length && start < to; i += 2) {
    const end = start + (runs[i + 1] ?? 0);
    const color = colors[runs[i] ?? 0] ?? 0;
    if (end > from && color !== 0) pixels.fill(color, Math.max(start - from, 0), Math.min(end, to) - from);
    start = end;
  }
  return pixels;
}

/** A CSS colour #rrggbb as the four bytes of an opaque pixel in memory. */
export function pixelOf(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return ((255 << 24) | ((b ?? 0) << 16) | ((g ?? 0) << 8) | (r ?? 0)) >>> 0;
}
