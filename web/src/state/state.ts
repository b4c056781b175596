import type { Candidate, ClassMaps, Outline, Project, Prompt, Rle, Session, SessionObject } from "../api/types";
import type { Size, View } from "../canvas/view";
import type { Laid, OutlineSettings, PaintSettings, Target } from "../tools/tool";
import type { Filter } from "./images";
import { paletteColor } from "./palette";

export interface Toast {
  id: number;
  kind: "error" | "info";
  text: string;
}

/** A mask that is not an object yet: the live preview, or an object on its way to the server. */
export interface LooseMask {
  mask: Rle;
  color: string;
}

/** What prompts in the hand mean; `outline` and `notice` come from methods that draw outlines. */
export interface Preview extends LooseMask {
  object: number | null;
  prompts: readonly Prompt[];
  outline: Outline | null;
  notice: string | null;
}

export interface StudioState {
  project: Project | null;
  /** Files that were dropped on the page and could not be used. */
  rejected: { name: string; message: string }[];
  /** How many files of those that are being added are through; null while none is. */
  uploading: { done: number; of: number } | null;
  /** Which images the list shows, and D and A step through. */
  filter: Filter;
  current: string | null;
  bitmap: ImageBitmap | null;
  /** Why the current image cannot be shown. */
  imageError: string | null;
  session: Session | null;
  selected: number | null;
  hovered: number | null;
  /** The label of the next object. */
  label: string | null;
  /** The method for new objects. */
  method: string | null;
  tool: string;
  /** Grows whenever the tool's own state changes. */
  toolRevision: number;
  preview: Preview | null;
  previewError: string | null;
  pending: (LooseMask & { image: string })[];
  /** Prompts that were given one at a time and are not answered yet. */
  given: readonly { target: Target; prompts: readonly Prompt[] }[];
  outlineSettings: OutlineSettings;
  paintSettings: PaintSettings;
  /** Paint that was laid and is not answered yet, oldest first. */
  laid: readonly (Laid & { image: string })[];
  /** The painting with what is in the hand on top; `gesture` tells one thing in the hand from the next. */
  paintPreview: (ClassMaps & { image: string; gesture: number }) | null;
  /** What the selected object's method offers for its prompts, best first, each mask once; null where there is no choice to show. */
  candidates: readonly Candidate[] | null;
  /** The candidate that is looked at, by its place. */
  tried: number | null;
  /** Milliseconds from asking for a mask to its answer; and the server's share, where it says so. */
  latency: { total: number; server: number | null } | null;
  /** An answer to a preview is under way. */
  busy: boolean;
  /** Objects that are being deleted: the session has them until that is answered. */
  leaving: readonly { image: string; object_id: number }[];
  unsaved: number;
  online: boolean;
  toasts: Toast[];
  view: View | null;
  stage: Size;
  masksShown: boolean;
  opacity: number;
  crosshair: boolean;
  help: boolean;
}

export const INITIAL: StudioState = {
  project: null,
  rejected: [],
  uploading: null,
  filter: { text: "", show: "all" },
  current: null,
  bitmap: null,
  imageError: null,
  session: null,
  selected: null,
  hovered: null,
  label: null,
  method: null,
  tool: "",
  toolRevision: 0,
  preview: null,
  previewError: null,
  pending: [],
  given: [],
  outlineSettings: { vertices: 40, curve: "spline", reach: 3 },
  paintSettings: { label: null, erase: false, freeze: false, size: 22, mode: "brush", view: "both", opacity: 0.5, shown: true },
  laid: [],
  paintPreview: null,
  candidates: null,
  tried: null,
  latency: null,
  busy: false,
  leaving: [],
  unsaved: 0,
  online: true,
  toasts: [],
  view: null,
  stage: { width: 0, height: 0 },
  masksShown: true,
  opacity: 0.45,
  crosshair: true,
  help: false,
};

/** The current image's objects, without those that are being deleted. */
export function stayingObjects({ session, current, leaving }: StudioState): SessionObject[] {
  const stays = ({ id }: SessionObject) => !leaving.some(({ image, object_id }) => image === current && object_id === id);
  return session?.objects.filter(stays) ?? [];
}

export function selectedObject(state: StudioState): SessionObject | null {
  return stayingObjects(state).find((object) => object.id === state.selected) ?? null;
}

/** The prompts given to a target that are not answered yet. */
export function underWay({ given }: StudioState, target: Target): readonly Prompt[] {
  return given.filter((one) => one.target === target).flatMap((one) => one.prompts);
}

/** The mask that an object shows: its own, or the candidate that is looked at. */
export function shownMask({ selected, candidates, tried }: StudioState, object: SessionObject): Rle {
  return (object.id === selected && tried !== null && candidates?.[tried]?.mask) || object.mask;
}

/** The colour of the object being drawn: its label's, or the one that the server will give an object without a label. */
export function draftColor({ project, session, label }: Pick<StudioState, "project" | "session" | "label">): string {
  const known = project?.labels.find((l) => l.name === label);
  return known?.color ?? paletteColor(Math.max(0, ...(session?.objects.map((object) => object.id) ?? [])));
}
