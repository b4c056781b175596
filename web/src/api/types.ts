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
  | { kind: "stroke"; points: Point[]; class_id: number; radius: number }
  | { kind: "phrase"; text: string };

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

export interface Session {
  image: ImageRecord;
  revision: number;
  can_undo: boolean;
  can_redo: boolean;
  objects: SessionObject[];
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

/** `vertices` control points for each ring, or as few as keep within `tolerance` pixels of the mask's edge. */
export type OutlineRequest = { object_id: number; curve: Curve } & ({ vertices: number } | { tolerance: number });

export type SessionEvent =
  | { type: "add_object"; method: string; prompts: Prompt[]; label: string | null }
  | { type: "set_prompts"; object_id: number; method: string; prompts: Prompt[] }
  | { type: "choose_candidate"; object_id: number; mask: Rle; score: number }
  | { type: "set_label"; object_id: number; label: string | null }
  | { type: "delete_object"; object_id: number };

export interface UploadAnswer {
  images: ImageRecord[];
  rejected: { name: string; message: string }[];
}
