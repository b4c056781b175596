import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Outline, Point, Prompt, SessionObject } from "../src/api/types";
import { outline, type OutlineTool } from "../src/tools/outline";
import type { Target } from "../src/tools/tool";
import { fakeHost, fakeObject } from "./fakes";

const SQUARE: Outline = { kind: "outline", curve: "polygon", rings: [{ points: [[20, 20], [60, 20], [60, 60], [20, 60]], pinned: [], hole: false }] };
const OBJECT = fakeObject(5, { method: "curve-gcn", outline: SQUARE, prompts: [SQUARE] });

let host: ReturnType<typeof fakeHost>;
let tool: OutlineTool;
let object: SessionObject | null;
let given: { target: Target; prompts: Prompt[] }[];
let updates: Prompt[][];

beforeEach(() => {
  object = null;
  given = [];
  updates = [];
  host = fakeHost();
  host.object = (id) => (object?.id === id ? object : null);
  host.select = vi.fn((id: number | null) => tool.edit(id === null ? null : host.object(id)));
  host.give = (target, ...prompts) => void given.push({ target, prompts });
  host.update = (_, prompts) => void updates.push(prompts);
  tool = outline.create(host) as OutlineTool;
});

const at = (p: Point, more = {}) => ({ at: p, reach: 3, shift: false, secondary: false, ...more });
const drag = (from: Point, to: Point, more = {}) => {
  tool.pointerDown(at(from, more));
  tool.pointerMove(at(to, more));
  tool.pointerUp(at(to, more));
};
const click = (p: Point, more = {}) => drag(p, p, more);
const press = (key: string, shift = false, repeat = false) => tool.key({ key, shift, repeat });
const hover = (p: Point) => tool.pointerMove(at(p));
const select = (found: SessionObject) => tool.edit((object = found));
/** What the last update leaves, as the server answers it. */
const answer = (drawn: Outline) => tool.edit((object = { ...OBJECT, outline: drawn }));
const points = (drawn: Prompt | undefined) => (drawn?.kind === "outline" ? drawn.rings[0]?.points : undefined);

describe("a box", () => {
  it("becomes an object at once, in the form that is set", () => {
    tool.editor.setVertices(24);
    tool.editor.setCurve("polygon");
    drag([70, 80], [30, -10]);
    expect(given.map((g) => g.prompts)).toEqual([[{ kind: "box", x0: 30, y0: 0, x1: 70, y1: 80 }, { kind: "outline_form", vertices: 24, curve: "polygon" }]]);
  });

  it("of another object does not wait for the first", () => {
    drag([10, 10], [30, 30]);
    drag([50, 50], [70, 70]);
    expect(given[0]?.target).not.toBe(given[1]?.target);
  });

  it("no larger than a trembling hand is a click", () => {
    host.objectAt = () => OBJECT;
    object = OBJECT;
    drag([40, 40], [40.5, 40.5]);
    expect(given).toEqual([]);
    expect(host.select).toHaveBeenCalledExactlyOnceWith(5);
  });

  it("that a pinch cuts short is none", () => {
    tool.pointerDown(at([10, 10]));
    tool.pointerMove(at([30, 30]));
    tool.pointerCancel();
    tool.pointerUp(at([30, 30]));
    expect(given).toEqual([]);
  });

  it("beside the image is refused in words", () => {
    drag([-40, 10], [-10, 50]);
    expect(given).toEqual([]);
    expect(host.complain).toHaveBeenCalledOnce();
  });

  it("with Shift is a further part, with the right button a hole", () => {
    select(OBJECT);
    drag([70, 70], [90, 90], { shift: true });
    drag([30, 30], [50, 50], { secondary: true });
    const form = { kind: "outline_form", vertices: 12, curve: "polygon" }; // as dense as the outline is, but no triangle
    expect(updates).toEqual([
      [SQUARE, { kind: "part", x0: 70, y0: 70, x1: 90, y1: 90, hole: false }, form],
      [SQUARE, { kind: "part", x0: 30, y0: 30, x1: 50, y1: 50, hole: true }, form],
    ]);
  });
});

