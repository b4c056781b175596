import { useEffect, useRef, type ReactElement } from "react";
import type { Point } from "../api/types";
import { draftColor, selectedObject } from "../state/state";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import type { Pointer } from "../tools/tool";
import { paintImage, paintOverlay } from "./paint";
import { PaintingLayer, paintingLook } from "./painting";
import { listen } from "./pointers";
import { fit, pan, toPrompt, zoomAt } from "./view";

const REACH = 11; // CSS pixels within which a handle is grabbed
const NOTCH = 40; // pixels of the wheel that are a step; touchpads send a few at a time

type Buttons = Pick<PointerEvent, "button" | "shiftKey" | "altKey" | "ctrlKey">;
const NONE: Buttons = { button: -1, shiftKey: false, altKey: false, ctrlKey: false };

/**
 * The image and what lies over it.
 *
 * Plain canvases, not Konva: masks are one path each and handles are a few circles, so a scene graph would only stand between us and
 * the pixels. The image's and the painting's are painted only when they or the view change, so that dragging a point repaints neither.
 */
export function Stage({ studio }: { studio: Studio }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const painting = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const name = useStore(studio.store, (s) => s.project?.images.find((i) => i.id === s.current)?.name ?? "");

  useEffect(() => {
    const [element, below, between, above] = [box.current, image.current, painting.current, overlay.current];
    return element && below && between && above ? run(studio, element, below, between, above) : undefined;
  }, [studio]);

  return (
    <div ref={box} className="stage" tabIndex={0} role="application" aria-label={`Image ${name}: place points by clicking`}>
      <canvas ref={image} />
      <canvas ref={painting} data-testid="painting" />
      <canvas ref={overlay} data-testid="canvas" />
    </div>
  );
}

/** Let keys go to the tool again. */
export function focusStage(): void {
  document.querySelector<HTMLElement>(".stage")?.focus({ preventScroll: true });
}

function run(studio: Studio, element: HTMLElement, image: HTMLCanvasElement, painting: HTMLCanvasElement, overlay: HTMLCanvasElement): () => void {
  const { store } = studio;
  const layer = new PaintingLayer();
  const imageChanged = changes();
  const paintingChanged = changes();
  let turned = 0;
  let at: Point | null = null;
  let panning: "no" | "ready" | "now" = "no";
  let frame = 0;

  const paint = () => {
    frame = 0;
    const state = store.get();
    const inHand = studio.tool?.inHand ?? null;
    const paints = studio.toolInfo?.paints ?? false;
    const seen = [state.bitmap, state.view, state.stage, window.devicePixelRatio];
    if (imageChanged(...seen)) paintImage(image, state);
    const { session, paintPreview, paintSettings, laid, masksShown } = state;
    if (paintingChanged(...seen, session?.painting, paintPreview, paintSettings, laid, masksShown, inHand, paints)) {
      layer.paint(painting, paintingLook(state, inHand, paints));
    }
    element.dataset["view"] = state.view ? `${state.view.scale} ${state.view.x} ${state.view.y}` : ""; // for tests, which aim by it
    const color = selectedObject(state)?.color ?? draftColor(state);
    paintOverlay(overlay, state, studio.tool, color, panning === "no" && !paints ? at : null, paints);
  };
  const repaint = () => {
    frame ||= requestAnimationFrame(paint);
  };

  const pointer = (screen: Point, event: Buttons, trail: readonly Point[] = [screen]): Pointer => {
    const view = store.get().view ?? { scale: 1, x: 0, y: 0 };
    const secondary = event.button === 2 || event.altKey || event.ctrlKey;
    return { at: toPrompt(view, screen), reach: REACH / view.scale, shift: event.shiftKey, secondary, trail: trail.map((p) => toPrompt(view, p)) };
  };
  const cursor = (screen: Point, event: Buttons) => {
    const wanted = panning === "now" ? "grabbing" : panning === "ready" ? "grab" : (studio.tool?.cursor(pointer(screen, event)) ?? "default");
    if (element.style.cursor !== wanted) element.style.cursor = wanted;
  };

  const stopListening = listen(element, {
    zoom: (point, factor) => {
      const { view, bitmap, stage } = store.get();
      if (view && bitmap) store.set({ view: zoomAt(view, point, factor, bitmap, stage) });
    },
    pan: (dx, dy) => {
      const { view, bitmap, stage } = store.get();
      if (view && bitmap) store.set({ view: pan(view, dx, dy, bitmap, stage) });
    },
    down: (point, event) => {
      studio.tool?.pointerDown(pointer(point, event));
      cursor(point, event);
    },
    move: (point, event, trail) => {
      at = point;
      if (panning !== "now") studio.tool?.pointerMove(pointer(point, event, trail));
      cursor(point, event);
      repaint();
    },
    up: (point, event) => {
      studio.tool?.pointerUp(pointer(point, event));
      cursor(point, event);
    },
    cancel: () => studio.tool?.pointerCancel(),
    turn: (pixels) => {
      if (!studio.tool?.wheel) return false;
      turned += pixels;
      if (Math.abs(turned) < NOTCH) return true;
      studio.tool.wheel(-Math.sign(turned));
      turned = 0;
      return true;
    },
    leave: () => {
      at = null;
      studio.tool?.pointerLeave?.();
      repaint();
    },
    panning: (now) => {
      panning = now;
      if (at) cursor(at, NONE);
      repaint();
    },
  });

  const resize = new ResizeObserver(() => {
    const { stage: before, view, bitmap } = store.get();
    const stage = { width: element.clientWidth, height: element.clientHeight };
    const fitted = view && bitmap && before.width > 0 && view.scale === fit(bitmap, before).scale;
    const shifted = view && pan(view, (stage.width - before.width) / 2, (stage.height - before.height) / 2, bitmap ?? stage, stage);
    store.set({ stage, view: fitted || (bitmap && before.width === 0) ? fit(bitmap, stage) : shifted });
  });
  resize.observe(element);
  const unsubscribe = store.subscribe(() => {
    if (!store.get().view) element.dataset["view"] = ""; // at once: the canvases still show the image of before
    repaint();
  });
  return () => {
    stopListening();
    resize.disconnect();
    unsubscribe();
    cancelAnimationFrame(frame);
  };
}

/** Tells of each call whether its values differ from those of the last one. */
function changes(): (...values: unknown[]) => boolean {
  let last: unknown[] = [];
  return (...values) => {
    const changed = values.some((value, i) => value !== last[i]);
    last = values;
    return changed;
  };
}
