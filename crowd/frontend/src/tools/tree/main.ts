// <crowd-tree>: one label of a tree of up to 100,000, found by its words or level by level. The page holds none of them.

import { call } from "../../task/wire.ts";
import { define, Tool } from "../tool.ts";

type Found = { id: string; title: string; path: string[]; more: boolean };
const WAIT_MS = 200;

class Tree extends Tool<string, { id: string; leaves?: boolean }> {
  private words!: HTMLInputElement;
  private results!: HTMLElement;
  private timer = 0;
  private asked = 0;
  private searched: Promise<void> = Promise.resolve();
  private readonly titles = new Map<string, string>();

  protected override start(): void {
    this.words = this.querySelector<HTMLInputElement>("[data-words-wanted]") as HTMLInputElement;
    this.results = this.querySelector<HTMLElement>("[data-results]") as HTMLElement;
    this.words.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.searchWords(), WAIT_MS);
    });
    this.words.addEventListener("keydown", (event) => this.moved(event));
    this.on("[data-top]", () => void this.search({ under: "" }));
    this.on("[data-clear]", () => (this.commit(null), this.show(null)));
    if (!this.readonly) void this.search({ under: "" });
  }

  protected override show(value: string | null): void {
    const place = this.querySelector<HTMLElement>("[data-chosen]");
    if (place) place.textContent = value === null ? "" : (this.titles.get(value) ?? value);
    if (value !== null && !this.titles.has(value)) void this.recall(value);
    this.querySelector<HTMLElement>("[data-clear]")?.toggleAttribute("hidden", value === null);
  }

  override validate(): string {
    return this.value === null && this.required ? this.word("nothingYet") : "";
  }

  private searchWords(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.searched = this.search({ words: this.words.value });
  }

  /** Of what the words find: a quick hand presses Enter while what was found before is still there. */
  private async chooseFirst(): Promise<void> {
    if (this.timer) this.searchWords();
    await this.searched;
    this.results.querySelector<HTMLElement>("[data-choose]:enabled")?.click();
  }

  private async search(wanted: { words?: string; under?: string }): Promise<void> {
    const number = ++this.asked;
    const told = await this.found(wanted);
    if (number !== this.asked) return; // a later question was asked meanwhile
    if (!told) return this.say(this.word("noLine"));
    this.say(told.length ? "" : this.word("none"));
    const isInside = this.results.contains(document.activeElement);
    this.results.replaceChildren(...told.map((one) => this.result(one)));
    if (isInside) (this.results.querySelector<HTMLElement>("[data-choose]:enabled, [data-under]:not([hidden])") ?? this.words).focus();
  }

  /** The path of an answer that came with a draft. */
  private async recall(id: string): Promise<void> {
    const one = (await this.found({ words: id }))?.find((found) => found.id === id);
    if (!one || this.value !== id) return;
    this.titles.set(id, one.path.join(" › "));
    this.show(id);
  }

  private async found(wanted: { words?: string; under?: string }): Promise<Found[] | null> {
    if (!this.dataset.search) return [];
    const query = new URLSearchParams({ question: this.config.id, ...wanted });
    const form = document.getElementById(this.dataset.form ?? ""); // a tree that is only written down there so far
    const options = form instanceof HTMLFormElement ? { method: "POST", body: new FormData(form) } : {};
    return call<Found[]>(`${this.dataset.search}?${query}`, options).catch(() => null);
  }

  private result(one: Found): HTMLElement {
    const row = this.row();
    const path = one.path.join(" › ");
    this.titles.set(one.id, path);
    const choose = row.querySelector<HTMLButtonElement>("[data-choose]") as HTMLButtonElement;
    choose.textContent = path;
    choose.disabled = (this.config.leaves ?? false) && one.more;
    choose.addEventListener("click", () => {
      this.commit(one.id);
      this.show(one.id);
    });
    choose.addEventListener("keydown", (event) => this.moved(event));
    const under = row.querySelector<HTMLElement>("[data-under]");
    under?.toggleAttribute("hidden", !one.more);
    under?.addEventListener("click", () => void this.search({ under: one.id }));
    return row;
  }

  protected override pressed(event: KeyboardEvent): boolean {
    if (event.key !== "f") return false;
    this.words.focus();
    return true;
  }

  /** Up and down go through the list from the field and back; Enter chooses what has the focus. */
  private moved(event: KeyboardEvent): void {
    const all: HTMLElement[] = [this.words, ...this.results.querySelectorAll<HTMLElement>("[data-choose]:enabled")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const target = event.target as HTMLElement;
    if (step) all[all.indexOf(target) + step]?.focus();
    else if (event.key === "ArrowRight" && target !== this.words) target.parentElement?.querySelector<HTMLElement>("[data-under]:not([hidden])")?.click();
    else if (event.key === "ArrowLeft" && target !== this.words) void this.search({ under: "" });
    else if (event.key === "Enter" && target === this.words) void this.chooseFirst();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

define("crowd-tree", Tree);
