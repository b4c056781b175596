import type { Prompt } from "../api/types";

/** What was drawn but not kept: it waits for its image and its tool, as long as the page is there. */
export class Drafts {
  private readonly waiting = new Map<string, Prompt[][]>();

  /** Whether any waits. */
  get any(): boolean {
    return this.waiting.size > 0;
  }

  keep(image: string, tool: string, draft: Prompt[]): void {
    const id = key(image, tool);
    this.waiting.set(id, [...(this.waiting.get(id) ?? []), draft]);
  }

  /** Offer the draft that was kept last; it is gone from here if it is taken. */
  offer(image: string, tool: string, take: (draft: Prompt[]) => boolean): void {
    const id = key(image, tool);
    const drafts = this.waiting.get(id) ?? [];
    const last = drafts.at(-1);
    if (!last || !take(last)) return;
    if (drafts.length > 1) this.waiting.set(id, drafts.slice(0, -1));
    else this.waiting.delete(id);
  }
}

function key(image: string, tool: string): string {
  return JSON.stringify([image, tool]);
}
