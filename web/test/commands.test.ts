import { afterEach, expect, it, vi } from "vitest";
import type { Studio } from "../src/state/studio";
import { INITIAL } from "../src/state/state";
import { toolsFor } from "../src/tools";
import { COMMANDS, dispatch } from "../src/ui/commands";

const ALL = toolsFor([{ name: "all", title: "", gesture: "", accepts: ["extreme_points", "click", "outline", "stroke"] }]);
const page = { state: INITIAL } as Studio;
afterEach(() => vi.unstubAllGlobals());
const press = (key: string) => ({ key: key.toLowerCase(), code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }) as KeyboardEvent;

it.each(ALL.map((tool) => [tool.title, tool] as const))("no letter of the tool %s hides another tool or a command of the page", (_, tool) => {
  const letters = tool.keys.flatMap(({ keys }) => keys).filter((key) => /^[A-Z]$/.test(key));
  const others = ALL.filter((other) => other !== tool).map((other) => other.shortcut);
  expect(letters.filter((letter) => others.includes(letter))).toEqual([]);
  expect([...letters, tool.shortcut].filter((letter) => COMMANDS.some((command) => command.matches(press(letter), page)))).toEqual([]);
});

it("a key that is held down says so to the tool", () => {
  vi.stubGlobal("HTMLElement", class {});
  const key = vi.fn(() => true);
  const studio = { state: INITIAL, tools: ALL, tool: { key } } as unknown as Studio;
  dispatch(studio, { ...press("Delete"), key: "Delete", repeat: true, target: null, preventDefault: vi.fn() } as unknown as KeyboardEvent);
  expect(key).toHaveBeenCalledExactlyOnceWith({ key: "Delete", shift: false, repeat: true });
});
