import { OfflineError, type Client } from "../api/client";
import type { PreviewAnswer, PreviewRequest, Prompt } from "../api/types";
import { Latest } from "./latest";
import { draftColor, type StudioState } from "./state";
import type { Store } from "./store";

const NOTHING_FOUND = "The method finds no object between these points: move one, or choose another method";

interface Question extends PreviewRequest {
  image: string;
  color: string;
  asked: number;
}

/** What the prompts in the hand would mean, shown live. */
export class Previews {
  private readonly latest: Latest<Question, PreviewAnswer>;
  private last: { prompts: Prompt[]; object: number | null } | null = null;

  constructor(
    private readonly store: Store<StudioState>,
    private readonly client: Client,
    private readonly offline: () => void,
  ) {
    this.latest = new Latest(
      (question) => this.ask(question),
      (answer, question) => this.answered(answer, question),
      (error) => this.failed(error),
      (busy) => store.set({ busy }),
    );
  }

  /** Show what these prompts mean, for an object or a new one; `null` shows nothing. */
  show(prompts: Prompt[] | null, object: number | null): void {
    const { current, session, project, method, preview, previewError } = this.store.get();
    this.last = prompts && { prompts, object };
    if (!prompts || !current) {
      this.latest.cancel();
      if (preview || previewError) this.store.set({ preview: null, previewError: null });
      return;
    }
    const edited = session?.objects.find((o) => o.id === object);
    const color = edited?.color ?? draftColor(this.store.get());
    const own = project?.methods.find((m) => m.name === edited?.method);
    const takesThem = own && prompts.every((prompt) => own.accepts.includes(prompt.kind)); // it may be another gesture's
    this.latest.request({ image: current, color, asked: 0, method: (takesThem ? own.name : method) ?? "", prompts, object_id: object });
  }

  /** Ask again for what is shown: the method, the label's colour or the server is another one. */
  again(): void {
    if (this.last) this.show(this.last.prompts, this.last.object);
  }

  private ask(question: Question): Promise<PreviewAnswer> {
    const { image, method, prompts, object_id } = question;
    question.asked = performance.now(); // it may have waited its turn
    return this.client.preview(image, { method, prompts, object_id });
  }

  private answered({ candidates: [best], outline, notice, milliseconds }: PreviewAnswer, question: Question): void {
    this.store.set({
      latency: { total: performance.now() - question.asked, server: milliseconds },
      previewError: best && best.mask.counts.length > 1 ? null : NOTHING_FOUND,
      preview: best ? { mask: best.mask, color: question.color, object: question.object_id, prompts: question.prompts, outline, notice } : null,
    });
  }

  private failed(error: unknown): void {
    if (error instanceof OfflineError) this.offline();
    else this.store.set({ previewError: String(error instanceof Error ? error.message : error), preview: null });
  }
}
