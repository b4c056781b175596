import { expect, it } from "vitest";
import type { Studio } from "../src/state/studio";
import { INITIAL } from "../src/state/state";
import { toolsFor } from "../src/tools";
import { COMMANDS } from "../src/ui/commands";

const ALL = toolsFor([{ name: "all", title: "", gesture: "", accepts: ["extreme_points", "click", "outline", "stroke"] }]);
const page = { state: INITIAL } as Studio;
const press = (key: string) => ({ key: key.toLowerCase(), code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }) as KeyboardEvent;

it.each(ALL.map((tool) => [tool.title, tool] as const))("no letter of the tool %s hides another tool or a command of the page", (_, tool) => {
  const letters = tool.keys.flatMap(({ keys }) => keys).filter((key) => /^[A-Z]$/.test(key));
  const others = ALL.filter((other) => other !== tool).map((other) => other.shortcut);
  expect(letters.filter((letter) => others.includes(letter))).toEqual([]);
  expect([...letters, tool.shortcut].filter((letter) => COMMANDS.some((command) => command.matches(press(letter), page)))).toEqual([]);
});
