import { describe, expect, it } from "vitest";
import { Latest } from "../src/state/latest";

function setup() {
  const asked: { question: number; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const answers: string[] = [];
  const failures: string[] = [];
  const latest = new Latest<number, string>(
    (question) => new Promise((answer, fail) => asked.push({ question, answer, fail })),
    (answer) => answers.push(answer),
    (error) => failures.push((error as Error).message),
  );
  const settle = () => new Promise((done) => setTimeout(done));
  return { asked, answers, failures, latest, settle };
}

describe("asking for the latest only", () => {
  it("has one request in flight, and asks for the newest of those that wait", async () => {
    const { asked, answers, latest, settle } = setup();
    [1, 2, 3, 4].forEach((n) => latest.request(n));
    expect(asked.map((a) => a.question)).toEqual([1]);
    asked[0]?.answer("one");
    await settle();
    expect(asked.map((a) => a.question)).toEqual([1, 4]);
    asked[1]?.answer("four");
    await settle();
    expect(answers).toEqual(["one", "four"]);
    expect(asked).toHaveLength(2);
  });

  it("drops answers to what was asked before a cancel", async () => {
    const { asked, answers, failures, latest, settle } = setup();
    latest.request(1);
    latest.request(2);
    latest.cancel();
    asked[0]?.answer("stale");
    await settle();
    expect(asked).toHaveLength(1);
    latest.request(3);
    asked[1]?.answer("fresh");
    await settle();
    latest.request(4);
    latest.cancel();
    asked[2]?.fail(new Error("stale, too"));
    await settle();
    expect(answers).toEqual(["fresh"]);
    expect(failures).toEqual([]);
  });

  it("goes on after a failure", async () => {
    const { asked, answers, failures, latest, settle } = setup();
    latest.request(1);
    latest.request(2);
    asked[0]?.fail(new Error("no"));
    await settle();
    asked[1]?.answer("two");
    await settle();
    expect([failures, answers]).toEqual([["no"], ["two"]]);
  });
});
