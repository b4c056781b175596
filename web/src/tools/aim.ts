import type { SessionObject } from "../api/types";
import type { Target, ToolHost } from "./tool";

/** Which object a tool that records every gesture at once is for, through selection, undo and redo. */
export class Aim {
  target: Target = { id: null };
  private vanished = false; // undo took the target back: redo may bring it again

  constructor(private readonly host: ToolHost) {}

  /** The selected object, or none, as `Tool.edit` is told. */
  follow(object: SessionObject | null): void {
    const { id } = this.target;
    if (object) {
      if (object.id !== id) this.target = { id: object.id };
      this.vanished = false;
    } else if (id !== null && !this.host.object(id)) {
      this.vanished = true;
    } else if (id !== null && this.vanished) {
      this.host.select(id);
    } else if (id !== null) {
      this.release();
    }
  }

  /** The next gesture begins another object. */
  release(): void {
    this.target = { id: null };
  }
}
