// <crowd-contribution>: a text that is written or a file that is brought (chosen, photographed, recorded), and consent.
//
// A file is sent as soon as it is there, so that the draft and the answer only name it; until it has arrived, and while
// it is recorded, it is kept in this browser (kept.ts). Nothing is an answer without the tick: what is there before it
// stays in the draft.

import { call, FIRST_RETRY_S, longer, NoLine, pause, Refused } from "../../task/wire.ts";
import { define, Tool } from "../tool.ts";
import { alone, Kept } from "./kept.ts";
import { Recorder } from "./recorder.ts";

type Brought = { file: number; name: string; sha256: string };
type Told = Brought & { url: string; copy: string | null; content_type: string; size: number };
type Value = Partial<Brought> & { text?: string; consent?: boolean | string };

const PATIENCE_MS = 15 * 60_000;
const LATER = [401, 403, 429]; // who signs in again, or waits, can send it

class Contribution extends Tool<Value, { id: string; takes: string; max_bytes: number }> {
  private sending: AbortController | null = null;
  private shown: number | null = null;
  private readonly recorder = new Recorder(
    () => this.begun(),
    (part, name) => this.recorded(part, name),
  );
  private kept!: Kept;
  private cut: File | null = null; // a recording that a tab took along when it died
  private release = (): void => undefined; // other tabs wait for that

  protected override start(): void {
    for (const input of this.querySelectorAll<HTMLElement>("[data-file], [data-text], [data-consent]"))
      for (const name of ["input", "change"]) input.addEventListener(name, (event) => this.heard(event));
    this.on("[data-remove]", () => this.discard());
    this.on("[data-record]", () => void this.record());
    this.on("[data-use]", () => this.decide(true));
    this.on("[data-drop]", () => this.decide(false));
    this.kept = new Kept(this.place);
    if (this.dataset.bring && !this.readonly) alone(this.place, () => this.recover());
    if (this.readonly) for (const one of this.querySelectorAll<HTMLInputElement>("input, textarea, button")) one.disabled = true;
  }

  protected override stop(): void {
    this.sending?.abort();
    this.recorder.drop();
    this.release();
  }

  override forget(): void {
    this.sending?.abort();
    this.sending = null;
    this.recorder.drop();
    this.turned();
    this.kept.drop();
    this.release();
    for (const one of this.makers) one.disabled = true;
  }

  protected override show(value: Value | null): void {
    const text = this.querySelector<HTMLTextAreaElement>("[data-text]");
    if (text && text.value !== (value?.text ?? "")) text.value = value?.text ?? "";
    const consent = this.querySelector<HTMLInputElement>("[data-consent]");
    if (consent) consent.checked = Boolean(value?.consent);
    this.querySelector<HTMLElement>("[data-kept]")?.toggleAttribute("hidden", value?.file === undefined);
    const name = this.querySelector<HTMLElement>("[data-name]");
    if (name) name.textContent = value?.name ?? "";
    if (value?.file === undefined) this.picture(null);
    else if (value.file !== this.shown) void this.recall(value.file);
  }

  override validate(): string {
    if (this.sending) return this.word("stillSending");
    if (this.recorder.runs) return this.word("stillRecording");
    const { text = "", file, consent } = this.value ?? {};
    const isThere = this.config.takes === "text" ? text.trim() !== "" : file !== undefined;
    if (!isThere) return this.required || consent ? this.word("nothingYet") : "";
    return consent ? "" : this.word("noConsent");
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const wanted = { m: "[data-record]", f: "[data-file]", a: "[data-consent]", u: "[data-use]", d: "[data-drop]" }[event.key.toLowerCase()];
    const input = wanted ? this.querySelector<HTMLElement>(wanted) : null;
    input?.click();
    return input !== null;
  }

  private heard(event: Event): void {
    event.stopPropagation(); // the form hears of it when the answer is written
    const input = event.target as HTMLInputElement;
    if (input.matches("[data-consent]")) this.put({ consent: input.checked || undefined });
    else if (input.matches("[data-text]")) this.put({ text: input.value || undefined });
    else if (event.type === "change" && input.files?.[0]) {
      void this.send(input.files[0]);
      input.value = ""; // the same file again is chosen anew
    }
  }

  private put(more: { [Name in keyof Value]: Value[Name] | undefined }): void {
    const next = Object.fromEntries(Object.entries({ ...this.value, ...more }).filter(([, value]) => value !== undefined));
    this.commit(Object.keys(next).length ? (next as Value) : null);
    this.show(this.value);
  }

  private async send(file: File): Promise<void> {
    if (!this.dataset.bring) return this.say(this.word("onlyLook"));
    if (file.size > this.config.max_bytes) return this.tooLarge();
    if (this.recorder.runs) this.recorder.drop();
    this.turned();
    this.sending?.abort();
    const sending = (this.sending = new AbortController());
    this.kept.hold(file);
    try {
      const told = await this.arrived(file, sending);
      if (this.sending !== sending) return; // another one was chosen meanwhile
      this.picture(told);
      this.put({ file: told.file, name: told.name, sha256: told.sha256 });
      this.settled("");
    } catch (error) {
      if (this.sending === sending) this.settled(error instanceof Refused ? error.message : this.word("noLine"), error);
    }
  }

  /** What is on its way, or recorded, meanwhile goes on. */
  private tooLarge(): void {
    if (this.sending || this.recorder.runs) this.say(this.word("tooLarge"));
    else this.settled(this.word("tooLarge"));
  }

