/** The painting on a canvas of its own, between the image and the masks. */

import type { ClassMap, ClassMaps, PaintedClass } from "../api/types";
import type { StudioState } from "../state/state";
import type { Laid } from "../tools/tool";
import { changedRows, paintRows, pixelOf, type Rows } from "./classMaps";
import { begin } from "./paint";
import { drawLaid, RIM_COLOR } from "./strokes";
import type { View } from "./view";

const DENSER = 0.35; // strokes are denser than the result by this
const FAINT = 0.5; // of the result, while another tool is in use
const RIM = 1.5; // CSS pixels around strokes

export interface Look {
  maps: ClassMaps | null;
  /** Paint that is not answered yet, oldest first. */
  live: readonly Laid[];
  view: View | null;
  /** Opacities; 0 does not show at all. */
  result: number;
  strokes: number;
}

/** What is to be seen of the painting now. */
export function paintingLook(state: StudioState, inHand: Laid | null, painting: boolean): Look {
  const { paintSettings, paintPreview, laid, session, current, bitmap } = state;
  const { view, opacity, shown } = paintSettings;
  const visible = state.masksShown && shown && bitmap !== null;
  const preview = paintPreview?.image === current ? paintPreview : null;
  const waiting = laid.filter(({ image }) => image === current);
  return {
    maps: preview ?? session?.painting ?? null,
    live: inHand ? [...waiting, inHand] : waiting,
    view: state.view,
    result: !visible ? 0 : !painting ? FAINT * opacity : view === "strokes" ? 0 : opacity,
    strokes: visible && painting && view !== "result" ? Math.min(opacity + DENSER, 1) : 0,
  };
}

/** Paints what is to be seen: the result, translucent; strokes, denser and with a rim; and paint in the hand. */
export class PaintingLayer {
  private readonly result = new Sheet(false);
  private readonly strokes = new Sheet(true);

  paint(canvas: HTMLCanvasElement, { maps, live, view, result, strokes }: Look): void {
    const context = begin(canvas);
    this.result.show(maps?.class_map ?? null, maps?.classes ?? []);
    this.strokes.show(maps?.painted ?? null, maps?.classes ?? []);
    if (!context || !view) return;
    const opacity = strokes || result + DENSER;
    const draw = (freeze: boolean) => live.forEach((paint) => paint.prompt.freeze === freeze && drawLaid(context, view, paint, opacity));
    this.result.draw(context, view, result);
    draw(true); // what was painted before is in its place
    if (strokes > 0) this.strokes.draw(context, view, 1, "destination-out");
    this.strokes.draw(context, view, strokes);
    draw(false);
  }
}

/** One class map: a bitmap of the image's size, brought up to date in the rows that changed, and what the screen shows of it. */
class Sheet {
  private readonly bitmap = new OffscreenCanvas(1, 1);
  private readonly screen = new OffscreenCanvas(1, 1);
  private map: ClassMap | null = null;
  private colors = "";
  private drawn = ""; // what `screen` shows

  private readonly dark: OffscreenCanvas | null; // what the rim is made of

  constructor(rim: boolean) {
    this.dark = rim ? new OffscreenCanvas(1, 1) : null;
  }

  show(map: ClassMap | null, classes: readonly PaintedClass[]): void {
    const colors = classes.map(({ class_id, color }) => `${class_id}${color}`).join();
    if (map === this.map && colors === this.colors) return;
    const [height, width] = map?.size ?? [1, 1];
    const resized = this.bitmap.width !== width || this.bitmap.height !== height;
    const comparable = !resized && colors === this.colors && this.map;
    const rows = map && (comparable ? changedRows(comparable, map) : { top: 0, bottom: height });
    if (resized) [this.bitmap.width, this.bitmap.height] = [width, height];
    if (map && rows) this.fill(map, rows, classes);
    if (rows || !map) this.drawn = "";
    [this.map, this.colors] = [map, colors];
  }

  draw(context: CanvasRenderingContext2D, view: View, opacity: number, composite: GlobalCompositeOperation = "source-over"): void {
    const { canvas } = context;
    if (!this.map || opacity <= 0 || canvas.width === 0 || canvas.height === 0) return;
    const key = [view.scale, view.x, view.y, canvas.width, canvas.height].join();
    if (key !== this.drawn) this.render(view, canvas);
    this.drawn = key;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = opacity;
    context.globalCompositeOperation = composite;
    context.drawImage(this.screen, 0, 0);
    context.restore();
  }

  private fill(map: ClassMap, rows: Rows, classes: readonly PaintedClass[]): void {
    const colors = new Uint32Array(256);
    for (const { class_id, color } of classes) colors[class_id] = pixelOf(color);
    const pixels = paintRows(map, rows, colors);
    const data = new ImageData(new Uint8ClampedArray(pixels.buffer), map.size[1], rows.bottom - rows.top);
    this.bitmap.getContext("2d")?.putImageData(data, 0, rows.top);
  }

  private render(view: View, { width, height, clientWidth }: HTMLCanvasElement): void {
    const ratio = width / (clientWidth || width);
    const scale = view.scale * ratio;
    if (this.screen.width !== width) this.screen.width = width;
    if (this.screen.height !== height) this.screen.height = height;
    const context = this.screen.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = scale < 1;
    context.imageSmoothingQuality = "medium"; // "high" reads every pixel of a large image
    context.drawImage(this.bitmap, view.x * ratio, view.y * ratio, this.bitmap.width * scale, this.bitmap.height * scale);
    const dark = this.dark?.getContext("2d");
    if (dark) addRim(context, dark, Math.round(RIM * ratio));
  }
}

/** Put a dark rim around what is drawn; by whole pixels, which is done in a fraction of the time. `dark` is scratch. */
function addRim(context: OffscreenCanvasRenderingContext2D, dark: OffscreenCanvasRenderingContext2D, width: number): void {
  const { canvas } = context;
  [dark.canvas.width, dark.canvas.height] = [canvas.width, canvas.height]; // also clears it
  dark.drawImage(canvas, 0, 0);
  dark.globalCompositeOperation = "source-in";
  dark.fillStyle = RIM_COLOR;
  dark.fillRect(0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = "destination-over";
  for (const [dx, dy] of [[-width, 0], [width, 0], [0, -width], [0, width]] as const) context.drawImage(dark.canvas, dx, dy);
  context.globalCompositeOperation = "source-over";
}