describe("a control point", () => {
  beforeEach(() => select(OBJECT));

  it("is dragged from where it is, wherever it was grabbed, and recorded once", () => {
    tool.pointerDown(at([61, 21]));
    tool.pointerMove(at([62, 14]));
    tool.pointerMove(at([67, 11]));
    const asked = vi.mocked(host.preview).mock.lastCall;
    expect(asked).toEqual([[SQUARE, { kind: "vertex_drag", ring: 0, index: 1, x: 66, y: 10, reach: 2 }], 5]);
    expect(updates).toEqual([]);
    tool.pointerUp(at([67, 11]));
    expect(updates).toEqual([asked?.[0]]);
  });

  it("may reach the image's outer edges", () => {
    drag([60, 60], [200, 200]);
    expect(updates[0]?.[1]).toMatchObject({ x: 99.5, y: 99.5 });
  });

  it("is neither moved nor added by a pinch that begins on it or on the line", () => {
    for (const from of [[60, 60], [40, 20]] as Point[]) {
      tool.pointerDown(at(from));
      tool.pointerMove(at([from[0] + 5, from[1] + 5]));
      tool.pointerCancel();
      tool.pointerUp(at([90, 90]));
    }
    expect(updates).toEqual([]);
    expect(tool.editor.outline).toBe(SQUARE);
  });

  it("is not moved by a press alone", () => {
    drag([60, 60], [60.6, 60.6]);
    expect(updates).toEqual([]);
    expect(press("ArrowLeft")).toBe(true);
    expect(updates[0]?.[1]).toMatchObject({ index: 2, x: 59, y: 60 });
  });

  it("takes its neighbours along as the last answer says", () => {
    tool.pointerDown(at([60, 20]));
    tool.pointerMove(at([70, 20]));
    const drawn = { ...SQUARE, rings: [{ ...SQUARE.rings[0]!, points: [[25, 20], [69, 20], [65, 60], [20, 60]] as Point[] }] };
    host.previewed = { prompts: vi.mocked(host.preview).mock.lastCall?.[0] ?? [], outline: drawn };
    tool.pointerMove(at([75, 20]));
    tool.pointerUp(at([75, 20]));
    drag([20, 60], [20, 70]); // begun before the answer: it starts from what is seen
    expect(points(updates[1]?.[0])).toEqual([[25, 20], [75, 20], [65, 60], [20, 60]]);
  });

  it("is put back by Escape, and by undo", () => {
    for (const back of [() => press("Escape"), () => tool.undo()]) {
      tool.pointerDown(at([60, 20]));
      tool.pointerMove(at([80, 20]));
      expect(back()).toBe(true);
      tool.pointerUp(at([80, 20]));
    }
    expect(updates).toEqual([]);
    expect(vi.mocked(host.preview).mock.lastCall).toEqual([null, null]);
    expect(host.select).not.toHaveBeenCalled();
    expect(tool.undo()).toBe(false); // the session's is next
  });

  it("stays in the hand when an earlier gesture is answered", () => {
    tool.pointerDown(at([60, 20]));
    const answered = { ...SQUARE, curve: "spline" } as const;
    answer(answered);
    tool.pointerMove(at([80, 20]));
    expect(vi.mocked(host.preview).mock.lastCall?.[0]?.[0]).toBe(SQUARE);
    press("Escape");
    expect(tool.editor.outline).toBe(answered);
  });

  it("is added where the line is pressed, and can be dragged on", () => {
    click([40, 21]);
    expect(points(updates[0]?.[0])).toEqual([[20, 20], [40, 20], [60, 20], [60, 60], [20, 60]]);
    answer(SQUARE);
    drag([60, 40], [80, 40]);
    expect(points(updates[1]?.[0])).toHaveLength(5);
    expect(updates[1]?.[1]).toMatchObject({ kind: "vertex_drag", index: 2, x: 80, y: 40 });
  });

  it("goes with Delete, the one under the pointer before the one touched last", () => {
    click([20, 20]);
    hover([60, 59]);
    press("Delete");
    expect(points(updates[0]?.[0])).toEqual([[20, 20], [60, 20], [20, 60]]);
    hover([90, 90]);
    press("Delete"); // the next one around; a ring keeps three
    expect(updates).toHaveLength(1);
    expect(host.complain).toHaveBeenCalledOnce();
  });

  it("is left to the page's Delete where none is meant", () => {
    hover([90, 90]);
    expect(press("Delete")).toBe(false);
  });

  it("moved by an arrow key again is one drag with the step before, whose neighbours follow all the way", () => {
    const amended: Prompt[][] = [];
    host.amend = (_, prompts) => void amended.push(prompts);
    click([60, 60]);
    for (let i = 0; i < 3; i++) press("ArrowRight");
    const step = (x: number) => [SQUARE, { kind: "vertex_drag", ring: 0, index: 2, x, y: 60, reach: 2 }];
    expect(updates).toEqual([step(61)]);
    expect(amended).toEqual([step(62), step(63)]);
    expect(points(tool.editor.outline!)).toEqual([[20, 20], [60, 20], [63, 60], [20, 60]]);
    click([20, 20]); // another point
    press("ArrowRight");
    answer(SQUARE);
    press("ArrowRight");
    expect(updates.slice(1).map(([from]) => points(from))).toEqual([[[20, 20], [60, 20], [63, 60], [20, 60]], SQUARE.rings[0]?.points]);
    expect(amended).toHaveLength(2);
  });

  it("is pinned and let go with P", () => {
    hover([60, 60]);
    press("p");
    expect(updates[0]?.[0]).toMatchObject({ rings: [{ pinned: [2] }] });
    press("p");
    expect(updates[1]?.[0]).toMatchObject({ rings: [{ pinned: [] }] });
  });
});

