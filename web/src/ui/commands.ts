/** The page's own keyboard shortcuts: what they do and how the help names them. Tools bring theirs. */

import { centred, fit, zoomAt } from "../canvas/view";
import type { Studio } from "../state/studio";

export interface Command {
  keys: string[];
  what: string;
  group: "View" | "Objects and labels" | "Images";
  matches: (event: KeyboardEvent, studio: Studio) => boolean;
  run: (studio: Studio, event: KeyboardEvent) => void;
}

const plain = (...keys: string[]) => (e: KeyboardEvent) => !e.ctrlKey && !e.metaKey && !e.altKey && keys.includes(e.key.length === 1 ? e.key.toLowerCase() : e.key);
const ctrl = (key: string, shift: boolean) => (e: KeyboardEvent) => (e.ctrlKey || e.metaKey) && e.shiftKey === shift && e.key.toLowerCase() === key;

export const COMMANDS: readonly Command[] = [
  { group: "Objects and labels", keys: ["Ctrl", "Z"], what: "undo", matches: ctrl("z", false), run: (s) => s.undo() },
  { group: "Objects and labels", keys: ["Ctrl", "Y"], what: "redo (also Ctrl Shift Z)", matches: (e) => ctrl("z", true)(e) || ctrl("y", false)(e), run: (s) => s.redo() },
  { group: "Objects and labels", keys: ["1 … 9"], what: "label the object: the selected one, or the next (with Shift while candidates are shown)", matches: (e, s) => labelOf(s, e) !== null, run: pickLabel },
  { group: "Objects and labels", keys: ["L"], what: "type a label", matches: plain("l"), run: () => document.querySelector<HTMLElement>("#new-label")?.focus() },
  { group: "Objects and labels", keys: ["Delete"], what: "delete the selected object", matches: plain("Delete"), run: (s) => s.state.selected !== null && s.delete(s.state.selected) },
  { group: "View", keys: ["Wheel"], what: "zoom at the cursor (or pinch)", matches: () => false, run: () => undefined },
  { group: "View", keys: ["Space", "Drag"], what: "move the image (or drag with the middle button)", matches: () => false, run: () => undefined },
  { group: "View", keys: ["+"], what: "zoom in", matches: plain("+", "="), run: (s) => zoom(s, 1.4) },
  { group: "View", keys: ["−"], what: "zoom out", matches: plain("-", "_"), run: (s) => zoom(s, 1 / 1.4) },
  { group: "View", keys: ["0"], what: "show the whole image; again: one pixel to one", matches: plain("0"), run: toggleFit },
  { group: "View", keys: ["M"], what: "hide and show the masks", matches: plain("m"), run: (s) => s.store.set({ masksShown: !s.state.masksShown }) },
  { group: "View", keys: ["X"], what: "hide and show the crosshair", matches: plain("x"), run: (s) => s.store.set({ crosshair: !s.state.crosshair }) },
  { group: "Images", keys: ["D"], what: "next image (also Page Down)", matches: plain("d", "PageDown"), run: (s) => s.openNeighbour(1) },
  { group: "Images", keys: ["A"], what: "previous image (also Page Up)", matches: plain("a", "PageUp"), run: (s) => s.openNeighbour(-1) },
  { group: "View", keys: ["?"], what: "this page", matches: plain("?"), run: (s) => s.store.set({ help: !s.state.help }) },
];

/** Hand a key to the tool, else to the page; what is typed into a field stays there. */
export function dispatch(studio: Studio, event: KeyboardEvent): void {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (studio.state.help) {
    if (event.key === "Escape" || event.key === "?") {
      event.preventDefault();
      studio.store.set({ help: false });
    }
    return;
  }
  if (target?.matches("input:not([type=range]), select, textarea")) return;
  const onControl = target?.matches("button, a, summary, input, [role=menuitem]") && (event.key === "Enter" || event.key === " " || event.key.startsWith("Arrow"));
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const command = COMMANDS.find((c) => c.matches(event, studio));
  const tool = studio.tools.find((t) => plain(t.shortcut.toLowerCase())(event));
  if (!onControl && isPlain && studio.tool?.key({ key: event.key, shift: event.shiftKey, repeat: event.repeat })) event.preventDefault();
  else if (command ?? tool) {
    if (command) command.run(studio, event);
    else if (tool) studio.useTool(tool.id);
    event.preventDefault();
  }
}

export const CANDIDATE_KEYS = 6;

/** Which label a key means, from 0; null for none. While candidates are shown the first digits are theirs. */
function labelOf({ state }: Studio, event: KeyboardEvent): number | null {
  const [digit, place] = [/^[1-9]$/.exec(event.key), /^Digit([1-9])$/.exec(event.code)];
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (digit && (!state.candidates || Number(digit[0]) > CANDIDATE_KEYS)) return Number(digit[0]) - 1;
  // With Shift the key gives another sign on most keyboards: its place counts.
  return state.candidates && !digit && event.shiftKey && place ? Number(place[1]) - 1 : null;
}

function pickLabel(studio: Studio, event: KeyboardEvent): void {
  const label = studio.state.project?.labels[labelOf(studio, event) ?? -1];
  if (label) studio.setLabel(label.name);
}

export function zoom(studio: Studio, factor: number): void {
  const { view, bitmap, stage } = studio.state;
  if (view && bitmap) studio.store.set({ view: zoomAt(view, [stage.width / 2, stage.height / 2], factor, bitmap, stage) });
}

export function toggleFit(studio: Studio): void {
  const { view, bitmap, stage } = studio.state;
  if (!view || !bitmap) return;
  const whole = fit(bitmap, stage);
  const isWhole = view.scale === whole.scale && view.x === whole.x && view.y === whole.y;
  studio.store.set({ view: isWhole ? centred(bitmap, stage, 1 / (window.devicePixelRatio || 1)) : whole });
}
