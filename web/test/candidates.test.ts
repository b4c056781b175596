import { describe, expect, it } from "vitest";
import { CandidateMemory, distinct } from "../src/state/candidates";
import { fakeObject, mask } from "./fakes";

const offer = (...sizes: number[]) => sizes.map((n, i) => ({ mask: mask(n), score: 1 - i / 10 }));
const after = (clicks: number) => fakeObject(1, { prompts: Array.from({ length: clicks }, (_, x) => ({ kind: "click", x, y: 0, positive: true })) });

describe("candidates", () => {
  it("with the same mask are one, the best", () => {
    expect(distinct(offer(1, 2, 1, 3, 2))).toEqual([{ mask: mask(1), score: 1 }, { mask: mask(2), score: 0.9 }, { mask: mask(3), score: 0.7 }]);
  });

  it("are found again by the prompts that they answer, on their image", () => {
    const memory = new CandidateMemory();
    memory.remember("a", after(1), offer(1, 2));
    memory.remember("a", after(2), offer(3, 4));
    expect(memory.of("a", after(1))).toEqual(offer(1, 2));
    expect(memory.of("a", after(2))).toBe(memory.of("a", after(2)));
    expect(memory.of("a", after(3))).toBeNull();
    expect(memory.of("b", after(1))).toBeNull();
    memory.remember("a", after(1), offer(5, 6));
    expect(memory.of("a", after(1))).toEqual(offer(5, 6));
  });

  it("are no choice when there is only one", () => {
    const memory = new CandidateMemory();
    memory.remember("a", after(1), offer(1, 1));
    expect(memory.of("a", after(1))).toBeNull();
  });

  it("of long ago are forgotten", () => {
    const memory = new CandidateMemory();
    for (let n = 1; n < 100; n++) memory.remember("a", after(n), offer(1, 2));
    expect(memory.of("a", after(1))).toBeNull();
    expect(memory.of("a", after(99))).not.toBeNull();
  });
});
