// The browser's database of what is brought and not on the server yet; what is older than a week
// goes as soon as a task is opened.

export const NAME = "crowd-brought";
const STORE = "parts";
const LONGEST_MS = 7 * 24 * 3_600_000; // as long as the server keeps what no answer names

/** What is too old goes, whoever left it and whatever the task is. */
export const sweep = (): void => void opened("readonly").catch(() => undefined);

/** Signing out: the next one at this machine finds nothing. */
export const erase = (): unknown => indexedDB.deleteDatabase(NAME);

let database: Promise<IDBDatabase> | null = null;

/** The parts, in a transaction of their own. */
export async function opened(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  database ??= open();
  return (await database).transaction(STORE, mode).objectStore(STORE);
}

async function open(): Promise<IDBDatabase> {
  const asking = indexedDB.open(NAME, 1);
  asking.addEventListener("upgradeneeded", () => {
    asking.result.createObjectStore(STORE, { keyPath: ["place", "number"] }).createIndex("at", "at");
  });
  const found = await asked(asking);
  found.addEventListener("versionchange", () => found.close()); // somebody signs out: this page keeps nothing more
  const old = found.transaction(STORE, "readwrite").objectStore(STORE);
  const looking = old.index("at").openCursor(IDBKeyRange.upperBound(Date.now() - LONGEST_MS));
  looking.addEventListener("success", () => {
    looking.result?.delete();
    looking.result?.continue();
  });
  return found;
}

export function asked<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((done, failed) => {
    request.addEventListener("success", () => done(request.result));
    request.addEventListener("error", () => failed(new Error(String(request.error))));
  });
}
