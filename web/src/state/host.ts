import type { MethodInfo } from "../api/types";
import type { Size } from "../canvas/view";
import type { ToolHost, ToolInfo } from "../tools/tool";
import { selectedObject, stayingObjects, underWay, type StudioState } from "./state";
import type { Studio } from "./studio";

const NONE: MethodInfo = { name: "", title: "", gesture: "", accepts: [] };

/** The method that answers a tool: the selected object's own, or the painting's, if it fits; else the one chosen for new objects. */
export function answering(state: StudioState, info: ToolInfo): MethodInfo {
  const own = info.paints ? state.session?.painting?.method : selectedObject(state)?.method;
  return fitting(state, info, own, state.method);
}

/** The first of these methods that fits the tool, else the project's first that does. */
export function fitting({ project }: StudioState, info: ToolInfo, ...names: (string | null | undefined)[]): MethodInfo {
  const methods = project?.methods.filter((method) => info.fits(method)) ?? [];
  for (const name of names) {
    const found = methods.find((method) => method.name === name);
    if (found) return found;
  }
  return methods[0] ?? NONE;
}

/** What the studio offers the tools of one image. */
export function toolHost(studio: Studio, { width, height }: Size, info: ToolInfo): ToolHost {
  const method = () => answering(studio.state, info);
  return {
    image: { width, height },
    get method() {
      return method();
    },
    objectAt: (at) => studio.objectAt(at),
    object: (id) => stayingObjects(studio.state).find((object) => object.id === id) ?? null,
    select: (id) => studio.select(id),
    preview: (prompts, object) => studio.previews.show(prompts, object),
    get previewed() {
      return studio.state.preview;
    },
    add: (prompts) => studio.changes.add(prompts, method().name),
    update: (object, prompts) => studio.changes.update(object, prompts, method().name, false),
    amend: (object, prompts) => studio.changes.update(object, prompts, method().name, true),
    give: (target, ...prompts) => studio.changes.give(target, prompts, method().name),
    underWay: (target) => underWay(studio.state, target),
    outlineOf: (object, curve, form) => studio.outlineOf(object, curve, form),
    get outlineSettings() {
      return studio.state.outlineSettings;
    },
    set outlineSettings(outlineSettings) {
      studio.store.set({ outlineSettings });
    },
    choose: (index) => {
      studio.changes.choose(index);
      return studio.state.candidates !== null;
    },
    painting: studio.paintings,
    undo: () => studio.undo(),
    complain: (text) => studio.notices.say("error", text),
    changed: () => studio.store.set({ toolRevision: studio.state.toolRevision + 1 }),
  };
}
