import type { Rle } from "../api/types";
import { shownMask, type StudioState } from "../state/state";
import type { Tool } from "../tools/tool";
import { outlinePath } from "./curves";
import { maskPath } from "./masks";
import type { View } from "./view";

const CHECKER = "#101113";

/** Size a canvas to its element in device pixels; gives a context that draws in CSS pixels, cleared. */
export function begin(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return context;
}

/** The image, pixel by pixel once it is shown at more than twice its size. */
export function paintImage(canvas: HTMLCanvasElement, { bitmap, view }: StudioState): void {
  const context = begin(canvas);
  if (!context || !bitmap || !view) return;
  const [width, height] = [bitmap.width * view.scale, bitmap.height * view.scale];
  context.fillStyle = CHECKER;
  context.fillRect(view.x, view.y, width, height);
  context.imageSmoothingEnabled = view.scale * (window.devicePixelRatio || 1) <= 2;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, view.x, view.y, width, height);
}

/** Masks (with `linesOnly` their edges alone), the tool's handles, the crosshair. */
export function paintOverlay(
  canvas: HTMLCanvasElement,
  state: StudioState,
  tool: Tool | null,
  color: string,
  pointer: readonly [number, number] | null,
  linesOnly: boolean,
): void {
  const context = begin(canvas);
  const { view, bitmap, session, preview, selected, hovered } = state;
  if (!context || !view || !bitmap) return;
  if (state.masksShown) {
    for (const object of session?.objects ?? []) {
      if (object.id === preview?.object) continue;
      const strong = object.id === selected || object.id === hovered;
      const mask = shownMask(state, object);
      if (!linesOnly || object.id === hovered) paintMask(context, mask, view, object.color, state.opacity);
      paintLine(context, object.outline ? outlinePath(object.outline) : maskPath(mask), view, object.color, strong);
    }
    const loose = state.pending.filter(({ image }) => image === state.current);
    for (const { mask, color: own } of preview ? [...loose, preview] : loose) {
      paintMask(context, mask, view, own, state.opacity);
      // An outline in the hand is drawn by its tool, ahead of the answer.
      if (mask !== preview?.mask || !preview.outline) paintLine(context, maskPath(mask), view, own, true);
    }
  }
  if (state.crosshair && pointer) paintCrosshair(context, canvas, pointer);
  tool?.draw(context, view, color);
}

function paintMask(context: CanvasRenderingContext2D, mask: Rle, view: View, color: string, opacity: number): void {
  context.save();
  context.translate(view.x, view.y);
  context.scale(view.scale, view.scale);
  context.fillStyle = color;
  context.globalAlpha = opacity;
  context.fill(maskPath(mask), "evenodd");
  context.restore();
}

/** A path in canvas coordinates: it keeps its width at every zoom, and a dark rim keeps it visible on pixels of its own colour. */
export function paintLine(context: CanvasRenderingContext2D, path: Path2D, view: View, color: string, strong: boolean): void {
  context.save();
  context.translate(view.x, view.y);
  context.scale(view.scale, view.scale);
  context.lineJoin = "round";
  context.strokeStyle = "rgba(0,0,0,.55)";
  context.lineWidth = (strong ? 4 : 2.5) / view.scale;
  context.stroke(path);
  context.strokeStyle = color;
  context.lineWidth = (strong ? 2 : 1.25) / view.scale;
  context.stroke(path);
  context.restore();
}

function paintCrosshair(context: CanvasRenderingContext2D, canvas: HTMLCanvasElement, [px, py]: readonly [number, number]): void {
  const [x, y, gap] = [Math.round(px) + 0.5, Math.round(py) + 0.5, 12];
  for (const [style, width] of [["rgba(0,0,0,.4)", 3], ["rgba(255,255,255,.75)", 1]] as const) {
    context.beginPath();
    for (const [x0, y0, x1, y1] of [
      [0, y, x - gap, y],
      [x + gap, y, canvas.clientWidth, y],
      [x, 0, x, y - gap],
      [x, y + gap, x, canvas.clientHeight],
    ] as const) {
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
}
