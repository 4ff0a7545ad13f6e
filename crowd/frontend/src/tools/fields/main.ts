// <crowd-fields>: an answer that is an object of named values: a record, flags on cells, a choice with its reasons.
//
// The server draws the inputs; `data-name` is the key each one fills, `data-list` gathers what is ticked, and
// `data-type` says what a typed value is. Nothing here knows one kind from another.

import { define, Tool } from "../tool.ts";

type Value = Record<string, unknown>;
type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

class Fields extends Tool<Value> {
  protected override start(): void {
    this.addEventListener("input", (event) => this.heard(event));
    this.addEventListener("change", (event) => this.heard(event));
  }

  protected override show(value: Value | null): void {
    const none = this.none;
    if (none) none.checked = value !== null && Object.keys(value).length === 0;
    if (value === null && this.inputs.some((one) => one.dataset.given)) return; // what came with the item stands
    for (const input of this.inputs) {
      const held = value?.[input.dataset.name ?? ""];
      if (isBox(input)) input.checked = Array.isArray(held) ? held.includes(input.value) : held === (input.dataset.type === "flag" ? true : input.value);
      else input.value = held === undefined || held === null ? "" : String(held);
    }
  }

  /** What came with the item and was left as it is is an answer too. */
  override validate(): string {
    if (this.value === null && this.inputs.some((one) => one.dataset.given)) this.commit(this.gathered());
    return this.value === null && this.required ? this.word("nothingYet") : "";
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const digit = /^Digit(\d)$/.exec(event.code)?.[1]; // what it gives with Shift differs from keyboard to keyboard
    const key = event.shiftKey && digit ? `shift+${digit}` : event.key.toLowerCase();
    const input = this.querySelector<HTMLInputElement>(`input[data-key="${CSS.escape(key)}"]`);
    if (!input) return false;
    input.checked = input.type === "radio" || !input.checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  private heard(event: Event): void {
    const input = event.target as HTMLElement;
    if (input.hasAttribute("data-answer")) return;
    event.stopPropagation(); // the form hears of it when the answer is written
    if (input === this.none) this.commit(this.none?.checked ? {} : null);
    else this.commit(this.gathered());
    if (input === this.none) this.show(this.value);
    else if (this.none) this.none.checked = false;
  }

  private gathered(): Value | null {
    const found: Value = {};
    for (const input of this.inputs) {
      const name = input.dataset.name ?? "";
      if (isBox(input) && !input.checked) {
        if (input.dataset.type === "flag" && !input.hasAttribute("data-list")) found[name] = false;
      } else if (input.hasAttribute("data-list")) found[name] = [...((found[name] as unknown[]) ?? []), input.value];
      else if (input.value.trim() !== "") found[name] = typed(input);
    }
    const isEmpty = Object.keys(found).length === 0;
    return isEmpty ? null : found;
  }

  private get inputs(): Input[] {
    return [...this.querySelectorAll<Input>("[data-name]")];
  }

  private get none(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("[data-none]");
  }
}

function typed(input: Input): unknown {
  if (input.dataset.type === "flag") return true;
  if (input.dataset.type !== "number" && input.dataset.type !== "integer") return input.value;
  const number = Number(input.value.trim().replace(",", "."));
  return Number.isFinite(number) ? number : input.value; // the server says what is wrong with it
}

function isBox(input: Input): input is HTMLInputElement {
  return input instanceof HTMLInputElement && (input.type === "checkbox" || input.type === "radio");
}

define("crowd-fields", Fields);
