// <crowd-contribution>: a text that is written or a file that is brought (chosen, photographed, recorded), and consent.
//
// A file is sent as soon as it is there, so that the draft and the answer only name it. Nothing is an answer without the
// tick: what is there before it stays in the draft.

import { call, Refused } from "../../task/wire.ts";
import { define, Tool } from "../tool.ts";
import { Recorder } from "./recorder.ts";

type Brought = { file: number; name: string; sha256: string };
type Told = Brought & { url: string; content_type: string; size: number };
type Value = Partial<Brought> & { text?: string; consent?: boolean | string };

const PATIENCE_MS = 15 * 60_000;

class Contribution extends Tool<Value, { id: string; takes: string; max_bytes: number }> {
  private sending: AbortController | null = null;
  private shown: number | null = null;
  private readonly recorder = new Recorder();

  protected override start(): void {
    for (const input of this.querySelectorAll<HTMLElement>("[data-file], [data-text], [data-consent]"))
      for (const name of ["input", "change"]) input.addEventListener(name, (event) => this.heard(event));
    this.on("[data-remove]", () => this.discard());
    this.on("[data-record]", (button) => void this.record(button));
    if (this.readonly) for (const one of this.querySelectorAll<HTMLInputElement>("input, textarea, button")) one.disabled = true;
  }

  protected override stop(): void {
    this.sending?.abort();
    this.recorder.drop();
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
    const wanted = { m: "[data-record]", f: "[data-file]", a: "[data-consent]" }[event.key.toLowerCase()];
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
    if (file.size > this.config.max_bytes) return this.say(this.word("tooLarge"));
    this.sending?.abort();
    const sending = (this.sending = new AbortController());
    this.say(this.word("stillSending"));
    try {
      const told = await call<Told>(this.dataset.bring, { method: "POST", body: this.form(file), signal: AbortSignal.any([sending.signal, AbortSignal.timeout(PATIENCE_MS)]) });
      if (this.sending !== sending) return; // another one was chosen meanwhile
      this.picture(told);
      this.put({ file: told.file, name: told.name, sha256: told.sha256 });
      this.say("");
    } catch (error) {
      if (this.sending === sending) this.say(error instanceof Refused ? error.message : this.word("noLine"));
    } finally {
      if (this.sending === sending) this.sending = null;
    }
  }

  /** Also one that is still on its way: it must not come back when it arrives. */
  private discard(): void {
    this.sending?.abort();
    this.sending = null;
    this.say("");
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

  private async record(button: HTMLElement): Promise<void> {
    try {
      const file = await this.recorder.turn();
      button.textContent = this.word(this.recorder.runs ? "stop" : "begin");
      button.setAttribute("aria-pressed", String(this.recorder.runs));
      if (file) void this.send(file);
    } catch {
      this.say(this.word("noMicrophone"));
    }
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
    element.src = told.url;
    if (element instanceof HTMLImageElement) element.alt = told.name;
    else element.controls = true;
    place.replaceChildren(element);
  }
}

define("crowd-contribution", Contribution);
