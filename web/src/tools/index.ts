/** The tools, in the order of the toolbar. */

import { extremePoints } from "./extremePoints";
import type { ToolInfo } from "./tool";

export const TOOLS: readonly ToolInfo[] = [extremePoints];
