import type { Label } from "../api/types";

// Okabe and Ito's colours without black, and three more: the studio's server draws from the same list.
export const PALETTE = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#9467ff", "#7fd34e", "#ff6f91"];

/** The colour for one label more: the first that is still free. */
export function nextColor(labels: readonly Label[]): string {
  const used = new Set(labels.map((label) => label.color));
  return PALETTE.find((color) => !used.has(color)) ?? paletteColor(labels.length);
}

export function paletteColor(index: number): string {
  return PALETTE[index % PALETTE.length] ?? "#e69f00";
}
