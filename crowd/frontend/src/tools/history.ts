// Undo and redo: the answers that were, in the order in which they were left.

const MOST = 200;

export class History {
  private past: string[] = [];
  private future: string[] = [];
  private now = "";

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  add(before: string, after: string): void {
    this.past.push(before);
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
    this.now = after;
  }

  undo(): string | null {
    const before = this.past.pop();
    if (before === undefined) return null;
    this.future.push(this.now);
    return (this.now = before);
  }

  redo(): string | null {
    const after = this.future.pop();
    if (after === undefined) return null;
    this.past.push(this.now);
    return (this.now = after);
  }
}
