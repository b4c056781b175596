import { describe, expect, it, vi } from "vitest";
import { ApiError, OfflineError } from "../src/api/client";
import type { Session } from "../src/api/types";
import { Connection } from "../src/state/connection";
import { Mutations, type Known, type Mutation } from "../src/state/mutations";
import { fakeObject, fakeSession } from "./fakes";

async function setup(onServer: () => Session) {
  const answered: number[] = [];
  const refused: string[] = [];
  const mutations = new Mutations({
    session: () => Promise.resolve(onServer()),
    lost: () => Promise.resolve(),
    answered: (s) => answered.push(s.revision),
    refused: (e) => refused.push(e.message),
    count: () => undefined,
  });
  await mutations.read("a", () => Promise.resolve(fakeSession(5)));
  return { mutations, answered, refused, done: () => vi.waitFor(() => expect(mutations.idle).toBe(true)) };
}

describe("changes on their way to the server", () => {
  it("go one after the other, in order", async () => {
    const { mutations, answered, done } = await setup(() => fakeSession(5));
    const sent: number[] = [];
    for (const n of [6, 7, 8]) {
      mutations.push({ image: "a", send: async () => { sent.push(n); await new Promise((r) => setTimeout(r, 9 - n)); return fakeSession(n); } });
    }
    expect(sent).toEqual([6]);
    await done();
    expect(sent).toEqual([6, 7, 8]);
    expect(answered).toEqual([6, 7, 8]);
  });

  it("are settled once the last is answered, whoever asks when", async () => {
    const { mutations, answered } = await setup(() => fakeSession(5));
    await mutations.settled();
    for (const n of [6, 7]) mutations.push({ image: "a", send: async () => { await new Promise((r) => setTimeout(r, 1)); return fakeSession(n); } });
    await mutations.settled();
    expect(answered).toEqual([6, 7]);
    mutations.push({ image: "a", send: () => Promise.resolve(fakeSession(8)) });
    await mutations.settled();
    expect(answered).toEqual([6, 7, 8]);
  });

  it("are sent again when the server died before it saved them", async () => {
    const { mutations, answered, done } = await setup(() => fakeSession(5));
    const send = vi.fn().mockRejectedValueOnce(new OfflineError()).mockResolvedValueOnce(fakeSession(6));
    mutations.push({ image: "a", send });
    await done();
    expect(send).toHaveBeenCalledTimes(2);
    expect(answered).toEqual([6]);
  });

  it("are not sent twice when only the answer was lost", async () => {
    const { mutations, answered, done } = await setup(() => fakeSession(6));
    const send = vi.fn().mockRejectedValue(new OfflineError());
    mutations.push({ image: "a", send });
    await done();
    expect(send).toHaveBeenCalledTimes(1);
    expect(answered).toEqual([6]);
  });

  it("are told what the server has when their turn comes", async () => {
    const click = { kind: "click", x: 1, y: 2, positive: true } as const;
    const { mutations, answered, done } = await setup(() => fakeSession(5));
    const order: string[] = [];
    const seen: (Known | number[])[] = [];
    const send = (now: Known) => (seen.push(now), Promise.resolve(fakeSession(now.revision + 1, [fakeObject(3, { prompts: [click] })])));
    for (const name of ["first", "second"]) mutations.push({ image: "a", send, answered: () => { order.push(name); seen.push([...answered]); } });
    await done();
    expect(seen).toEqual([{ revision: 5, prompts: new Map(), paintMethod: null }, [], { revision: 6, prompts: new Map([[3, [click]]]), paintMethod: null }, [6]]);
    expect(order).toEqual(["first", "second"]);
  });

  it("that are refused do not hold up the next", async () => {
    const { mutations, answered, refused, done } = await setup(() => fakeSession(5));
    const taken = vi.fn();
    mutations.push({ image: "a", send: () => Promise.reject(new ApiError("no such object", 404, "NotFoundError")), refused: taken });
    mutations.push({ image: "a", send: () => Promise.resolve(fakeSession(6)) });
    await done();
    expect(taken).toHaveBeenCalledOnce();
    expect([refused, answered]).toEqual([["no such object"], [6]]);
  });
});

describe("what is known of an image", () => {
  const reads = (mutations: Mutations, answer: Promise<Session>) => mutations.read("a", () => answer);

  it("is its newest answer, not one that was asked for earlier and comes late", async () => {
    const { mutations, answered, done } = await setup(() => fakeSession(5));
    let late = (_: Session) => {};
    const reading = reads(mutations, new Promise((resolve) => (late = resolve)));
    mutations.push({ image: "a", send: () => Promise.resolve(fakeSession(6)) });
    await done();
    late(fakeSession(5));
    expect(mutations.isNewest(await reading)).toBe(false);
    expect(mutations.isNewest(fakeSession(6))).toBe(true);
    mutations.push({ image: "a", send: ({ revision }) => Promise.resolve(fakeSession(revision + 1)) });
    await done();
    expect(answered).toEqual([6, 7]);
  });

  it("is what another store says, which a server started anew may have", async () => {
    const { mutations, answered, done } = await setup(() => fakeSession(5));
    expect(mutations.isNewest(await reads(mutations, Promise.resolve(fakeSession(2))))).toBe(true);
    mutations.push({ image: "a", send: ({ revision }) => Promise.resolve(fakeSession(revision + 1)) });
    await done();
    expect(answered).toEqual([3]);
  });
});

describe("a change that stands for an earlier one, too", () => {
  it("takes its place while that waits as the last one", async () => {
    const { mutations, done } = await setup(() => fakeSession(5));
    const sent: number[] = [];
    const change = (n: number): Mutation => ({ image: "a", send: async () => (sent.push(n), await Promise.resolve(), fakeSession(5 + n)) });
    const [first, second, third, fourth, last] = [change(1), change(2), change(3), change(4), change(5)];
    mutations.push(first);
    mutations.push(second, first); // that is under way
    mutations.push(third, second);
    mutations.push(fourth);
    mutations.push(last, third); // another one is between them
    await done();
    expect(sent).toEqual([1, 3, 4, 5]);
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
