import { beforeEach, expect, it, vi } from "vitest";
import { ApiError, type Client } from "../src/api/client";
import type { Prompt, Session, SessionEvent } from "../src/api/types";
import { Changes } from "../src/state/changes";
import { INITIAL, selectedObject, stayingObjects, type StudioState } from "../src/state/state";
import { Store } from "../src/state/store";
import type { Target, Tool } from "../src/tools/tool";
import { fakeObject, fakeSession } from "./fakes";

const click = (x: number): Prompt => ({ kind: "click", x, y: 0, positive: true });

let store: Store<StudioState>;
let session: Session;
let sent: SessionEvent[];
let refuses: boolean;
let changes: Changes;
const edit = vi.fn();
const giveBack = vi.fn();

beforeEach(async () => {
  vi.clearAllMocks();
  session = fakeSession(0, [fakeObject(1, { prompts: [click(1)] })]);
  store = new Store<StudioState>({ ...INITIAL, current: "a", session });
  sent = [];
  refuses = false;
  const event = async (_: string, asked: SessionEvent) => {
    sent.push(asked);
    if (refuses) throw new ApiError("not today", 422, "StoreError");
    const objects = session.objects.map((o) => (asked.type === "set_prompts" && o.id === asked.object_id ? { ...o, prompts: asked.prompts } : o));
    if (asked.type === "add_object") objects.push(fakeObject(objects.length + 1, { prompts: asked.prompts }));
    return (session = { ...fakeSession(session.revision + 1), objects });
  };
  const client = { event, session: async () => session } as unknown as Client;
  const tool = { edit } as unknown as Tool;
  changes = new Changes(store, client, { tool, lost: () => Promise.resolve(), show: (answer) => store.set({ session: answer }), refused: vi.fn(), giveBack });
  await changes.read("a");
});

it("a label waits for the object that it is for", async () => {
  const target: Target = { id: null };
  changes.give(target, [click(5)], "latent-diversity");
  changes.label(target, "cat");
  await changes.settled();
  expect(sent.slice(1)).toEqual([{ type: "set_label", object_id: 2, label: "cat" }]);
});

it("a label for an object that was refused is for nothing", async () => {
  const target: Target = { id: null };
  refuses = true;
  changes.give(target, [click(5)], "latent-diversity");
  changes.label(target, "cat");
  await changes.settled();
  expect(sent.map((event) => event.type)).toEqual(["add_object"]);
});

it("another method predicts from the prompts that the object has by then", async () => {
  const [object] = session.objects;
  changes.give({ id: 1 }, [click(2)], "latent-diversity");
  changes.predictBy("grabcut", object!);
  await changes.settled();
  expect(sent[1]).toEqual({ type: "set_prompts", object_id: 1, method: "grabcut", prompts: [click(1), click(2)] });
});

it.each([
  ["a deletion", () => changes.delete(1)],
  ["an update", () => changes.update(1, [], "dextr", false)],
])("the tool goes back to what is there when %s is refused", async (_, change) => {
  refuses = true;
  change();
  await changes.settled();
  expect(edit).toHaveBeenCalledOnce();
});

it("updates that go on are one for all those that are not sent yet, however many", async () => {
  for (let x = 0; x < 30; x++) changes.update(1, [click(x)], "dextr", x > 0);
  expect(store.get().unsaved).toBe(2);
  await changes.settled();
  expect(sent).toMatchObject([{ prompts: [click(0)] }, { prompts: [click(29)] }]);
  expect(store.get().unsaved).toBe(0);
});

it("an update that does not go on is one for itself, and what goes on from it is not one with what was before", async () => {
  for (const [x, goesOn] of [[0, false], [1, false], [2, true], [3, false]] as const) changes.update(1, [click(x)], "dextr", goesOn);
  changes.label({ id: 1 }, "cat");
  changes.update(1, [click(4)], "dextr", true);
  await changes.settled();
  expect(sent.map((event) => (event.type === "set_prompts" ? event.prompts : event.type))).toEqual([[click(0)], [click(2)], [click(3)], "set_label", [click(4)]]);
});

it("an object that is being deleted is nobody's to edit, until the server refuses", async () => {
  store.set({ selected: 1 });
  refuses = true;
  changes.delete(1);
  expect(selectedObject(store.get())).toBeNull();
  expect(stayingObjects({ ...store.get(), current: "b" })).toHaveLength(1); // of another image
  await changes.settled();
  expect(selectedObject(store.get())?.id).toBe(1);
});
