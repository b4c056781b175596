import { ApiError, OfflineError } from "../api/client";
import type { Prompt, Session } from "../api/types";

/** What the server is known to have for an image: the next change is made on top of it. */
export interface Known {
  revision: number;
  /** Of each object, by its id. */
  prompts: ReadonlyMap<number, readonly Prompt[]>;
  /** Of the painting; null while there is none. */
  paintMethod: string | null;
}

export interface Mutation {
  image: string;
  send: (known: Known) => Promise<Session>;
  /** The server took it; called before the answer is shown. */
  answered?: (session: Session) => void;
  /** The server refused. */
  refused?: (error: Error) => void;
  /** Answered or refused: whatever stood in for the result on the screen can go. */
  settled?: () => void;
}

interface Host {
  session: (image: string) => Promise<Session>;
  /** Resolves when the server is back. */
  lost: () => Promise<void>;
  answered: (session: Session) => void;
  refused: (error: Error) => void;
  /** How many mutations are not saved yet. */
  count: (unsaved: number) => void;
}

/**
 * Changes on their way to the server: one after the other, in order, none lost when the server dies under them.
 *
 * A change whose answer never came may have been saved or not. The session's revision, which grows with every change, tells: if it
 * is no longer the one that the change was sent on top of, the change arrived; else it is sent again.
 */
export class Mutations {
  private readonly queue: Mutation[] = [];
  private readonly images = new Map<string, Known>();
  private running: Promise<void> | null = null;

  constructor(private readonly host: Host) {}

  get idle(): boolean {
    return this.queue.length === 0;
  }

  /** Resolves once all that was pushed is answered or refused. */
  async settled(): Promise<void> {
    await this.running;
  }

  /** Ask for a session. What is sent next is sent on top of the newest answer, which need not be the one that came last. */
  async read(image: string, ask: () => Promise<Session>): Promise<Session> {
    const before = this.images.get(image)?.revision ?? -1;
    const session = await ask();
    this.take(session, before);
    return session;
  }

  /** Whether no newer answer about the image is known. */
  isNewest({ image, revision }: Session): boolean {
    return this.images.get(image.id)?.revision === revision;
  }

  /** Send a change once all before it are answered; in the place of `earlier`, where that is the last of them and waits yet. */
  push(mutation: Mutation, earlier: Mutation | null = null): void {
    if (this.queue.length > 1 && this.queue.at(-1) === earlier) this.queue.pop(); // the first is under way
    this.queue.push(mutation);
    this.host.count(this.queue.length);
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      const outcome = await this.deliver(next);
      this.queue.shift();
      next.settled?.();
      if (outcome instanceof Error) {
        next.refused?.(outcome);
        this.host.refused(outcome);
      } else {
        next.answered?.(outcome);
        this.host.answered(outcome);
      }
      this.host.count(this.queue.length);
    }
    this.running = null;
  }

  private async deliver({ image, send }: Mutation): Promise<Session | ApiError | Error> {
    const known = this.images.get(image) ?? { revision: -1, prompts: new Map(), paintMethod: null };
    for (let attempt = () => send(known); ; ) {
      try {
        return await this.read(image, attempt);
      } catch (error) {
        if (!(error instanceof OfflineError)) return error instanceof Error ? error : new Error(String(error));
        await this.host.lost();
        attempt = async () => {
          const session = await this.host.session(image);
          return session.revision === known.revision ? send(known) : session;
        };
      }
    }
  }

  /**
   * Keep what a session says, unless a newer one came while it was on its way.
   *
   * `before`: the revision that was known when it was asked for. An answer lower than that is not late, since revisions only grow: the
   * store behind the server is another one, and what it says counts from now on.
   */
  private take({ image, revision, objects, painting }: Session, before: number): void {
    const newest = this.images.get(image.id)?.revision ?? -1;
    if (revision < newest && revision >= before) return;
    const prompts = new Map(objects.map((object) => [object.id, object.prompts]));
    this.images.set(image.id, { revision, prompts, paintMethod: painting?.method ?? null });
  }
}
