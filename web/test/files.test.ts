import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, OfflineError, type Client } from "../src/api/client";
import type { ImageRecord, ImportAnswer, UploadAnswer } from "../src/api/types";
import { Connection } from "../src/state/connection";
import { Files } from "../src/state/files";
import { Notices } from "../src/state/notices";
import { INITIAL, type StudioState } from "../src/state/state";
import { Store } from "../src/state/store";

const image = (name: string): ImageRecord => ({ id: name, name, width: 4, height: 4, objects: 0, painted: false, error: null });
const taken = (name: string): UploadAnswer => ({ images: [image(name)], rejected: [] });
const file = (name: string) => new File(["pixels"], name);
const folder = (name: string) => ({ kind: "file", getAsFile: () => new File([], name), webkitGetAsEntry: () => ({ isDirectory: true, name }) }) as unknown as DataTransferItem;
const dropped = (name: string) => ({ kind: "file", getAsFile: () => file(name), webkitGetAsEntry: () => null }) as unknown as DataTransferItem;
const text = { kind: "string", getAsFile: () => null, webkitGetAsEntry: () => null } as unknown as DataTransferItem;

let store: Store<StudioState>;
let upload: ReturnType<typeof vi.fn<(file: File) => Promise<UploadAnswer>>>;
let there: ImageRecord[]; // in the folder
let added: ReturnType<typeof vi.fn<(ids: readonly string[]) => Promise<void>>>;
let imports: ReturnType<typeof vi.fn<(file: File) => Promise<ImportAnswer>>>;
let imported: ReturnType<typeof vi.fn<() => Promise<void>>>;
let alive: ReturnType<typeof vi.fn<() => Promise<void>>>;
let files: Files;

beforeEach(() => {
  there = [image("old.png")];
  store = new Store<StudioState>(INITIAL);
  const project = () => Promise.resolve({ folder: "", read_only: false, images: there, labels: [], methods: [], version: "" });
  upload = vi.fn((given) => (there = [...there, image(given.name)], Promise.resolve(taken(given.name))));
  added = vi.fn((_: readonly string[]) => Promise.resolve());
  alive = vi.fn(() => Promise.resolve());
  imports = vi.fn((_: File) => Promise.resolve({ images: 2, objects: 3, notes: ["1 objects are there already"] }));
  imported = vi.fn(() => Promise.resolve());
  const client = { upload, project, import: imports } as unknown as Client;
  const connection = new Connection(alive, () => undefined, () => Promise.resolve());
  files = new Files(store, client, new Notices(store, vi.fn()), {
    connection,
    settled: () => Promise.resolve(),
    refresh: async () => store.set({ project: await project() }),
    added,
    imported,
  });
});

const said = () => store.get().toasts.map((toast) => toast.text);
const rejected = () => store.get().rejected.map((one) => one.name);
const sent = () => upload.mock.calls.map(([given]) => given.name);

