import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Point, Prompt, SessionObject } from "../src/api/types";
import { clicks, FIRST_IS_POSITIVE } from "../src/tools/clicks";
import type { Target, Tool } from "../src/tools/tool";
import { fakeHost, fakeObject } from "./fakes";

let host: ReturnType<typeof fakeHost>;
let tool: Tool;
let objects: SessionObject[];
let given: { target: Target; prompt: Prompt }[];

beforeEach(() => {
  objects = [];
  given = [];
  host = fakeHost();
  host.object = (id) => objects.find((object) => object.id === id) ?? null;
  host.select = vi.fn((id: number | null) => tool.edit(id === null ? null : host.object(id)));
  host.give = (target, prompt) => given.push({ target, prompt });
  host.underWay = (target) => given.filter((g) => g.target === target).map((g) => g.prompt);
  tool = clicks.create(host);
});

const at = (p: Point, more = {}) => ({ at: p, reach: 3, shift: false, secondary: false, ...more });
const click = (p: Point, more = {}) => {
  tool.pointerDown(at(p, more));
  tool.pointerUp(at(p, more));
};
const press = (key: string) => tool.key({ key, shift: false });
/** The first prompt under way is answered: the session has its object, and the studio selects it. */
const answered = (id: number) => {
  const target = given.shift()!.target;
  if (target.id === null) objects.push(fakeObject(id));
  target.id = id;
  tool.edit(host.object(id));
};
/** What the studio says after undo, redo and deletion. */
const now = (...there: SessionObject[]) => {
  objects = there;
  tool.edit(null);
};

describe("clicks", () => {
  it("go to one object, those too that are made before the first is answered", () => {
    click([10, 10]);
    click([20, 20], { secondary: true });
    answered(5);
    click([30, 30]);
    expect(given.map((g) => g.target)).toEqual([{ id: 5 }, { id: 5 }]);
    expect(given.map((g) => g.prompt)).toEqual([
      { kind: "click", x: 20, y: 20, positive: false },
      { kind: "click", x: 30, y: 30, positive: true },
    ]);
  });

  it.each(["Enter", "Escape"])("go to another object after %s, even if the first is not answered yet", (key) => {
    expect(press(key)).toBe(false);
    click([10, 10]);
    expect(press(key)).toBe(true);
    click([20, 20]);
    expect(given[0]?.target).not.toBe(given[1]?.target);
    answered(5);
    expect(given[0]?.target.id).toBeNull();
  });

  it("begin with a positive one", () => {
    click([10, 10], { secondary: true });
    expect(given).toEqual([]);
    expect(host.complain).toHaveBeenCalledExactlyOnceWith(FIRST_IS_POSITIVE);
  });

  it("may begin with a negative one on an object that is there", () => {
    objects = [fakeObject(5)];
    tool.edit(objects[0]!);
    expect(tool.hint).toContain("Go on from this mask");
    click([10, 10], { secondary: true });
    expect(given).toEqual([{ target: { id: 5 }, prompt: { kind: "click", x: 10, y: 10, positive: false } }]);
  });

  it("select the object below while none is selected, unless Shift is held", () => {
    objects = [fakeObject(5)];
    host.objectAt = () => objects[0]!;
    click([10, 10], { shift: true });
    expect(host.select).not.toHaveBeenCalled();
    expect(given).toHaveLength(1);
    press("Enter");
    click([10, 10]);
    expect(host.select).toHaveBeenLastCalledWith(5);
    expect(given).toHaveLength(1);
    click([12, 12]);
    expect(given[1]?.target.id).toBe(5);
  });

  it("beside the image mean its edge when near, and nothing when far", () => {
    click([-2, 50]);
    click([-20, 50]);
    click([-20, 50], { secondary: true });
    expect(given.map((g) => g.prompt)).toEqual([{ kind: "click", x: 0, y: 50, positive: true }]);
    expect(host.complain).not.toHaveBeenCalled();
  });

  it("are not what a press becomes that moves away, as in a pinch", () => {
    tool.pointerDown(at([10, 10]));
    tool.pointerMove(at([30, 30]));
    tool.pointerUp(at([30, 30]));
    tool.pointerUp(at([10, 10])); // the other finger
    expect(given).toEqual([]);
  });

  it("are not what a press becomes that is cancelled, wherever that is", () => {
    tool.pointerDown(at([10, 10]));
    tool.pointerCancel();
    tool.pointerUp(at([10, 10]));
    expect(given).toEqual([]);
  });
});

describe("the object of the clicks", () => {
  beforeEach(() => {
    click([10, 10]);
    answered(5);
  });

  it("comes back selected when redo brings it back", () => {
    const [object] = objects;
    now();
    expect(host.select).not.toHaveBeenCalled();
    now(object!);
    expect(host.select).toHaveBeenCalledExactlyOnceWith(5);
  });

  it("is another one after somebody deselected it", () => {
    now(...objects);
    click([90, 90]);
    expect(given[0]?.target.id).toBeNull();
    expect(host.select).not.toHaveBeenCalled();
  });

  it("takes the keys of its candidates, and no others", () => {
    press("3");
    expect(host.choose).toHaveBeenCalledExactlyOnceWith(2);
    expect(press("7")).toBe(false);
  });

  it("gives Backspace to undo", () => {
    expect(press("Backspace")).toBe(true);
    expect(host.undo).toHaveBeenCalledOnce();
    press("Enter");
    expect(press("Backspace")).toBe(false);
  });
});
