import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type Client } from "../src/api/client";
import type { ImageRecord, Label, MethodInfo, Outline, Prompt, Session, SessionEvent, SessionObject } from "../src/api/types";
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
    revision: 0,
    before: [] as SessionObject[], // for undo
    refuses: false,
    refusesLabels: false,
    pixels: [] as AbortSignal[],
    /** Let one answer go, and see it taken in. */
    next: async () => (waiting.shift()?.(), await rest()),
    all: async () => { for (await rest(); waiting.length > 0; ) await server.next(); },
  };
  const session = (id: string): Session => ({ ...fakeSession(server.revision, id === "a" ? server.objects : []), image: image(id) });
  const changed = (id: string, objects: () => SessionObject[]) => held(() => {
    if (server.refuses) throw new ApiError("the disk is full", 422, "StoreError");
    [server.before, server.objects] = [server.objects, objects()];
    server.revision++;
    return session(id);
  });
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
    event: (id: string, event: SessionEvent) => (server.events.push([id, event]), changed(id, () => change(event))),
    undo: (id: string) => changed(id, () => server.before),
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

/** The next answer about the project, as it is when it is asked for, comes when the returned function is called. */
const holdProject = () => {
  const { project } = studio.client;
  let go = () => {};
  studio.client.project = async () => {
    studio.client.project = project;
    const answer = await project();
    await new Promise<void>((done) => (go = done));
    return answer;
  };
  return async () => (go(), await rest());
};
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

