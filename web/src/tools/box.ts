import { toScreen, type View } from "../canvas/view";
import type { Bounds } from "./points";

/** A box in dashes that show on any ground. */
export function drawBox(context: CanvasRenderingContext2D, view: View, { x0, y0, x1, y1 }: Bounds): void {
  const [left, top] = toScreen(view, [x0, y0]);
  const [right, bottom] = toScreen(view, [x1, y1]);
  context.lineWidth = 1;
  for (const [style, offset] of [["rgba(0,0,0,.45)", 0], ["rgba(255,255,255,.6)", 4]] as const) {
    context.strokeStyle = style;
    context.lineDashOffset = offset;
    context.setLineDash([4, 4]);
    context.strokeRect(left, top, right - left, bottom - top);
  }
  context.setLineDash([]);
}
