import { beforeEach, describe, expect, it, vi } from "vitest";
import { OfflineError, type Client } from "../src/api/client";
import type { ClassMaps, MethodInfo, PaintAnswer, PaintRequest, Session, SessionEvent } from "../src/api/types";
import { Changes } from "../src/state/changes";
import { Paintings } from "../src/state/paintings";
import { INITIAL, type StudioState } from "../src/state/state";
import { Store } from "../src/state/store";
import { fill, stroke } from "../src/tools/brush";
import type { Laid } from "../src/tools/tool";
import { fakeSession } from "./fakes";

const maps = (id: number): ClassMaps => ({
  classes: [{ class_id: id, label: `label ${id}`, color: "#ff0000" }],
  painted: { size: [2, 2], runs: [id, 4] },
  class_map: { size: [2, 2], runs: [id, 4] },
});
const painted = (revision: number, method: string): Session => ({ ...fakeSession(revision), painting: { method, ...maps(revision) } });
const method = (name: string): MethodInfo => ({ name, title: name, gesture: "", accepts: ["stroke", "fill"] });
const paint = (x: number): Laid => stroke({ label: "sky", color: "#ff0000" }, [[x, 0]], 1, false);

/** Promises that the test settles, with what they were asked. */
function held<Asked, Answer>() {
  const waiting: { asked: Asked; answer: (value: Answer) => Promise<void>; fail: (error: Error) => Promise<void> }[] = [];
  const rest = () => new Promise<void>((done) => setTimeout(done));
  const ask = (asked: Asked) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ asked, answer: (value) => (resolve(value), rest()), fail: (error) => (reject(error), rest()) });
    });
  return { ask, waiting, next: () => waiting.shift()!, rest };
}

let store: Store<StudioState>;
let events: ReturnType<typeof held<SessionEvent, Session>>;
let previews: ReturnType<typeof held<PaintRequest, PaintAnswer>>;
let paintings: Paintings;
const giveBack = vi.fn();
const refused = vi.fn();
const lost = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  events = held();
  previews = held();
  store = new Store<StudioState>({ ...INITIAL, current: "a", tool: "paint", session: fakeSession(0) });
  store.set({ project: { folder: "", read_only: false, images: [], labels: [], methods: [method("brush"), method("watershed"), method("magic-paint")], version: "" } });
  const client = {
    event: (_: string, event: SessionEvent) => events.ask(event),
    paintPreview: (_: string, request: PaintRequest) => previews.ask(request),
  } as unknown as Client;
  const changes = new Changes(store, client, { tool: null, lost: () => Promise.resolve(), show: (session) => store.set({ session }), refused, giveBack });
  paintings = new Paintings(store, client, changes, { lost, method: (own) => own ?? "magic-paint", altered: vi.fn() });
});

const shown = () => store.get().paintPreview?.class_map.runs[0];

