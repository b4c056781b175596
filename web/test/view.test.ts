import { describe, expect, it } from "vitest";
import { fit, MAX_SCALE, onImage, pan, toPrompt, toScreen, zoomAt } from "../src/canvas/view";

const image = { width: 400, height: 300 };
const stage = { width: 1000, height: 700 };

describe("the view", () => {
  it("puts integer prompt points at pixel centres", () => {
    const view = { scale: 10, x: 0, y: 0 };
    expect(toScreen(view, [0, 0])).toEqual([5, 5]);
    expect(toPrompt(view, [5, 5])).toEqual([0, 0]);
    expect(toPrompt(view, [0, 0])).toEqual([-0.5, -0.5]); // the image's outer corner
  });

  it("turns screen points into prompt points and back", () => {
    const view = { scale: 3.7, x: -41.5, y: 12.25 };
    const [x, y] = toPrompt(view, toScreen(view, [123.4, 56.7]));
    expect(x).toBeCloseTo(123.4, 9);
    expect(y).toBeCloseTo(56.7, 9);
  });

  it("fits the whole image, centred", () => {
    const view = fit(image, stage);
    expect(view.x).toBeGreaterThan(0);
    expect(view.x * 2 + image.width * view.scale).toBeCloseTo(stage.width);
    expect(view.y * 2 + image.height * view.scale).toBeCloseTo(stage.height);
  });

  it("keeps the point under the cursor when it zooms", () => {
    let view = fit(image, stage);
    const cursor = [510, 333] as const;
    const before = toPrompt(view, cursor);
    for (const factor of [1.3, 2, 0.7, 3]) view = zoomAt(view, cursor, factor, image, stage);
    const after = toPrompt(view, cursor);
    expect(after[0]).toBeCloseTo(before[0], 6);
    expect(after[1]).toBeCloseTo(before[1], 6);
  });

  it("stops zooming at its limits", () => {
    let view = fit(image, stage);
    for (let i = 0; i < 40; i++) view = zoomAt(view, [500, 350], 2, image, stage);
    expect(view.scale).toBe(MAX_SCALE);
    for (let i = 0; i < 80; i++) view = zoomAt(view, [500, 350], 0.5, image, stage);
    expect(view.scale).toBe(0.5);
  });

  it("never loses the image off the stage", () => {
    const view = pan(fit(image, stage), 1e6, -1e6, image, stage);
    expect(view.x).toBeLessThan(stage.width);
    expect(view.y + image.height * view.scale).toBeGreaterThan(0);
  });

  it("keeps prompt points on the image", () => {
    expect(onImage([-3, 1000], image)).toEqual([0, 299]);
    expect(onImage([12.3456, 7.001], image)).toEqual([12.35, 7]);
  });
});
