import { OfflineError } from "../api/client";
import type { StudioState, Toast } from "./state";
import type { Store } from "./store";

/** Short messages to the person at the screen; each goes by itself after a while. */
export class Notices {
  private last = 0;

  constructor(
    private readonly store: Store<StudioState>,
    private readonly offline: () => void,
  ) {}

  say(kind: Toast["kind"], text: string): void {
    const id = ++this.last;
    const others = this.store.get().toasts.filter((toast) => toast.text !== text).slice(-3);
    this.store.set({ toasts: [...others, { id, kind, text }] });
    setTimeout(() => this.dismiss(id), kind === "error" ? 12_000 : 6000);
  }

  dismiss(id: number): void {
    this.store.set({ toasts: this.store.get().toasts.filter((toast) => toast.id !== id) });
  }

  /** Something went wrong: say what, or begin to wait for a server that is gone. */
  fail(error: unknown): void {
    if (error instanceof OfflineError) this.offline();
    else this.say("error", error instanceof Error ? error.message : String(error));
  }
}
