import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Point } from "../src/api/types";
import { extend, NO_LABEL, resized, SIZES, touches } from "../src/tools/brush";
import { paint, PaintTool } from "../src/tools/paint";
import type { Laid, PaintSettings } from "../src/tools/tool";
import { fakeHost } from "./fakes";

let host: ReturnType<typeof fakeHost>;
let tool: PaintTool;

beforeEach(() => {
  host = fakeHost();
  tool = paint.create(host) as PaintTool;
});

const at = (p: Point, more = {}) => ({ at: p, reach: 3, shift: false, secondary: false, ...more });
const drag = (points: Point[], more = {}) => {
  const last = points.at(-1)!;
  tool.pointerDown(at(points[0]!, more));
  for (const p of points.slice(1)) tool.pointerMove(at(p, more));
  tool.pointerUp(at(last, more));
};
const click = (p: Point, more = {}) => drag([p], more);
const press = (key: string) => tool.key({ key, shift: false });
const set = (change: Partial<PaintSettings>) => Object.assign(host.painting.settings, change);
const laid = (): Laid[] => vi.mocked(host.painting.lay).mock.calls.map(([one]) => one);
const previews = () => vi.mocked(host.painting.preview).mock.calls.map(([one]) => one && { ...one, prompt: { ...one.prompt } });

describe("a stroke", () => {
  it("is drawn from the press on, previewed as it grows, and laid when the hand lets go", () => {
    tool.pointerDown(at([10, 10]));
    expect(tool.inHand).toMatchObject({ label: "sky", color: "#000000", prompt: { kind: "stroke", points: [[10, 10]], radius: 5, class_id: 1, freeze: false } });
    const first = tool.inHand;
    tool.pointerMove(at([20, 12.3456]));
    expect(tool.inHand).not.toBe(first); // so that it is drawn again
    expect(previews()).toHaveLength(2);
    expect(laid()).toEqual([]);
    tool.pointerUp(at([20, 12.3456]));
    expect(laid()).toMatchObject([{ label: "sky", prompt: { points: [[10, 10], [20, 12.35]] } }]);
    expect(tool.inHand).toBeNull();
  });

  it("is a dot where the hand does not move", () => {
    click([10, 10]);
    expect(laid()[0]?.prompt.points).toEqual([[10, 10]]);
  });

  it("goes through all places that the pointer was at", () => {
    tool.pointerDown(at([0, 0]));
    tool.pointerMove(at([30, 0], { trail: [[10, 5], [20, 5], [20.01, 5], [30, 0]] }));
    expect(tool.inHand?.prompt.points).toEqual([[0, 0], [10, 5], [20, 5], [30, 0]]);
  });

  it("freezes what is there where that is wanted, and an eraser never does", () => {
    set({ freeze: true });
    click([10, 10]);
    click([10, 10], { secondary: true });
    expect(laid().map(({ label, prompt }) => [label, prompt.freeze, prompt.class_id])).toEqual([["sky", true, 1], [null, false, 0]]);
  });

  it("erases while the eraser is taken", () => {
    press("w");
    click([10, 10]);
    press("w");
    click([10, 10]);
    expect(laid().map(({ label }) => label)).toEqual([null, "sky"]);
  });

  it("needs a label, but not to erase", () => {
    set({ label: null });
    expect(tool.hint).toBe(NO_LABEL);
    click([10, 10]);
    expect(host.complain).toHaveBeenCalledWith(NO_LABEL);
    expect(laid()).toEqual([]);
    click([10, 10], { secondary: true });
    expect(laid()).toHaveLength(1);
  });

  it("leaves nothing beside the image", () => {
    drag([[-20, 10], [-10, 12]]);
    expect(laid()).toEqual([]);
    expect(previews()).toEqual([]);
    drag([[-20, 10], [4, 10]]);
    expect(laid()).toHaveLength(1);
  });

  it("is dropped by Escape, by undo, and when the press becomes a pinch", () => {
    for (const drop of [() => press("Escape"), () => tool.undo(), () => tool.pointerCancel()]) {
      tool.pointerDown(at([10, 10]));
      drop();
      expect(previews().at(-1)).toBeNull();
      tool.pointerUp(at([30, 30]));
    }
    expect(laid()).toEqual([]);
    expect(tool.undo()).toBe(false); // the next one is the session's
  });

  it("keeps its brush until the end", () => {
    tool.pointerDown(at([10, 10]));
    press("]");
    tool.wheel(1);
    tool.pointerUp(at([10, 10]));
    expect(laid()[0]?.prompt).toMatchObject({ radius: 5 });
  });
});

