/** The studio's JSON, as /api/docs describes it. Points are pixel coordinates: integers are pixel centres. */

export type Point = readonly [number, number];

export type Prompt =
  | { kind: "extreme_points"; points: Point[] }
  | { kind: "boundary_point"; x: number; y: number }
  | { kind: "click"; x: number; y: number; positive: boolean }
  | { kind: "box"; x0: number; y0: number; x1: number; y1: number }
  | { kind: "vertex_drag"; index: number; x: number; y: number }
  | { kind: "stroke"; points: Point[]; class_id: number; radius: number }
  | { kind: "phrase"; text: string };

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
}

export interface PreviewRequest {
  method: string;
  prompts: Prompt[];
  object_id: number | null;
}

export interface PreviewAnswer {
  candidates: Candidate[];
  milliseconds: number;
}

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
