/** The studio's JSON, as /api/docs describes it. Points are pixel coordinates: integers are pixel centres. */

export type Point = readonly [number, number];

export type Prompt =
  | { kind: "extreme_points"; points: Point[] }
  | { kind: "boundary_point"; x: number; y: number }
  | { kind: "click"; x: number; y: number; positive: boolean }
  | { kind: "box"; x0: number; y0: number; x1: number; y1: number }
  | OutlineForm
  | Outline
  | { kind: "vertex_drag"; index: number; x: number; y: number; ring: number; reach: number }
  | { kind: "part"; x0: number; y0: number; x1: number; y1: number; hole: boolean }
  | PaintPrompt
  | { kind: "phrase"; text: string };

/** What a gesture lays on the painting. Its label says the class; `class_id` says no more than the server wants to hear. */
export type PaintPrompt = Stroke | Fill;

/** A stroke of a round brush; `freeze`: what was painted before stays. */
export interface Stroke {
  kind: "stroke";
  points: readonly Point[];
  class_id: number;
  radius: number;
  freeze: boolean;
}

/** A filled polygon. */
export interface Fill {
  kind: "fill";
  points: readonly Point[];
  class_id: number;
  freeze: boolean;
}

/** How control points are joined: by straight lines, or by a smooth curve through all of them. */
export type Curve = "polygon" | "spline";

/** A closed curve through its control points; the pinned ones (indices) stay when another is dragged. */
export interface Ring {
  points: readonly Point[];
  pinned: readonly number[];
  hole: boolean;
}

/** How the outline that a box becomes is to be drawn: with how many control points. */
export interface OutlineForm {
  kind: "outline_form";
  vertices: number;
  curve: Curve;
}

export interface Outline {
  kind: "outline";
  rings: readonly Ring[];
  curve: Curve;
}

/** Uncompressed COCO run lengths: column-major, beginning with background. */
export interface Rle {
  size: [number, number];
  counts: number[];
}

export interface ImageRecord {
  id: string;
  name: string;
  width: number | null;
  height: number | null;
  objects: number;
  painted: boolean;
  error: string | null;
}

export interface Label {
  name: string;
  color: string;
}

export interface MethodInfo {
  name: string;
  title: string;
  gesture: string;
  accepts: string[];
}

export interface Project {
  folder: string;
  read_only: boolean;
  images: ImageRecord[];
  labels: Label[];
  methods: MethodInfo[];
  version: string;
}

export interface SessionObject {
  id: number;
  label: string | null;
  color: string;
  method: string;
  prompts: Prompt[];
  mask: Rle;
  area: number;
  box: [number, number, number, number] | null;
  score: number;
  /** What the mask was drawn by, by methods that draw outlines. */
  outline: Outline | null;
}

export interface Candidate {
  mask: Rle;
  score: number;
}

/** Every pixel's class as run lengths: class, length, class, length ..., row by row; class 0 is none. */
export interface ClassMap {
  size: [number, number];
  runs: number[];
}

export interface PaintedClass {
  class_id: number;
  label: string;
  color: string;
}

/** What an image is painted with: what strokes cover, and what a method made of them. */
export interface ClassMaps {
  classes: PaintedClass[];
  painted: ClassMap;
  class_map: ClassMap;
}

export interface Painting extends ClassMaps {
  method: string;
}

export interface Session {
  image: ImageRecord;
  revision: number;
  can_undo: boolean;
  can_redo: boolean;
  objects: SessionObject[];
  painting: Painting | null;
  /** All that the method had to offer, best first, where the answer to an event had more than one; else null. */
  candidates: Candidate[] | null;
  /** What was done beside what was asked, in the answer to an event. */
  notice: string | null;
}

export interface PreviewRequest {
  method: string;
  prompts: Prompt[];
  object_id: number | null;
}

export interface PreviewAnswer {
  candidates: Candidate[];
  outline: Outline | null;
  notice: string | null;
  milliseconds: number;
}

/** What would the painting be with this on top? Without a label it erases. */
export interface PaintRequest {
  method: string;
  prompt: PaintPrompt;
  label: string | null;
}

export interface PaintAnswer extends ClassMaps {
  milliseconds: number;
}

/** `vertices` control points for each ring, or as few as keep within `tolerance` pixels of the mask's edge. */
export type OutlineRequest = { object_id: number; curve: Curve } & ({ vertices: number } | { tolerance: number });

export type SessionEvent =
  | { type: "add_object"; method: string; prompts: Prompt[]; label: string | null }
  | { type: "set_prompts"; object_id: number; method: string; prompts: Prompt[] }
  | { type: "choose_candidate"; object_id: number; mask: Rle; score: number }
  | { type: "set_label"; object_id: number; label: string | null }
  | { type: "delete_object"; object_id: number }
  | ({ type: "paint" } & PaintRequest)
  | { type: "accept_region"; x: number; y: number }
  | { type: "region_to_object"; x: number; y: number }
  | { type: "delete_class"; label: string }
  | { type: "set_paint_method"; method: string };

/** What came of an import: new objects, on how many images, and what was left out. */
export interface ImportAnswer {
  images: number;
  objects: number;
  notes: string[];
}

export interface UploadAnswer {
  images: ImageRecord[];
  rejected: { name: string; message: string }[];
}