describe("a polygon", () => {
  const corners: Point[] = [[10, 10], [40, 10], [40, 40]];
  beforeEach(() => {
    press("p");
  });

  it("is filled by Enter", () => {
    corners.forEach((p) => click(p));
    expect(previews().at(-1)).toMatchObject({ label: "sky", prompt: { kind: "fill", points: corners } });
    expect(laid()).toEqual([]);
    press("Enter");
    expect(laid()).toMatchObject([{ label: "sky", prompt: { kind: "fill", points: corners, freeze: false } }]);
    expect(tool.canUndo).toBe(false);
  });

  it("is filled by a click on its first corner, and by a double-click", () => {
    corners.forEach((p) => click(p));
    click([11, 11]);
    corners.forEach((p) => click(p));
    click([40.3, 40]);
    expect(laid().map(({ prompt }) => prompt.points)).toEqual([corners, corners]);
  });

  it("takes no corner twice, and says what is missing", () => {
    click([10, 10]);
    click([10.2, 10]);
    expect(tool.hint).toContain("1 so far");
    press("Enter");
    expect(host.complain).toHaveBeenCalledWith(expect.stringContaining("three corners"));
    expect(laid()).toEqual([]);
  });

  it("loses its last corner by Backspace and all by Escape; undo and redo go through that", () => {
    corners.forEach((p) => click(p));
    press("Backspace");
    expect(previews().at(-1)).toBeNull();
    expect(tool.undo()).toBe(true);
    expect(previews().at(-1)?.prompt.points).toEqual(corners);
    expect(tool.redo()).toBe(true);
    tool.undo();
    expect(press("Escape")).toBe(true);
    expect(previews().at(-1)).toBeNull();
    tool.undo();
    press("Enter");
    expect(laid()[0]?.prompt.points).toEqual(corners);
    expect(tool.undo()).toBe(false);
  });

  it("has its corners where the hand pressed; a pinch leaves none", () => {
    drag([[10, 10], [30, 30]]);
    expect(tool.draft).toMatchObject([{ points: [[10, 10]] }]);
    tool.pointerDown(at([50, 50]));
    tool.pointerCancel();
    tool.pointerUp(at([80, 50]));
    expect(tool.draft).toMatchObject([{ points: [[10, 10]] }]);
  });

  it("waits where it was left, and comes back", () => {
    corners.forEach((p) => click(p));
    const other = paint.create(host) as PaintTool;
    set({ mode: "brush" });
    expect(other.restore(tool.draft!)).toBe(true);
    expect(host.painting.settings.mode).toBe("polygon");
    expect(other.restore(tool.draft!)).toBe(false); // one at a time
    other.key({ key: "Enter", shift: false });
    expect(laid()[0]?.prompt.points).toEqual(corners);
    expect(other.restore([{ kind: "click", x: 1, y: 1, positive: true }])).toBe(false);
  });

  it("is previewed anew when the label or what is below changes", () => {
    corners.forEach((p) => click(p));
    set({ label: "sea" });
    tool.edit(null);
    expect(previews().at(-1)?.label).toBe("sea");
  });

  it("keeps its corners on the image", () => {
    click([-20, 30]);
    expect(tool.draft).toMatchObject([{ points: [[-0.5, 30]] }]);
  });
});

describe("a region", () => {
  it("is accepted by Shift and a click, or by a click in that mode", () => {
    click([10.004, 20], { shift: true });
    press("r");
    click([30, 20]);
    expect(vi.mocked(host.painting.region).mock.calls).toEqual([["paint", [10, 20]], ["paint", [30, 20]]]);
    expect(laid()).toEqual([]);
  });

  it("becomes an object by a click in that mode, not by a drag", () => {
    press("t");
    click([30, 20]);
    drag([[30, 20], [50, 20]]);
    expect(vi.mocked(host.painting.region).mock.calls).toEqual([["object", [30, 20]]]);
  });

  it("shows by the cursor where there is one", () => {
    press("r");
    expect(tool.cursor(at([1, 1]))).toBe("pointer");
    host.painting.hasRegion = () => false;
    expect(tool.cursor(at([1, 1]))).toBe("not-allowed");
    press("b");
    expect(tool.cursor(at([1, 1]))).toBe("crosshair");
    expect(tool.cursor(at([1, 1], { shift: true }))).toBe("not-allowed");
  });
});

describe("keys", () => {
  it("choose labels, the tenth by 0, and leave other digits to the page", () => {
    expect(press("2")).toBe(true);
    expect(host.painting.settings.label).toBe("sea");
    expect(press("0")).toBe(false);
    expect(host.painting.choose).toHaveBeenLastCalledWith(9);
  });

  it("change the brush, the view and the freezing", () => {
    press("]");
    expect(host.painting.settings.size).toBe(12);
    press("[");
    press("[");
    expect(host.painting.settings.size).toBe(8);
    tool.wheel(1);
    expect(host.painting.settings.size).toBe(10);
    const views = [1, 2, 3].map(() => (press("v"), host.painting.settings.view));
    expect(views).toEqual(["result", "strokes", "both"]);
    press("f");
    expect(host.painting.settings.freeze).toBe(true);
  });

  it("Escape goes back to the brush, then is the page's", () => {
    press("r");
    press("w");
    expect(press("Escape")).toBe(true);
    expect(host.painting.settings).toMatchObject({ mode: "brush", erase: false });
    expect(press("Escape")).toBe(false);
    expect(press("Delete")).toBe(false);
  });
});

it("is offered where a method takes strokes", () => {
  expect(paint.fits({ ...host.method, accepts: ["click", "stroke"] })).toBe(true);
  expect(paint.fits(host.method)).toBe(false);
});

describe("brushes", () => {
  it("have sizes that end at both ends", () => {
    expect(resized(1, -1)).toBe(1);
    expect(resized(500, 1)).toBe(500);
    expect(SIZES.every((size, i) => resized(size, 1) === (SIZES[i + 1] ?? size))).toBe(true);
  });

  it("extend a stroke by what takes it further", () => {
    const points: Point[] = [[0, 0]];
    expect(extend(points, [[0.1, 0]], 0.5)).toBe(false);
    expect(extend(points, [[0.1, 0], [0.6, 0], [2, 0.111]], 0.5)).toBe(true);
    expect(points).toEqual([[0, 0], [0.6, 0], [2, 0.11]]);
  });

  it("touch the image as far as their radius reaches", () => {
    const image = { width: 100, height: 50 };
    expect(touches([[-3, 10]], 3, image)).toBe(true);
    expect(touches([[-3.1, 10]], 3, image)).toBe(false);
    expect(touches([[10, 52]], 3, image)).toBe(true);
    expect(touches([[10, 53]], 3, image)).toBe(false);
    expect(touches([[-20, 10], [130, 10]], 3, image)).toBe(true);
  });
});
