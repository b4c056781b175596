import { OfflineError } from "../api/client";

/** Whether the server is there. When a call finds it gone, ask again and again until it is back. */
export class Connection {
  private waiting: Promise<void> | null = null;

  constructor(
    private readonly alive: () => Promise<void>,
    private readonly changed: (online: boolean) => void,
    private readonly pause = (attempt: number) => new Promise<void>((done) => setTimeout(done, Math.min(400 * 1.4 ** attempt, 4000))),
  ) {}

  get online(): boolean {
    return this.waiting === null;
  }

  /** Someone found the server gone. Resolves once it answers again; all who call meanwhile wait for the same answer. */
  lost(): Promise<void> {
    this.waiting ??= this.probe();
    return this.waiting;
  }

  /** Call until the server is there to answer. Its refusals are thrown. */
  async persist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof OfflineError)) throw error;
        await this.lost();
      }
    }
  }

  /** Look whether the server is still there, so that its death is noticed while nobody asks for anything. */
  async check(): Promise<void> {
    if (this.online) await this.alive().catch(() => this.lost());
  }

  private async probe(): Promise<void> {
    this.changed(false);
    for (let attempt = 0; ; attempt++) {
      await this.pause(attempt);
      try {
        await this.alive();
        break;
      } catch {
        continue; // still gone
      }
    }
    this.waiting = null;
    this.changed(true);
  }
}
