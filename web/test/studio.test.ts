import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type Client } from "../src/api/client";
import type { ImageRecord, Label, MethodInfo, Prompt, Session, SessionEvent, SessionObject } from "../src/api/types";
import { Studio } from "../src/state/studio";
import { fakeObject, fakeSession } from "./fakes";

const method = (name: string, ...accepts: string[]): MethodInfo => ({ name, title: name, gesture: "", accepts });
const METHODS = [method("dextr", "extreme_points", "boundary_point"), method("grabcut", "extreme_points"), method("latent-diversity", "click"), method("brush", "stroke")];
const image = (id: string): ImageRecord => ({ id, name: `${id}.png`, width: 100, height: 100, objects: 0, painted: false, error: null });
const FOUR: Prompt[] = [{ kind: "extreme_points", points: [[10, 50], [90, 52], [48, 5], [51, 95]] }];
const rest = () => new Promise<void>((done) => setTimeout(done));

/** A server that keeps labels and sessions; its answers to events and labels wait until the test lets them go. */
function fakeServer() {
  const waiting: (() => void)[] = [];
  const held = <T>(answer: () => T) => new Promise<T>((resolve, reject) => waiting.push(() => {
    try { resolve(answer()); } catch (error) { reject(error as Error); }
  }));
  const server = {
    labels: ["cat", "dog"].map((name): Label => ({ name, color: "#000000" })),
    objects: [fakeObject(1, { label: "cat", prompts: FOUR }), fakeObject(2, { label: "cat", prompts: FOUR })],
    events: [] as [string, SessionEvent][],
    refusesLabels: false,
    pixels: [] as AbortSignal[],
    /** Let one answer go, and see it taken in. */
    next: async () => (waiting.shift()?.(), await rest()),
    all: async () => { for (await rest(); waiting.length > 0; ) await server.next(); },
  };
  const session = (id: string): Session => ({ ...fakeSession(server.events.length, id === "a" ? server.objects : []), image: image(id) });
  const change = (event: SessionEvent): SessionObject[] => {
    if (event.type === "add_object") return [...server.objects, fakeObject(9, { label: event.label, prompts: event.prompts })];
    if (event.type === "delete_object" && !server.objects.some((o) => o.id === event.object_id)) throw new ApiError("object 1 does not exist", 404, "NotFoundError");
    if (event.type === "delete_object") return server.objects.filter((o) => o.id !== event.object_id);
    const of = "object_id" in event ? event.object_id : null;
    return server.objects.map((o) => (o.id === of ? { ...o, ...event } : o));
  };
  const client = {
    project: async () => ({ folder: "", read_only: false, images: ["a", "b", "c"].map(image), labels: server.labels, methods: METHODS, version: "" }),
    session: async (id: string) => session(id),
    pixels: async (_: string, signal: AbortSignal) => (server.pixels.push(signal), new Blob()),
    upload: async () => ({ images: [image("c")], rejected: [] }),
    preview: async () => ({ candidates: [], outline: null, notice: null, milliseconds: 1 }),
    event: (id: string, event: SessionEvent) => (server.events.push([id, event]), held(() => ((server.objects = change(event)), session(id)))),
    labels: (labels: Label[]) => held(() => {
      if (server.refusesLabels) throw new ApiError("no name for a label", 422, "StoreError");
      return (server.labels = labels);
    }),
  } as unknown as Client;
  return { server, client };
}

let server: ReturnType<typeof fakeServer>["server"];
let studio: Studio;
const close = vi.fn();

beforeEach(async () => {
  vi.clearAllMocks();
  vi.stubGlobal("history", { replaceState: vi.fn() });
  vi.stubGlobal("createImageBitmap", vi.fn(async () => ({ width: 100, height: 100, close })));
  const fake = fakeServer();
  server = fake.server;
  studio = new Studio(fake.client);
  await studio.refresh();
  await studio.open("a");
});
afterAll(() => vi.unstubAllGlobals());

const click = (x: number, y: number) => {
  const pointer = { at: [x, y] as const, reach: 3, shift: false, secondary: false };
  studio.tool?.pointerDown(pointer);
  studio.tool?.pointerUp(pointer);
};
const points = (prompts: Prompt[]) => prompts.forEach((p) => p.kind === "extreme_points" && p.points.forEach(([x, y]) => click(x, y)));
const sent = () => server.events.map(([, event]) => event);
const labelled = () => server.objects.map((object) => object.label);
const said = () => studio.state.toasts.map((toast) => toast.text);

