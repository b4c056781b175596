import { vi } from "vitest";
import type { Rle, Session, SessionObject } from "../src/api/types";
import { INITIAL } from "../src/state/state";
import type { PaintHost, ToolHost } from "../src/tools/tool";

type Loose<T> = { -readonly [K in keyof T]: T[K] };

/** A host whose functions do nothing but remember their calls. */
export function fakeHost(): Loose<ToolHost> {
  return {
    image: { width: 100, height: 100 },
    method: { name: "dextr", title: "DEXTR", gesture: "", accepts: ["extreme_points", "boundary_point"] },
    objectAt: vi.fn(() => null),
    object: vi.fn(() => null),
    select: vi.fn(),
    preview: vi.fn(),
    previewed: null,
    outlineOf: vi.fn(() => Promise.resolve(null)),
    outlineSettings: { vertices: 40, curve: "spline", reach: 2 },
    add: vi.fn(),
    update: vi.fn(),
    amend: vi.fn(),
    give: vi.fn(),
    underWay: vi.fn(() => []),
    choose: vi.fn(() => true),
    painting: fakePainting(),
    undo: vi.fn(),
    complain: vi.fn(),
    changed: vi.fn(),
  };
}

/** Settings that can be set, two labels, and functions that remember their calls. */
export function fakePainting(): Loose<PaintHost> {
  const labels = ["sky", "sea"];
  const painting: Loose<PaintHost> = {
    settings: { ...INITIAL.paintSettings, label: "sky", size: 10 },
    set: vi.fn((change) => Object.assign(painting.settings, change)),
    choose: vi.fn((index) => Boolean(labels[index] && Object.assign(painting.settings, { label: labels[index], erase: false }))),
    colorOf: (label) => `#00000${labels.indexOf(label)}`,
    hasRegion: vi.fn(() => true),
    preview: vi.fn(),
    lay: vi.fn(),
    region: vi.fn(),
  };
  return painting;
}

export function fakeObject(id: number, more: Partial<SessionObject> = {}): SessionObject {
  return { id, label: null, color: "#e69f00", method: "dextr", prompts: [], mask: mask(1), area: 1, box: null, score: 1, outline: null, ...more };
}

export function fakeSession(revision: number, objects: SessionObject[] = []): Session {
  const image = { id: "a", name: "a.jpg", width: 4, height: 4, objects: objects.length, painted: false, error: null };
  return { image, revision, can_undo: false, can_redo: false, objects, painting: null, candidates: null, notice: null };
}

/** A mask of 4 x 4 px whose first `n` pixels are off the object. */
export function mask(n: number): Rle {
  return { size: [4, 4], counts: [n, 16 - n] };
}
