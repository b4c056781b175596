/** Strokes and polygons as they are drawn while the hand lays them: at once, before any answer. */

import type { PaintPrompt, Point } from "../api/types";
import type { Laid } from "../tools/tool";
import { toScreen, type View } from "./view";

const RIM = 1.5; // CSS pixels around paint
export const RIM_COLOR = "rgba(0,0,0,.75)";

/** Draw paint in CSS pixels, in place of what is there: with its rim, or, of an eraser, the bare image. */
export function drawLaid(context: CanvasRenderingContext2D, view: View, { prompt, label, color }: Laid, opacity: number): void {
  const pass = (composite: GlobalCompositeOperation, style: string, grow: number) => {
    context.globalCompositeOperation = composite;
    cover(context, view, prompt, style, grow);
  };
  context.save();
  if (label !== null) pass("source-over", RIM_COLOR, RIM);
  pass("destination-out", "#000", 0);
  context.globalAlpha = opacity;
  if (label !== null) pass("source-over", color, 0);
  context.restore();
}

/** Cover the prompt's pixels, and `grow` CSS pixels around them. */
function cover(context: CanvasRenderingContext2D, view: View, prompt: PaintPrompt, style: string, grow: number): void {
  const points = prompt.points.map((p) => toScreen(view, p));
  const [first] = points;
  if (!first) return;
  const reach = prompt.kind === "stroke" ? prompt.radius * view.scale + grow : grow;
  context.fillStyle = context.strokeStyle = style;
  context.lineJoin = context.lineCap = "round";
  context.lineWidth = 2 * reach;
  context.beginPath();
  if (prompt.kind === "stroke" && points.every((p) => p[0] === first[0] && p[1] === first[1])) {
    context.arc(first[0], first[1], reach, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  trace(context, points);
  if (prompt.kind === "fill") {
    context.closePath();
    context.fill();
  }
  if (reach > 0) context.stroke();
}

function trace(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
}