describe("keys and settings", () => {
  it("change the reach, also of a drag under way", () => {
    select(OBJECT);
    for (let i = 0; i < 5; i++) press("[");
    expect(host.outlineSettings.reach).toBe(0);
    tool.pointerDown(at([60, 20]));
    tool.pointerMove(at([70, 20]));
    press("]");
    expect(vi.mocked(host.preview).mock.lastCall?.[0]?.[1]).toMatchObject({ reach: 1 });
  });

  it("switch the curve of the object and of the next one", () => {
    select(OBJECT);
    press("s");
    expect(updates).toEqual([[{ ...SQUARE, curve: "spline" }]]);
    expect(host.outlineSettings.curve).toBe("spline");
    tool.edit((object = null));
    press("s");
    expect(updates).toHaveLength(1);
    expect(host.outlineSettings.curve).toBe("polygon");
  });

  it("draw anew what is still as a box was answered, and resample what a hand has changed", async () => {
    const box = { kind: "box", x0: 20, y0: 20, x1: 60, y1: 60 } as const;
    select({ ...OBJECT, prompts: [box, { kind: "outline_form", vertices: 4, curve: "polygon" }] });
    tool.editor.setVertices(9);
    expect(updates).toEqual([[box, { kind: "outline_form", vertices: 9, curve: "polygon" }]]);
    const fewer = { ...SQUARE, rings: [] };
    host.outlineOf = vi.fn(() => Promise.resolve(fewer));
    select({ ...OBJECT, id: 6 });
    tool.editor.setVertices(1000);
    await vi.waitFor(() => expect(updates).toHaveLength(2));
    expect(host.outlineOf).toHaveBeenCalledExactlyOnceWith(6, "polygon", { vertices: 200 });
    expect(updates[1]).toEqual([fewer]);
  });

  it("make an outline of any other mask", async () => {
    host.outlineOf = vi.fn(() => Promise.resolve(SQUARE));
    select(fakeObject(7));
    expect(tool.hint).toContain("Enter makes an outline");
    press("Enter");
    await vi.waitFor(() => expect(updates).toEqual([[SQUARE]]));
    expect(host.outlineOf).toHaveBeenCalledExactlyOnceWith(7, "spline", { vertices: 40 });
    press("Enter"); // it has one now
    expect(host.select).toHaveBeenLastCalledWith(null);
  });

  it("take a whole part or hole away", () => {
    const hole = { ...SQUARE.rings[0]!, hole: true, points: [[30, 30], [40, 30], [40, 40]] as Point[] };
    select({ ...OBJECT, outline: { ...SQUARE, rings: [...SQUARE.rings, hole] } });
    hover([40, 40]);
    press("Delete", true);
    expect(updates).toEqual([[SQUARE]]);
    hover([60, 60]);
    expect(press("Delete", true)).toBe(true);
    expect(host.complain).toHaveBeenCalledOnce();
  });

  it("take no object away when a ring is gone: pressed again with Shift, or held down", () => {
    const hole = { ...SQUARE.rings[0]!, hole: true, points: [[30, 30], [40, 30], [40, 40]] as Point[] };
    for (const [shift, repeat] of [[true, false], [false, true]] as const) {
      select({ ...OBJECT, outline: { ...SQUARE, rings: [...SQUARE.rings, hole] } });
      hover([40, 40]);
      press("Delete", shift);
      expect(updates.pop()).toEqual([SQUARE]);
      expect(press("Delete", shift, repeat)).toBe(true);
      expect(updates).toEqual([]);
      expect(press("Delete")).toBe(false); // a press of its own
    }
    tool.edit((object = null));
    expect(press("Delete", true)).toBe(false);
  });
});
