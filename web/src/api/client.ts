import type {
  Label,
  Outline,
  OutlineRequest,
  PaintAnswer,
  PaintRequest,
  PreviewAnswer,
  PreviewRequest,
  Project,
  Session,
  SessionEvent,
  UploadAnswer,
} from "./types";

/** The server answered, and said no: the message is meant for the person at the screen. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly kind: string,
  ) {
    super(message);
  }
}

/** The server did not answer at all: it died, or the network did. */
export class OfflineError extends Error {
  constructor() {
    super("The studio's server does not answer.");
  }
}

export interface Download {
  blob: Blob;
  filename: string;
  notes: string;
}

export type ExportFormat = "coco" | "index-png" | "coco-panoptic";

/** Every call to the studio's server, one method each. */
export class Client {
  constructor(
    private readonly base = "api",
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  project = (): Promise<Project> => this.json("/project");
  session = (id: string): Promise<Session> => this.json(`${image(id)}/session`);
  preview = (id: string, request: PreviewRequest): Promise<PreviewAnswer> => this.send("POST", `${image(id)}/preview`, request);
  paintPreview = (id: string, request: PaintRequest): Promise<PaintAnswer> => this.send("POST", `${image(id)}/paint/preview`, request);
  outline = (id: string, request: OutlineRequest): Promise<Outline> => this.send("POST", `${image(id)}/outline`, request);
  event = (id: string, event: SessionEvent): Promise<Session> => this.send("POST", `${image(id)}/events`, event);
  undo = (id: string): Promise<Session> => this.send("POST", `${image(id)}/undo`);
  redo = (id: string): Promise<Session> => this.send("POST", `${image(id)}/redo`);
  labels = async (labels: Label[]): Promise<Label[]> => (await this.send<{ labels: Label[] }>("PUT", "/labels", { labels })).labels;

  thumbnailUrl = (id: string): string => `${this.base}${image(id)}/thumbnail`;

  /** Resolves if anything answers at all. Asks for the page's own icon: the cheapest thing that a studio serves. */
  async alive(): Promise<void> {
    await this.call("/../icon.svg", { cache: "no-store" });
  }

  async pixels(id: string): Promise<Blob> {
    return (await this.call(`${image(id)}/pixels`, { priority: "high" })).blob(); // before any thumbnails
  }

  async upload(file: File): Promise<UploadAnswer> {
    const body = new FormData();
    body.append("file", file, file.name);
    return (await (await this.call("/images", { method: "POST", body })).json()) as UploadAnswer;
  }

  async export(format: ExportFormat): Promise<Download> {
    const response = await this.call(`/export?format=${format}`);
    const disposition = response.headers.get("content-disposition") ?? "";
    return {
      blob: await response.blob(),
      filename: /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? (format === "coco" ? "annotations.json" : `${format}.zip`),
      notes: decodeURIComponent(response.headers.get("x-maskwright-notes") ?? ""),
    };
  }

  private async json<T>(path: string): Promise<T> {
    return (await (await this.call(path)).json()) as T;
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method, headers: { "Content-Type": "application/json" } };
    if (body !== undefined) init.body = JSON.stringify(body);
    return (await (await this.call(path, init)).json()) as T;
  }

  private async call(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(this.base + path, init);
    } catch {
      throw new OfflineError();
    }
    if (response.ok) return response;
    // A proxy in front of a dead server answers 502 to 504 in its own words.
    if (response.status >= 502 && response.status <= 504) throw new OfflineError();
    throw await failure(response);
  }
}

function image(id: string): string {
  return `/images/${encodeURIComponent(id)}`;
}

async function failure(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: { message: string; kind: string } };
    return new ApiError(error.message, response.status, error.kind);
  } catch {
    return new ApiError(`The server answered ${response.status} ${response.statusText}.`, response.status, "HTTPError");
  }
}
