/**
 * What a tool is: it turns pointer and key events, in image coordinates, into prompts.
 *
 * A tool owns the state of its gesture (the points placed so far, what is dragged) and nothing else. Masks, objects, labels, the
 * server and its failures belong to the host. To add a tool: implement `Tool`, add its `ToolInfo` to `tools/index.ts`.
 */

import type { MethodInfo, Point, Prompt, SessionObject } from "../api/types";
import type { Size, View } from "../canvas/view";

/** A pointer event; `at` is a prompt point (integers are pixel centres) that may lie off the image. */
export interface Pointer {
  at: Point;
  /** How many image pixels a finger's or cursor's reach is at the current zoom. */
  reach: number;
  shift: boolean;
}

export interface Key {
  key: string;
  shift: boolean;
}

/** What the studio offers a tool. */
export interface ToolHost {
  readonly image: Size;
  /** The method that answers: the selected object's own, else the one chosen for new objects. */
  readonly method: MethodInfo;
  objectAt(at: Point): SessionObject | null;
  select(id: number | null): void;
  /** Show live what these prompts mean; `null` shows nothing. Cheap to call on every pointer move. */
  preview(prompts: Prompt[] | null, object: number | null): void;
  /** Make a new object of these prompts. */
  add(prompts: Prompt[]): void;
  /** Give an object new prompts. */
  update(object: number, prompts: Prompt[]): void;
  /** The tool's state changed: draw it and read its hint again. */
  changed(): void;
}

export interface Tool {
  /** What the tool expects next, as a sentence. */
  readonly hint: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The CSS cursor over this point. */
  cursor(pointer: Pointer): string;
  pointerDown(pointer: Pointer): void;
  pointerMove(pointer: Pointer): void;
  pointerUp(pointer: Pointer): void;
  /** Whether the key was the tool's. */
  key(key: Key): boolean;
  /** Undo or redo within the object being drawn; false when nothing of it is left, so that the session's history is next. */
  undo(): boolean;
  redo(): boolean;
  /** The selected object, or none: its prompts can be edited. Called again whenever the object changes. */
  edit(object: SessionObject | null): void;
  /** Take back an object that the server refused, so that it can be put right. */
  restore(prompts: Prompt[]): void;
  /** Draw handles and guides over the masks, in CSS pixels. */
  draw(context: CanvasRenderingContext2D, view: View, color: string): void;
}

export interface ToolInfo {
  id: string;
  title: string;
  shortcut: string;
  /** An SVG path in a 20 x 20 box. */
  icon: string;
  keys: { keys: string[]; what: string }[];
  fits(method: MethodInfo): boolean;
  create(host: ToolHost): Tool;
}
