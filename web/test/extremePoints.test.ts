import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Point, Prompt } from "../src/api/types";
import { extremePoints } from "../src/tools/extremePoints";
import { fromPrompts, toPrompts } from "../src/tools/points";
import type { Tool } from "../src/tools/tool";
import { fakeHost, fakeObject } from "./fakes";

const FOUR: Point[] = [[10, 50], [90, 52], [48, 5], [51, 95]];
const OBJECT = fakeObject(7, { label: "cat", prompts: toPrompts(FOUR) });

let host: ReturnType<typeof fakeHost>;
let tool: Tool;

beforeEach(() => {
  host = fakeHost();
  host.select = vi.fn((id: number | null) => tool.edit(id === null ? null : OBJECT));
  tool = extremePoints.create(host);
});

const at = (p: Point, shift = false, secondary = false) => ({ at: p, reach: 3, shift, secondary });
const click = (p: Point, shift = false) => {
  tool.pointerDown(at(p, shift));
  tool.pointerUp(at(p, shift));
};
const drag = (from: Point, to: Point) => {
  tool.pointerDown(at(from));
  tool.pointerMove(at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  tool.pointerMove(at(to));
  tool.pointerUp(at(to));
};
const press = (key: string, shift = false) => tool.key({ key, shift });
const lastPreview = () => vi.mocked(host.preview).mock.lastCall?.[0] ?? null;
const added = (): Prompt[] | undefined => vi.mocked(host.add).mock.lastCall?.[0];

describe("drawing an object", () => {
  it("counts the points, and shows a mask from the fourth on", () => {
    expect(tool.hint).toContain("1 of 4");
    FOUR.slice(0, 3).forEach((p) => click(p));
    expect(tool.hint).toContain("4 of 4");
    expect(lastPreview()).toBeNull();
    click(FOUR[3]!);
    expect(lastPreview()).toEqual([{ kind: "extreme_points", points: FOUR }]);
  });

  it("adds boundary points after the fourth, if the method takes them", () => {
    [...FOUR, [20, 20] as Point].forEach((p) => click(p));
    expect(lastPreview()).toEqual([{ kind: "extreme_points", points: FOUR }, { kind: "boundary_point", x: 20, y: 20 }]);
  });

  it("adds none when the method does not take them", () => {
    host.method = { ...host.method, accepts: ["extreme_points"] };
    [...FOUR, [20, 20] as Point].forEach((p) => click(p));
    press("Enter");
    expect(added()).toEqual(toPrompts(FOUR));
    expect(tool.hint).toContain("1 of 4");
  });

  it("follows a dragged point and keeps it on the image", () => {
    FOUR.forEach((p) => click(p));
    vi.mocked(host.preview).mockClear();
    drag(FOUR[0]!, [-20, 40]);
    expect(vi.mocked(host.preview).mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(fromPrompts(lastPreview() ?? [])[0]).toEqual([0, 40]);
  });

  it("can drag a point on while it is being placed", () => {
    drag([30, 30], [10, 50]);
    FOUR.slice(1).forEach((p) => click(p));
    expect(lastPreview()).toEqual(toPrompts(FOUR));
  });

  it("undoes and redoes points, drags and removals, one at a time", () => {
    FOUR.forEach((p) => click(p));
    drag(FOUR[0]!, [12, 40]);
    press("Backspace");
    expect(tool.hint).toContain("4 of 4");
    expect(tool.undo()).toBe(true);
    expect(fromPrompts(lastPreview() ?? [])[0]).toEqual([12, 40]);
    expect(tool.undo()).toBe(true);
    expect(lastPreview()).toEqual(toPrompts(FOUR));
    expect(tool.redo()).toBe(true);
    expect(fromPrompts(lastPreview() ?? [])[0]).toEqual([12, 40]);
    for (let i = 0; i < 5; i++) expect(tool.undo()).toBe(true);
    expect(tool.undo()).toBe(false); // the session's history is next
    expect(tool.canRedo).toBe(true);
  });

  it("keeps the object on Enter and starts afresh", () => {
    FOUR.forEach((p) => click(p));
    expect(press("Enter")).toBe(true);
    expect(added()).toEqual(toPrompts(FOUR));
    expect(tool.hint).toContain("1 of 4");
    expect(tool.undo()).toBe(false);
    expect(lastPreview()).toBeNull();
  });

  it("does not keep fewer than four points, nor four that span no area", () => {
    FOUR.slice(0, 3).forEach((p) => click(p));
    press("Enter");
    press("Escape");
    [[10, 10], [20, 10], [30, 10], [40, 10]].forEach(([x, y]) => click([x!, y!]));
    press("Enter");
    expect(tool.hint).toContain("no area");
    expect(lastPreview()).toBeNull();
    expect(host.add).not.toHaveBeenCalled();
  });

  it("drops the points on Escape; undo brings them back", () => {
    FOUR.forEach((p) => click(p));
    expect(press("Escape")).toBe(true);
    expect(lastPreview()).toBeNull();
    tool.undo();
    expect(lastPreview()).toEqual(toPrompts(FOUR));
  });

  it("takes a drag back on Escape", () => {
    FOUR.forEach((p) => click(p));
    tool.pointerDown(at(FOUR[0]!));
    tool.pointerMove(at([40, 40]));
    press("Escape");
    expect(lastPreview()).toEqual(toPrompts(FOUR));
  });

  it("takes a drag back on undo, and redoes nothing while a point is in the hand", () => {
    FOUR.forEach((p) => click(p));
    tool.undo();
    tool.pointerDown(at(FOUR[0]!));
    tool.pointerMove(at([40, 40]));
    expect(tool.redo()).toBe(true);
    expect(tool.undo()).toBe(true);
    expect(tool.draft).toEqual(toPrompts(FOUR.slice(0, 3)));
    tool.redo();
    expect(tool.draft).toEqual(toPrompts(FOUR));
  });

  it("keeps no point that a pinch began with, and takes back what it dragged", () => {
    click(FOUR[0]!);
    tool.pointerDown(at([30, 30]));
    tool.pointerCancel();
    expect(tool.hint).toContain("2 of 4");
    FOUR.slice(1).forEach((p) => click(p));
    tool.pointerDown(at(FOUR[0]!));
    tool.pointerMove(at([40, 40]));
    tool.pointerCancel();
    expect(lastPreview()).toEqual(toPrompts(FOUR));
    tool.pointerCancel(); // nothing is in the hand
    expect(lastPreview()).toEqual(toPrompts(FOUR));
  });

  it("waits with as few points as it has, and comes back", () => {
    expect(tool.draft).toBeNull();
    FOUR.slice(0, 3).forEach((p) => click(p));
    const { draft } = tool;
    const other = extremePoints.create(fakeHost());
    expect(other.restore(draft!)).toBe(true);
    expect(other.hint).toContain("4 of 4");
    tool.edit(OBJECT);
    expect(tool.draft).toBeNull(); // an object's own points are kept already
  });

  it("moves the last point with the arrow keys", () => {
    FOUR.forEach((p) => click(p));
    press("ArrowLeft");
    press("ArrowUp", true);
    expect(fromPrompts(lastPreview() ?? [])[3]).toEqual([50, 85]);
  });

  it("takes back an object that the server refused, unless it is of another gesture", () => {
    expect(tool.restore([{ kind: "click", x: 1, y: 2, positive: true }])).toBe(false);
    expect(tool.restore(toPrompts(FOUR))).toBe(true);
    expect(lastPreview()).toEqual(toPrompts(FOUR));
  });

  it("leaves the right button alone", () => {
    tool.pointerDown(at(FOUR[0]!, false, true));
    expect(tool.hint).toContain("1 of 4");
  });
});

describe("editing an object", () => {
  it("begins with a click on it, unless Shift is held", () => {
    host.objectAt = vi.fn(() => OBJECT);
    click([50, 50], true);
    expect(host.select).not.toHaveBeenCalled();
    press("Escape");
    click([50, 50]);
    expect(host.select).toHaveBeenCalledWith(7);
    expect(tool.hint).toContain("Enter when done");
  });

  it("previews while a point is dragged and saves when it is let go", () => {
    tool.edit(OBJECT);
    tool.pointerDown(at(FOUR[1]!));
    tool.pointerMove(at([95, 52]));
    expect(host.preview).toHaveBeenLastCalledWith(expect.anything(), 7);
    expect(host.update).not.toHaveBeenCalled();
    tool.pointerUp(at([95, 52]));
    expect(host.update).toHaveBeenCalledExactlyOnceWith(7, toPrompts([FOUR[0]!, [95, 52], FOUR[2]!, FOUR[3]!]));
  });

  it("saves nothing when a point is only touched", () => {
    tool.edit(OBJECT);
    click(FOUR[1]!);
    expect(host.update).not.toHaveBeenCalled();
  });

  it("adds boundary points within the object's reach, and leaves it on a click elsewhere", () => {
    tool.edit(OBJECT);
    click([30, 30]);
    expect(host.update).toHaveBeenLastCalledWith(7, toPrompts([...FOUR, [30, 30]]));
    click([99, 0]);
    expect(host.select).toHaveBeenLastCalledWith(null);
    expect(tool.hint).toContain("1 of 4");
  });

  it("takes boundary points away, but none of the four", () => {
    tool.edit({ ...OBJECT, prompts: toPrompts([...FOUR, [30, 30]]) });
    press("Backspace");
    expect(host.update).toHaveBeenCalledExactlyOnceWith(7, toPrompts(FOUR));
    press("Backspace");
    expect(host.update).toHaveBeenCalledOnce();
  });

  it("leaves undo to the session", () => {
    tool.edit(OBJECT);
    click([30, 30]);
    expect(tool.undo()).toBe(false);
  });

  it("does not let an earlier answer pull a point out of the hand", () => {
    tool.edit(OBJECT);
    tool.pointerDown(at(FOUR[0]!));
    tool.pointerMove(at([2, 50]));
    tool.edit(OBJECT);
    tool.pointerUp(at([2, 50]));
    expect(fromPrompts(vi.mocked(host.update).mock.lastCall?.[1] ?? [])[0]).toEqual([2, 50]);
  });

  it("gives no boundary point to an object that a pinch begins on", () => {
    tool.edit(OBJECT);
    tool.pointerDown(at([30, 30]));
    tool.pointerCancel();
    expect(host.update).not.toHaveBeenCalled();
  });

  it.each(["before", "while", "after"])("keeps a drag when the next is dropped, answered %s that one is in the hand", (when) => {
    const dragged: Point[] = [[20, 50], FOUR[1]!, FOUR[2]!, FOUR[3]!];
    const answer = () => tool.edit({ ...OBJECT, prompts: toPrompts(dragged) });
    tool.edit(OBJECT);
    drag(FOUR[0]!, dragged[0]!);
    if (when === "before") answer();
    tool.pointerDown(at(FOUR[1]!));
    tool.pointerMove(at([80, 50]));
    if (when === "while") answer();
    press("Escape");
    press("ArrowRight");
    expect(host.update).toHaveBeenLastCalledWith(7, toPrompts([dragged[0]!, [91, 52], FOUR[2]!, FOUR[3]!]));
  });

  it("takes a drag back on undo; the session's history is not next before that", () => {
    tool.edit(OBJECT);
    tool.pointerDown(at(FOUR[0]!));
    tool.pointerMove(at([40, 40]));
    expect(tool.undo()).toBe(true);
    tool.pointerUp(at([40, 40]));
    expect(host.update).not.toHaveBeenCalled();
    expect(tool.undo()).toBe(false);
  });

  it("makes one change of the steps of an arrow key that go on from each other", () => {
    tool.edit(OBJECT);
    click(FOUR[1]!);
    for (let i = 0; i < 3; i++) press("ArrowLeft");
    expect(host.update).toHaveBeenCalledOnce();
    expect(host.amend).toHaveBeenCalledTimes(2);
    expect(host.amend).toHaveBeenLastCalledWith(7, toPrompts([FOUR[0]!, [87, 52], FOUR[2]!, FOUR[3]!]));
    click(FOUR[0]!); // another point
    press("ArrowLeft");
    expect(host.update).toHaveBeenCalledTimes(2);
    tool.edit({ ...OBJECT }); // answered
    press("ArrowLeft");
    expect(host.update).toHaveBeenCalledTimes(3);
    expect(host.amend).toHaveBeenCalledTimes(2);
  });

  it("says so when the object was drawn with another gesture", () => {
    tool.edit({ ...OBJECT, prompts: [{ kind: "phrase", text: "the cat" }] });
    expect(tool.hint).toContain("another gesture");
    expect(fromPrompts([{ kind: "boundary_point", x: 1, y: 2 }])).toEqual([]);
  });
});
