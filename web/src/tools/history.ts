/** What can be undone while an object is still being drawn: a list of values, and where in it we are. */
export class History<T> {
  private past: T[] = [];
  private future: T[] = [];

  constructor(private now: T) {}

  get value(): T {
    return this.now;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  push(value: T): void {
    this.past.push(this.now);
    this.future = [];
    this.now = value;
  }

  undo(): boolean {
    return this.step(this.past, this.future);
  }

  redo(): boolean {
    return this.step(this.future, this.past);
  }

  /** Start over: nothing to undo or redo. */
  reset(value: T): void {
    [this.past, this.future, this.now] = [[], [], value];
  }

  private step(from: T[], to: T[]): boolean {
    const value = from.pop();
    if (value === undefined) return false;
    to.push(this.now);
    this.now = value;
    return true;
  }
}
