/** The list of images: which of them are shown, and which is the next one. */

import type { ImageRecord } from "../api/types";

export const SHOW = { all: "All", todo: "To do", done: "Done", broken: "Broken" } as const;
export type Show = keyof typeof SHOW;

export interface Filter {
  /** A part of the name, in any case. */
  text: string;
  show: Show;
}

/** Whether somebody has begun to annotate it. */
export function isDone(image: ImageRecord): boolean {
  return image.objects > 0 || image.painted;
}

const isShown: Record<Show, (image: ImageRecord) => boolean> = {
  all: () => true,
  todo: (image) => !image.error && !isDone(image),
  done: isDone,
  broken: (image) => image.error !== null,
};

export function passes(image: ImageRecord, { text, show }: Filter): boolean {
  return isShown[show](image) && image.name.toLowerCase().includes(text.toLowerCase());
}

/** The next image (or with -1 the one before) that passes the filter; the current one need not: it has its place among all of them. */
export function neighbour(images: readonly ImageRecord[], filter: Filter, current: string | null, step: 1 | -1): ImageRecord | undefined {
  const place = images.findIndex((image) => image.id === current);
  const ahead = step === 1 ? images.slice(place + 1) : images.slice(0, Math.max(place, 0)).reverse();
  return ahead.find((image) => passes(image, filter));
}
