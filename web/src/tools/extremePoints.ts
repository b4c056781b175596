import type { Point, Prompt, SessionObject } from "../api/types";
import { onImage, toScreen, type View } from "../canvas/view";
import { drawBox } from "./box";
import { History } from "./history";
import { bounds, complete, EXTREMES, fromPrompts, moved, nearest, toPrompts } from "./points";
import type { Key, Pointer, Tool, ToolHost, ToolInfo } from "./tool";

const NUDGES: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Four extreme points, then boundary points.
 *
 * Drawing a new object, every step is kept in a local history until Enter. Editing an object that exists, every finished drag goes to
 * the server at once (and its undo is the session's).
 */
class ExtremePoints implements Tool {
  private readonly history = new History<readonly Point[]>([]);
  private editing: SessionObject | null = null;
  /** The object's points while it is edited, or the drawn points while one of them is dragged; else the history has them. */
  private loose: readonly Point[] | null = null;
  /** A point in the hand; `before`: what `loose` was, for when nothing comes of it. */
  private drag: { index: number; moved: boolean; before: readonly Point[] | null } | null = null;
  private last = -1; // the point touched last: arrow keys move it
  private nudged: readonly Point[] | null = null; // what an arrow key left: while that is so, the next one goes on from there

  constructor(private readonly host: ToolHost) {}

  get points(): readonly Point[] {
    return this.loose ?? this.history.value;
  }

  get hint(): string {
    const n = this.points.length;
    if (this.editing && n === 0) return "This object was drawn with another gesture: change its label, or delete it · Esc to leave it";
    if (n === 0) return "Click the object’s left-, right-, top- and bottom-most points, in any order: 1 of 4";
    if (n < EXTREMES) return `Click the next of the object’s left-, right-, top- and bottom-most points: ${n + 1} of 4`;
    if (!complete(this.points)) return "The four points span no area: drag one of them away";
    const more = this.takesMore ? " · click the true edge where the mask is wrong" : "";
    return `Drag a point${more} · ${this.editing ? "Enter when done" : "Enter to keep the object, Esc to drop it"}`;
  }

  get draft(): Prompt[] | null {
    return !this.editing && this.points.length > 0 ? toPrompts(this.points) : null;
  }

  get canUndo(): boolean {
    return !this.editing && this.history.canUndo;
  }

  get canRedo(): boolean {
    return !this.editing && this.history.canRedo;
  }

  cursor({ at, reach, shift }: Pointer): string {
    if (this.drag) return "grabbing";
    if (nearest(this.points, at, reach) >= 0) return "grab";
    if (!shift && this.points.length === 0 && this.host.objectAt(at)) return "pointer";
    return "crosshair";
  }

  pointerDown({ at, reach, shift, secondary }: Pointer): void {
    if (secondary) return;
    const index = nearest(this.points, at, reach);
    if (index >= 0) {
      this.grab(index);
    } else if (this.editing && !this.reachesAround(at, reach)) {
      this.leaveFor(shift ? null : this.host.objectAt(at));
    } else if (!shift && this.points.length === 0 && this.host.objectAt(at)) {
      this.host.select(this.host.objectAt(at)?.id ?? null);
    } else if (this.points.length < EXTREMES || this.takesMore) {
      this.grab(this.points.length, onImage(at, this.host.image)); // a point just placed can be dragged on without letting go
    }
    this.sync();
  }

  pointerMove({ at }: Pointer): void {
    if (!this.drag) return;
    this.drag.moved = true;
    this.loose = moved(this.points, this.drag.index, onImage(at, this.host.image));
    this.sync();
  }

  pointerUp(_: Pointer): void {
    const { drag } = this;
    if (!drag) return;
    this.drag = null;
    if (drag.moved) this.settle(this.points);
    else this.loose = drag.before;
    this.sync();
  }

  pointerCancel(): void {
    if (this.drag) this.escape();
  }

  key({ key, shift }: Key): boolean {
    const nudge = NUDGES[key];
    if (nudge) return this.nudge(nudge, shift ? 10 : 1);
    if (key === "Enter") return this.accept();
    if (key === "Escape") return this.escape();
    if (key === "Backspace") return this.removeLast();
    return false;
  }

  /** A point in the hand goes back first. */
  undo(): boolean {
    return this.drag ? this.escape() : this.travel(() => this.history.undo());
  }

  redo(): boolean {
    return this.drag !== null || this.travel(() => this.history.redo());
  }

  edit(object: SessionObject | null): void {
    if (object && this.drag && object.id === this.editing?.id) {
      this.editing = object;
      this.drag.before = fromPrompts(object.prompts); // an answer to an earlier drag: the hand is further
      return;
    }
    if (!object && !this.editing) return;
    this.drag = null;
    this.editing = object;
    this.loose = object ? fromPrompts(object.prompts) : null;
    this.last = Math.min(this.last, this.points.length - 1);
    this.history.reset([]);
    this.host.preview(null, null);
    this.host.changed();
  }

  restore(prompts: Prompt[]): boolean {
    const points = fromPrompts(prompts);
    if (this.editing || this.points.length > 0 || points.length === 0) return false;
    this.history.reset(points);
    this.sync();
    return true;
  }

  draw(context: CanvasRenderingContext2D, view: View, color: string): void {
    if (this.points.length >= EXTREMES) drawBox(context, view, bounds(this.points.slice(0, EXTREMES)));
    this.points.forEach((point, i) => {
      const [x, y] = toScreen(view, point);
      drawHandle(context, x, y, i < EXTREMES, i === (this.drag?.index ?? this.last), color);
    });
  }

  private get takesMore(): boolean {
    return this.host.method.accepts.includes("boundary_point");
  }

  /** Take a point into the hand; a new one is placed there. */
  private grab(index: number, placed?: Point): void {
    this.drag = { index, moved: placed !== undefined, before: this.loose };
    this.last = index;
    this.nudged = null;
    if (placed) this.loose = [...this.points, placed];
  }

  /** Boundary points lie within the box of the extreme ones, give or take: a click elsewhere means something else. */
  private reachesAround([x, y]: Point, reach: number): boolean {
    if (this.points.length < EXTREMES) return false;
    const { x0, y0, x1, y1 } = bounds(this.points);
    const slack = 2 * reach;
    return x >= x0 - slack && x <= x1 + slack && y >= y0 - slack && y <= y1 + slack;
  }

  private leaveFor(object: SessionObject | null): void {
    this.last = -1;
    this.host.select(object?.id ?? null);
  }

  /** The hand let go: keep the new points, in the local history or, for an object that exists, on the server. */
  private settle(points: readonly Point[], goesOn = false): void {
    if (this.editing) {
      this.loose = points;
      if (complete(points)) this.host[goesOn ? "amend" : "update"](this.editing.id, toPrompts(points));
    } else {
      this.loose = null;
      this.history.push(points);
    }
  }

  private sync(): void {
    const object = this.editing?.id ?? null;
    const idle = this.editing && !this.drag; // an object at rest shows its own mask
    if (!idle) this.host.preview(complete(this.points) ? toPrompts(this.points) : null, object);
    this.host.changed();
  }

  private nudge([dx, dy]: Point, step: number): boolean {
    const point = this.points[this.last];
    if (!point || this.drag) return false;
    const to = onImage([point[0] + dx * step, point[1] + dy * step], this.host.image);
    this.settle(moved(this.points, this.last, to), this.nudged === this.points);
    this.nudged = this.points;
    this.sync();
    return true;
  }

  private accept(): boolean {
    if (this.drag) return true;
    if (this.editing) {
      this.leaveFor(null);
    } else if (complete(this.points)) {
      const prompts = toPrompts(this.points);
      this.last = -1;
      this.history.reset([]);
      this.host.add(prompts);
      this.sync();
    }
    return true;
  }

  private escape(): boolean {
    if (this.drag) {
      this.loose = this.drag.before;
      this.drag = null;
      if (this.editing) this.host.preview(null, null);
    } else if (this.editing) {
      this.leaveFor(null);
    } else if (this.points.length > 0) {
      this.history.push([]); // undo brings the points back
    } else {
      return false;
    }
    this.last = Math.min(this.last, this.points.length - 1);
    this.sync();
    return true;
  }

  private removeLast(): boolean {
    if (this.drag || this.points.length === 0) return false;
    if (this.editing && this.points.length <= EXTREMES) return true; // an object keeps its four
    this.settle(this.points.slice(0, -1));
    this.last = this.points.length - 1;
    this.sync();
    return true;
  }

  private travel(step: () => boolean): boolean {
    if (this.editing || !step()) return false;
    this.last = this.points.length - 1;
    this.sync();
    return true;
  }
}

/** Extreme points are round, boundary points are diamonds; the one that the arrow keys move wears a ring. */
function drawHandle(context: CanvasRenderingContext2D, x: number, y: number, extreme: boolean, active: boolean, color: string): void {
  const shape = (r: number) => {
    context.beginPath();
    if (extreme) context.arc(x, y, r, 0, 2 * Math.PI);
    else for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]] as const) context.lineTo(x + dx * 1.15, y + dy * 1.15);
    context.closePath();
  };
  context.lineWidth = 2;
  if (active) {
    shape(10);
    context.strokeStyle = "rgba(0,0,0,.5)";
    context.stroke();
    shape(9);
    context.strokeStyle = "#fff";
    context.stroke();
  }
  shape(5);
  context.fillStyle = color;
  context.strokeStyle = "#fff";
  context.fill();
  context.stroke();
  shape(6.5);
  context.lineWidth = 1;
  context.strokeStyle = "rgba(0,0,0,.7)";
  context.stroke();
}

export const extremePoints: ToolInfo = {
  id: "extreme-points",
  title: "Extreme points",
  shortcut: "E",
  icon: "M10 3.5c4 0 6.5 2.5 6.5 6.500s-2.5 6.5-6.5 6.500S3.5 14 3.5 10 6 3.5 10 3.500M10 2v3M10 15v3M2 10h3M15 10h3",
  start: "Click four extreme points of an object in the image.",
  candidates: false,
  keys: [
    { keys: ["Click"], what: "place a point: four extreme points, then points on the true boundary" },
    { keys: ["Shift", "Click"], what: "place the first point on top of an existing object" },
    { keys: ["Drag"], what: "move a point, the mask follows" },
    { keys: ["← ↑ → ↓"], what: "move the last point by one pixel (Shift: ten)" },
    { keys: ["Backspace"], what: "take the last point away" },
    { keys: ["Enter"], what: "keep the object" },
    { keys: ["Esc"], what: "drop the points, or leave the object" },
  ],
  fits: (method) => method.accepts.includes("extreme_points"),
  create: (host) => new ExtremePoints(host),
};
