import type { Prompt, SessionObject } from "../api/types";
import { onImage, toScreen, type Size, type View } from "../canvas/view";
import { Aim } from "./aim";
import type { Key, Pointer, Target, Tool, ToolHost, ToolInfo } from "./tool";

export const FIRST_IS_POSITIVE = "The first click says where the object is: click on it. To take something away from an object, select it first";

/**
 * Clicks on what belongs to the object and on what does not.
 *
 * Every click is recorded as soon as it is made, on top of the object's earlier ones; undo is the session's. The tool itself only
 * knows which object the next click is for.
 */
class Clicks implements Tool {
  readonly canUndo = false;
  readonly canRedo = false;
  private readonly aim: Aim;
  private press: Pointer | null = null;

  constructor(private readonly host: ToolHost) {
    this.aim = new Aim(host);
  }

  get target(): Target {
    return this.aim.target;
  }

  get hint(): string {
    if (!this.begun) return "Click on an object, or on a mask to correct it";
    const clicks = this.clicks.length;
    const now = clicks === 0 ? "Go on from this mask: click" : "Click";
    return `${now} what is missing, right-click what is too much · Enter when done`;
  }

  cursor({ at, reach, shift }: Pointer): string {
    if (!this.begun && !shift && this.host.objectAt(at)) return "pointer";
    return near(at, this.host.image, reach) ? "crosshair" : "default";
  }

  pointerDown(pointer: Pointer): void {
    this.press = pointer;
  }

  pointerMove(_: Pointer): void {}

  /** A click is a press let go where it began. */
  pointerUp({ at: [x, y] }: Pointer): void {
    const { press } = this;
    this.press = null;
    if (press && Math.hypot(x - press.at[0], y - press.at[1]) <= press.reach) this.click(press);
  }

  /** Two fingers that begin to pinch leave no click behind. */
  pointerCancel(): void {
    this.press = null;
  }

  key({ key }: Key): boolean {
    if (key === "Enter" || key === "Escape") return this.finish();
    if (key >= "1" && key <= "6") return this.host.choose(Number(key) - 1);
    if (key !== "Backspace" || !this.begun) return false;
    this.host.undo();
    return true;
  }

  undo(): boolean {
    return false;
  }

  redo(): boolean {
    return false;
  }

  edit(object: SessionObject | null): void {
    this.aim.follow(object);
  }

  restore(_: Prompt[]): boolean {
    return false;
  }

  draw(context: CanvasRenderingContext2D, view: View): void {
    const waiting = this.host.underWay(this.target).length;
    this.clicks.forEach((click, i, { length }) => {
      const [x, y] = toScreen(view, [click.x, click.y]);
      drawClick(context, x, y, click.positive, i >= length - waiting);
    });
  }

  private get object(): SessionObject | null {
    return this.target.id === null ? null : this.host.object(this.target.id);
  }

  private get begun(): boolean {
    return this.object !== null || this.host.underWay(this.target).length > 0;
  }

  /** The target's clicks, oldest first, those under way included. */
  private get clicks() {
    const prompts = [...(this.object?.prompts ?? []), ...this.host.underWay(this.target)];
    return prompts.filter((prompt) => prompt.kind === "click");
  }

  private click({ at, reach, shift, secondary }: Pointer): void {
    const under = this.begun || shift || secondary ? null : this.host.objectAt(at);
    if (under) return this.host.select(under.id);
    if (!near(at, this.host.image, reach)) return;
    if (!this.begun && secondary) return this.host.complain(FIRST_IS_POSITIVE);
    const [x, y] = onImage(at, this.host.image);
    this.host.give(this.target, { kind: "click", x, y, positive: !secondary });
  }

  /** The next click begins another object. */
  private finish(): boolean {
    if (!this.begun) return false;
    this.aim.release();
    this.host.select(null);
    return true;
  }
}

/** Whether a point lies on the image, or so near that its edge was meant. */
function near([x, y]: Pointer["at"], { width, height }: Size, reach: number): boolean {
  return x >= -0.5 - reach && y >= -0.5 - reach && x <= width - 0.5 + reach && y <= height - 0.5 + reach;
}

const [ON, OFF] = ["#00845f", "#c8500a"]; // Okabe and Ito's green and vermilion, dark enough for a white sign

/** A dot with its sign; paler until it is answered. */
function drawClick(context: CanvasRenderingContext2D, x: number, y: number, positive: boolean, waiting: boolean): void {
  const disc = (radius: number, style: string) => {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = style;
    context.fill();
  };
  context.save();
  context.globalAlpha = waiting ? 0.6 : 1;
  disc(9, "rgba(0,0,0,.55)");
  disc(8, "#fff");
  disc(6.75, positive ? ON : OFF);
  context.beginPath();
  context.moveTo(x - 3.5, y);
  context.lineTo(x + 3.5, y);
  if (positive) {
    context.moveTo(x, y - 3.5);
    context.lineTo(x, y + 3.5);
  }
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.lineCap = "butt";
  context.stroke();
  context.restore();
}

export const clicks: ToolInfo = {
  id: "clicks",
  title: "Clicks",
  shortcut: "C",
  icon: "M4 3.5l11.500 5-5 1.700-1.700 5zM14.500 13v5M12 15.500h5",
  start: "Click on an object in the image.",
  candidates: true,
  keys: [
    { keys: ["Click"], what: "add what is under it; the first begins an object" },
    { keys: ["Right-click"], what: "take away what is under it (also Alt and a click)" },
    { keys: ["Shift", "Click"], what: "begin an object on top of an existing one" },
    { keys: ["1 … 6"], what: "choose a candidate; the pointer on one shows it" },
    { keys: ["Backspace"], what: "take the last step back, as Ctrl Z does" },
    { keys: ["Enter"], what: "leave the object (also Esc): the next click begins another" },
  ],
  fits: (method) => method.accepts.includes("click"),
  create: (host) => new Clicks(host),
};
