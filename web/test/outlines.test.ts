import { describe, expect, it } from "vitest";
import type { Outline, Ring } from "../src/api/types";
import { toolsFor } from "../src/tools";
import * as outlines from "../src/tools/outlines";

const ring = (n: number, more: Partial<Ring> = {}): Ring => ({ points: Array.from({ length: n }, (_, i) => [i, i * i]), pinned: [], hole: false, ...more });
const outline = (...rings: Ring[]): Outline => ({ kind: "outline", curve: "polygon", rings });

describe("outlines", () => {
  it("keep their pins where they are when points come and go", () => {
    const before = outline(ring(6, { pinned: [1, 4] }));
    const more = outlines.insertedAt(before, { ring: 0, edge: 2, point: [9, 9] });
    expect(more.rings[0]?.points[3]).toEqual([9, 9]);
    expect(more.rings[0]?.pinned).toEqual([1, 5]);
    expect(outlines.deletedAt(more, { ring: 0, index: 3 })).toEqual(before);
    expect(outlines.deletedAt(before, { ring: 0, index: 1 })?.rings[0]?.pinned).toEqual([3]);
  });

  it("take a point on the closing edge as the last one", () => {
    const more = outlines.insertedAt(outline(ring(4)), { ring: 0, edge: 3, point: [9, 9] });
    expect(more.rings[0]?.points.at(-1)).toEqual([9, 9]);
  });

  it("lose a ring of three as a whole, but not the last part", () => {
    const both = outline(ring(3), ring(3, { hole: true }));
    expect(outlines.deletedAt(both, { ring: 1, index: 0 })).toEqual(outline(ring(3)));
    expect(outlines.deletedAt(both, { ring: 0, index: 0 })).toBeNull();
    expect(outlines.withoutRing(both, 0)).toBeNull();
  });

  it("pin a point and let it go", () => {
    const pinned = outlines.pinnedOrNot(outline(ring(5, { pinned: [3] })), { ring: 0, index: 1 });
    expect(pinned.rings[0]?.pinned).toEqual([1, 3]);
    expect(outlines.pinnedOrNot(pinned, { ring: 0, index: 3 }).rings[0]?.pinned).toEqual([1]);
  });

  it("let neighbours within reach follow, around the ring, up to the first pinned one", () => {
    const line = outline(ring(8, { pinned: [1] }));
    expect(outlines.followers(line, { ring: 0, index: 0 }, 2)).toEqual([6, 7]);
    expect(outlines.followers(line, { ring: 0, index: 0 }, 0)).toEqual([]);
    expect(outlines.followers(line, { ring: 0, index: 4 }, 100)).toEqual([0, 2, 3, 5, 6, 7]);
  });

  it("have a nearest point across all rings", () => {
    const two = outline(ring(4), ring(4, { points: [[50, 50], [60, 50], [60, 60], [50, 60]] }));
    expect(outlines.nearestVertex(two, [59, 52], 5)).toEqual({ ring: 1, index: 1 });
    expect(outlines.nearestVertex(two, [30, 30], 5)).toBeNull();
  });
});

describe("a place on the line", () => {
  const line = outline(ring(3, { points: [[0, 0], [20, 0], [20, 20]] }));
  const place = (x: number) => ({ ring: 0, edge: 0, point: [x, 0] as const });

  it("lies between two points in the middle of an edge that is long enough on the screen", () => {
    expect(outlines.isBetween(line, place(10), 12)).toBe(true);
    expect(outlines.isBetween(line, place(5), 12)).toBe(false);
    expect(outlines.isBetween(line, place(10), 15)).toBe(false);
  });
});

describe("the outline tool", () => {
  it("is there only where a method answers it", () => {
    const method = (accepts: string[]) => ({ name: "", title: "", gesture: "", accepts });
    expect(toolsFor([method(["box", "click"])]).map((tool) => tool.id)).not.toContain("outline");
    expect(toolsFor([method(["box", "outline", "vertex_drag"])]).map((tool) => tool.id)).toEqual(["outline"]);
  });
});
