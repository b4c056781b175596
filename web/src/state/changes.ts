import type { Client } from "../api/client";
import type { Prompt, Session, SessionEvent, SessionObject } from "../api/types";
import { same } from "../canvas/masks";
import type { Laid, Target, Tool } from "../tools/tool";
import { CandidateMemory } from "./candidates";
import { Mutations, type Known, type Mutation } from "./mutations";
import { selectedObject, type StudioState } from "./state";
import type { Store } from "./store";

interface Host {
  readonly tool: Tool | null;
  lost: () => Promise<void>;
  show: (session: Session) => void;
  refused: (error: Error) => void;
  /** Prompts that a tool let go of, and that the server refused: they can be put right. */
  giveBack: (image: string, tool: string, prompts: Prompt[]) => void;
}

/** What is done to the current image's session: every gesture becomes an event, in the order in which they were made. */
export class Changes {
  readonly memory = new CandidateMemory();
  private readonly mutations: Mutations;
  private lastUpdate: Mutation | null = null;

  constructor(
    private readonly store: Store<StudioState>,
    private readonly client: Client,
    private readonly host: Host,
  ) {
    this.mutations = new Mutations({
      session: client.session,
      lost: host.lost,
      answered: host.show,
      refused: host.refused,
      count: (unsaved) => store.set({ unsaved }),
    });
  }

  /** Whether all that was done is answered. */
  get idle(): boolean {
    return this.mutations.idle;
  }

  /** Resolves once all that was done is answered. */
  settled(): Promise<void> {
    return this.mutations.settled();
  }

  /** Read an image's session: what is sent next is sent on top of it, unless a newer one came meanwhile. */
  read(image: string, signal: AbortSignal | null = null): Promise<Session> {
    return this.mutations.read(image, () => this.client.session(image, signal));
  }

  /** Whether no newer answer about the image is known. */
  isNewest(session: Session): boolean {
    return this.mutations.isNewest(session);
  }

  send(event: SessionEvent): void {
    const image = this.state.current;
    if (!image) return;
    this.mutations.push({ image, send: () => this.client.event(image, event) });
  }

  /** Give an object new prompts. Those that only go on from the last update take its place, where that is not sent yet. */
  update(object_id: number, prompts: Prompt[], method: string, goesOn: boolean): void {
    const image = this.state.current;
    if (!image) return;
    const update = this.anew(image, object_id, () => this.client.event(image, { type: "set_prompts", object_id, method, prompts }));
    this.mutations.push(update, goesOn ? this.lastUpdate : null);
    this.lastUpdate = update;
  }

  /** Take an object away. Until that is answered the session still has it, but nothing more is meant for it. */
  delete(object_id: number): void {
    const image = this.state.current;
    if (!image) return;
    const leaving = { image, object_id };
    this.store.set({ leaving: [...this.state.leaving, leaving] });
    this.mutations.push({
      image,
      send: () => this.client.event(image, { type: "delete_object", object_id }),
      settled: () => this.store.set({ leaving: this.state.leaving.filter((other) => other !== leaving) }),
      refused: () => this.asAnswered(),
    });
  }

  /** Predict an object anew by another method, from the prompts that it has by then. */
  predictBy(method: string, { id, prompts }: SessionObject): void {
    const image = this.state.current;
    if (!image) return;
    const has = (known: Known) => [...(known.prompts.get(id) ?? prompts)];
    this.mutations.push(this.anew(image, id, (known) => this.client.event(image, { type: "set_prompts", object_id: id, method, prompts: has(known) })));
  }

  /** A change by which an object is predicted anew. */
  private anew(image: string, id: number, send: Mutation["send"]): Mutation {
    return { image, send, answered: (session) => this.remember(image, session, id), refused: () => this.asAnswered() };
  }

  /** The label of an object that may be yet to be made; if it is not, there is nothing to label. */
  label(target: Target, label: string | null): void {
    const image = this.state.current;
    if (!image) return;
    const send = () => (target.id === null ? this.client.session(image) : this.client.event(image, { type: "set_label", object_id: target.id, label }));
    this.mutations.push({ image, send });
  }

  travel(call: (image: string) => Promise<Session>): void {
    const image = this.state.current;
    if (image) this.mutations.push({ image, send: () => call(image) });
  }

