// What is brought and not on the server yet, kept in this browser: a recording part by part while it runs, a file until
// it has arrived. Where a browser keeps nothing (forbidden, full), everything else works as without.

const [NAME, STORE] = ["crowd-brought", "parts"];
const LONGEST_MS = 7 * 24 * 3_600_000; // as long as the server keeps what no answer names

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
    void opened("readwrite").then(act).catch(() => undefined);
  }
}

/** Only one tab at a time: what another one is recording was not cut short. It waits until that one is done, or dead. */
export function alone(place: string, act: () => Promise<void>): void {
  if ("locks" in navigator) void navigator.locks.request(`${NAME}:${place}`, act);
  else void act();
}

let database: Promise<IDBDatabase> | null = null;

async function opened(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  database ??= open();
  return (await database).transaction(STORE, mode).objectStore(STORE);
}

async function open(): Promise<IDBDatabase> {
  const asking = indexedDB.open(NAME, 1);
  asking.addEventListener("upgradeneeded", () => {
    asking.result.createObjectStore(STORE, { keyPath: ["place", "number"] }).createIndex("at", "at");
  });
  const found = await asked(asking);
  const old = found.transaction(STORE, "readwrite").objectStore(STORE);
  const looking = old.index("at").openCursor(IDBKeyRange.upperBound(Date.now() - LONGEST_MS));
  looking.addEventListener("success", () => {
    looking.result?.delete();
    looking.result?.continue();
  });
  return found;
}

function asked<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((done, failed) => {
    request.addEventListener("success", () => done(request.result));
    request.addEventListener("error", () => failed(new Error(String(request.error))));
  });
}
