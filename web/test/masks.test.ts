import { describe, expect, it } from "vitest";
import type { Rle } from "../src/api/types";
import { area, bounds, contains, decode, outline, same, sample } from "../src/canvas/masks";
import { partAround } from "../src/canvas/thumbnails";

/** Encode rows of "." and "#" the slow way: column by column. */
function encode(rows: string[]): Rle {
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  const counts = [0];
  let value = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const on = rows[y]?.[x] === "#";
      if (on !== value) {
        counts.push(0);
        value = on;
      }
      counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + 1;
    }
  }
  return { size: [height, width], counts };
}

/** Whether the pixel's centre is inside the loops, even-odd: what the canvas does when it fills. */
function inside(loops: number[][], px: number, py: number): boolean {
  let odd = false;
  for (const loop of loops) {
    for (let i = 0; i < loop.length; i += 2) {
      const [x0 = 0, y0 = 0] = loop.slice(i, i + 2);
      const [x1 = 0, y1 = 0] = i + 2 < loop.length ? loop.slice(i + 2, i + 4) : loop;
      if (x0 === x1 && x0 > px && py > Math.min(y0, y1) && py < Math.max(y0, y1)) odd = !odd;
    }
  }
  return odd;
}

const SHAPES: Record<string, string[]> = {
  "one pixel": ["...", ".#.", "..."],
  "the whole image": ["###", "###"],
  "a ring": ["#####", "#...#", "#.#.#", "#...#", "#####"],
  "corners that touch": ["#..#", ".##.", "#..#"],
  "two parts": ["##..", "....", "..##"],
  "an edge of every kind": [".##.#", "##.##", "#.###", ".#..#"],
};

describe("run lengths", () => {
  it.each(Object.entries(SHAPES))("decode to the pixels of %s", (_, rows) => {
    const patch = decode(encode(rows));
    rows.forEach((row, y) =>
      [...row].forEach((cell, x) => {
        const [px, py] = [x - (patch?.x ?? 0), y - (patch?.y ?? 0)];
        const within = patch && px >= 0 && py >= 0 && px < patch.width && py < patch.height;
        expect(within ? patch.pixels[py * patch.width + px] : 0).toBe(cell === "#" ? 1 : 0);
      }),
    );
  });

  it("are column-major and begin with background", () => {
    const patch = decode({ size: [2, 3], counts: [1, 2, 3] }); // pixels 1 and 2: bottom of column 0, top of column 1
    expect(patch).toMatchObject({ x: 0, y: 0, width: 2, height: 2 });
    expect([...(patch?.pixels ?? [])]).toEqual([0, 1, 1, 0]);
  });

  it("decode to the bounding box alone", () => {
    expect(decode(encode(["....", "..#.", "..##"]))).toMatchObject({ x: 2, y: 1, width: 2, height: 2 });
  });

  it("decode an empty mask to nothing", () => {
    expect(decode({ size: [4, 5], counts: [20] })).toBeNull();
  });

  it("are refused when they do not fill the image", () => {
    expect(() => decode({ size: [4, 5], counts: [3, 4] })).toThrow("run lengths sum to 7, not to 4 x 5");
  });

  it.each(Object.entries(SHAPES))("are sampled without decoding: %s", (_, rows) => {
    const rle = encode(rows);
    const [height, width] = rle.size;
    const pixels = [...rows.join("")].map((cell) => Number(cell === "#"));
    expect([...sample(rle, { x: 0, y: 0, width, height }, width, height)]).toEqual(pixels);
    expect(area(rle)).toBe(pixels.reduce((a, b) => a + b));
    const twice = sample(rle, { x: -1, y: -1, width: width + 2, height: height + 2 }, 2 * width + 4, 2 * height + 4);
    expect(twice.reduce((a, b) => a + b)).toBe(4 * area(rle)); // nothing lies beside the image
  });

  it("tell which pixel a point is on", () => {
    const rle = encode(["...", ".#."]);
    expect(contains(rle, 1, 1)).toBe(true);
    expect(contains(rle, 1.4, 0.6)).toBe(true);
    expect(contains(rle, 1.6, 1)).toBe(false);
    expect(contains(rle, -1, 1)).toBe(false);
    expect(contains(rle, 1, 2)).toBe(false);
  });

  it("are compared run by run", () => {
    expect(same(encode(["#."]), encode(["#."]))).toBe(true);
    expect(same(encode(["#."]), encode([".#"]))).toBe(false);
  });
});

describe("the outline", () => {
  it.each(Object.entries(SHAPES))("encloses exactly the pixels of %s", (_, rows) => {
    const patch = decode(encode(rows));
    const loops = patch ? outline(patch) : [];
    rows.forEach((row, y) => [...row].forEach((cell, x) => expect(inside(loops, x + 0.5, y + 0.5)).toBe(cell === "#")));
  });

  it("has corners only, in canvas coordinates", () => {
    const patch = decode(encode([".....", ".###.", ".###.", "....."]));
    const corners = new Set(["1,1", "4,1", "4,3", "1,3"]);
    const loops = patch ? outline(patch) : [];
    expect(loops).toHaveLength(1);
    expect(loops[0]).toHaveLength(8);
    for (let i = 0; i < 8; i += 2) expect(corners.delete(`${loops[0]?.[i]},${loops[0]?.[i + 1]}`)).toBe(true);
  });
});

describe("the part of the image that thumbnails show", () => {
  const image = { width: 400, height: 300 };
  const shape = { width: 96, height: 64 };
  const box = (x: number, y: number, width: number, height: number): Rle => {
    const counts = [x * 300 + y];
    for (let i = 0; i < width; i++) counts.push(height, i + 1 < width ? 300 - height : (400 - x - width) * 300 + 300 - y - height);
    return { size: [300, 400], counts };
  };

  it("holds all masks, with room around them, in the thumbnail's shape", () => {
    const masks = [box(200, 100, 30, 20), box(190, 120, 20, 30)];
    const part = partAround(masks, image, shape);
    expect(part.width / part.height).toBeCloseTo(1.5);
    for (const { x, y, width, height } of masks.map((mask) => bounds(mask)!)) {
      expect(part.x).toBeLessThan(x);
      expect(part.y).toBeLessThan(y);
      expect(part.x + part.width).toBeGreaterThan(x + width);
      expect(part.y + part.height).toBeGreaterThan(y + height);
    }
  });

  it("stays within the image", () => {
    expect(partAround([box(0, 0, 400, 300)], image, shape)).toEqual({ x: 0, y: 0, width: 400, height: 300 });
    expect(partAround([box(396, 296, 4, 4)], image, shape)).toMatchObject({ x: 368, width: 32 });
    expect(partAround([{ size: [300, 400], counts: [120_000] }], image, shape)).toEqual({ x: 0, y: 0, ...image });
  });
});