  /** Make an object of finished prompts; its preview stands in for it until it is there. */
  add(prompts: Prompt[], method: string): void {
    const { preview, label, current: image, tool } = this.state;
    if (!image) return;
    const standIn = preview && { mask: preview.mask, color: preview.color, image };
    if (standIn) this.store.set({ pending: [...this.state.pending, standIn] });
    this.mutations.push({
      image,
      send: () => this.client.event(image, { type: "add_object", method, prompts, label }),
      answered: (session) => this.remember(image, session, newest(session)),
      settled: () => this.store.set({ pending: this.state.pending.filter((other) => other !== standIn) }),
      refused: () => this.host.giveBack(image, tool, prompts),
    });
  }

  /** More prompts for the target. What they come on top of shows when their turn comes: clicks, undo and the rest keep their order. */
  give(target: Target, prompts: readonly Prompt[], method: string): void {
    const { current: image, label } = this.state;
    if (!image) return;
    const given = { target, prompts };
    let asked = 0;
    let known: Known | null = null;
    this.store.set({ given: [...this.state.given, given] });
    this.mutations.push({
      image,
      send: (now) => {
        [asked, known] = [performance.now(), now];
        return this.client.event(image, moreOf(target, prompts, method, label, now));
      },
      settled: () => this.store.set({ given: this.state.given.filter((other) => other !== given) }),
      answered: (session) => {
        const isNew = target.id === null || !known?.prompts.has(target.id);
        if (isNew) target.id = newest(session);
        this.remember(image, session, target.id);
        this.store.set({ latency: { total: performance.now() - asked, server: null } });
        if (isNew && image === this.state.current && this.host.tool?.target === target) this.store.set({ selected: target.id });
      },
    });
  }

  /** Lay paint; `method` tells, when its turn comes, by which method, given the painting's own. */
  lay(paint: Laid, method: (own: string | null) => string, settled: () => void): void {
    const { current: image, tool } = this.state;
    if (!image) return;
    const { prompt, label } = paint;
    const laid = { ...paint, image };
    let asked = 0;
    this.store.set({ laid: [...this.state.laid, laid] });
    this.mutations.push({
      image,
      send: ({ paintMethod }) => {
        asked = performance.now();
        return this.client.event(image, { type: "paint", method: method(paintMethod), prompt, label });
      },
      answered: () => this.store.set({ latency: { total: performance.now() - asked, server: null } }),
      settled: () => {
        this.store.set({ laid: this.state.laid.filter((other) => other !== laid) });
        settled();
      },
      refused: () => prompt.kind === "fill" && this.host.giveBack(image, tool, [prompt]), // a stroke is no draft of any tool
    });
  }

  /** The selected object's mask becomes that candidate's. */
  choose(index: number): void {
    const object = selectedObject(this.state);
    const candidate = this.state.candidates?.[index];
    // While a prompt is under way, these are no longer the candidates that count.
    if (!object || !candidate || this.state.given.length > 0) return;
    if (this.idle && same(candidate.mask, object.mask)) return;
    this.send({ type: "choose_candidate", object_id: object.id, ...candidate });
  }

  /** The tool goes back to what the session has. */
  private asAnswered(): void {
    this.host.tool?.edit(selectedObject(this.state));
  }

  private remember(image: string, { objects, candidates }: Session, id: number | null): void {
    const object = objects.find((o) => o.id === id);
    if (object && candidates) this.memory.remember(image, object, candidates);
  }

  private get state(): StudioState {
    return this.store.get();
  }
}

function newest({ objects }: Session): number | null {
  return objects.at(-1)?.id ?? null;
}

/** The event that adds prompts to what their object has now. */
function moreOf({ id }: Target, prompts: readonly Prompt[], method: string, label: string | null, known: Known): SessionEvent {
  const before = id === null ? undefined : known.prompts.get(id);
  if (id === null || !before) return { type: "add_object", method, prompts: [...prompts], label };
  // An object of another gesture is gone on from: its mask counts, and its prompts no longer do.
  const kept = before.every((other) => prompts.some((prompt) => prompt.kind === other.kind)) ? before : [];
  return { type: "set_prompts", object_id: id, method, prompts: [...kept, ...prompts] };
}
