import type { Point, Prompt, SessionObject } from "../api/types";
import type { View } from "../canvas/view";
import { extend, loaded, NO_LABEL, resized, rounded, stroke, touches } from "./brush";
import { drawBrush } from "./paintHandles";
import { near } from "./points";
import { FEWEST_CORNERS, Polygon } from "./polygon";
import type { Key, Laid, PaintMode, PaintSettings, PaintView, Pointer, Tool, ToolHost, ToolInfo } from "./tool";

const STEP = 0.07; // of a handle's reach: how far apart a stroke's points are at least

/** What a press can do, and how that is said; the keys choose it. */
export const MODES: readonly { mode: PaintMode; title: string; key: string; what: string }[] = [
  { mode: "brush", title: "Brush", key: "B", what: "Drag to paint; the right button erases. Shift-click accepts a region." },
  { mode: "polygon", title: "Polygon", key: "P", what: "Click corners; the first one, Enter or a double-click fills." },
  { mode: "accept", title: "Accept", key: "R", what: "Click a region of the result: it becomes paint, and stays as it is." },
  { mode: "object", title: "To object", key: "T", what: "Click a region of the result: it becomes an object of its label." },
];
export const VIEWS: readonly PaintView[] = ["both", "result", "strokes"];

/** A stroke in the hand; its points grow. */
interface Drawing {
  does: "stroke";
  laid: Laid;
  points: Point[];
}

/** A press that becomes a click: for a region only if it is let go where it began. */
interface Press {
  does: "corner" | "paint" | "object";
  from: Point;
}

/** Strokes and filled polygons, of a label each; every one is recorded at once, and undo is the session's. */
export class PaintTool implements Tool {
  private readonly polygon: Polygon;
  private hand: Drawing | Press | null = null;
  private pointer: Pointer | null = null;

  constructor(private readonly host: ToolHost) {
    this.polygon = new Polygon(host);
  }

  get hint(): string {
    const { label, erase, mode } = this.settings;
    const n = this.polygon.corners.length;
    const what = erase ? "erase" : `paint “${label}”`;
    if (mode === "accept" || mode === "object") return `${MODES.find((m) => m.mode === mode)?.what} Esc to paint again`;
    if (!loaded(this.host.painting)) return NO_LABEL;
    if (mode === "brush") return erase ? "Drag to erase · W or a label’s key to paint again" : `Drag to ${what} · right-drag erases · Shift-click accepts a region · ? shows more`;
    if (n === 0) return `Click the corners of an area to ${what}`;
    if (n < FEWEST_CORNERS) return `Click the polygon’s next corner: ${n} so far`;
    return "Enter, a double-click or a click on the first corner fills the polygon · Backspace takes a corner away";
  }

  get inHand(): Laid | null {
    return this.hand?.does === "stroke" ? this.hand.laid : null;
  }

  get draft(): Prompt[] | null {
    return this.polygon.draft;
  }

  get canUndo(): boolean {
    return this.polygon.canUndo;
  }

  get canRedo(): boolean {
    return this.polygon.canRedo;
  }

  cursor(pointer: Pointer): string {
    const does = this.inHand ? "stroke" : this.does(pointer);
    if (does === "paint" || does === "object") return this.host.painting.hasRegion(pointer.at) ? "pointer" : "not-allowed";
    return does === "corner" && this.polygon.closes(pointer.at, pointer.reach) ? "pointer" : "crosshair";
  }

  pointerDown(pointer: Pointer): void {
    const does = this.does(pointer);
    this.pointer = pointer;
    if (does === "stroke") this.begin(pointer);
    else this.hand = { does, from: pointer.at };
    this.host.changed();
  }

  pointerMove(pointer: Pointer): void {
    this.pointer = pointer;
    const { hand } = this;
    if (hand?.does === "stroke" && extend(hand.points, pointer.trail ?? [pointer.at], STEP * pointer.reach)) this.grown(hand);
  }

  pointerUp(pointer: Pointer): void {
    const { hand } = this;
    this.hand = null;
    if (hand?.does === "stroke") {
      extend(hand.points, [pointer.at], STEP * pointer.reach);
      if (this.onImage(hand)) this.host.painting.lay(hand.laid);
    } else if (hand?.does === "corner") {
      this.polygon.click(hand.from, pointer.reach);
    } else if (hand && near(hand.from, pointer.at, pointer.reach)) {
      this.host.painting.region(hand.does, rounded(hand.from));
    }
    this.host.changed();
  }

  pointerCancel(): void {
    if (this.inHand) this.host.painting.preview(null);
    this.hand = null;
    this.host.changed();
  }

  pointerLeave(): void {
    this.pointer = null;
  }

  wheel(step: number): void {
    this.resize(step);
  }

