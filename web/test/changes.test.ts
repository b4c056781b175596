import { beforeEach, expect, it, vi } from "vitest";
import { ApiError, type Client } from "../src/api/client";
import type { Prompt, Session, SessionEvent } from "../src/api/types";
import { Changes } from "../src/state/changes";
import { INITIAL, type StudioState } from "../src/state/state";
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

beforeEach(() => {
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
  changes = new Changes(store, client, { tool, lost: () => Promise.resolve(), show: (answer) => store.set({ session: answer }), refused: vi.fn() });
  changes.known(session);
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

it.each<SessionEvent>([
  { type: "delete_object", object_id: 1 },
  { type: "set_prompts", object_id: 1, method: "dextr", prompts: [] },
])("the tool goes back to what is there when $type is refused", async (event) => {
  refuses = true;
  changes.send(event);
  await changes.settled();
  expect(edit).toHaveBeenCalledOnce();
});