  /** Tried until there is a line. */
  private async arrived(file: File, sending: AbortController): Promise<Told> {
    const signal = (): AbortSignal => AbortSignal.any([sending.signal, AbortSignal.timeout(PATIENCE_MS)]);
    for (let wait = FIRST_RETRY_S; ; wait = longer(wait)) {
      this.say(this.word("stillSending"));
      try {
        return await call<Told>(this.dataset.bring ?? "", { method: "POST", body: this.form(file), signal: signal() });
      } catch (error) {
        if (!(error instanceof NoLine) || sending.signal.aborted) throw error;
      }
      this.say(this.word("noLine"));
      await pause(wait);
      sending.signal.throwIfAborted();
    }
  }

  /** It is on the server, or will not be taken there. */
  private settled(words: string, error?: unknown): void {
    const mayCome = error !== undefined && !(error instanceof Refused && error.status < 500 && !LATER.includes(error.status));
    this.sending = null;
    if (!mayCome) this.kept.drop();
    this.release();
    this.say(words);
  }

  /** Also one that is still on its way: it must not come back when it arrives. What is being recorded goes on. */
  private discard(): void {
    this.sending?.abort();
    if (!this.recorder.runs) this.settled("");
    this.put({ file: undefined, name: undefined, sha256: undefined });
  }

  private form(file: File): FormData {
    const form = new FormData();
    const unit = /u(\d+)\.[^.]*$/.exec(this.closest<HTMLElement>("[data-question]")?.dataset.question ?? "")?.[1] ?? "0";
    form.set("question", this.config.id);
    form.set("unit", unit);
    form.set("file", file);
    return form;
  }

  private async record(): Promise<void> {
    try {
      const file = await this.recorder.turn();
      this.turned();
      if (file && !this.recorder.runs) void this.send(file);
    } catch {
      this.say(this.word("noMicrophone"));
    }
  }

  /** In place of what was brought before and is not there yet: the two must not be mixed. Until it is sent no other
   * tab takes it for one that was cut short. */
  private begun(): void {
    this.sending?.abort();
    this.sending = null;
    this.kept.drop();
    this.release();
    this.say("");
    const sent = new Promise<void>((done) => (this.release = done));
    alone(this.place, () => sent);
  }

  private turned(): void {
    const button = this.querySelector<HTMLElement>("[data-record]");
    if (button) button.textContent = this.word(this.recorder.runs ? "stop" : "begin");
    button?.setAttribute("aria-pressed", String(this.recorder.runs));
  }

  /** Kept as it comes, and ended where more could not be sent. */
  private recorded(part: Blob, name: string): void {
    if (this.dataset.bring) this.kept.add(part, name);
    if (this.recorder.runs && this.recorder.bytes + 2 * part.size > this.config.max_bytes) void this.record();
  }

  /** What a tab took along when it died: a file is sent, a recording may be kept as far as it goes. */
  private async recover(): Promise<void> {
    const found = await this.kept.found();
    if (!found || this.sending || this.recorder.runs) return;
    if (found.whole) return void this.send(found.file);
    this.offer(found.file);
  }

  private offer(cut: File | null): void {
    const place = this.querySelector<HTMLElement>("[data-cut]");
    const player = place?.querySelector("audio");
    if (!place || !player) return;
    if (player.src) URL.revokeObjectURL(player.src);
    if (cut) player.src = URL.createObjectURL(cut);
    else player.removeAttribute("src");
    this.cut = cut;
    place.hidden = cut === null;
    for (const one of this.makers) one.disabled = cut !== null;
  }

  private get makers(): NodeListOf<HTMLInputElement | HTMLButtonElement> {
    return this.querySelectorAll("[data-record], [data-file]");
  }

  private decide(keep: boolean): void {
    const { cut } = this;
    this.offer(null);
    if (!cut) return;
    if (keep) void this.send(cut);
    else this.kept.drop();
  }

  /** Of this attempt at this task, in this browser. */
  private get place(): string {
    const { id, attempt } = this.closest<HTMLElement>("form")?.dataset ?? {};
    return [id, attempt, this.closest<HTMLElement>("[data-question]")?.dataset.question].join(":");
  }

  /** A file that came with a draft: its address is signed anew. */
  private async recall(file: number): Promise<void> {
    this.shown = file;
    const told = await call<Told>((this.dataset.files ?? "").replace(/\d+\/$/, `${file}/`), {}).catch(() => null);
    if (told && this.value?.file === file) this.picture(told);
  }

  private picture(told: Told | null): void {
    this.shown = told?.file ?? null;
    const place = this.querySelector<HTMLElement>("[data-preview]");
    if (!place) return;
    const tag = { image: "img", audio: "audio", video: "video" }[this.config.takes];
    if (!told || !tag) return place.replaceChildren();
    const element = document.createElement(tag) as HTMLImageElement | HTMLMediaElement;
    element.src = told.copy ?? told.url;
    if (element instanceof HTMLMediaElement) {
      element.controls = true;
      return place.replaceChildren(element);
    }
    element.alt = told.name;
    const whole = Object.assign(document.createElement("a"), { href: told.url, target: "_blank", rel: "noopener" });
    whole.append(element);
    place.replaceChildren(whole);
  }
}

define("crowd-contribution", Contribution);
