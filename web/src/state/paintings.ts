import { OfflineError, type Client } from "../api/client";
import type { PaintAnswer, Point } from "../api/types";
import { classAt } from "../canvas/classMaps";
import { paint as paintTool } from "../tools/paint";
import type { Laid, PaintHost, PaintSettings } from "../tools/tool";
import type { Changes } from "./changes";
import { Latest } from "./latest";
import { draftColor, type StudioState } from "./state";
import type { Store } from "./store";

export const BY_HAND = "brush"; // the method that propagates nothing

interface Question {
  image: string;
  /** The number of the gesture that the answer is about, once it is asked. */
  gesture: number;
}

interface Host {
  lost: () => void;
  /** The method that answers, given the painting's own. */
  method: (own: string | null) => string;
  /** What paint would lay, or on top of what, is another thing now. */
  altered: () => void;
}

/** The painting of the current image: what is laid on it, and live what that would mean. */
export class Paintings implements PaintHost {
  private readonly latest: Latest<Question, PaintAnswer | null>;
  private last: Laid | null = null; // what is in the hand
  private gesture = 0; // a number for each thing in the hand: the preview on the screen belongs to one of them
  private asked = 0;
  private propagator: string | null = null; // the one used last

  constructor(
    private readonly store: Store<StudioState>,
    private readonly client: Client,
    private readonly changes: Changes,
    private readonly host: Host,
  ) {
    this.latest = new Latest(
      (question) => this.ask(question),
      (answer, question) => this.answered(answer, question),
      (error, question) => this.failed(error, question),
      (busy) => store.set({ busy }),
    );
  }

  get settings(): PaintSettings {
    return this.state.paintSettings;
  }

  // The tools take these functions along: they stay bound.
  set = (change: Partial<PaintSettings>): void => {
    const { label, erase, freeze } = this.settings;
    const settings = { ...this.settings, ...change };
    this.store.set({ paintSettings: settings });
    if (label !== settings.label || erase !== settings.erase || freeze !== settings.freeze) this.host.altered();
  };

  choose = (index: number): boolean => {
    const label = this.state.project?.labels[index];
    if (label) this.use(label.name);
    return label !== undefined;
  };

  /** Paint with that label from now on. */
  use = (label: string): void => this.set({ label, erase: false });

  colorOf = (label: string): string => draftColor({ ...this.state, label });

  hasRegion = (at: Point): boolean => {
    const map = this.state.session?.painting?.class_map;
    return map !== undefined && classAt(map, at) !== 0;
  };

  preview = (paint: Laid | null): void => {
    const image = this.state.current;
    this.last = paint;
    if (paint && image) return this.latest.request({ image, gesture: this.gesture });
    this.latest.cancel();
    this.forget(this.gesture);
    if (this.state.previewError) this.store.set({ previewError: null });
  };

  /** What is on the screen stays until the answer: the preview, and the paint itself. */
  lay = (paint: Laid): void => {
    const gesture = this.gesture++;
    this.last = null;
    this.store.set({ previewError: null });
    this.changes.lay(paint, this.host.method, () => this.forget(gesture));
  };

  region = (becomes: "paint" | "object", [x, y]: Point): void => {
    this.changes.send({ type: becomes === "paint" ? "accept_region" : "region_to_object", x, y });
  };

  /** The tool is taken up. */
  begin(): void {
    const { label, project } = this.state;
    this.store.set({ selected: null }); // Delete is not to take an object away that was selected for something else
    this.set({ label: this.settings.label ?? label ?? project?.labels[0]?.name ?? null, shown: true });
  }

  /** The painting is made anew by another method. */
  useMethod(method: string): void {
    const { painting } = this.state.session ?? {};
    this.propagator = method !== BY_HAND ? method : (painting?.method ?? this.propagator);
    // While an answer is under way, the painting may be about to have another method than it has here.
    if (painting && (painting.method !== method || !this.changes.idle)) this.changes.send({ type: "set_paint_method", method });
    this.again();
  }

  /** The method that paint is propagated by when that is turned on; null where there is none. */
  get propagating(): string | null {
    const offered = this.state.project?.methods.filter((method) => paintTool.fits(method) && method.name !== BY_HAND) ?? [];
    const named = (name: string | null | undefined) => offered.find((method) => method.name === name);
    return (named(this.propagator) ?? named(paintTool.prefers) ?? offered[0])?.name ?? null;
  }

  deleteClass(label: string): void {
    this.changes.send({ type: "delete_class", label });
  }

  /** Ask again for what is in the hand: the method or the server is another one. */
  again(): void {
    if (this.last) this.preview(this.last);
  }

  /** Asks only once all that was laid before is answered: the question is what comes on top of that, and what the hand has by then. */
  private async ask(question: Question): Promise<PaintAnswer | null> {
    while (!this.changes.idle) await this.changes.settled();
    if (!this.last) return null; // it was laid meanwhile
    question.gesture = this.gesture;
    this.asked = performance.now();
    const { prompt, label } = this.last;
    const own = this.state.session?.painting?.method ?? null;
    return this.client.paintPreview(question.image, { method: this.host.method(own), prompt, label });
  }

  private answered(answer: PaintAnswer | null, { image, gesture }: Question): void {
    if (!answer || gesture !== this.gesture) return; // too late: it was laid
    const { milliseconds, ...maps } = answer;
    this.store.set({
      latency: { total: performance.now() - this.asked, server: milliseconds },
      paintPreview: { ...maps, image, gesture },
      previewError: null,
    });
  }

  /** The paint itself stays, and can be laid. */
  private failed(error: unknown, { gesture }: Question): void {
    if (error instanceof OfflineError) this.host.lost();
    else if (gesture === this.gesture) this.store.set({ previewError: error instanceof Error ? error.message : String(error) });
  }

  /** The preview of that gesture, if it is still on the screen, has nothing more to say. */
  private forget(gesture: number): void {
    if (this.state.paintPreview && this.state.paintPreview.gesture <= gesture) this.store.set({ paintPreview: null });
  }

  private get state(): StudioState {
    return this.store.get();
  }
}
