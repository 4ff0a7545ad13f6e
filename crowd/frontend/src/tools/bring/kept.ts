// What is brought and not on the server yet, kept in this browser: a recording part by part while it runs, a file until
// it has arrived. Where a browser keeps nothing (forbidden, full), everything else works as without.

import { asked, NAME, opened } from "./store.ts";

type Part = { place: string; number: number; at: number; name: string; whole: boolean; blob: Blob };
export type Found = { file: File; whole: boolean };

export class Kept {
  private number = 0;

  /** `place` is the question of one attempt at a task. */
  constructor(private readonly place: string) {}

  /** A part of a recording that runs. */
  add(blob: Blob, name: string): void {
    const part: Part = { place: this.place, number: ++this.number, at: Date.now(), name, whole: false, blob };
    this.change((store) => store.put(part));
  }

  /** A file that is on its way, in place of the parts that it came of. */
  hold(file: File): void {
    const part: Part = { place: this.place, number: 0, at: Date.now(), name: file.name, whole: true, blob: file };
    this.change((store) => (store.delete(this.all), store.put(part)));
  }

  drop(): void {
    this.change((store) => store.delete(this.all));
  }

  /** What was kept here before; `whole` is false of a recording that was cut short. */
  async found(): Promise<Found | null> {
    const store = await opened("readonly").catch(() => null);
    const parts = store && (await asked<Part[]>(store.getAll(this.all)).catch(() => null));
    const [first] = parts ?? [];
    if (!parts || !first) return null;
    this.number = parts.at(-1)?.number ?? 0;
    const blobs = parts.map((one) => one.blob);
    return { file: new File(blobs, first.name, { type: first.blob.type }), whole: first.whole };
  }

  private get all(): IDBKeyRange {
    return IDBKeyRange.bound([this.place, 0], [this.place, Infinity]);
  }

  private change(act: (store: IDBObjectStore) => unknown): void {
    void opened("readwrite").then((store) => (act(store), store.transaction.commit())).catch(() => undefined); // the page may go
  }
}

/** Only one tab at a time: what another one is recording was not cut short. It waits until that one is done, or dead. */
export function alone(place: string, act: () => Promise<void>): void {
  if ("locks" in navigator) void navigator.locks.request(`${NAME}:${place}`, act);
  else void act();
}
