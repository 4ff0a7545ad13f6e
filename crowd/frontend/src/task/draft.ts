// What is typed is in the browser at once and on the server within two seconds; other windows hear of it.

import { digest, early, type Fields, joined, read, same, write } from "./form.ts";
import { call, NoLine, Refused, SignedOut } from "./wire.ts";

const WAIT_MS = 700;
const RETRY_MS = 3_000;
const YIELD_MS = 2_000; // who has typed here so lately is not overwritten by another window
export type State = "saved" | "saving" | "local" | "out";
type Kept = { fields: Fields; revision: number; acknowledged: boolean; sent: number[] };
type Told = { revision: number; left_ms?: number };
type Renewed = { revision: number; left_ms: number; renews: boolean };
type Heard = { id: string; kind: "draft"; fields: Fields } | { id: string; kind: "submitted" };

export class Draft {
  private timer = 0;
  private revision: number;
  private saved: Fields;
  private sent: number[] = []; // digests of what was on its way, whether it arrived or not
  private stopped = false;
  private typed = -Infinity;
  private readonly channel = new BroadcastChannel("crowd-task");
  private readonly key: string;
  restored = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly activeMs: () => number,
    private readonly tell: (state: State) => void,
    private readonly over: (why?: string) => void, // submitted in another window, else `why` it is not his any more
    private readonly left: (ms: number, renews?: boolean) => void = () => undefined,
  ) {
    this.key = `crowd:draft:${form.dataset.id}:${form.dataset.attempt}`;
    this.revision = Number(form.dataset.revision);
    this.saved = JSON.parse(form.querySelector("#draft")?.textContent ?? "{}") as Fields;
    this.restore();
    this.channel.onmessage = (event: MessageEvent<Heard>) => this.hear(event.data);
    window.addEventListener("online", this.push);
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** After every keystroke: the browser at once, the server soon. */
  changed(): void {
    if (this.stopped) return;
    this.typed = performance.now();
    const fields = read(this.form);
    this.keep(fields, false);
    this.channel.postMessage({ id: this.id, kind: "draft", fields } satisfies Heard);
    this.tell("saving");
    this.later(WAIT_MS);
  }

  /**
   * Nothing was changed, but somebody is at work: the server renews the time for that. What stands here is not sent, as
   * another browser may have gone on.
   */
  async atWork(): Promise<void> {
    if (this.stopped || !this.settled) return; // what was changed says it, too
    const told = await this.put<Renewed>({}, false).catch((error: unknown) => this.ended(error));
    if (typeof told === "boolean" || this.stopped) return;
    this.left(told.left_ms, told.renews);
    if (told.revision > this.revision && this.settled) await this.catchUp();
  }

  /** Submitted: nothing of it stays in this browser, and the other windows are told. */
  finish(): void {
    this.stop();
    localStorage.removeItem(this.key);
    const bye = new BroadcastChannel("crowd-task");
    bye.postMessage({ id: this.id, kind: "submitted" } satisfies Heard);
    bye.close();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.channel.close();
    window.removeEventListener("online", this.push);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  private get id(): string {
    return this.form.dataset.id ?? "";
  }

  /** Nothing stands here that the server has not. */
  private get settled(): boolean {
    return same(read(this.form), this.saved);
  }

  private restore(): void {
    const kept = this.kept();
    if (kept?.acknowledged && kept.revision > this.revision) { // another window saved it while this page was on its way
      this.revision = kept.revision;
      this.saved = kept.fields;
    }
    // The server's is newer only if another browser wrote it: it may have kept what was sent here and died before it
    // could say so, and more was typed since.
    const newest = kept !== null && (kept.revision >= this.revision || kept.sent.includes(digest(this.saved)));
    if (newest) this.sent = kept.sent;
    const unsent = newest && !kept.acknowledged;
    const fields = unsent ? kept.fields : this.saved;
    const typed = early(this.form);
    const isThere = Object.keys(fields).length > 0;
    this.restored = isThere && (unsent || this.revision > 0); // else a model filled it in, and nobody typed anything
    if (isThere) write(this.form, joined(this.form, fields, typed));
    if (Object.keys(typed).length > 0) this.changed();
    else if (unsent) this.later(0);
  }

  private readonly push = async (): Promise<void> => {
    clearTimeout(this.timer);
    const fields = read(this.form);
    if (this.stopped || same(fields, this.saved)) return this.stopped ? undefined : this.tell("saved");
    this.send(fields);
    try {
      this.heed(await this.put<Told>({ fields }, false));
      this.saved = fields;
      this.sent = this.sent.slice(this.sent.indexOf(digest(fields)) + 1);
      if (this.stopped) return;
      const settled = same(read(this.form), fields);
      this.keep(read(this.form), settled);
      if (settled) this.tell("saved");
      else this.later(WAIT_MS);
    } catch (error) {
      this.failed(error);
    }
  };

  private heed({ revision, left_ms }: Told): void {
    this.revision = revision;
    if (left_ms !== undefined && !this.stopped) this.left(left_ms);
  }

  private send(fields: Fields): void {
    const number = digest(fields);
    if (!this.sent.includes(number)) this.sent.push(number);
    this.keep(fields, false);
  }

  private failed(error: unknown): void {
    if (this.stopped || this.ended(error)) return;
    this.tell("local");
    if (error instanceof NoLine || error instanceof Refused) this.later(RETRY_MS);
  }

  /** Whether nothing can be saved from here, and says so: he is signed out, or the task is not his any more. */
  private ended(error: unknown): boolean {
    const isOut = error instanceof SignedOut || (error instanceof Refused && error.code === "expired");
    if (isOut) this.tell("out");
    else if (error instanceof Refused && error.status === 409) this.over(error.message);
    else return false;
    return true;
  }

  private put<Answer>(said: { fields?: Fields }, keepalive: boolean): Promise<Answer> {
    const body = JSON.stringify({ attempt: Number(this.form.dataset.attempt), ...said, active_ms: Math.round(this.activeMs()) });
    const address = this.form.dataset.draft ?? "";
    return call(address, { method: "PUT", body, keepalive, headers: { "Content-Type": "application/json" } });
  }

  /** Leaving: a last word. Coming back: another window may have gone on. */
  private readonly onVisible = (): void => {
    const fields = read(this.form);
    if (document.visibilityState === "hidden") {
      if (same(fields, this.saved)) return;
      this.send(fields);
      void this.put({ fields }, true).catch(() => undefined);
    } else if (same(fields, this.saved)) void this.catchUp();
  };

  private async catchUp(): Promise<void> {
    const address = this.form.dataset.draft ?? "";
    const found = await call<{ fields: Fields; revision: number; over?: string }>(address, {}).catch(() => null);
    if (!found || this.stopped) return;
    if (found.over) return this.over(found.over);
    if (found.revision <= this.revision || !this.settled) return; // typed meanwhile: the newest wins
    this.revision = found.revision;
    this.saved = found.fields;
    write(this.form, found.fields);
  }

  private hear(said: Heard): void {
    if (said.id !== this.id) return;
    if (said.kind === "submitted") return this.over();
    if (performance.now() - this.typed > YIELD_MS) write(this.form, said.fields);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.push(), ms);
  }

  private keep(fields: Fields, acknowledged: boolean): void {
    const kept: Kept = { fields, revision: this.revision, acknowledged, sent: this.sent };
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Full or forbidden: the server's copy remains.
    }
  }

  private kept(): Kept | null {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "null") as Kept | null;
      return kept && { ...kept, sent: Array.isArray(kept.sent) ? kept.sent : [] }; // once it was the last one itself
    } catch {
      return null;
    }
  }
}
