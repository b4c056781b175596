import { Client } from "../api/client";
import type { Curve, Label, Outline, Point, Prompt, Session, SessionObject } from "../api/types";
import { contains, same } from "../canvas/masks";
import { fit } from "../canvas/view";
import { toolsFor } from "../tools";
import type { Tool, ToolInfo } from "../tools/tool";
import { Changes } from "./changes";
import { Connection } from "./connection";
import { Drafts } from "./drafts";
import { Files } from "./files";
import { fitting, toolHost } from "./host";
import { neighbour } from "./images";
import { Notices } from "./notices";
import { Paintings } from "./paintings";
import { nextColor } from "./palette";
import { Previews } from "./previews";
import { INITIAL, selectedObject, stayingObjects, underWay, type StudioState } from "./state";
import { Store } from "./store";

const HEARTBEAT_MS = 4000;

/** What the page does: the one place where images, the tool, the server and the state on the screen meet. */
export class Studio {
  readonly store = new Store<StudioState>(INITIAL);
  readonly connection: Connection;
  readonly notices: Notices;
  readonly files: Files;
  readonly previews: Previews;
  readonly changes: Changes;
  readonly paintings: Paintings;
  private readonly drafts = new Drafts();
  private readonly methods = new Map<string, string>(); // the one chosen last in each tool
  private current: Tool | null = null;
  private opening = new AbortController(); // of the current image
  private listing: Promise<boolean> = Promise.resolve(true); // of a new label
  private labelled = 0; // how often labels were saved
  private asked = 0; // how often the project was asked for, and which of these is shown
  private answered = 0;
  private rereading: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client = new Client()) {
    const studio = this;
    const lost = () => this.connection.lost();
    this.connection = new Connection(() => client.alive(), (online) => this.onlineChanged(online));
    this.notices = new Notices(this.store, lost);
    this.files = new Files(this.store, client, this.notices, {
      connection: this.connection,
      settled: () => this.changes.settled(),
      refresh: () => this.refresh(),
      added: (ids) => this.imagesAdded(ids),
      imported: () => this.reread(),
    });
    this.previews = new Previews(this.store, client, lost);
    this.changes = new Changes(this.store, client, {
      get tool() {
        return studio.current;
      },
      lost,
      show: (session) => this.showSession(session),
      refused: (error) => this.notices.fail(error),
      giveBack: (image, tool, prompts) => this.giveBack(image, tool, prompts),
    });
    this.paintings = new Paintings(this.store, client, this.changes, {
      lost,
      method: (own) => this.paintMethod(own),
      altered: () => this.current?.edit(selectedObject(this.state)),
    });
  }

  get state(): StudioState {
    return this.store.get();
  }

  get tool(): Tool | null {
    return this.current;
  }

  /** The tools that the project has a method for. */
  get tools(): ToolInfo[] {
    return toolsFor(this.state.project?.methods ?? []);
  }

  /** What there is to know of the tool in use. */
  get toolInfo(): ToolInfo | undefined {
    return this.tools.find((tool) => tool.id === this.state.tool);
  }

  /** Whether leaving the page would lose something. */
  get unfinished(): boolean {
    const { unsaved, uploading } = this.state;
    return unsaved > 0 || uploading !== null || this.drafts.any || Boolean(this.current?.draft ?? this.current?.canUndo);
  }

  async start(): Promise<void> {
    setInterval(() => document.visibilityState === "visible" && void this.connection.check(), HEARTBEAT_MS);
    await this.refresh();
    const { project } = this.state;
    const wanted = decodeURIComponent(location.hash.slice(1));
    const first = project?.images.find((image) => image.id === wanted) ?? project?.images.find((image) => !image.error);
    this.store.set({ method: project?.methods[0]?.name ?? null });
    if (first) await this.open(first.id);
  }

  /** Read the project anew. */
  async refresh(): Promise<void> {
    const asked = ++this.asked;
    const { labelled } = this;
    const project = await this.persist(this.client.project);
    if (!project || asked < this.answered) return; // what was asked for later is shown already
    if (labelled !== this.labelled) return this.refresh(); // this may be the list of before
    this.answered = asked;
    this.store.set({ project });
  }

  /** A thumbnail did not come: the list, read anew, says what is wrong with its image. Several failures make one request. */
  thumbnailFailed(): void {
    this.rereading ??= setTimeout(() => {
      this.rereading = undefined;
      if (this.connection.online) void this.refresh();
    }, 300);
  }

  async open(id: string): Promise<void> {
    this.keepDraft(this.onImage(this.state.current));
    const record = this.state.project?.images.find((image) => image.id === id);
    this.previews.show(null, null);
    this.paintings.preview(null);
    this.current = null;
    this.opening.abort();
    this.opening = new AbortController();
    const { signal } = this.opening;
    this.store.set({
      current: id,
      bitmap: null,
      session: null,
      selected: null,
      hovered: null,
      candidates: null,
      tried: null,
      paintPreview: null,
      imageError: record?.error ?? null,
      view: null,
    });
    history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    if (record?.error) return;
    try {
      const session = this.connection.persist(() => this.changes.read(id, signal));
      const [answer, bitmap] = await Promise.all([session, this.decoded(id, signal)]);
      if (signal.aborted) return;
      this.store.set({ bitmap, view: fit(bitmap, this.state.stage) });
      this.showSession(answer);
      this.useTool(this.state.tool);
    } catch (error) {
      if (signal.aborted) return;
      this.store.set({ imageError: error instanceof Error ? error.message : String(error) });
      await this.refresh(); // the list's entry now says why, too
    }
  }

  /** The image's pixels to draw with, until another image is opened. */
  private async decoded(id: string, signal: AbortSignal): Promise<ImageBitmap> {
    const bitmap = await createImageBitmap(await this.connection.persist(() => this.client.pixels(id, signal)));
    if (signal.aborted) bitmap.close();
    signal.addEventListener("abort", () => bitmap.close());
    return bitmap;
  }

  /** What was drawn but not kept waits until someone comes back to its image and its tool. */
  private keepDraft(where: string, draft = this.current?.draft): void {
    const { current, tool } = this.state;
    if (!current || !draft) return;
    this.drafts.keep(current, tool, draft);
    this.sayWaits(draft, where);
  }

  /** What the server refused comes back into the hand; where that is elsewhere by now, or full, it waits. */
  private giveBack(image: string, tool: string, draft: Prompt[]): void {
    const elsewhere = image !== this.state.current ? this.onImage(image) : tool !== this.state.tool ? this.inTool(tool) : null;
    if (elsewhere === null && this.current?.restore(draft)) return;
    this.drafts.keep(image, tool, draft);
    this.sayWaits(draft, elsewhere ?? "until your hands are free");
  }

  private onImage(id: string | null): string {
    return `on ${this.state.project?.images.find((image) => image.id === id)?.name ?? "the last image"}`;
  }

  private inTool(id: string): string {
    return `in the tool ${this.tools.find((tool) => tool.id === id)?.title ?? ""}`;
  }

  private sayWaits([first]: Prompt[], where: string): void {
    this.notices.say("info", `The ${first?.kind === "fill" ? "polygon" : "object"} that you were drawing waits ${where}`);
  }

  /** Open the next image in the list, or with -1 the one before. */
  openNeighbour(step: 1 | -1): void {
    const { project, filter, current } = this.state;
    const next = neighbour(project?.images ?? [], filter, current, step);
    if (next) void this.open(next.id);
  }

  useTool(id: string): void {
    const { bitmap, current } = this.state;
    const info = this.tools.find((tool) => tool.id === id) ?? this.tools[0];
    if (!info || !bitmap || !current || (this.current && info === this.toolInfo)) return;
    this.keepDraft(this.inTool(this.state.tool));
    this.previews.show(null, null);
    this.paintings.preview(null);
    const method = fitting(this.state, info, this.methods.get(info.id), info.prefers, this.state.method).name;
    this.current = info.create(toolHost(this, bitmap, info));
    this.store.set({ tool: info.id, method, toolRevision: this.state.toolRevision + 1 });
    if (info.paints) this.paintings.begin();
    this.offerCandidates();
    this.tellTool();
  }

  /** The method for new objects; an object that is selected is predicted anew by it, if it understands the object's prompts. */
  setMethod(name: string): void {
    const object = selectedObject(this.state);
    const accepts = this.state.project?.methods.find((method) => method.name === name)?.accepts ?? [];
    this.methods.set(this.state.tool, name);
    this.store.set({ method: name });
    if (this.toolInfo?.paints) return this.paintings.useMethod(name);
    // While an answer is under way, the object may be about to have another method than it has here.
    const differs = object && (object.method !== name || !this.changes.idle);
    if (differs && object.prompts.length > 0 && object.prompts.every((prompt) => accepts.includes(prompt.kind))) {
      this.changes.predictBy(name, object);
    } else {
      this.previews.again();
    }
  }

  select(id: number | null): void {
    const draft = this.current?.draft;
    this.store.set({ selected: id });
    const object = selectedObject(this.state);
    if (object?.label) this.store.set({ label: object.label });
    this.offerCandidates();
    this.tellTool();
    if (draft && !this.current?.draft) this.keepDraft("until you leave this one", draft);
  }

  delete(id: number): void {
    const { selected } = this.state;
    this.changes.delete(id);
    if (id !== selected) return;
    this.store.set({ selected: null }); // at once: a second press would ask for what is no longer there
    this.offerCandidates();
    this.tellTool();
  }

  /** The label of the object that is made or selected, and of the next one; of paint, in tools that paint. */
  setLabel(label: string | null): void {
    if (this.toolInfo?.paints) return label === null ? undefined : this.paintings.use(label);
    const object = selectedObject(this.state);
    const target = this.current?.target;
    this.store.set({ label });
    if (target && underWay(this.state, target).length > 0) this.changes.label(target, label);
    // While an answer is under way, the object may be about to have another label than it has here.
    else if (object && (object.label !== label || !this.changes.idle)) this.changes.label({ id: object.id }, label);
    this.previews.again();
  }

  /** A label that was typed. What it is for has it at once; the list follows. */
  async createLabel(typed: string): Promise<void> {
    const name = typed.trim();
    if (!name) return;
    const { label, paintSettings } = this.state;
    this.setLabel(name);
    this.listing = this.listing.then(() => this.list(name));
    if (await this.listing) return this.previews.again(); // it has its colour now
    if (this.state.label === name) this.store.set({ label });
    if (this.paintings.settings.label === name) this.paintings.set({ label: paintSettings.label });
  }

  /** Put a label into the project's list; false where the server refuses it. One at a time: each adds to the list that the one before made. */
  private async list(name: string): Promise<boolean> {
    if (this.state.project?.labels.some((label) => label.name === name)) return true;
    const saved = await this.persist(() => this.withLabel(name));
    if (saved) this.labelled++;
    if (saved && this.state.project) this.store.set({ project: { ...this.state.project, labels: saved } });
    return saved !== null;
  }

  /** The server's list with a label more. It replaces its list by the one it is sent: what the page knows may be older. */
  private async withLabel(name: string): Promise<Label[]> {
    const { labels } = await this.client.project();
    return labels.some((label) => label.name === name) ? labels : this.client.labels([...labels, { name, color: nextColor(labels) }]);
  }

  /** Nothing while an image is on its way: it would be done to what is not seen yet. */
  undo(): void {
    if (this.current && !this.current.undo()) this.changes.travel(this.client.undo);
  }

  redo(): void {
    if (this.current && !this.current.redo()) this.changes.travel(this.client.redo);
  }

  /** An outline of an object's mask, whatever it was made by; null where there is none, or it is no longer that of what is seen; which is said. */
  async outlineOf(object_id: number, curve: Curve, form: { vertices: number } | { tolerance: number }): Promise<Outline | null> {
    const { current } = this.state;
    await this.changes.settled(); // the mask that is seen, not an earlier one
    if (current === null) return null;
    const revision = this.state.session?.revision;
    const outline = await this.persist(() => this.client.outline(current, { object_id, curve, ...form }));
    const isAsItWas = this.changes.idle && this.state.current === current && this.state.session?.revision === revision;
    if (!outline || isAsItWas) return outline;
    this.notices.say("info", "The object was changed or left meanwhile: its outline stays as it is");
    return null;
  }

  objectAt([x, y]: Point): SessionObject | null {
    const hit = this.state.masksShown ? stayingObjects(this.state).filter((object) => contains(object.mask, x, y)) : [];
    return hit.reduce<SessionObject | null>((best, object) => (best && best.area <= object.area ? best : object), null);
  }

  /** An answer came: show what it says, unless a newer one is shown already. */
  private showSession(answer: Session): void {
    if (answer.notice) this.notices.say("info", answer.notice);
    if (this.changes.isNewest(answer)) this.takeIn(answer);
    if (answer.image.id === this.state.current && this.changes.idle) this.tellTool(); // else the tool is ahead of this answer
  }

  private takeIn(answer: Session): void {
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
    this.offerCandidates();
    const used = [...answer.objects, ...(answer.painting?.classes ?? [])];
    if (used.some(({ label }) => label && !project?.labels.some((l) => l.name === label))) void this.refresh();
  }

  /** Tell the tool which object it is to edit. Where that is none, what waits for the tool comes back, unless it has other things in hand. */
  private tellTool(): void {
    const { current, tool } = this.state;
    this.current?.edit(selectedObject(this.state));
    if (current) this.drafts.offer(current, tool, (draft) => this.current?.restore(draft) ?? false);
  }

  /** Show the choice that the selected object leaves, in tools that show one. */
  private offerCandidates(): void {
    const { current, candidates: before } = this.state;
    const object = selectedObject(this.state);
    const candidates = current && object && this.toolInfo?.candidates ? this.changes.memory.of(current, object) : null;
    if (candidates !== before) this.store.set({ candidates, tried: null });
  }

  private async imagesAdded(ids: readonly string[]): Promise<void> {
    await this.refresh();
    if (ids[0] && this.state.current === null) await this.open(ids[0]);
  }

  /** Read the list of images, and what is known of the one that is open, anew. */
  private async reread(): Promise<void> {
    const { current, bitmap } = this.state;
    const session = current && bitmap && this.changes.idle ? this.persist(() => this.changes.read(current)) : null;
    await this.refresh();
    const answer = await session;
    if (answer) this.showSession(answer);
  }

  private onlineChanged(online: boolean): void {
    this.store.set({ online });
    if (!online) return;
    void this.reread();
    this.previews.again();
    this.paintings.again();
  }

  /** The method that paint is laid by: the painting's own, else the one chosen last. */
  private paintMethod(own: string | null): string {
    const info = this.tools.find((tool) => tool.paints);
    return info ? fitting(this.state, info, own, this.methods.get(info.id), info.prefers, this.state.method).name : "";
  }

  /** Call until the server is there to answer; null where it refuses, which is shown. */
  private async persist<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await this.connection.persist(call);
    } catch (error) {
      this.notices.fail(error);
      return null;
    }
  }
}
