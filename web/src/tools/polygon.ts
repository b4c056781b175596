import type { Point, Prompt } from "../api/types";
import { withinEdges, type View } from "../canvas/view";
import { fill, loaded, NO_LABEL } from "./brush";
import { History } from "./history";
import { drawPolygon } from "./paintHandles";
import { near } from "./points";
import type { ToolHost } from "./tool";

export const FEWEST_CORNERS = 3;
const DOUBLE = 0.4; // of a handle's reach: a click so near the last corner is the second of a double-click

/** A polygon that is being drawn, to be filled. Its corners have a history of their own until then. */
export class Polygon {
  private readonly history = new History<readonly Point[]>([]);

  constructor(private readonly host: ToolHost) {}

  get corners(): readonly Point[] {
    return this.history.value;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  get draft(): Prompt[] | null {
    return this.corners.length > 0 ? [{ kind: "fill", points: this.corners, class_id: 1, freeze: false }] : null;
  }

  /** Take back what `draft` gave. */
  restore(corners: readonly Point[]): void {
    this.history.reset([]);
    this.keep(corners);
  }

  /** Whether a click there closes it on its first corner. */
  closes(at: Point, reach: number): boolean {
    const [first] = this.corners;
    return first !== undefined && this.corners.length >= FEWEST_CORNERS && near(first, at, reach);
  }

  /** A click: a corner more, or the end. */
  click(at: Point, reach: number): void {
    const last = this.corners.at(-1);
    const again = last !== undefined && near(last, at, DOUBLE * reach);
    if (!loaded(this.host.painting)) this.host.complain(NO_LABEL);
    else if (this.closes(at, reach) || (again && this.corners.length >= FEWEST_CORNERS)) this.close();
    else if (!again) this.keep([...this.corners, withinEdges(at, this.host.image)]);
  }

  key(key: string): boolean {
    if (this.corners.length === 0) return false;
    if (key === "Enter") this.close();
    else if (key === "Backspace") this.keep(this.corners.slice(0, -1));
    else if (key === "Escape") this.keep([]); // undo brings the corners back
    else return false;
    return true;
  }

  undo(): boolean {
    return this.travelled(this.history.undo());
  }

  redo(): boolean {
    return this.travelled(this.history.redo());
  }

  /** Ask what it would mean now, once it has an area. */
  show(): void {
    const brush = loaded(this.host.painting);
    const ready = brush && this.corners.length >= FEWEST_CORNERS;
    this.host.painting.preview(ready ? fill(brush, this.corners, this.host.painting.settings.freeze) : null);
    this.host.changed();
  }

  draw(context: CanvasRenderingContext2D, view: View, pointer: Point | null): void {
    const color = loaded(this.host.painting)?.color ?? "#ffffff";
    drawPolygon(context, view, this.corners, pointer, color, this.corners.length >= FEWEST_CORNERS);
  }

  private keep(corners: readonly Point[]): void {
    this.history.push(corners);
    this.show();
  }

  private close(): void {
    const brush = loaded(this.host.painting);
    const { corners } = this;
    if (corners.length < FEWEST_CORNERS) return this.host.complain("A polygon has three corners at least: click the next one");
    if (!brush) return this.host.complain(NO_LABEL);
    this.history.reset([]);
    this.host.painting.lay(fill(brush, corners, this.host.painting.settings.freeze));
  }

  private travelled(moved: boolean): boolean {
    if (moved) this.show();
    return moved;
  }
}
