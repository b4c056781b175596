import { useEffect, useRef, type ReactElement } from "react";
import type { Point } from "../api/types";
import { draftColor, selectedObject } from "../state/state";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import type { Pointer } from "../tools/tool";
import { paintImage, paintOverlay } from "./paint";
import { listen } from "./pointers";
import { fit, pan, toPrompt, zoomAt } from "./view";

const REACH = 11; // CSS pixels within which a handle is grabbed

type Buttons = Pick<PointerEvent, "button" | "shiftKey" | "altKey" | "ctrlKey">;
const NONE: Buttons = { button: -1, shiftKey: false, altKey: false, ctrlKey: false };

/**
 * The image and what lies over it.
 *
 * Two plain canvases, not Konva: masks are one path each and handles are a few circles, so a scene graph would only stand between us
 * and the pixels; the lower canvas is painted only when the view changes, so that dragging a point repaints no image.
 */
export function Stage({ studio }: { studio: Studio }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const name = useStore(studio.store, (s) => s.project?.images.find((i) => i.id === s.current)?.name ?? "");

  useEffect(() => {
    const [element, below, above] = [box.current, image.current, overlay.current];
    return element && below && above ? run(studio, element, below, above) : undefined;
  }, [studio]);

  return (
    <div ref={box} className="stage" tabIndex={0} role="application" aria-label={`Image ${name}: place points by clicking`}>
      <canvas ref={image} />
      <canvas ref={overlay} data-testid="canvas" />
    </div>
  );
}

/** Let keys go to the tool again. */
export function focusStage(): void {
  document.querySelector<HTMLElement>(".stage")?.focus({ preventScroll: true });
}

function run(studio: Studio, element: HTMLElement, image: HTMLCanvasElement, overlay: HTMLCanvasElement): () => void {
  const { store } = studio;
  let at: Point | null = null;
  let panning: "no" | "ready" | "now" = "no";
  let frame = 0;
  let painted: unknown[] = [];

  const paint = () => {
    frame = 0;
    const state = store.get();
    const lower = [state.bitmap, state.view, state.stage, window.devicePixelRatio];
    if (lower.some((value, i) => value !== painted[i])) paintImage(image, state);
    painted = lower;
    element.dataset["view"] = state.view ? `${state.view.scale} ${state.view.x} ${state.view.y}` : ""; // for tests, which aim by it
    const color = selectedObject(state)?.color ?? draftColor(state);
    paintOverlay(overlay, state, studio.tool, color, panning === "no" ? at : null);
  };
  const repaint = () => {
    frame ||= requestAnimationFrame(paint);
  };

  const pointer = (screen: Point, event: Buttons): Pointer => {
    const view = store.get().view ?? { scale: 1, x: 0, y: 0 };
    const secondary = event.button === 2 || event.altKey || event.ctrlKey;
    return { at: toPrompt(view, screen), reach: REACH / view.scale, shift: event.shiftKey, secondary };
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
    move: (point, event) => {
      at = point;
      if (panning !== "now") studio.tool?.pointerMove(pointer(point, event));
      cursor(point, event);
      repaint();
    },
    up: (point, event) => {
      studio.tool?.pointerUp(pointer(point, event));
      cursor(point, event);
    },
    leave: () => {
      at = null;
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
  const unsubscribe = store.subscribe(repaint);
  return () => {
    stopListening();
    resize.disconnect();
    unsubscribe();
    cancelAnimationFrame(frame);
  };
}
