import { describe, expect, it } from "vitest";
import type { ClassMap } from "../src/api/types";
import { areas, changedRows, classAt, paintRows, pixelOf, share } from "../src/canvas/classMaps";

/** The map of these rows. */
function map(...rows: number[][]): ClassMap {
  const runs: number[] = [];
  for (const value of rows.flat()) {
    if (runs.length > 0 && runs[runs.length - 2] === value) runs[runs.length - 1]!++;
    else runs.push(value, 1);
  }
  return { size: [rows.length, rows[0]!.length], runs };
}

const A = map([1, 1, 0], [1, 2, 2], [0, 0, 2]);

describe("a class map", () => {
  it("tells the class under a point, and none off the image", () => {
    expect(classAt(A, [0, 0])).toBe(1);
    expect(classAt(A, [1.4, 0.6])).toBe(2);
    expect(classAt(A, [2, 2])).toBe(2);
    expect(classAt(A, [2, 0])).toBe(0);
    for (const p of [[-0.6, 0], [2.6, 0], [0, 2.6], [0, -1]] as const) expect(classAt(A, p)).toBe(0);
  });

  it("counts pixels by class, and the share that has one", () => {
    expect([...areas(A)].sort()).toEqual([[0, 3], [1, 3], [2, 3]]);
    expect(share(A)).toBeCloseTo(2 / 3);
    expect(share(map([0, 0]))).toBe(0);
    expect(share(map([5, 5]))).toBe(1);
  });

  it("is painted in the rows asked for", () => {
    const colors = new Uint32Array(256);
    [colors[1], colors[2]] = [11, 22];
    expect([...paintRows(A, { top: 0, bottom: 3 }, colors)]).toEqual([11, 11, 0, 11, 22, 22, 0, 0, 22]);
    expect([...paintRows(A, { top: 1, bottom: 2 }, colors)]).toEqual([11, 22, 22]);
    expect([...paintRows(A, { top: 2, bottom: 3 }, colors)]).toEqual([0, 0, 22]);
  });

  it("becomes pixels whose bytes are red, green, blue and opaque", () => {
    expect([...new Uint8Array(Uint32Array.of(pixelOf("#0a80ff")).buffer)]).toEqual([10, 128, 255, 255]);
  });
});

describe("what changed between two maps", () => {
  it("is nothing for equal maps", () => {
    expect(changedRows(A, map([1, 1, 0], [1, 2, 2], [0, 0, 2]))).toBeNull();
  });

  it("is the rows from the first to the last difference", () => {
    expect(changedRows(A, map([1, 1, 0], [1, 2, 1], [0, 0, 2]))).toEqual({ top: 1, bottom: 2 });
    expect(changedRows(A, map([3, 1, 0], [1, 2, 2], [0, 0, 2]))).toEqual({ top: 0, bottom: 1 });
    expect(changedRows(A, map([1, 1, 0], [1, 2, 2], [0, 0, 0]))).toEqual({ top: 2, bottom: 3 });
    expect(changedRows(A, map([1, 1, 3], [1, 2, 2], [0, 4, 2]))).toEqual({ top: 0, bottom: 3 });
    expect(changedRows(map([0, 0], [0, 0]), map([0, 0], [1, 1]))).toEqual({ top: 1, bottom: 2 });
  });

  it("agrees with a comparison pixel by pixel", () => {
    let seed = 1;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const plain = (m: ClassMap) => [...paintRows(m, { top: 0, bottom: 6 }, Uint32Array.from({ length: 256 }, (_, i) => i))];
    for (let round = 0; round < 200; round++) {
      const rows = Array.from({ length: 6 }, () => Array.from({ length: 5 }, () => Math.floor(3 * random())));
      const others = rows.map((row) => row.map((value) => (random() < 0.04 ? 2 - value : value)));
      const [before, after] = [map(...rows), map(...others)];
      const differ = plain(before).flatMap((value, i) => (value === plain(after)[i] ? [] : [Math.floor(i / 5)]));
      expect(changedRows(before, after)).toEqual(differ.length ? { top: Math.min(...differ), bottom: Math.max(...differ) + 1 } : null);
    }
  });
});