describe("previews of paint", () => {
  it("are asked for one at a time, the latest next", async () => {
    for (const x of [1, 2, 3]) paintings.preview(paint(x));
    await previews.rest();
    expect(previews.waiting).toHaveLength(1);
    await previews.next().answer({ ...maps(1), milliseconds: 1 });
    expect(shown()).toBe(1);
    expect(previews.next().asked).toMatchObject({ method: "magic-paint", label: "sky", prompt: { points: [[3, 0]] } });
    expect(previews.waiting).toHaveLength(0);
  });

  it("stay on the screen, as the paint does, until what was laid is answered", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    await previews.next().answer({ ...maps(1), milliseconds: 1 });
    paintings.lay(paint(2));
    expect(shown()).toBe(1);
    expect(store.get().laid).toMatchObject([{ image: "a", label: "sky" }]);
    await events.next().answer(painted(1, "magic-paint"));
    expect(shown()).toBeUndefined();
    expect(store.get().laid).toEqual([]);
    expect(store.get().session?.painting?.method).toBe("magic-paint");
  });

  it("are dropped if they come after the paint was laid", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    paintings.lay(paint(1));
    await previews.next().answer({ ...maps(1), milliseconds: 1 });
    expect(shown()).toBeUndefined();
  });

  it("of the next stroke wait for what was laid before, and then outlive its answer", async () => {
    paintings.lay(paint(1));
    paintings.preview(paint(2));
    paintings.preview(paint(3));
    await previews.rest();
    expect(previews.waiting).toHaveLength(0);
    await events.next().answer(painted(1, "watershed"));
    expect(previews.waiting).toHaveLength(1);
    const first = previews.next();
    expect(first.asked).toMatchObject({ method: "watershed", prompt: { points: [[3, 0]] } }); // what is in the hand by now
    await first.answer({ ...maps(7), milliseconds: 1 });
    expect(shown()).toBe(7);
  });

  it("of a quick hand are asked for what it has by then alone", async () => {
    paintings.lay(paint(1));
    paintings.preview(paint(2));
    paintings.lay(paint(2));
    paintings.preview(paint(3));
    await events.next().answer(painted(1, "brush"));
    expect(previews.waiting).toHaveLength(0);
    await events.next().answer(painted(2, "brush"));
    const { asked, answer } = previews.next();
    expect(asked).toMatchObject({ prompt: { points: [[3, 0]] } });
    await answer({ ...maps(9), milliseconds: 1 });
    expect(shown()).toBe(9);
  });

  it("that fail after the paint was laid say nothing", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    paintings.lay(paint(1));
    await previews.next().fail(new Error("no weights today"));
    expect(store.get().previewError).toBeNull();
  });

  it("lose nothing when they fail", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    await previews.next().fail(new Error("no weights today"));
    expect(store.get().previewError).toBe("no weights today");
    paintings.lay(paint(1));
    expect(store.get().previewError).toBeNull();
    expect(events.next().asked).toMatchObject({ type: "paint", label: "sky", prompt: { points: [[1, 0]] } });
  });

  it("say when the server is gone, and are asked for again", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    await previews.next().fail(new OfflineError());
    expect(lost).toHaveBeenCalledOnce();
    paintings.again();
    await previews.rest();
    expect(previews.waiting).toHaveLength(1);
  });

  it("go with what was in the hand", async () => {
    paintings.preview(paint(1));
    await previews.rest();
    await previews.next().answer({ ...maps(1), milliseconds: 1 });
    paintings.preview(null);
    expect(shown()).toBeUndefined();
  });
});

describe("paint", () => {
  it("is laid in order, each by the method that the painting has by then", async () => {
    paintings.lay(paint(1));
    paintings.lay(paint(2));
    expect(events.waiting).toHaveLength(1);
    const first = events.next();
    expect(first.asked).toMatchObject({ method: "magic-paint" });
    await first.answer(painted(1, "brush"));
    expect(events.next().asked).toMatchObject({ method: "brush", prompt: { points: [[2, 0]] } });
  });

  it("that the server refuses is given back if it is a polygon: a stroke is no draft", async () => {
    const polygon = fill({ label: "sky", color: "#ff0000" }, [[0, 0], [1, 0], [1, 1]], false);
    for (const laid of [paint(1), polygon]) paintings.lay(laid);
    store.set({ current: "b", tool: "clicks" });
    for (let i = 0; i < 2; i++) await events.next().fail(new Error("no"));
    expect(refused).toHaveBeenCalledTimes(2);
    expect(giveBack).toHaveBeenCalledExactlyOnceWith("a", "paint", [polygon.prompt]);
    expect(store.get().laid).toEqual([]);
  });

  it("is propagated by the method used last, else by the paper's", () => {
    expect(paintings.propagating).toBe("magic-paint");
    paintings.useMethod("watershed");
    paintings.useMethod("brush");
    expect(paintings.propagating).toBe("watershed");
    expect(events.waiting).toHaveLength(0); // nothing is painted that could be made anew
  });

  it("is made anew by another method", async () => {
    store.set({ session: painted(1, "watershed") });
    paintings.useMethod("brush");
    paintings.useMethod("watershed"); // before the answer: it is not the one it has by now
    const first = events.next();
    expect(first.asked).toEqual({ type: "set_paint_method", method: "brush" });
    await first.answer(painted(2, "brush"));
    expect(events.next().asked).toEqual({ type: "set_paint_method", method: "watershed" });
  });
});

describe("regions", () => {
  it("are found in the result", () => {
    expect(paintings.hasRegion([0, 0])).toBe(false);
    store.set({ session: painted(3, "brush") });
    expect(paintings.hasRegion([0, 0])).toBe(true);
    expect(paintings.hasRegion([5, 0])).toBe(false);
  });

  it("become paint or objects", async () => {
    paintings.region("paint", [1, 2]);
    await events.next().answer(painted(1, "brush"));
    paintings.region("object", [3, 4]);
    expect(events.next().asked).toEqual({ type: "region_to_object", x: 3, y: 4 });
  });
});