describe("the list of labels", () => {
  it("keeps those that came to the server without this page", async () => {
    server.labels = [...server.labels, { name: "imported", color: "#111111" }];
    void studio.createLabel("horse");
    await server.all();
    expect(server.labels.map((label) => label.name)).toEqual(["cat", "dog", "imported", "horse"]);
    expect(studio.state.project?.labels).toEqual(server.labels);
  });

  it("is not set back by a project that was read before a label was saved", async () => {
    const late = holdProject();
    void studio.refresh();
    void studio.createLabel("horse");
    await server.all();
    await late();
    expect(studio.state.project?.labels.map((label) => label.name)).toEqual(["cat", "dog", "horse"]);
  });

  it("is not set back by an answer that a later one overtook", async () => {
    const late = holdProject();
    void studio.refresh();
    await rest();
    server.labels = [];
    await studio.refresh();
    await late();
    expect(studio.state.project?.labels).toEqual([]);
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

describe("what the server refuses", () => {
  const again = () => (studio.select(null), studio.tool?.draft);

  it("comes back into the hand, or waits until that is free", async () => {
    server.refuses = true;
    points(FOUR);
    studio.tool?.key({ key: "Enter", shift: false });
    await server.all();
    expect(studio.tool?.draft).toEqual(FOUR);
    studio.tool?.key({ key: "Enter", shift: false });
    click(5, 5);
    await server.all();
    expect(studio.tool?.draft).toEqual([{ kind: "extreme_points", points: [[5, 5]] }]);
    expect(said().at(-1)).toBe("the disk is full");
    expect(said()).toContain("The object that you were drawing waits until your hands are free");
    studio.tool?.key({ key: "Escape", shift: false });
    expect(again()).toEqual(FOUR);
  });

  it("waits on its image and in its tool, beside what waits there already", async () => {
    server.refuses = true;
    points(FOUR);
    studio.tool?.key({ key: "Enter", shift: false });
    click(5, 5);
    await studio.open("b");
    studio.useTool("paint");
    await server.all();
    expect(said()).toContain("The object that you were drawing waits on a.png");
    await studio.open("a");
    expect(studio.tool?.draft).toBeNull();
    studio.useTool("extreme-points");
    expect(studio.tool?.draft).toEqual(FOUR);
    studio.tool?.key({ key: "Escape", shift: false });
    expect(again()).toEqual([{ kind: "extreme_points", points: [[5, 5]] }]);
  });

  it("waits in its tool where another one is in use: a polygon, too", async () => {
    server.refuses = true;
    studio.useTool("paint");
    studio.setLabel("cat");
    studio.paintings.set({ mode: "polygon" });
    for (const [x, y] of [[20, 20], [40, 20], [40, 40]] as const) click(x, y);
    const polygon = studio.tool?.draft;
    studio.tool?.key({ key: "Enter", shift: false });
    studio.useTool("clicks");
    await server.all();
    expect(said()).toContain("The polygon that you were drawing waits in the tool Paint");
    studio.useTool("paint");
    expect(studio.tool?.draft).toMatchObject(polygon!.map(({ kind }) => ({ kind, points: [[20, 20], [40, 20], [40, 40]] })));
  });
});

describe("the page", () => {
  it("is not left without a question while something would be lost", async () => {
    expect(studio.unfinished).toBe(false);
    click(10, 50);
    expect(studio.unfinished).toBe(true);
    await studio.open("b"); // it waits on a
    expect(studio.unfinished).toBe(true);
    await studio.open("a");
    expect(studio.unfinished).toBe(true);
    studio.tool?.undo();
    studio.tool?.key({ key: "Backspace", shift: false });
    await studio.open("b");
    expect(studio.unfinished).toBe(false);
    studio.store.set({ uploading: { done: 1, of: 2 } });
    expect(studio.unfinished).toBe(true);
  });
});

describe("a session", () => {
  const clicked = () => studio.state.session?.objects.find((object) => object.id === 9)?.prompts.map((prompt) => prompt.kind === "click" && prompt.x);
  const next = async () => {
    studio.select(9);
    click(30, 10);
    await server.all();
    return clicked();
  };

  it("that was read before clicks were answered, while the image was on its way, is not shown in their place", async () => {
    studio.useTool("clicks");
    click(10, 10);
    click(20, 10);
    await studio.open("b");
    let late = (_: ImageBitmap) => {};
    vi.mocked(createImageBitmap).mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    void studio.open("a");
    await server.all();
    late({ width: 100, height: 100, close });
    await rest();
    expect(clicked()).toEqual([10, 20]);
    expect(await next()).toEqual([10, 20, 30]);
  });

  it("that was read for an import is not shown in the place of a later answer", async () => {
    studio.useTool("clicks");
    let late = () => Promise.resolve();
    studio.client.import = async () => ((late = holdProject()), { images: 1, objects: 1, notes: [] });
    void studio.files.upload([new File([], "cats.json")]);
    await rest();
    click(10, 10);
    await server.all();
    await late();
    expect(clicked()).toEqual([10]);
    expect(await next()).toEqual([10, 30]);
  });
});

describe("undo and redo", () => {
  it("do nothing while an image is on its way, or cannot be shown", async () => {
    const travel = vi.spyOn(studio.changes, "travel");
    void studio.open("b");
    studio.undo();
    studio.redo();
    await rest();
    vi.mocked(createImageBitmap).mockRejectedValueOnce(new Error("no image"));
    await studio.open("c");
    studio.undo();
    expect(travel).not.toHaveBeenCalled();
    await studio.open("a");
    studio.undo();
    expect(travel).toHaveBeenCalledOnce();
  });
});

describe("an outline that is asked for", () => {
  const drawn: Outline = { kind: "outline", curve: "polygon", rings: [] };
  let answer: () => void;
  beforeEach(() => void (studio.client.outline = () => new Promise((done) => (answer = () => done(drawn)))));

  it("is given once what was done before is answered", async () => {
    studio.select(1);
    studio.setLabel("dog");
    const asked = studio.outlineOf(1, "polygon", { tolerance: 1 });
    await server.all();
    answer();
    expect(await asked).toBe(drawn);
  });

  it.each([
    ["changed and not answered yet", async () => studio.setLabel("dog")],
    ["changed and answered", () => (studio.setLabel("dog"), server.all())],
    ["left", () => studio.open("b")],
  ])("is dropped if its image was %s meanwhile, which is said", async (_, change) => {
    studio.select(1);
    const asked = studio.outlineOf(1, "polygon", { tolerance: 1 });
    await rest();
    await change();
    answer();
    expect(await asked).toBeNull();
    expect(said()).toEqual(["The object was changed or left meanwhile: its outline stays as it is"]);
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

  it("is drawn anew before that is answered", async () => {
    studio.select(1);
    studio.delete(1);
    points(FOUR);
    studio.tool?.key({ key: "Enter", shift: false });
    await server.all();
    expect(sent().map((event) => event.type)).toEqual(["delete_object", "add_object"]);
  });

  it("is not selected by a press on its mask", () => {
    expect(studio.objectAt([2, 2])?.id).toBe(1);
    studio.delete(1);
    expect(studio.objectAt([2, 2])?.id).toBe(2);
  });

  it.each([["at once", true], ["after the answer", false]])("comes back selected for clicks when %s undone", async (_, soon) => {
    studio.useTool("clicks");
    studio.select(1);
    studio.delete(1);
    if (!soon) await server.all();
    studio.undo();
    await server.all();
    expect(studio.state.selected).toBe(1);
  });

  it("comes back selected for clicks when the server refuses that", async () => {
    studio.useTool("clicks");
    studio.select(1);
    server.refuses = true;
    studio.delete(1);
    await server.all();
    expect(studio.state.selected).toBe(1);
  });
});