  key({ key }: Key): boolean {
    const pressed = key.toLowerCase();
    const chosen = MODES.find((m) => m.key.toLowerCase() === pressed);
    if (/^[0-9]$/.test(key)) return this.host.painting.choose(key === "0" ? 9 : Number(key) - 1);
    if (this.hand && key === "Escape") return this.pointerCancel(), true;
    if (this.polygon.key(key)) return true;
    if (key === "Escape") return this.toBrush();
    if (key === "[") return this.resize(-1);
    if (key === "]") return this.resize(1);
    if (chosen) return this.set({ mode: chosen.mode });
    if (pressed === "w") return this.set({ erase: !this.settings.erase });
    if (pressed === "f") return this.set({ freeze: !this.settings.freeze });
    if (pressed === "v") return this.set({ view: VIEWS[(VIEWS.indexOf(this.settings.view) + 1) % VIEWS.length] ?? "both" });
    return false;
  }

  undo(): boolean {
    if (!this.inHand) return this.polygon.undo();
    this.pointerCancel();
    return true;
  }

  redo(): boolean {
    return this.inHand !== null || this.polygon.redo();
  }

  /** What a polygon would mean depends on what is there, and on the settings. */
  edit(_: SessionObject | null): void {
    if (!this.inHand && this.polygon.corners.length > 0) this.polygon.show();
  }

  restore([prompt]: Prompt[]): boolean {
    if (prompt?.kind !== "fill" || this.polygon.corners.length > 0) return false;
    this.set({ mode: "polygon" });
    this.polygon.restore(prompt.points);
    return true;
  }

  draw(context: CanvasRenderingContext2D, view: View): void {
    const { mode, size } = this.settings;
    const { pointer } = this;
    this.polygon.draw(context, view, mode === "polygon" ? (pointer?.at ?? null) : null);
    if (!pointer || (!this.inHand && this.does(pointer) !== "stroke")) return;
    const brush = this.inHand ?? loaded(this.host.painting);
    drawBrush(context, view, pointer.at, size, brush?.label == null ? null : brush.color);
  }

  private get settings(): PaintSettings {
    return this.host.painting.settings;
  }

  /** What a press does. */
  private does({ shift }: Pointer): (Drawing | Press)["does"] {
    const { mode } = this.settings;
    if (mode === "object") return "object";
    if (mode === "accept" || shift) return "paint";
    return mode === "polygon" ? "corner" : "stroke";
  }

  private set(change: Partial<PaintSettings>): boolean {
    this.host.painting.set(change);
    this.host.changed();
    return true;
  }

  private resize(steps: number): boolean {
    return this.inHand !== null || this.set({ size: resized(this.settings.size, steps) });
  }

  private toBrush(): boolean {
    const { mode, erase } = this.settings;
    return (mode !== "brush" || erase) && this.set({ mode: "brush", erase: false });
  }

  /** A stroke begins. */
  private begin({ at, secondary }: Pointer): void {
    const { erase, freeze, size } = this.settings;
    const brush = loaded(this.host.painting, erase || secondary);
    if (!brush) return this.host.complain(NO_LABEL);
    const points = [rounded(at)];
    this.hand = { does: "stroke", points, laid: stroke(brush, points, size / 2, freeze) };
    this.grown(this.hand);
  }

  /** The stroke has another point: draw it, and ask what it means. */
  private grown(hand: Drawing): void {
    hand.laid = { ...hand.laid };
    if (this.onImage(hand)) this.host.painting.preview(hand.laid);
    this.host.changed();
  }

  private onImage({ laid: { prompt }, points }: Drawing): boolean {
    return prompt.kind === "stroke" && touches(points, prompt.radius, this.host.image);
  }
}

export const paint: ToolInfo = {
  id: "paint",
  title: "Paint",
  shortcut: "B",
  icon: "M16.5 3.500c-3 1-6.500 4.500-8 7l1.500 1.500c2.500-1.500 6-5 6.500-8.500M7.500 11c-2 0-3 1.500-3 3 0 1-.5 1.800-1.500 2.300 3.500.7 6.500-.8 6-3.800",
  start: "Paint a region, then turn it into an object with T.",
  candidates: false,
  paints: true,
  prefers: "magic-paint",
  keys: [
    { keys: ["Drag"], what: "paint a stroke; a click paints a dot" },
    { keys: ["Right-drag"], what: "erase (also Alt and drag)" },
    { keys: ["1 … 9", "0"], what: "paint with that label; 0 is the tenth" },
    { keys: ["[", "]"], what: "a smaller or larger brush (also Alt and the wheel)" },
    { keys: ["W"], what: "eraser (wipe); again: paint" },
    { keys: ["F"], what: "freeze: what was painted before stays" },
    { keys: ["P"], what: "polygon: click its corners; Enter, a double-click or the first corner fills it" },
    { keys: ["Backspace"], what: "take the polygon’s last corner away" },
    { keys: ["R"], what: "accept: a click makes a region of the result paint (also Shift and a click)" },
    { keys: ["T"], what: "to object: a click makes a region of the result an object" },
    { keys: ["V"], what: "show strokes and result, the result, or the strokes" },
    { keys: ["Esc"], what: "drop what is in the hand; back to the brush" },
  ],
  fits: (method) => method.accepts.includes("stroke"),
  create: (host) => new PaintTool(host),
};
