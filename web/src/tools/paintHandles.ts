import type { Point } from "../api/types";
import { toScreen, type View } from "../canvas/view";

const RIM = "rgba(0,0,0,.7)";

/** The brush where the pointer is, at its true size; dashed where it erases. */
export function drawBrush(context: CanvasRenderingContext2D, view: View, at: Point, size: number, color: string | null): void {
  const [x, y] = toScreen(view, at);
  const radius = Math.max((size / 2) * view.scale, 1);
  const circle = (r: number, style: string, width: number) => {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  };
  context.save();
  circle(radius, RIM, 3.5);
  if (color === null) context.setLineDash([4, 3]);
  circle(radius, "#fff", 1.5);
  if (color !== null && radius > 6) circle(radius - 2.5, color, 2.5);
  context.restore();
}

/** A polygon that is being drawn: its corners, the lines between them, and to the pointer. */
export function drawPolygon(context: CanvasRenderingContext2D, view: View, corners: readonly Point[], pointer: Point | null, color: string, closes: boolean): void {
  const line = [...corners, ...(pointer ? [pointer] : [])].map((p) => toScreen(view, p));
  if (corners.length === 0) return;
  context.save();
  context.beginPath();
  line.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.fillStyle = color;
  context.globalAlpha = 0.3;
  context.fill();
  context.globalAlpha = 1;
  for (const [style, width] of [[RIM, 4], [color, 2]] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  line.slice(0, corners.length).forEach(([x, y], i) => drawCorner(context, x, y, color, i === 0 && closes));
  context.restore();
}

function drawCorner(context: CanvasRenderingContext2D, x: number, y: number, color: string, large: boolean): void {
  const radius = large ? 6 : 3.5;
  for (const [r, style] of [[radius + 2.5, RIM], [radius + 1.5, "#fff"], [radius, color]] as const) {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = style;
    context.fill();
  }
}
