/** Outlines as one sees and grabs them: everything keeps its size on the screen, whatever the zoom. */

import type { Outline, Ring } from "../api/types";
import { at, outlinePath, type Place } from "../canvas/curves";
import { paintLine } from "../canvas/paint";
import { toScreen, type View } from "../canvas/view";
import { followers, isPinned, sameVertex, type Vertex } from "./outlines";

interface Marks {
  /** The control point in the hand or under the pointer. */
  main: Vertex | null;
  /** The one touched last: keys act on it. */
  active: Vertex | null;
  /** Where a press would add one. */
  place: Place | null;
  reach: number;
}

const [LARGE, SMALL] = [4.5, 2]; // a handle's radius: small where points crowd
const RIM = "rgba(0,0,0,.7)";

/** The line, its control points, and which of them would follow the one under the pointer. */
export function drawOutline(context: CanvasRenderingContext2D, view: View, outline: Outline, color: string, { main, active, place, reach }: Marks): void {
  paintLine(context, outlinePath(outline), view, color, true);
  const follow = new Set(main ? followers(outline, main, reach) : []);
  outline.rings.forEach((ring, number) => {
    const room = Math.min(Math.max(0.3 * spacing(ring) * view.scale, SMALL), LARGE);
    ring.points.forEach((point, index) => {
      const vertex = { ring: number, index };
      const isMain = sameVertex(vertex, main);
      const follows = main?.ring === number && follow.has(index);
      const [x, y] = toScreen(view, point);
      drawHandle(context, x, y, isMain ? LARGE + 1.5 : follows ? Math.max(room, 3.5) : room, {
        fill: isMain || follows ? color : "#fff",
        edge: isMain || follows ? "#fff" : color,
        square: isPinned(outline, vertex),
        ring: sameVertex(vertex, active),
      });
    });
  });
  if (place) drawPlus(context, ...toScreen(view, place.point));
}

/** How far apart a ring's control points are, in the image's pixels. */
function spacing({ points }: Ring): number {
  const length = points.reduce((sum, p, i) => sum + Math.hypot(at(points, i + 1)[0] - p[0], at(points, i + 1)[1] - p[1]), 0);
  return length / points.length;
}

interface Look {
  fill: string;
  edge: string;
  square: boolean;
  ring: boolean;
}

/** A disc; pinned, a square with a dark middle. The active one wears a ring. */
function drawHandle(context: CanvasRenderingContext2D, x: number, y: number, radius: number, { fill, edge, square, ring }: Look): void {
  const shape = (r: number, style: string) => {
    context.beginPath();
    if (square) context.rect(x - r, y - r, 2 * r, 2 * r);
    else context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = style;
    context.fill();
  };
  const line = Math.min(1.5, radius / 2);
  if (ring) {
    context.beginPath();
    context.arc(x, y, radius + 5, 0, 2 * Math.PI);
    for (const [style, width] of [[RIM, 3], ["#fff", 1.5]] as const) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
  }
  shape(radius + line + 1, RIM);
  shape(radius + line, edge);
  shape(radius, fill);
  if (square) shape(Math.max(radius - 2, 1), RIM);
}

function drawPlus(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fillStyle = "rgba(0,0,0,.7)";
  context.fill();
  context.beginPath();
  context.moveTo(x - 3.5, y);
  context.lineTo(x + 3.5, y);
  context.moveTo(x, y - 3.5);
  context.lineTo(x, y + 3.5);
  context.strokeStyle = "#fff";
  context.lineWidth = 1.5;
  context.stroke();
}