describe("files that are added", () => {
  it("come one after the other, and how far they are is seen", async () => {
    const seen: unknown[] = [];
    store.subscribe(() => seen.push(store.get().uploading));
    const first = files.upload([file("a.png"), file("b.png")]);
    await Promise.all([first, files.upload([file("c.png")])]);
    expect(sent()).toEqual(["a.png", "b.png", "c.png"]);
    expect(seen).toEqual(expect.arrayContaining([{ done: 0, of: 2 }, { done: 1, of: 3 }, { done: 3, of: 3 }]));
    expect(store.get().uploading).toBeNull();
    expect(said()).toEqual(["3 images added"]);
    await files.upload([file("d.png")]);
    expect(said()).toContain("1 image added");
  });

  it("are in the list before the last one is through", async () => {
    const order: string[] = [];
    upload.mockImplementation(({ name }) => (order.push(name), Promise.resolve(taken(name))));
    added.mockImplementation((ids) => (order.push(`list: ${ids.join(" ")}`), Promise.resolve()));
    await files.upload([file("a.png"), file("b.png")]);
    expect(order).toEqual(["a.png", "list: a.png", "b.png", "list: a.png b.png"]);
  });

  it("wait for a server that is gone, and are sent again", async () => {
    alive.mockRejectedValueOnce(new OfflineError());
    upload.mockRejectedValueOnce(new OfflineError());
    await files.upload([file("a.png"), file("b.png")]);
    expect(alive).toHaveBeenCalledTimes(2);
    expect(sent()).toEqual(["a.png", "a.png", "b.png"]);
    expect(said()).toEqual(["2 images added"]);
  });

  it.each(["a.png", "a-2.png"])("are not sent again when the folder has them by now, as %s", async (name) => {
    upload.mockImplementationOnce(() => (there = [...there, image(name)], Promise.reject(new OfflineError())));
    await files.upload([file("a.png"), file("b.png")]);
    expect(sent()).toEqual(["a.png", "b.png"]);
    expect(added).toHaveBeenLastCalledWith([name, "b.png"]);
  });

  it("are found to have come also when the last answer is lost", async () => {
    upload.mockRejectedValueOnce(new OfflineError()).mockRejectedValueOnce(new OfflineError());
    upload.mockImplementationOnce(() => (there = [...there, image("a.png")], Promise.reject(new OfflineError())));
    await files.upload([file("a.png")]);
    expect(sent()).toHaveLength(3);
    expect(said()).toEqual(["1 image added"]);
  });

  it("are sent again where the folder has a file of that name from before", async () => {
    upload.mockRejectedValueOnce(new OfflineError());
    await files.upload([file("old.png")]);
    expect(sent()).toEqual(["old.png", "old.png"]);
  });

  it("do not stop those behind them: refused, unreadable, or too much for the connection", async () => {
    upload.mockImplementation(async (given) => {
      if (given.name === "refused.png") throw new ApiError("refused.png is no image", 422, "ImageError");
      if (given.name !== "good.png") throw new OfflineError();
      return taken(given.name);
    });
    const gone = file("gone.png");
    gone.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) as unknown as Blob;
    await files.upload([file("refused.png"), gone, file("huge.png"), file("good.png")]);
    expect(rejected()).toEqual(["refused.png", "gone.png", "huge.png"]);
    expect(sent()).toEqual(["refused.png", "gone.png", "huge.png", "huge.png", "huge.png", "good.png"]);
    expect(said().at(-1)).toBe("1 image added");
  });

  it("are taken out of what is dropped; a folder is refused by its name", async () => {
    await files.drop([text, folder("holiday"), dropped("a.png")]);
    expect(sent()).toEqual(["a.png"]);
    expect(rejected()).toEqual(["holiday"]);
    expect(said()[0]).toContain("holiday: a folder cannot be added");
    await files.drop([folder("work")]);
    expect(store.get().uploading).toBeNull();
  });
});

describe("annotations that are added", () => {
  it("follow the images that come with them, and the page reads anew what they changed", async () => {
    const order: string[] = [];
    upload.mockImplementation(({ name }) => (order.push(name), Promise.resolve(taken(name))));
    imports.mockImplementation(({ name }) => (order.push(name), Promise.resolve({ images: 2, objects: 3, notes: ["1 objects are there already"] })));
    await files.upload([file("cats.JSON"), file("a.png")]);
    expect(order).toEqual(["a.png", "cats.JSON"]);
    expect(said()).toContain("cats.JSON: 3 objects added to 2 images; 1 objects are there already");
    expect(imported).toHaveBeenCalledTimes(1);
  });

  it("are sent again to a server that was gone", async () => {
    imports.mockRejectedValueOnce(new OfflineError());
    await files.upload([file("cats.json")]);
    expect(imports).toHaveBeenCalledTimes(2);
    expect(imported).toHaveBeenCalledTimes(1);
  });

  it("are refused by name, and change nothing", async () => {
    imports.mockRejectedValueOnce(new ApiError("cats.json: this is no COCO JSON", 422, "DataError"));
    await files.upload([file("cats.json"), file("a.png")]);
    expect(rejected()).toEqual(["cats.json"]);
    expect(said()).toContain("cats.json: this is no COCO JSON");
    expect(imported).not.toHaveBeenCalled();
  });
});
