import { ApiError, type Client, type ExportFormat } from "../api/client";
import type { Notices } from "./notices";
import type { StudioState } from "./state";
import type { Store } from "./store";

/** Files that come in and go out. */
export class Files {
  constructor(
    private readonly store: Store<StudioState>,
    private readonly client: Client,
    private readonly notices: Notices,
    /** The folder has more images now: show them, and the first of these if none is open. */
    private readonly added: (ids: readonly string[]) => Promise<void>,
  ) {}

  async upload(files: readonly File[]): Promise<void> {
    const added: string[] = [];
    for (const file of files) {
      try {
        const answer = await this.client.upload(file);
        added.push(...answer.images.map((image) => image.id));
        answer.rejected.forEach((rejected) => this.reject(rejected.name, rejected.message));
      } catch (error) {
        if (!(error instanceof ApiError)) return this.notices.fail(error);
        this.reject(file.name, error.message);
      }
    }
    if (added.length > 0) this.notices.say("info", added.length === 1 ? "1 image added" : `${added.length} images added`);
    await this.added(added);
  }

  forget(rejected: StudioState["rejected"][number]): void {
    this.store.set({ rejected: this.store.get().rejected.filter((other) => other !== rejected) });
  }

  async export(format: ExportFormat): Promise<void> {
    try {
      const { blob, filename, notes } = await this.client.export(format);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = filename;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.notices.say("info", notes ? `Exported ${filename}. ${notes}` : `Exported ${filename}`);
    } catch (error) {
      this.notices.fail(error);
    }
  }

  private reject(name: string, message: string): void {
    this.store.set({ rejected: [...this.store.get().rejected, { name, message }] });
    this.notices.say("error", message.includes(name) ? message : `${name}: ${message}`);
  }
}
