/** The tools, in the order of the toolbar. */

import type { MethodInfo } from "../api/types";
import { clicks } from "./clicks";
import { extremePoints } from "./extremePoints";
import { outline } from "./outline";
import { paint } from "./paint";
import type { ToolInfo } from "./tool";

const TOOLS: readonly ToolInfo[] = [extremePoints, clicks, outline, paint];

/** The tools that one of these methods answers. */
export function toolsFor(methods: readonly MethodInfo[]): ToolInfo[] {
  return TOOLS.filter((tool) => methods.some((method) => tool.fits(method)));
}
