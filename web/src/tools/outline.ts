import type { Outline, Point, Prompt, SessionObject } from "../api/types";
import { nearestPlace, type Place } from "../canvas/curves";
import { onImage, withinEdges, type View } from "../canvas/view";
import { Aim } from "./aim";
import { drawBox } from "./box";
import { OutlineEditor } from "./outlineEditor";
import { drawOutline } from "./outlineHandles";
import * as outlines from "./outlines";
import type { Vertex } from "./outlines";
import { bounds } from "./points";
import type { Key, Pointer, Target, Tool, ToolHost, ToolInfo } from "./tool";

const FIRM = 0.35; // of a handle's reach: a shorter way is a press, not a drag
const NOTHING = { vertex: null, place: null };
const NUDGES: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A control point in the hand. */
interface Drag {
  what: "drag";
  /** The outline before; the very value that previews are asked with. */
  start: Outline;
  vertex: Vertex;
  /** Where the hand pressed: it may have been a little beside the point. */
  from: Point;
  to: Point;
  moved: boolean;
  isNew: boolean;
}

/** A box being drawn. */
interface Drawing {
  what: "box";
  from: Point;
  to: Point;
  makes: "object" | "part" | "hole";
}

/** A box becomes an outline; its control points are dragged, and their neighbours follow. Each gesture is recorded; undo is the session's. */
export class OutlineTool implements Tool {
  readonly canUndo = false;
  readonly canRedo = false;
  readonly editor: OutlineEditor;
  private readonly aim: Aim;
  private hand: Drag | Drawing | null = null;
  private missed: SessionObject | null = null; // what an earlier gesture was answered with while a point was in the hand
  private pointer: Pointer | null = null;

  constructor(private readonly host: ToolHost) {
    this.editor = new OutlineEditor(host);
    this.aim = new Aim(host);
  }

  get target(): Target {
    return this.aim.target;
  }

  get hint(): string {
    const { reach } = this.editor.settings;
    if (this.hand?.what === "drag") return `${reach === 1 ? "1 neighbour" : `${reach} neighbours`} on each side may follow: [ and ] change that · Esc puts the point back`;
    if (this.hand) return "Let go at the opposite corner of the box";
    if (this.editor.outline) return "Drag a point · click the line to add one · Delete · P pins · Enter when done · ? shows more";
    if (this.editor.object) return "Enter makes an outline of this mask, with points to drag · Esc to leave it";
    return "Drag a box around an object: its outline appears. Or click on a mask to edit it";
  }

  cursor(pointer: Pointer): string {
    if (this.hand) return this.hand.what === "drag" ? "grabbing" : "crosshair";
    const { vertex, place } = this.under(pointer);
    if (vertex || place) return vertex ? "grab" : "copy";
    const object = this.host.objectAt(pointer.at);
    return object && object.id !== this.editor.object?.id ? "pointer" : "crosshair";
  }

  pointerDown(pointer: Pointer): void {
    this.pointer = pointer;
    const { outline } = this.editor;
    const { at, shift, secondary } = pointer;
    const { vertex, place } = this.under(pointer);
    if (outline && vertex) this.grab(outline, vertex, at, false);
    else if (outline && place) this.grab(outlines.insertedAt(outline, place), { ring: place.ring, index: place.edge + 1 }, at, true);
    else if (outline || !secondary) this.hand = { what: "box", from: at, to: at, makes: !outline ? "object" : secondary ? "hole" : shift ? "part" : "object" };
    this.host.changed();
  }

  pointerMove(pointer: Pointer): void {
    this.pointer = pointer;
    const { hand } = this;
    if (hand?.what === "box") hand.to = pointer.at;
    if (hand?.what === "drag") this.dragTo(hand, pointer);
    if (hand) this.host.changed();
  }

  pointerUp(pointer: Pointer): void {
    const { hand, shown } = this;
    this.hand = null;
    if (hand?.what === "box") this.drawn(hand, pointer);
    else if (hand?.moved && shown) this.editor.record(shown, [hand.start, this.editor.drag(hand.vertex, hand.to)]);
    else if (hand?.isNew) this.editor.record(hand.start);
    else this.catchUp();
    this.missed = null;
    this.host.changed();
  }

