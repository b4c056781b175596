import type { Candidate, SessionObject } from "../api/types";
import { same } from "../canvas/masks";

const REMEMBERED = 60; // answers: undo and redo of the last minutes find theirs

/**
 * The candidates of the last answers, found by what they answer: an object's method and prompts.
 *
 * The session keeps one mask per object. What else its method offered lives here, so that the choice stays open when the object is
 * selected again or a later prompt is undone.
 */
export class CandidateMemory {
  private readonly answers = new Map<string, readonly Candidate[]>();

  remember(image: string, object: SessionObject, candidates: readonly Candidate[]): void {
    const found = key(image, object);
    this.answers.delete(found); // so that it counts as the newest
    this.answers.set(found, distinct(candidates));
    const [oldest] = this.answers.keys();
    if (this.answers.size > REMEMBERED && oldest !== undefined) this.answers.delete(oldest);
  }

  /** At least two that differ; else null. */
  of(image: string, object: SessionObject): readonly Candidate[] | null {
    const found = this.answers.get(key(image, object));
    return found && found.length > 1 ? found : null;
  }
}

function key(image: string, { id, method, prompts }: SessionObject): string {
  return JSON.stringify([image, id, method, prompts]);
}

/** Each mask once: of those that are the same, the first. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (!kept.some((other) => same(other.mask, candidate.mask))) kept.push(candidate);
  }
  return kept;
}
