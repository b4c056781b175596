import { describe, expect, it, vi } from "vitest";
import { ApiError, Client, OfflineError } from "../src/api/client";
import { Mutations } from "../src/state/mutations";
import { fakeSession } from "./fakes";

/** An answer whose connection dies after the headers. */
const brokenOff = (status = 200) => new Response(new ReadableStream({ start: (body) => body.error(new TypeError("network error")) }), { status });
const answering = (...answers: (Response | Error)[]) => {
  const fetcher = vi.fn((..._: Parameters<typeof fetch>) => {
    const next = answers.shift();
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new TypeError("Failed to fetch"));
  });
  return { client: new Client("api", fetcher), fetcher };
};

describe("an answer", () => {
  it("that breaks off is none, whatever it would have been", async () => {
    const { client } = answering(brokenOff(), brokenOff(), brokenOff(), brokenOff());
    await expect(client.session("a")).rejects.toBeInstanceOf(OfflineError);
    await expect(client.undo("a")).rejects.toBeInstanceOf(OfflineError);
    await expect(client.pixels("a", new AbortController().signal)).rejects.toBeInstanceOf(OfflineError);
    await expect(client.export("coco")).rejects.toBeInstanceOf(OfflineError);
  });

  it("that never comes, or comes from a proxy before a dead server, is none", async () => {
    const { client } = answering(new TypeError("Failed to fetch"), new Response("Bad gateway", { status: 502 }));
    await expect(client.project()).rejects.toBeInstanceOf(OfflineError);
    await expect(client.project()).rejects.toBeInstanceOf(OfflineError);
  });

  it("that refuses says why; one whose reason breaks off refuses all the same", async () => {
    const { client } = answering(Response.json({ error: { message: "no such image", kind: "NotFoundError" } }, { status: 404 }), brokenOff(422));
    await expect(client.session("a")).rejects.toEqual(new ApiError("no such image", 404, "NotFoundError"));
    await expect(client.session("a")).rejects.toBeInstanceOf(ApiError);
  });

  it("that nobody waits for any more is not a lost connection", async () => {
    const waiting = new AbortController();
    const fetcher: typeof fetch = (_, init) => new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const asked = new Client("api", fetcher).pixels("a", waiting.signal);
    waiting.abort();
    await expect(asked).rejects.not.toBeInstanceOf(OfflineError);
  });
});

describe("a change whose answer breaks off", () => {
  it("is not made twice, and shown as the server has it", async () => {
    const { client, fetcher } = answering(brokenOff(), Response.json(fakeSession(6)));
    const [answered, refused] = [vi.fn(), vi.fn()];
    const mutations = new Mutations({ session: client.session, lost: () => Promise.resolve(), answered, refused, count: vi.fn() });
    await mutations.read("a", () => Promise.resolve(fakeSession(5)));
    mutations.push({ image: "a", send: () => client.event("a", { type: "delete_object", object_id: 1 }) });
    await mutations.settled();
    expect(fetcher.mock.calls.map(([path, init]) => [path, init?.method])).toEqual([["api/images/a/events", "POST"], ["api/images/a/session", undefined]]);
    expect(answered).toHaveBeenCalledExactlyOnceWith(fakeSession(6));
    expect(refused).not.toHaveBeenCalled();
  });
});

describe("an export", () => {
  it.each([
    ["attachment; filename*=UTF-8''panoptic.zip", "panoptic.zip"],
    ["attachment; filename*=UTF-8''K%C3%A4tzchen%20%281%29.zip; size=12", "Kätzchen (1).zip"],
    ["attachment", "coco-panoptic.zip"],
  ])("with the header %s is called %s", async (disposition, name) => {
    const { client } = answering(new Response("zip", { headers: { "content-disposition": disposition, "x-maskwright-notes": "2%20lost" } }));
    await expect(client.export("coco-panoptic")).resolves.toMatchObject({ filename: name, notes: "2 lost" });
  });
});
