/** Small pictures of what masks mean: the same part of the image for all of them, with each mask over it. */

import type { Rle } from "../api/types";
import { bounds, sample, type Area } from "./masks";
import type { Size } from "./view";

const ROOM = 1.3; // of the picture, to the masks in it
const SMALLEST = 32; // image pixels that a picture shows at least

/** The part of the image that holds all these masks with some room around them, as wide and high as `shape` says if the image allows. */
export function partAround(masks: readonly Rle[], image: Size, shape: Size): Area {
  const boxes = masks.map(bounds).filter((box) => box !== null);
  if (boxes.length === 0) return { x: 0, y: 0, ...image };
  const [left, top] = [Math.min(...boxes.map((b) => b.x)), Math.min(...boxes.map((b) => b.y))];
  const [right, bottom] = [Math.max(...boxes.map((b) => b.x + b.width)), Math.max(...boxes.map((b) => b.y + b.height))];
  const scale = Math.max((ROOM * (right - left)) / shape.width, (ROOM * (bottom - top)) / shape.height, SMALLEST / shape.width);
  const [width, height] = [Math.min(scale * shape.width, image.width), Math.min(scale * shape.height, image.height)];
  const place = (from: number, to: number, length: number, room: number) => Math.min(Math.max((from + to - length) / 2, 0), room - length);
  return { x: place(left, right, width, image.width), y: place(top, bottom, height, image.height), width, height };
}

/** Paint the part of the image with the mask over it: what is off the mask is darkened, its edge drawn in the object's colour. */
export function paintThumbnail(canvas: HTMLCanvasElement, bitmap: ImageBitmap, part: Area, mask: Rle, color: string): void {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  const scale = Math.min(canvas.width / part.width, canvas.height / part.height);
  const [width, height] = [Math.round(part.width * scale), Math.round(part.height * scale)];
  const [x, y] = [(canvas.width - width) >> 1, (canvas.height - height) >> 1];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "medium"; // "high" reads every pixel of a large image
  context.drawImage(bitmap, part.x, part.y, part.width, part.height, x, y, width, height);
  const pixels = context.getImageData(x, y, width, height);
  tint(pixels, sample(mask, part, width, height), color);
  context.putImageData(pixels, x, y);
}

const EDGE = 2; // device pixels

function tint({ data, width, height }: ImageData, on: Uint8Array, color: string): void {
  const rgb = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  const off = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && !on[y * width + x];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = on[y * width + x] === 1;
      const edge = inside && (off(x - EDGE, y) || off(x + EDGE, y) || off(x, y - EDGE) || off(x, y + EDGE));
      const share = edge ? 1 : inside ? 0.25 : 0.55; // of the colour, or of black off the mask
      for (let k = 0; k < 3; k++) {
        const i = 4 * (y * width + x) + k;
        data[i] = (1 - share) * (data[i] ?? 0) + share * (inside ? (rgb[k] ?? 0) : 0);
      }
    }
  }
}
