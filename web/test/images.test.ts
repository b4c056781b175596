import { describe, expect, it } from "vitest";
import type { ImageRecord } from "../src/api/types";
import { neighbour, passes, type Filter } from "../src/state/images";

const image = (n: number, more: Partial<ImageRecord> = {}): ImageRecord => ({ id: `${n}`, name: `I${n}.png`, width: 4, height: 4, objects: 0, painted: false, error: null, ...more });
const IMAGES = [image(0), image(1, { objects: 2 }), image(2, { error: "cut off" }), image(3, { painted: true }), image(4)];
const shown = (filter: Partial<Filter>) => IMAGES.filter((i) => passes(i, { text: "", show: "all", ...filter })).map((i) => i.id);
const from = (current: string | null, step: 1 | -1, filter: Partial<Filter> = {}) => neighbour(IMAGES, { text: "", show: "all", ...filter }, current, step)?.id;

describe("the list of images", () => {
  it("shows those of a state, and of a name", () => {
    expect(shown({})).toHaveLength(5);
    expect([shown({ show: "todo" }), shown({ show: "done" }), shown({ show: "broken" })]).toEqual([["0", "4"], ["1", "3"], ["2"]]);
    expect(shown({ text: "i3" })).toEqual(["3"]);
    expect(shown({ text: "i3", show: "todo" })).toEqual([]);
  });

  it("is stepped through to its ends", () => {
    expect([from("0", 1), from("4", 1), from("4", -1), from("0", -1)]).toEqual(["1", undefined, "3", undefined]);
    expect([from(null, 1), from(null, -1)]).toEqual(["0", undefined]);
  });

  it("is stepped through by what passes the filter, from the place of an image that does not", () => {
    expect([from("0", 1, { show: "todo" }), from("4", -1, { show: "todo" })]).toEqual(["4", "0"]);
    expect([from("3", 1, { show: "todo" }), from("3", -1, { show: "todo" })]).toEqual(["4", "0"]);
    expect([from("0", 1, { text: "3" }), from("3", 1, { text: "3" }), from("4", 1, { text: "3" })]).toEqual(["3", undefined, undefined]);
  });
});
