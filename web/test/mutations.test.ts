import { describe, expect, it, vi } from "vitest";
import { ApiError, OfflineError } from "../src/api/client";
import type { Session } from "../src/api/types";
import { Connection } from "../src/state/connection";
import { Mutations } from "../src/state/mutations";

function session(revision: number): Session {
  const image = { id: "a", name: "a.jpg", width: 4, height: 4, objects: 0, error: null };
  return { image, revision, can_undo: false, can_redo: false, objects: [] };
}

function setup(onServer: () => Session) {
  const answered: number[] = [];
  const refused: string[] = [];
  const mutations = new Mutations({
    session: () => Promise.resolve(onServer()),
    lost: () => Promise.resolve(),
    answered: (s) => answered.push(s.revision),
    refused: (e) => refused.push(e.message),
    count: () => undefined,
  });
  mutations.known(session(5));
  return { mutations, answered, refused, done: () => vi.waitFor(() => expect(mutations.idle).toBe(true)) };
}

describe("changes on their way to the server", () => {
  it("go one after the other, in order", async () => {
    const { mutations, answered, done } = setup(() => session(5));
    const sent: number[] = [];
    for (const n of [6, 7, 8]) {
      mutations.push({ image: "a", send: async () => { sent.push(n); await new Promise((r) => setTimeout(r, 9 - n)); return session(n); } });
    }
    expect(sent).toEqual([6]);
    await done();
    expect(sent).toEqual([6, 7, 8]);
    expect(answered).toEqual([6, 7, 8]);
  });

  it("are sent again when the server died before it saved them", async () => {
    const { mutations, answered, done } = setup(() => session(5));
    const send = vi.fn().mockRejectedValueOnce(new OfflineError()).mockResolvedValueOnce(session(6));
    mutations.push({ image: "a", send });
    await done();
    expect(send).toHaveBeenCalledTimes(2);
    expect(answered).toEqual([6]);
  });

  it("are not sent twice when only the answer was lost", async () => {
    const { mutations, answered, done } = setup(() => session(6));
    const send = vi.fn().mockRejectedValue(new OfflineError());
    mutations.push({ image: "a", send });
    await done();
    expect(send).toHaveBeenCalledTimes(1);
    expect(answered).toEqual([6]);
  });

  it("that are refused do not hold up the next", async () => {
    const { mutations, answered, refused, done } = setup(() => session(5));
    const taken = vi.fn();
    mutations.push({ image: "a", send: () => Promise.reject(new ApiError("no such object", 404, "NotFoundError")), refused: taken });
    mutations.push({ image: "a", send: () => Promise.resolve(session(6)) });
    await done();
    expect(taken).toHaveBeenCalledOnce();
    expect([refused, answered]).toEqual([["no such object"], [6]]);
  });
});

describe("the connection", () => {
  it("asks again until the server is back, and tells all who wait", async () => {
    const states: boolean[] = [];
    const alive = vi.fn().mockRejectedValueOnce(new OfflineError()).mockRejectedValueOnce(new OfflineError()).mockResolvedValue(undefined);
    const connection = new Connection(alive, (online) => states.push(online), () => Promise.resolve());
    await Promise.all([connection.lost(), connection.lost()]);
    expect(alive).toHaveBeenCalledTimes(3);
    expect(states).toEqual([false, true]);
    expect(connection.online).toBe(true);
  });
});
