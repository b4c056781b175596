import { OfflineError, type Client, type ExportFormat } from "../api/client";
import type { ImageRecord, UploadAnswer } from "../api/types";
import type { Connection } from "./connection";
import type { Notices } from "./notices";
import type { StudioState } from "./state";
import type { Store } from "./store";

const TRIES = 3; // to send a file that the connection breaks under while the server is there
const LIST_MS = 1000; // between two readings of the list while images come in: it may be long

interface Host {
  readonly connection: Connection;
  /** Resolves once all gestures are answered. */
  settled: () => Promise<void>;
  /** Read the list of images anew. */
  refresh: () => Promise<void>;
  /** The folder has more images now: show them, and the first of these if none is open. */
  added: (ids: readonly string[]) => Promise<void>;
  /** Images have more objects now. */
  imported: () => Promise<void>;
}

/** Files that come in and go out. */
export class Files {
  private readonly waiting: File[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: Store<StudioState>,
    private readonly client: Client,
    private readonly notices: Notices,
    private readonly host: Host,
  ) {}

  /** Add what was dropped on the page. A folder comes as a file that cannot be read. */
  drop(items: Iterable<DataTransferItem>): Promise<void> {
    const files: File[] = [];
    for (const item of items) {
      const entry = item.webkitGetAsEntry();
      const file = item.getAsFile();
      if (entry?.isDirectory) this.reject(entry.name, "a folder cannot be added: open it and drop the images that are in it");
      else if (file) files.push(file);
    }
    return this.upload(files);
  }

  /** Add files, one after the other, after those that are still on their way: images, then the annotations that go with them. */
  async upload(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    this.count(0, files.length);
    this.waiting.push(...files.filter((file) => !isAnnotations(file)), ...files.filter(isAnnotations));
    this.running ??= this.run();
    await this.running;
  }

  forget(rejected: StudioState["rejected"][number]): void {
    this.store.set({ rejected: this.store.get().rejected.filter((other) => other !== rejected) });
  }

  /** Save all annotations as a file, those too that are still on their way to the server. */
  async export(format: ExportFormat): Promise<void> {
    try {
      await this.host.settled();
      const { blob, filename, notes } = await this.host.connection.persist(() => this.client.export(format));
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

  private async run(): Promise<void> {
    await this.host.refresh(); // what is there already, to tell from it what arrives
    const known = new Set(this.store.get().project?.images.map((image) => image.id));
    const added: string[] = [];
    let shown = -Infinity;
    for (let file = this.waiting.shift(); file; file = this.waiting.shift()) {
      const answer = isAnnotations(file) ? await this.import(file) : await this.deliver(file, known);
      answer.rejected.forEach(({ name, message }) => this.reject(name, message));
      for (const { id } of answer.images) known.add(id), added.push(id);
      this.count(1, 0);
      if (answer.images.length === 0 || performance.now() - shown < LIST_MS) continue;
      await this.host.added(added);
      shown = performance.now();
    }
    this.running = null;
    this.store.set({ uploading: null });
    if (added.length > 0) this.notices.say("info", added.length === 1 ? "1 image added" : `${added.length} images added`);
    await this.host.added(added);
  }

  /** Send an image until it is taken or refused, but not again if only the answer was lost. */
  private deliver(file: File, known: ReadonlySet<string>): Promise<UploadAnswer> {
    return this.insist(file, async (again) => {
      const arrived = again ? await this.arrived(file, known) : [];
      return arrived.length > 0 ? { images: arrived, rejected: [] } : null;
    }, this.client.upload);
  }

  /** Send annotations until they are taken or refused. Sent twice, they add nothing twice. */
  private import(file: File): Promise<UploadAnswer> {
    return this.insist(file, () => Promise.resolve(null), async () => {
      await this.host.settled();
      const { images, objects, notes } = await this.client.import(file);
      this.notices.say("info", [`${file.name}: ${objects} objects added to ${images} images`, ...notes].join("; "));
      if (objects > 0) await this.host.imported();
      return { images: [], rejected: [] };
    });
  }

  /** Send a file until the server takes or refuses it; `arrived` may find that it need not be sent again. */
  private async insist(
    file: File,
    arrived: (again: boolean) => Promise<UploadAnswer | null>,
    send: (file: File) => Promise<UploadAnswer>,
  ): Promise<UploadAnswer> {
    const refused = (message: string): UploadAnswer => ({ images: [], rejected: [{ name: file.name, message }] });
    for (let tries = 1; ; tries++) {
      try {
        const answer = await arrived(tries > 1);
        if (answer) return answer;
        if (tries > TRIES) return refused("the connection breaks whenever it is sent");
        return await send(file);
      } catch (error) {
        if (!(error instanceof OfflineError)) return refused(error instanceof Error ? error.message : String(error));
        if (!(await isReadable(file))) return refused("the file cannot be read; has it been moved or changed?");
        await this.host.connection.lost();
      }
    }
  }

  /** What the folder has more than it had, and may be that file. */
  private async arrived(file: File, known: ReadonlySet<string>): Promise<ImageRecord[]> {
    const { images } = await this.host.connection.persist(this.client.project);
    return images.filter((image) => !known.has(image.id) && isNamedAfter(file, image));
  }

  /** So many more files are through, and so many more are to come. */
  private count(through: number, more: number): void {
    const { done, of } = this.store.get().uploading ?? { done: 0, of: 0 };
    this.store.set({ uploading: { done: done + through, of: of + more } });
  }

  private reject(name: string, message: string): void {
    this.store.set({ rejected: [...this.store.get().rejected, { name, message }] });
    this.notices.say("error", message.includes(name) ? message : `${name}: ${message}`);
  }
}

/** COCO JSON, by its name. */
function isAnnotations(file: File): boolean {
  return file.name.toLowerCase().endsWith(".json");
}

/** A file that is gone fails to be sent just as if nobody took it. */
async function isReadable(file: File): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

/** Whether an image of the folder may be that file: where a name is taken, the server adds a number. */
function isNamedAfter(file: File, { name }: ImageRecord): boolean {
  const plain = (text: string) => text.normalize().toLowerCase();
  return [name, name.replace(/-\d+(?=\.\w+$)/, "")].some((one) => plain(one) === plain(file.name));
}
