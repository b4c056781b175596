/**
 * Masks as the screen needs them.
 *
 * A mask is drawn as a path along its pixel edges and filled even-odd: crisp at every zoom, one path for fill and outline, and no
 * bitmap of the image's size per object.
 */

import type { Rle } from "../api/types";

/** A part of the image, in canvas coordinates. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part of a mask inside its bounding box; `pixels` is row-major, 1 on the object. */
export interface Patch extends Area {
  pixels: Uint8Array;
}

/** Decode column-major run lengths into the mask's bounding box; null for an empty mask. */
export function decode({ size: [height, width], counts }: Rle): Patch | null {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total !== height * width) throw new RangeError(`run lengths sum to ${total}, not to ${height} x ${width}`);
  const box = bounds({ size: [height, width], counts });
  if (!box) return null;
  const pixels = new Uint8Array(box.width * box.height);
  eachColumn(counts, height, (x, top, bottom) => {
    for (let i = (top - box.y) * box.width + x - box.x, n = bottom - top; n >= 0; n--, i += box.width) pixels[i] = 1;
  });
  return { ...box, pixels };
}

/** The mask's bounding box; null for an empty mask. */
export function bounds({ size: [height, width], counts }: Rle): Area | null {
  let [x0, y0, x1, y1] = [width, height, -1, -1];
  eachColumn(counts, height, (x, top, bottom) => {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (top < y0) y0 = top;
    if (bottom > y1) y1 = bottom;
  });
  return x1 < 0 ? null : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

/** Call `visit(x, top, bottom)` for every vertical stretch of the object, both ends inclusive. */
function eachColumn(counts: number[], height: number, visit: (x: number, top: number, bottom: number) => void): void {
  let start = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = start + (counts[i] ?? 0);
    if (i % 2 === 1) {
      for (let p = start; p < end; ) {
        const x = Math.floor(p / height);
        const stop = Math.min(end, (x + 1) * height);
        visit(x, p - x * height, stop - 1 - x * height);
        p = stop;
      }
    }
    start = end;
  }
}

/** Whether the pixel under a prompt point is on the object; reads the runs, decodes nothing. */
export function contains({ size: [height, width], counts }: Rle, x: number, y: number): boolean {
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) return false;
  const target = column * height + row;
  let end = 0;
  for (let i = 0; i < counts.length; i++) {
    end += counts[i] ?? 0;
    if (target < end) return i % 2 === 1;
  }
  return false;
}

/** How many pixels the mask has. */
export function area({ counts }: Rle): number {
  return counts.reduce((sum, n, i) => sum + (i % 2) * n, 0);
}

/** What the mask is under `columns` x `rows` points spread over a part of the image: a small picture of it, without decoding it. */
export function sample({ size: [height, width], counts }: Rle, { x, y, ...part }: Area, columns: number, rows: number): Uint8Array {
  let end = 0;
  const ends = counts.map((n) => (end += n));
  const answer = new Uint8Array(columns * rows);
  for (let i = 0; i < columns; i++) {
    const column = Math.floor(x + ((i + 0.5) * part.width) / columns);
    for (let j = 0; j < rows; j++) {
      const row = Math.floor(y + ((j + 0.5) * part.height) / rows);
      const inside = column >= 0 && row >= 0 && column < width && row < height;
      if (inside) answer[j * columns + i] = firstAbove(ends, column * height + row) % 2;
    }
  }
  return answer;
}

/** The place of the first number above `value` in a list that never falls. */
function firstAbove(sorted: number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The closed loops along the pixel edges, in canvas coordinates, as flat [x, y, x, y, ...] lists of corners.
 *
 * Each walk keeps the object on its right: outer boundaries run clockwise on the screen, holes the other way round. Pixels that touch
 * at a corner alone are kept apart.
 */
export function outline(patch: Patch): number[][] {
  const { width, height, pixels } = patch;
  const on = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] === 1;
  const walked = new Uint8Array(width * height); // top edges that a walk has been along
  const loops: number[][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (on(x, y) && !on(x, y - 1) && !walked[y * width + x]) loops.push(walk(x, y, on, walked, patch));
    }
  }
  return loops;
}

const EAST = [1, 0] as const;
const STEPS = [EAST, [0, 1], [-1, 0], [0, -1]] as const; // clockwise on the screen

function walk(startX: number, startY: number, on: (x: number, y: number) => boolean, walked: Uint8Array, patch: Patch): number[] {
  const corners: number[] = [];
  let [x, y, direction] = [startX, startY, 0];
  do {
    const [dx, dy] = STEPS[direction] ?? EAST;
    if (direction === 0) walked[y * patch.width + x] = 1;
    x += dx;
    y += dy;
    // The two pixels ahead of the vertex, to the right and to the left of the direction of travel.
    const rightAhead = on(x + (dx - dy - 1) / 2, y + (dx + dy - 1) / 2);
    const leftAhead = on(x + (dx + dy - 1) / 2, y + (dy - dx - 1) / 2);
    const turn = !rightAhead ? 1 : leftAhead ? 3 : 0;
    if (turn !== 0) {
      corners.push(x + patch.x, y + patch.y);
      direction = (direction + turn) % 4;
    }
  } while (x !== startX || y !== startY || direction !== 0);
  return corners;
}

const paths = new WeakMap<Rle, Path2D>();

/** The mask's path in canvas coordinates, computed once per mask. */
export function maskPath(rle: Rle): Path2D {
  let path = paths.get(rle);
  if (!path) {
    path = new Path2D();
    const patch = decode(rle);
    for (const loop of patch ? outline(patch) : []) {
      path.moveTo(loop[0] ?? 0, loop[1] ?? 0);
      for (let i = 2; i < loop.length; i += 2) path.lineTo(loop[i] ?? 0, loop[i + 1] ?? 0);
      path.closePath();
    }
    paths.set(rle, path);
  }
  return path;
}

/** Whether two masks are the same, run by run. */
export function same(a: Rle, b: Rle): boolean {
  return (
    a.size[0] === b.size[0] &&
    a.size[1] === b.size[1] &&
    a.counts.length === b.counts.length &&
    a.counts.every((n, i) => n === b.counts[i])
  );
}
