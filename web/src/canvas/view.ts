/**
 * Where the image lies on the screen.
 *
 * Three coordinate systems meet here. *Screen*: CSS pixels from the canvas's top-left corner. *Canvas* coordinates of the image:
 * continuous, pixel (c, r) covers [c, c+1) x [r, r+1). *Prompt* points: integers are pixel centres, so prompt = canvas - 0.5.
 */

import type { Point } from "../api/types";

export interface Size {
  width: number;
  height: number;
}

/** screen = canvas * scale + (x, y); scale is CSS pixels per image pixel. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export const MAX_SCALE = 64;
const MARGIN = 28;

export function toScreen(view: View, [x, y]: Point): Point {
  return [(x + 0.5) * view.scale + view.x, (y + 0.5) * view.scale + view.y];
}

export function toPrompt(view: View, [x, y]: Point): Point {
  return [(x - view.x) / view.scale - 0.5, (y - view.y) / view.scale - 0.5];
}

/** The nearest point that lies on the image, in hundredths of a pixel: finer than any hand, and short in JSON. */
export function onImage([x, y]: Point, image: Size): Point {
  const keep = (v: number, length: number) => Math.round(Math.min(Math.max(v, 0), length - 1) * 100) / 100;
  return [keep(x, image.width), keep(y, image.height)];
}

/** The nearest point within the image's outer edges, half a pixel beyond the outermost pixels' centres; in hundredths, too. */
export function withinEdges([x, y]: Point, image: Size): Point {
  const keep = (v: number, length: number) => Math.round(Math.min(Math.max(v, -0.5), length - 0.5) * 100) / 100;
  return [keep(x, image.width), keep(y, image.height)];
}

/** The view that shows the whole image, centred. */
export function fit(image: Size, stage: Size): View {
  const room = (length: number) => Math.max(length - 2 * MARGIN, 1);
  const scale = Math.min(room(stage.width) / image.width, room(stage.height) / image.height, MAX_SCALE);
  return centred(image, stage, scale);
}

export function centred(image: Size, stage: Size, scale: number): View {
  return { scale, x: (stage.width - image.width * scale) / 2, y: (stage.height - image.height * scale) / 2 };
}

/** Zoom by `factor`, keeping what lies under the screen point `at` where it is. */
export function zoomAt(view: View, at: Point, factor: number, image: Size, stage: Size): View {
  const smallest = Math.min(fit(image, stage).scale, 1) / 2;
  const scale = Math.min(Math.max(view.scale * factor, smallest), MAX_SCALE);
  const k = scale / view.scale;
  return keepVisible({ scale, x: at[0] - (at[0] - view.x) * k, y: at[1] - (at[1] - view.y) * k }, image, stage);
}

export function pan(view: View, dx: number, dy: number, image: Size, stage: Size): View {
  return keepVisible({ ...view, x: view.x + dx, y: view.y + dy }, image, stage);
}

/** A part of the image always stays in sight, so that nobody gets lost in the dark. */
function keepVisible(view: View, image: Size, stage: Size): View {
  const clamp = (offset: number, length: number, room: number) => {
    const seen = Math.min(80, length * view.scale);
    return Math.min(Math.max(offset, seen - length * view.scale), room - seen);
  };
  return { ...view, x: clamp(view.x, image.width, stage.width), y: clamp(view.y, image.height, stage.height) };
}
