/**
 * What a tool is: it turns pointer and key events, in image coordinates, into prompts.
 *
 * A tool owns the state of its gesture (the points placed so far, what is dragged) and nothing else. Masks, objects, labels, the
 * server and its failures belong to the host. To add a tool: implement `Tool`, add its `ToolInfo` to `tools/index.ts`.
 */

import type { Curve, MethodInfo, Outline, PaintPrompt, Point, Prompt, SessionObject } from "../api/types";
import type { Size, View } from "../canvas/view";

/** A pointer event; `at` is a prompt point (integers are pixel centres) that may lie off the image. */
export interface Pointer {
  at: Point;
  /** How many image pixels a finger's or cursor's reach is at the current zoom. */
  reach: number;
  shift: boolean;
  /** The other meaning of a press: the right button, Alt or, as a Mac's only button has it, Ctrl. */
  secondary: boolean;
  /** Of a move: where the pointer was since the last event, `at` included. */
  trail?: readonly Point[];
}

/** An object that prompts are given to one at a time; it has no id before the first of them is answered. */
export interface Target {
  id: number | null;
}

export interface Key {
  key: string;
  shift: boolean;
  /** The key is held down, and this is not its first press. */
  repeat?: boolean;
}

/** How the next outline is drawn, and how many neighbours on each side follow a dragged point. */
export interface OutlineSettings {
  vertices: number;
  curve: Curve;
  reach: number;
}

/** What a press does while painting. */
export type PaintMode = "brush" | "polygon" | "accept" | "object";

/** What is shown of a painting: what hands laid, what a method made of it, or the one over the other. */
export type PaintView = "both" | "result" | "strokes";

export interface PaintSettings {
  /** What is painted with. */
  label: string | null;
  erase: boolean;
  /** What was painted before stays. */
  freeze: boolean;
  /** Of the brush across, in pixels of the image. */
  size: number;
  mode: PaintMode;
  view: PaintView;
  opacity: number;
  /** Whether the painting is seen at all. */
  shown: boolean;
}

/** Paint that is not answered yet; without a label it erases. */
export interface Laid {
  prompt: PaintPrompt;
  label: string | null;
  color: string;
}

/** What the studio offers a tool that paints. */
export interface PaintHost {
  readonly settings: PaintSettings;
  set(change: Partial<PaintSettings>): void;
  /** Paint with the label in that place of the list; false where there is none. */
  choose(index: number): boolean;
  colorOf(label: string): string;
  /** Whether there is a region of the result at a point. */
  hasRegion(at: Point): boolean;
  /** Show live what the painting would be with this on top; `null`: as it is. Cheap to call on every pointer move. */
  preview(paint: Laid | null): void;
  /** Lay paint, and record that at once. */
  lay(paint: Laid): void;
  /** The region of the result at a point becomes paint, or an object. */
  region(becomes: "paint" | "object", at: Point): void;
}

/** What the studio offers a tool. */
export interface ToolHost {
  readonly image: Size;
  /** The method that answers: the selected object's own, else the one chosen for new objects. */
  readonly method: MethodInfo;
  objectAt(at: Point): SessionObject | null;
  /** The object of that id, as the session has it now; null where it is being deleted. */
  object(id: number): SessionObject | null;
  select(id: number | null): void;
  /** Show live what these prompts mean; `null` shows nothing. Cheap to call on every pointer move. */
  preview(prompts: Prompt[] | null, object: number | null): void;
  /** What the preview on the screen answers, and the outline that it was drawn by; null while there is none. */
  readonly previewed: { prompts: readonly Prompt[]; outline: Outline | null } | null;
  /** Make a new object of these prompts. */
  add(prompts: Prompt[]): void;
  /** Give an object new prompts. */
  update(object: number, prompts: Prompt[]): void;
  /** Give an object new prompts that go on from those of the last update, as while a key is held down: one change may stand for both. */
  amend(object: number, prompts: Prompt[]): void;
  /**
   * Give an object more prompts, on top of those given before, and record that at once; the first ones make the object. Those given
   * while an answer is under way wait their turn. The object made becomes the selected one if it still is the tool's target.
   */
  give(target: Target, ...prompts: [Prompt, ...Prompt[]]): void;
  /** The prompts given to the target that are not answered yet. */
  underWay(target: Target): readonly Prompt[];
  /** An outline of an object's mask, with `vertices` control points in each ring or as few as keep within `tolerance` px; null where this fails. */
  outlineOf(object: number, curve: Curve, form: { vertices: number } | { tolerance: number }): Promise<Outline | null>;
  /** They stay when the image or the tool changes. */
  outlineSettings: OutlineSettings;
  /** Give the selected object the mask of the candidate in that place; false where no candidates are shown. */
  choose(index: number): boolean;
  readonly painting: PaintHost;
  /** Take back what was recorded last. */
  undo(): void;
  /** Tell the person what went wrong, or why nothing happens. */
  complain(text: string): void;
  /** The tool's state changed: draw it and read its hint again. */
  changed(): void;
}

export interface Tool {
  /** What the tool expects next, as a sentence. */
  readonly hint: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The paint that is being laid, in tools that paint. */
  readonly inHand?: Laid | null;
  /** What is begun and not kept: it waits until someone comes back to it. */
  readonly draft?: Prompt[] | null;
  /** The object that `give` is used for, in tools that use it. */
  readonly target?: Target;
  /** The CSS cursor over this point. */
  cursor(pointer: Pointer): string;
  pointerDown(pointer: Pointer): void;
  pointerMove(pointer: Pointer): void;
  pointerUp(pointer: Pointer): void;
  /** The press became something else, such as a pinch: nothing comes of it. */
  pointerCancel(): void;
  pointerLeave?(): void;
  /** The wheel was turned with Alt; up is 1, down -1. */
  wheel?(step: number): void;
  /** Whether the key was the tool's. */
  key(key: Key): boolean;
  /** Undo or redo within the object being drawn; false when nothing of it is left, so that the session's history is next. */
  undo(): boolean;
  redo(): boolean;
  /** The selected object, or none: its prompts can be edited. Called again whenever the object changes. */
  edit(object: SessionObject | null): void;
  /** Take back an object that was not kept, or that the server refused, so that it can be put right; false when this cannot be. */
  restore(prompts: Prompt[]): boolean;
  /** Draw handles and guides over the masks, in CSS pixels. */
  draw(context: CanvasRenderingContext2D, view: View, color: string): void;
}

export interface ToolInfo {
  id: string;
  title: string;
  shortcut: string;
  /** An SVG path in a 20 x 20 box. */
  icon: string;
  /** How the first object is begun, as a sentence. */
  start: string;
  /** Whether a row below the image offers the candidates of the last answer. */
  candidates: boolean;
  /** Whether it is the painting that it works on, not objects. */
  paints?: boolean;
  /** The method to begin with, where it is there. */
  prefers?: string;
  keys: { keys: string[]; what: string }[];
  fits(method: MethodInfo): boolean;
  create(host: ToolHost): Tool;
}