  pointerCancel(): void {
    if (this.hand) this.escape();
  }

  key({ key, shift, repeat }: Key): boolean {
    if (key === "[") return this.changeReach(-1);
    if (key === "]") return this.changeReach(1);
    if (key === "Escape") return this.escape();
    if (this.hand) return key === "Enter" || key === "Delete" || key === "Backspace";
    if (key === "Enter") return this.accept();
    if (key === "Delete" || key === "Backspace") {
      const meant = this.forVertex((vertex) => (shift ? this.editor.deleteRing(vertex.ring) : this.editor.delete(vertex)));
      // Pressed once more than there are points or rings to take away, the key is not the page's: that would delete the object.
      return meant || (this.editor.outline !== null && (shift || repeat === true));
    }
    if (key.toLowerCase() === "p") return this.forVertex((vertex) => this.editor.pin(vertex));
    if (key.toLowerCase() === "s") return this.editor.setCurve(this.editor.curve === "spline" ? "polygon" : "spline"), true;
    const [dx, dy] = NUDGES[key] ?? [0, 0];
    return (dx !== 0 || dy !== 0) && this.editor.nudge(shift ? [10 * dx, 10 * dy] : [dx, dy]);
  }

  undo(): boolean {
    return this.hand !== null && this.escape();
  }

  redo(): boolean {
    return this.hand !== null;
  }

  edit(object: SessionObject | null): void {
    const same = object !== null && object.id === this.editor.object?.id;
    if (this.hand?.what === "drag" && same) {
      this.missed = object; // the hand is further
      return;
    }
    if (!same && !(this.hand?.what === "box" && this.hand.makes === "object")) this.hand = null;
    this.editor.take(object);
    this.host.preview(null, null);
    this.host.changed();
    this.aim.follow(object);
  }

  restore(_: Prompt[]): boolean {
    return false;
  }

  draw(context: CanvasRenderingContext2D, view: View, color: string): void {
    const { hand, shown, pointer } = this;
    if (shown) {
      const held = hand?.what === "drag" ? hand.vertex : null;
      const { vertex, place } = hand || !pointer ? NOTHING : this.under(pointer);
      const { active, settings } = this.editor;
      drawOutline(context, view, shown, color, { main: held ?? vertex, active, place, reach: settings.reach });
    }
    const waiting = this.host.underWay(this.target).filter((prompt) => prompt.kind === "box");
    for (const box of waiting) drawBox(context, view, box);
    if (hand?.what === "box") drawBox(context, view, bounds([hand.from, hand.to]));
  }

  /** The outline as it is seen: while a point is dragged, its neighbours as last answered, and the point itself at the hand. */
  private get shown(): Outline | null {
    const { hand } = this;
    if (hand?.what !== "drag") return this.editor.outline;
    const answer = this.host.previewed;
    const fits = answer?.outline && answer.prompts[0] === hand.start && outlines.sameForm(answer.outline, hand.start);
    return outlines.movedTo((fits && answer.outline) || hand.start, hand.vertex, hand.to);
  }

  /** What a press would grab: a control point, or a place on the line, where it adds one. */
  private under({ at, reach, secondary, shift }: Pointer): { vertex: Vertex | null; place: Place | null } {
    const { outline } = this.editor;
    if (!outline || secondary) return NOTHING;
    const vertex = outlines.nearestVertex(outline, at, reach);
    const place = shift ? null : nearestPlace(outline, at, reach);
    const full = place && (outline.rings[place.ring]?.points.length ?? 0) >= outlines.MOST_POINTS;
    if (!place || full || (vertex && !outlines.isBetween(outline, place, reach))) return { vertex, place: null };
    return { vertex: null, place: { ...place, point: withinEdges(place.point, this.host.image) } };
  }

  private grab(start: Outline, vertex: Vertex, from: Point, isNew: boolean): void {
    this.hand = { what: "drag", start, vertex, from, to: outlines.pointAt(start, vertex) ?? from, moved: false, isNew };
    this.editor.active = vertex;
  }

