import type { Curve, Outline, OutlineForm, Point, Prompt, SessionObject } from "../api/types";
import { withinEdges } from "../canvas/view";
import * as outlines from "./outlines";
import type { Vertex } from "./outlines";
import { bounds, type Bounds } from "./points";
import type { OutlineSettings, ToolHost } from "./tool";

export const MOST_REACH = 100;
export const FEWEST_VERTICES = 6;
export const MOST_VERTICES = 200;

const clip = (value: number, least: number, most: number) => Math.min(Math.max(Math.round(value), least), most);

/**
 * The selected object's outline, and what can be done to it without a pointer.
 *
 * Every change is recorded at once and tells the whole outline that it starts from, so that nothing is replayed. The outline here
 * may be ahead of the session's while answers are under way.
 */
export class OutlineEditor {
  object: SessionObject | null = null;
  outline: Outline | null = null;
  /** The control point touched last. */
  active: Vertex | null = null;
  private asking = false;
  private run: { from: Outline; vertex: Vertex; to: Outline } | null = null; // of arrow keys: what they began with, and led to

  constructor(private readonly host: ToolHost) {}

  get settings(): OutlineSettings {
    return this.host.outlineSettings;
  }

  /** The curve of the selected object, or of the next one. */
  get curve(): Curve {
    return this.outline?.curve ?? this.settings.curve;
  }

  /** How the selected object's outline, or the next one, is to be drawn by a method. */
  get form(): OutlineForm {
    return { kind: "outline_form", vertices: this.settings.vertices, curve: this.curve };
  }

  /** How a further ring is to be drawn: points as far apart as the outline's own are, so that a small hole has few. */
  partForm({ x0, y0, x1, y1 }: Bounds): OutlineForm {
    const { points } = this.outline?.rings[0] ?? { points: [] };
    const own = bounds(points);
    const share = (x1 - x0 + y1 - y0) / (own.x1 - own.x0 + own.y1 - own.y0 || 1);
    return { ...this.form, vertices: clip(share * points.length, 2 * FEWEST_VERTICES, MOST_VERTICES) };
  }

  /** Whether an object is selected that has no outline yet. */
  get canOutline(): boolean {
    return this.object !== null && this.outline === null;
  }

  take(object: SessionObject | null): void {
    const same = object?.id === this.object?.id;
    this.object = object;
    this.outline = object?.outline ?? null;
    if (!same || !this.point(this.active)) this.active = null;
  }

  /** The outline is this from now on; the prompts tell the server so. `goesOn`: they stand for the last change as well. */
  record(outline: Outline, prompts: Prompt[] = [outline], goesOn = false): void {
    this.outline = outline;
    if (this.object) this.host[goesOn ? "amend" : "update"](this.object.id, prompts);
    this.host.changed();
  }

  drag(vertex: Vertex, [x, y]: Point): Prompt {
    return { kind: "vertex_drag", ...vertex, x, y, reach: this.settings.reach };
  }

  /** How many neighbours on each side follow a dragged point from now on. */
  setReach(reach: number): void {
    this.keep({ reach: clip(reach, 0, MOST_REACH) });
  }

  setCurve(curve: Curve): void {
    this.keep({ curve });
    if (this.outline && this.outline.curve !== curve) this.record(outlines.withCurve(this.outline, curve));
  }

  /** How many control points the rings of the selected object get, and those of the next one. */
  setVertices(vertices: number): void {
    this.keep({ vertices: clip(vertices, FEWEST_VERTICES, MOST_VERTICES) });
    const box = this.object?.prompts.find((prompt) => prompt.kind === "box");
    // What is still as the method drew it is drawn anew; what a hand has changed keeps its form.
    if (this.outline && box) this.record(this.outline, [box, this.form]);
    else if (this.outline) void this.remake({ vertices: this.settings.vertices });
  }

  /** As few control points as keep within `tolerance` px of the mask's edge. */
  simplify(tolerance: number): void {
    if (this.outline) void this.remake({ tolerance });
  }

  /** Give the selected object an outline: that of its mask. */
  makeOutline(): void {
    if (this.canOutline) void this.remake({ vertices: this.settings.vertices });
  }

  /** Take a control point away. */
  delete(vertex: Vertex): void {
    const rest = this.outline && outlines.deletedAt(this.outline, vertex);
    if (!rest) return this.host.complain("A part keeps at least three points; the bin in the list deletes the object");
    const whole = rest.rings.length < (this.outline?.rings.length ?? 0);
    this.active = whole ? null : { ...vertex, index: vertex.index % (rest.rings[vertex.ring]?.points.length ?? 1) };
    this.record(rest);
  }

  /** Take a whole ring away. */
  deleteRing(ring: number): void {
    const rest = this.outline && outlines.withoutRing(this.outline, ring);
    if (!rest) return this.host.complain("This is the object’s only part; the bin in the list deletes the object");
    this.active = null;
    this.record(rest);
  }

  /** Pin a control point, or let a pinned one go. */
  pin(vertex: Vertex): void {
    this.active = vertex;
    if (this.outline) this.record(outlines.pinnedOrNot(this.outline, vertex));
  }

  /**
   * Move the control point touched last; false where there is none.
   *
   * Steps that come faster than answers are one drag from where the first began, so that neighbours follow all the way.
   */
  nudge([dx, dy]: Point): boolean {
    const { outline, active, run } = this;
    const point = this.point(active);
    if (!outline || !active || !point) return false;
    const goesOn = run !== null && run.to === outline && outlines.sameVertex(run.vertex, active);
    const from = goesOn ? run.from : outline;
    const to = withinEdges([point[0] + dx, point[1] + dy], this.host.image);
    this.run = { from, vertex: active, to: outlines.movedTo(outline, active, to) };
    this.record(this.run.to, [from, this.drag(active, to)], goesOn);
    return true;
  }

  private point(vertex: Vertex | null): Point | null {
    return this.outline && vertex && outlines.pointAt(this.outline, vertex);
  }

  private keep(change: Partial<OutlineSettings>): void {
    this.host.outlineSettings = { ...this.settings, ...change };
    this.host.changed();
  }

  private async remake(form: { vertices: number } | { tolerance: number }): Promise<void> {
    const { object, asking } = this;
    if (!object || asking) return;
    this.asking = true;
    const outline = await this.host.outlineOf(object.id, this.curve, form);
    this.asking = false;
    if (outline && this.object?.id === object.id) this.record(outline);
  }
}
