import type {
  ImportAnswer,
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

/** The server did not answer, or not to the end: it died, or the network did. */
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

  project = (): Promise<Project> => this.call("/project", {}, json<Project>);
  session = (id: string, signal: AbortSignal | null = null): Promise<Session> => this.call(`${image(id)}/session`, { signal }, json<Session>);
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
    await this.call("/../icon.svg", { cache: "no-store" }, () => Promise.resolve());
  }

  pixels(id: string, signal: AbortSignal): Promise<Blob> {
    return this.call(`${image(id)}/pixels`, { signal, priority: "high" }, (response) => response.blob()); // before any thumbnails
  }

  upload = (file: File): Promise<UploadAnswer> => this.sendFile("/images", file);
  import = (file: File): Promise<ImportAnswer> => this.sendFile("/import", file);

  async export(format: ExportFormat): Promise<Download> {
    const { blob, headers } = await this.call(`/export?format=${format}`, {}, async (response) => ({ blob: await response.blob(), headers: response.headers }));
    const name = /filename\*=UTF-8''([^;]+)/.exec(headers.get("content-disposition") ?? "")?.[1];
    return {
      blob,
      filename: name ? decodeURIComponent(name) : format === "coco" ? "annotations.json" : `${format}.zip`,
      notes: decodeURIComponent(headers.get("x-maskwright-notes") ?? ""),
    };
  }

  private sendFile<T>(path: string, file: File): Promise<T> {
    const body = new FormData();
    body.append("file", file, file.name);
    return this.call(path, { method: "POST", body }, json<T>);
  }

  private send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method, headers: { "Content-Type": "application/json" } };
    if (body !== undefined) init.body = JSON.stringify(body);
    return this.call(path, init, json<T>);
  }

  /** Ask, and read the whole answer: one that breaks off may stand for a change that was made, as no answer at all may. */
  private async call<T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    try {
      const response = await this.fetcher(this.base + path, init);
      // A proxy in front of a dead server answers 502 to 504 in its own words.
      if (response.status >= 502 && response.status <= 504) throw new OfflineError();
      if (!response.ok) throw await failure(response);
      return await read(response);
    } catch (error) {
      if (error instanceof ApiError || init.signal?.aborted) throw error;
      throw new OfflineError();
    }
  }
}

function json<T>(response: Response): Promise<T> {
  return response.json() as Promise<T>;
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