  private dragTo(hand: Drag, { at, reach }: Pointer): void {
    if (!hand.moved && apart(at, hand.from) <= FIRM * reach) return;
    const [x, y] = outlines.pointAt(hand.start, hand.vertex) ?? hand.from;
    hand.moved = true;
    hand.to = withinEdges([x + at[0] - hand.from[0], y + at[1] - hand.from[1]], this.host.image);
    this.preview(hand);
  }

  private preview({ start, vertex, to }: Drag): void {
    if (this.editor.object) this.host.preview([start, this.editor.drag(vertex, to)], this.editor.object.id);
  }

  /** A box was let go of. One that is no larger than a trembling hand is a click. */
  private drawn({ from, to, makes }: Drawing, { at, reach }: Pointer): void {
    const { outline } = this.editor;
    if (apart(from, to) <= FIRM * reach) {
      if (makes === "object" && apart(at, from) <= reach) this.host.select(this.host.objectAt(from)?.id ?? null);
      return;
    }
    const box = bounds([onImage(from, this.host.image), onImage(to, this.host.image)]);
    if (box.x1 - box.x0 < 1 || box.y1 - box.y0 < 1) return this.host.complain("The box is empty: drag from one of the object’s corners to the opposite one");
    if (makes !== "object" && outline) return this.editor.record(outline, [outline, { kind: "part", ...box, hole: makes === "hole" }, this.editor.partForm(box)]);
    if (this.editor.object) this.host.select(null);
    this.aim.release();
    this.host.give(this.target, { kind: "box", ...box }, this.editor.form);
  }

  /** Do something to the control point under the pointer, else to the one touched last; false where there is none. */
  private forVertex(change: (vertex: Vertex) => void): boolean {
    const vertex = (this.pointer && this.under(this.pointer).vertex) ?? this.editor.active;
    if (vertex) change(vertex);
    return vertex !== null;
  }

  private changeReach(by: number): boolean {
    this.editor.setReach(this.editor.settings.reach + by);
    if (this.hand?.what === "drag" && this.hand.moved) this.preview(this.hand);
    return true;
  }

  private accept(): boolean {
    if (this.editor.canOutline) this.editor.makeOutline();
    else this.leave();
    return true;
  }

  private escape(): boolean {
    if (!this.hand) return this.editor.object !== null && this.leave();
    this.hand = null;
    this.host.preview(null, null);
    this.catchUp();
    this.host.changed();
    return true;
  }

  /** Nothing came of what was in the hand: what was answered meanwhile counts. */
  private catchUp(): void {
    if (this.missed) this.editor.take(this.missed);
    this.missed = null;
  }

  private leave(): boolean {
    this.aim.release();
    this.host.select(null);
    return true;
  }
}

function apart(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

export const outline: ToolInfo = {
  id: "outline",
  title: "Outline",
  shortcut: "O",
  icon: "M3.500 8.500c.5-4 8-6 11-3s2.500 8.500-2 10-9.500-3-9-7M3.500 7a1.500 1.500 0 1 0 .01 0M14 4a1.500 1.500 0 1 0 .01 0M12 14a1.500 1.500 0 1 0 .01 0",
  start: "Drag a box around an object in the image.",
  candidates: false,
  keys: [
    { keys: ["Drag"], what: "draw a box: its outline appears. Or move a point: its neighbours follow, and it is pinned" },
    { keys: ["Click"], what: "add a point to the line; beside it, select the object below" },
    { keys: ["Delete"], what: "take the point under the pointer away, else the last one touched" },
    { keys: ["P"], what: "pin the point: it does not follow others; again: let it go" },
    { keys: ["S"], what: "switch between spline and polygon" },
    { keys: ["[", "]"], what: "fewer or more neighbours follow" },
    { keys: ["← ↑ → ↓"], what: "move the last point by one pixel (Shift: ten)" },
    { keys: ["Shift", "Drag"], what: "draw a box for a further part of the object" },
    { keys: ["Right-drag"], what: "draw a box for a hole (also Alt and drag)" },
    { keys: ["Shift", "Delete"], what: "take the point’s whole part or hole away" },
    { keys: ["Enter"], what: "make an outline of the selected mask; or leave the object (also Esc)" },
  ],
  fits: (method) => method.accepts.includes("outline"),
  create: (host) => new OutlineTool(host),
};
