/**
 * Which gestures move the view (wheel, pinch, middle drag, space-drag) and which go to the tool.
 *
 * Plain DOM events on one element; everything else goes through the callbacks.
 */

import type { Point } from "../api/types";

export interface PointerTarget {
  zoom(at: Point, factor: number): void;
  pan(dx: number, dy: number): void;
  down(at: Point, event: PointerEvent): void;
  /** `trail`: where the pointer was since the last event, `at` included. */
  move(at: Point, event: PointerEvent, trail: readonly Point[]): void;
  up(at: Point, event: PointerEvent): void;
  /** The press became something else. */
  cancel(): void;
  /** The wheel was turned with Alt, by so many pixels; false where nobody wants that, so that it zooms. */
  turn(pixels: number): boolean;
  leave(): void;
  /** The view is being moved, or would be by a press: for the cursor. */
  panning(state: "no" | "ready" | "now"): void;
}

/** Listen on `element` until the returned function is called. */
export function listen(element: HTMLElement, target: PointerTarget): () => void {
  const fingers = new Map<number, Point>();
  let mode: "idle" | "tool" | "pan" | "pinch" = "idle";
  let last: Point = [0, 0];
  let space = false;

  const at = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const rest = () => target.panning(space ? "ready" : "no");

  const down = (event: PointerEvent) => {
    const p = at(event);
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, p);
    if (fingers.size === 2) {
      if (mode === "tool") target.cancel();
      mode = "pinch";
    } else if (event.button === 1 || (event.button === 0 && space)) {
      event.preventDefault();
      [mode, last] = ["pan", p];
      target.panning("now");
    } else if ((event.button === 0 || event.button === 2) && mode === "idle") {
      mode = "tool";
      target.down(p, event);
    }
  };

  const move = (event: PointerEvent) => {
    const p = at(event);
    if (mode === "pinch") return pinch(event.pointerId, p);
    if (mode === "pan") {
      target.pan(p[0] - last[0], p[1] - last[1]);
      last = p;
    }
    const trail = event.getCoalescedEvents().map(at);
    target.move(p, event, trail.length > 0 ? trail : [p]);
  };

  const pinch = (id: number, p: Point) => {
    const before = fingers.get(id);
    const other = [...fingers].find(([key]) => key !== id)?.[1];
    if (!before || !other) return;
    const distance = (a: Point) => Math.hypot(a[0] - other[0], a[1] - other[1]);
    target.pan((p[0] - before[0]) / 2, (p[1] - before[1]) / 2);
    target.zoom([(p[0] + other[0]) / 2, (p[1] + other[1]) / 2], distance(p) / Math.max(distance(before), 1));
    fingers.set(id, p);
  };

  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    if (mode === "tool") target.up(at(event), event);
    if (fingers.size === 0) mode = "idle";
    rest();
  };

  const cancel = (event: PointerEvent) => {
    if (mode === "tool") target.cancel();
    mode = "idle";
    up(event);
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
    if (event.altKey && target.turn(pixels)) return;
    // A pinch on a touchpad comes as a wheel with Ctrl and small deltas.
    target.zoom(at(event), Math.exp(-Math.min(Math.max(pixels, -240), 240) * (event.ctrlKey ? 0.01 : 0.0016)));
  };

  const key = (event: KeyboardEvent) => {
    const pressed = event.type === "keydown";
    const onControl = event.target instanceof HTMLElement && event.target.matches("input, select, textarea, button, summary, a");
    // Let go, the bar presses the button in focus: unless it was the view's when it went down, it is left alone.
    if (event.code !== "Space" || (pressed ? onControl : !space)) return;
    event.preventDefault();
    space = pressed;
    if (mode !== "pan") rest();
  };
  const blur = () => {
    space = false;
    rest();
  };
  const prevent = (event: Event) => event.preventDefault();

  const listeners: [EventTarget, string, EventListener, AddEventListenerOptions?][] = [
    [element, "pointerdown", down as EventListener],
    [element, "pointermove", move as EventListener],
    [element, "pointerup", up as EventListener],
    [element, "pointercancel", cancel as EventListener],
    [element, "pointerleave", () => target.leave()],
    [element, "wheel", wheel as EventListener, { passive: false }],
    [element, "auxclick", prevent],
    [element, "contextmenu", prevent],
    [window, "keydown", key as EventListener],
    [window, "keyup", key as EventListener],
    [window, "blur", blur],
  ];
  for (const [where, name, listener, options] of listeners) where.addEventListener(name, listener, options);
  return () => {
    for (const [where, name, listener] of listeners) where.removeEventListener(name, listener);
  };
}