describe("a label", () => {
  it("chosen before the last one is answered counts, also where it is the label of before", async () => {
    studio.select(1);
    studio.setLabel("dog");
    studio.setLabel("cat");
    await server.all();
    expect(labelled()).toEqual(["cat", "cat"]);
    studio.setLabel("cat"); // nothing is under way: there is nothing to do
    expect(sent()).toHaveLength(2);
  });

  it("chosen before the first click is answered is for the object of that click", async () => {
    studio.useTool("clicks");
    click(30, 30);
    studio.setLabel("dog");
    await server.all();
    expect(labelled()).toEqual(["cat", "cat", "dog"]);
    studio.tool?.key({ key: "Enter", shift: false });
    studio.setLabel("cat");
    await server.all();
    expect(labelled()).toEqual(["cat", "cat", "dog"]);
  });

  it("that was typed is for what was selected then, whatever is selected or opened next", async () => {
    studio.select(1);
    void studio.createLabel(" horse ");
    studio.select(2);
    void studio.open("b");
    await server.all();
    expect(labelled()).toEqual(["horse", "cat"]);
    expect(server.events.map(([id]) => id)).toEqual(["a"]);
  });

  it("that was typed is the next object's at once", () => {
    void studio.createLabel("horse");
    points(FOUR);
    studio.tool?.key({ key: "Enter", shift: false });
    expect(sent()).toMatchObject([{ type: "add_object", label: "horse" }]);
  });

  it("is in the list with all others that were typed", async () => {
    for (const name of ["horse", "cow", "cow", "cat"]) void studio.createLabel(name);
    await server.all();
    expect(server.labels.map((label) => label.name)).toEqual(["cat", "dog", "horse", "cow"]);
    expect(new Set(server.labels.slice(2).map((label) => label.color)).size).toBe(2);
    expect(studio.state.project?.labels).toEqual(server.labels);
  });

  it("that is refused is nobody's", async () => {
    studio.setLabel("dog");
    server.refusesLabels = true;
    void studio.createLabel("\u0000");
    await server.all();
    expect(studio.state.label).toBe("dog");
    expect(said()).toEqual(["no name for a label"]);
    studio.useTool("paint");
    void studio.createLabel("\u0000");
    await server.all();
    expect(studio.state.paintSettings.label).toBe("dog");
  });
});

describe("a method", () => {
  it("chosen before the last one is answered counts, also where it is the method of before", async () => {
    studio.select(1);
    studio.setMethod("grabcut");
    studio.setMethod("dextr");
    await server.all();
    expect(server.objects[0]?.method).toBe("dextr");
    studio.setMethod("dextr");
    expect(sent()).toHaveLength(2);
  });
});

describe("what was drawn but not kept", () => {
  const draft = () => studio.tool?.draft;

  it("waits in its tool, beside what waits in another", () => {
    points(FOUR);
    studio.useTool("paint");
    studio.setLabel("cat");
    studio.paintings.set({ mode: "polygon" });
    click(20, 20);
    click(40, 20);
    const polygon = draft();
    studio.useTool("extreme-points");
    expect(draft()).toEqual(FOUR);
    studio.useTool("paint");
    expect(draft()).toEqual(polygon);
    expect(said()).toEqual(["The polygon that you were drawing waits in the tool Paint", "The object that you were drawing waits in the tool Extreme points"]);
  });

  it("waits on its image, as few points as there are", async () => {
    click(10, 50);
    click(90, 52);
    await studio.open("b");
    expect(said()).toEqual(["The object that you were drawing waits on a.png"]);
    expect(draft()).toBeNull();
    await studio.open("a");
    expect(draft()).toEqual([{ kind: "extreme_points", points: [[10, 50], [90, 52]] }]);
  });

  it("waits while another object is selected, until that is left or gone", async () => {
    click(10, 50);
    for (const leave of [() => studio.select(null), () => studio.delete(1)]) {
      studio.select(1);
      expect(draft()).toBeNull();
      leave();
      await server.all();
      expect(draft()).toEqual([{ kind: "extreme_points", points: [[10, 50]] }]);
    }
    expect(said().at(-1)).toBe("The object that you were drawing waits until you leave this one");
  });
});

describe("an image", () => {
  it("that is passed is neither waited for nor decoded", async () => {
    vi.mocked(createImageBitmap).mockClear();
    server.pixels = [];
    void studio.open("b");
    void studio.open("c");
    await vi.waitFor(() => expect(studio.state.bitmap).not.toBeNull());
    expect(studio.state.current).toBe("c");
    expect(server.pixels.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(studio.connection.online).toBe(true);
    expect(studio.state.imageError).toBeNull();
  });

  it("is let go of when another is opened, also when it comes late", async () => {
    expect(close).not.toHaveBeenCalled();
    void studio.open("b");
    expect(close).toHaveBeenCalledOnce();
    await rest(); // b is there
    expect(studio.state.bitmap).not.toBeNull();
    let late = (_: ImageBitmap) => {};
    vi.mocked(createImageBitmap).mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    void studio.open("c");
    await rest();
    void studio.open("a");
    await rest();
    const passed = { width: 1, height: 1, close: vi.fn() };
    late(passed);
    await rest();
    expect(passed.close).toHaveBeenCalledOnce();
    expect(studio.state.bitmap?.width).toBe(100);
  });

  it("that comes in is opened where none is, and does not take the place of one that is on its way", async () => {
    const fresh = new Studio(studio.client);
    await fresh.files.upload([new File([], "c.png")]);
    expect(fresh.state.current).toBe("c");
    void studio.open("b");
    await studio.files.upload([new File([], "c.png")]);
    expect(studio.state.current).toBe("b");
  });
});

describe("an object that is deleted", () => {
  it("is no longer selected, so that the key pressed again asks for nothing", async () => {
    studio.select(1);
    studio.delete(1);
    expect(studio.state.selected).toBeNull();
    await server.all();
    expect(said()).toEqual([]);
    expect(server.objects.map((object) => object.id)).toEqual([2]);
  });
});
