import { ApiError, Client, OfflineError, type ExportFormat } from "../api/client";
import type { MethodInfo, Point, PreviewAnswer, PreviewRequest, Prompt, Session, SessionEvent, SessionObject } from "../api/types";
import { contains, same } from "../canvas/masks";
import { fit } from "../canvas/view";
import { TOOLS } from "../tools";
import type { Tool, ToolHost, ToolInfo } from "../tools/tool";
import { Connection } from "./connection";
import { Latest } from "./latest";
import { Mutations } from "./mutations";
import { nextColor } from "./palette";
import { draftColor, INITIAL, selectedObject, type StudioState } from "./state";
import { Store } from "./store";

const HEARTBEAT_MS = 4000;
const NOTHING_FOUND = "The method finds no object between these points: move one, or choose another method";

/** What the page does: the one place where images, the tool, the server and the state on the screen meet. */
export class Studio {
  readonly store = new Store<StudioState>(INITIAL);
  readonly connection: Connection;
  private readonly mutations: Mutations;
  private readonly previews: Latest<PreviewRequest & { image: string; color: string; asked: number }, PreviewAnswer>;
  private lastPreview: { prompts: Prompt[]; object: number | null } | null = null;
  private readonly drafts = new Map<string, Prompt[]>();
  private current: Tool | null = null;
  private toasts = 0;
  private rereading: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client = new Client()) {
    this.connection = new Connection(() => client.alive(), (online) => this.onlineChanged(online));
    this.mutations = new Mutations({
      session: client.session,
      lost: () => this.connection.lost(),
      answered: (session) => this.showSession(session),
      refused: (error) => this.fail(error),
      count: (unsaved) => this.store.set({ unsaved }),
    });
    this.previews = new Latest(
      (question) => {
        const { image, method, prompts, object_id } = question;
        question.asked = performance.now(); // it may have waited its turn
        return client.preview(image, { method, prompts, object_id });
      },
      (answer, question) => {
        const best = answer.candidates[0];
        const latency = { total: performance.now() - question.asked, server: answer.milliseconds };
        this.store.set({
          latency,
          previewError: best && best.mask.counts.length > 1 ? null : NOTHING_FOUND,
          preview: best ? { mask: best.mask, color: question.color, object: question.object_id } : null,
        });
      },
      (error) => {
        if (error instanceof OfflineError) void this.connection.lost();
        else this.store.set({ previewError: String(error instanceof Error ? error.message : error), preview: null });
      },
      (busy) => this.store.set({ busy }),
    );
  }

  get state(): StudioState {
    return this.store.get();
  }

  get tool(): Tool | null {
    return this.current;
  }

  async start(): Promise<void> {
    setInterval(() => document.visibilityState === "visible" && void this.connection.check(), HEARTBEAT_MS);
    await this.refresh();
    const { project } = this.state;
    const wanted = decodeURIComponent(location.hash.slice(1));
    const first = project?.images.find((image) => image.id === wanted) ?? project?.images.find((image) => !image.error);
    this.setMethod(project?.methods[0]?.name ?? null);
    if (first) await this.open(first.id);
  }

  /** Read the project anew. */
  async refresh(): Promise<void> {
    const project = await this.persist(this.client.project);
    if (project) this.store.set({ project });
  }

  /** A thumbnail did not come: the list, read anew, says what is wrong with its image. Several failures make one request. */
  thumbnailFailed(): void {
    this.rereading ??= setTimeout(() => {
      this.rereading = undefined;
      if (this.connection.online) void this.refresh();
    }, 300);
  }

  async open(id: string): Promise<void> {
    this.keepDraft();
    const record = this.state.project?.images.find((image) => image.id === id);
    this.lastPreview = null;
    this.previews.cancel();
    this.current = null;
    this.state.bitmap?.close();
    this.store.set({
      current: id,
      bitmap: null,
      session: null,
      selected: null,
      hovered: null,
      preview: null,
      previewError: null,
      imageError: record?.error ?? null,
      view: null,
    });
    history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    if (record?.error) return;
    try {
      const [session, bitmap] = await Promise.all([
        this.persist(() => this.client.session(id), true),
        this.persist(() => this.client.pixels(id), true).then((blob) => (blob ? createImageBitmap(blob) : null)),
      ]);
      if (this.state.current !== id || !session || !bitmap) return;
      this.store.set({ bitmap, view: fit(bitmap, this.state.stage) });
      this.showSession(session);
      this.useTool(this.state.tool);
      this.tool?.restore(this.drafts.get(id) ?? []);
      this.drafts.delete(id);
    } catch (error) {
      if (this.state.current !== id) return;
      this.store.set({ imageError: error instanceof Error ? error.message : String(error) });
      await this.refresh(); // the list's entry now says why, too
    }
  }

  /** An object drawn but not kept waits on its image until someone comes back to it. */
  private keepDraft(): void {
    const { current, project } = this.state;
    if (!current || !this.lastPreview || this.lastPreview.object !== null) return;
    this.drafts.set(current, this.lastPreview.prompts);
    const name = project?.images.find((image) => image.id === current)?.name ?? "the last image";
    this.toast("info", `The object that you were drawing waits on ${name}: Enter there keeps it`);
  }

  /** Open the image `step` places further in the list. */
  openNeighbour(step: number, images = this.state.project?.images ?? []): void {
    const index = images.findIndex((image) => image.id === this.state.current);
    const next = images[index < 0 ? 0 : index + step];
    if (next) void this.open(next.id);
  }

  useTool(id: string): void {
    const { bitmap, method, project } = this.state;
    const info = TOOLS.find((tool) => tool.id === id) ?? TOOLS[0];
    const fitting = project?.methods.filter((m) => info?.fits(m)) ?? [];
    if (!info || !bitmap) return;
    this.current = fitting.length > 0 ? info.create(this.host(bitmap, info)) : null;
    this.showPreview(null, null);
    this.store.set({
      tool: info.id,
      method: fitting.some((m) => m.name === method) ? method : (fitting[0]?.name ?? null),
      toolRevision: this.state.toolRevision + 1,
    });
    this.current?.edit(selectedObject(this.state));
  }

  /** The method for new objects; an object that is selected is predicted anew by it. */
  setMethod(method: string | null): void {
    const object = selectedObject(this.state);
    this.store.set({ method });
    if (object && method && object.method !== method) {
      this.send({ type: "set_prompts", object_id: object.id, method, prompts: object.prompts });
    } else if (this.lastPreview) {
      this.showPreview(this.lastPreview.prompts, this.lastPreview.object);
    }
  }

  select(id: number | null): void {
    this.store.set({ selected: id });
    const object = selectedObject(this.state);
    if (object?.label) this.store.set({ label: object.label });
    this.current?.edit(object);
  }

  delete(id: number): void {
    this.send({ type: "delete_object", object_id: id });
  }

  /** The label of the selected object, and of the next one. */
  setLabel(label: string | null): void {
    const object = selectedObject(this.state);
    this.store.set({ label });
    if (object && object.label !== label) this.send({ type: "set_label", object_id: object.id, label });
    if (this.lastPreview) this.showPreview(this.lastPreview.prompts, this.lastPreview.object);
  }

  async createLabel(typed: string): Promise<void> {
    const name = typed.trim();
    const labels = this.state.project?.labels ?? [];
    if (!name) return;
    if (!labels.some((label) => label.name === name)) {
      const saved = await this.persist(() => this.client.labels([...labels, { name, color: nextColor(labels) }]));
      if (!saved || !this.state.project) return;
      this.store.set({ project: { ...this.state.project, labels: saved } });
    }
    this.setLabel(name);
  }

  undo(): void {
    if (!this.current?.undo()) this.travel(this.client.undo);
  }

  redo(): void {
    if (!this.current?.redo()) this.travel(this.client.redo);
  }

  async upload(files: readonly File[]): Promise<void> {
    const added: string[] = [];
    for (const file of files) {
      try {
        const answer = await this.client.upload(file);
        added.push(...answer.images.map((image) => image.id));
        answer.rejected.forEach((rejected) => this.reject(rejected.name, rejected.message));
      } catch (error) {
        if (!(error instanceof ApiError)) return this.fail(error);
        this.reject(file.name, error.message);
      }
    }
    await this.refresh();
    if (added.length > 0) this.toast("info", added.length === 1 ? "1 image added" : `${added.length} images added`);
    if (added[0] && !this.state.bitmap) await this.open(added[0]);
  }

  forget(rejected: StudioState["rejected"][number]): void {
    this.store.set({ rejected: this.state.rejected.filter((other) => other !== rejected) });
  }

  async export(format: ExportFormat): Promise<void> {
    try {
      const { blob, filename, notes } = await this.client.export(format);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = filename;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.toast("info", notes ? `Exported ${filename}. ${notes}` : `Exported ${filename}`);
    } catch (error) {
      this.fail(error);
    }
  }

  toast(kind: "error" | "info", text: string): void {
    const id = ++this.toasts;
    this.store.set({ toasts: [...this.state.toasts.filter((toast) => toast.text !== text).slice(-3), { id, kind, text }] });
    setTimeout(() => this.dismiss(id), kind === "error" ? 12_000 : 6000);
  }

  dismiss(id: number): void {
    this.store.set({ toasts: this.state.toasts.filter((toast) => toast.id !== id) });
  }

  objectAt([x, y]: Point): SessionObject | null {
    const { session, masksShown } = this.state;
    const hit = masksShown ? (session?.objects.filter((object) => contains(object.mask, x, y)) ?? []) : [];
    return hit.reduce<SessionObject | null>((best, object) => (best && best.area <= object.area ? best : object), null);
  }

  private host(image: { width: number; height: number }, info: ToolInfo): ToolHost {
    const methods = (this.state.project?.methods ?? []).filter((method) => info.fits(method));
    const method = (): MethodInfo | undefined =>
      methods.find((m) => m.name === selectedObject(this.state)?.method) ??
      methods.find((m) => m.name === this.state.method) ??
      methods[0];
    return {
      image: { width: image.width, height: image.height },
      get method() {
        return method() ?? { name: "", title: "", gesture: "", accepts: [] };
      },
      objectAt: (at) => this.objectAt(at),
      select: (id) => this.select(id),
      preview: (prompts, object) => this.showPreview(prompts, object),
      add: (prompts) => this.add(prompts, method()?.name ?? ""),
      update: (object_id, prompts) => this.send({ type: "set_prompts", object_id, method: method()?.name ?? "", prompts }),
      changed: () => this.store.set({ toolRevision: this.state.toolRevision + 1 }),
    };
  }

  private add(prompts: Prompt[], method: string): void {
    const { preview, label, pending, current } = this.state;
    const tool = this.current;
    const standIn = preview && current && { mask: preview.mask, color: preview.color, image: current };
    if (standIn) this.store.set({ pending: [...pending, standIn] });
    this.send({ type: "add_object", method, prompts, label }, () => {
      if (standIn) this.store.set({ pending: this.state.pending.filter((other) => other !== standIn) });
    }, () => tool === this.current && tool?.restore(prompts));
  }

  private send(event: SessionEvent, settled?: () => void, refused?: () => void): void {
    const image = this.state.current;
    if (!image) return;
    this.mutations.push({
      image,
      send: () => this.client.event(image, event),
      settled: () => settled?.(),
      refused: () => {
        refused?.();
        if (event.type === "set_prompts") this.current?.edit(selectedObject(this.state));
      },
    });
  }

  private travel(call: (image: string) => Promise<Session>): void {
    const image = this.state.current;
    if (image) this.mutations.push({ image, send: () => call(image) });
  }

  private showPreview(prompts: Prompt[] | null, object: number | null): void {
    const { current, session } = this.state;
    this.lastPreview = prompts && { prompts, object };
    if (!prompts || !current) {
      this.previews.cancel();
      if (this.state.preview || this.state.previewError) this.store.set({ preview: null, previewError: null });
      return;
    }
    const edited = session?.objects.find((o) => o.id === object);
    const method = edited?.method ?? this.state.method ?? "";
    const color = edited?.color ?? draftColor(this.state);
    this.previews.request({ image: current, color, asked: 0, method, prompts, object_id: object });
  }

  private showSession(answer: Session): void {
    this.mutations.known(answer);
    const { project, current, session: before, selected } = this.state;
    const images = project?.images.map((image) => (image.id === answer.image.id ? answer.image : image)) ?? [];
    if (project) this.store.set({ project: { ...project, images } });
    if (answer.image.id !== current) return;
    // Masks that did not change stay the same objects, so that their paths need not be made again.
    const objects = answer.objects.map((object) => {
      const old = before?.objects.find((o) => o.id === object.id);
      return old && same(old.mask, object.mask) ? { ...object, mask: old.mask } : object;
    });
    const stays = objects.some((object) => object.id === selected);
    this.store.set({ session: { ...answer, objects }, selected: stays ? selected : null });
    if (answer.objects.some((o) => o.label && !project?.labels.some((l) => l.name === o.label))) void this.refresh();
    if (this.mutations.idle) this.current?.edit(selectedObject(this.state)); // else the tool is ahead of this answer
  }

  private onlineChanged(online: boolean): void {
    this.store.set({ online });
    if (!online) return;
    void this.refresh();
    const { current, bitmap } = this.state;
    if (current && bitmap && this.mutations.idle) void this.persist(() => this.client.session(current)).then((s) => s && this.showSession(s));
    if (this.lastPreview) this.showPreview(this.lastPreview.prompts, this.lastPreview.object);
  }

  /** Call until the server is there to answer; its refusals are shown (or thrown, if wanted). */
  private async persist<T>(call: () => Promise<T>, strict = false): Promise<T | null> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof OfflineError) await this.connection.lost();
        else if (strict) throw error;
        else return this.fail(error), null;
      }
    }
  }

  private reject(name: string, message: string): void {
    this.store.set({ rejected: [...this.state.rejected, { name, message }] });
    this.toast("error", message.includes(name) ? message : `${name}: ${message}`);
  }

  private fail(error: unknown): void {
    if (error instanceof OfflineError) void this.connection.lost();
    else this.toast("error", error instanceof Error ? error.message : String(error));
  }
}
