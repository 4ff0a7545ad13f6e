// What every tool of the task page is: an element that shows one answer and lets a worker change it.
//
// The server draws the element with everything a person reads in it (buttons, rows as <template>, sentences as data
// attributes) and a <textarea data-answer> that carries the answer as JSON. The form, the draft and the two windows of
// one worker see nothing but that field.

import { act, asDrawn, fieldsIn, stateOf } from "../early.ts";
import { History } from "./history.ts";

/** A key and what it does, for the sheet of keys. */
export type Shortcut = { keys: string; what: string };

/** What is labelled, as docs/labeling.md says. */
type Scene = {
  kind: string;
  media: string;
  width: number | null;
  height: number | null;
  start: number;
  end: number | null;
  text: string | null;
  columns: Record<string, unknown>;
};

export type Label = { name: string; title: string; key: string; colour: string };

export abstract class Tool<Value, Config = Record<string, unknown>> extends HTMLElement {
  protected config!: Config;
  protected scene!: Scene;
  private field!: HTMLTextAreaElement;
  private readonly history = new History();
  private live = false;

  connectedCallback(): void {
    if (this.live) return;
    this.live = true;
    const question = this.closest<HTMLElement>("[data-question]");
    this.config = JSON.parse(question?.dataset.settings ?? "{}") as Config;
    this.scene = JSON.parse(question?.dataset.scene ?? "{}") as Scene;
    this.field = this.querySelector<HTMLTextAreaElement>("[data-answer]") as HTMLTextAreaElement;
    this.field.addEventListener("restored", () => this.restored());
    this.on("[data-undo]", () => this.undo());
    this.on("[data-redo]", () => this.redo());
    question?.addEventListener("focusin", this.rise);
    const early = fieldsIn(this).flatMap((one) => (one === this.field || asDrawn(one) ? [] : [{ one, state: stateOf(one) }]));
    this.start();
    this.restored();
    this.dataset.ready = "yes";
    for (const { one, state } of early) act(one, state);
  }

  disconnectedCallback(): void {
    this.stop();
  }

  /** The answer as the server stores it; null: nothing yet. */
  get value(): Value | null {
    return this.field.value === "" ? null : (JSON.parse(this.field.value) as Value);
  }

  set value(value: Value | null) {
    this.field.value = value === null ? "" : JSON.stringify(value);
    this.restored();
  }

  protected get required(): boolean {
    return this.closest("[data-question]")?.hasAttribute("data-required") ?? false;
  }

  /** Whether this question has the keys and the pointer: two questions may be about one picture. */
  protected get isUp(): boolean {
    const peers = [...document.querySelectorAll<HTMLElement>("[data-tool]:not([readonly]):has([data-answer])")].filter((one) => (one as this).item === this.item);
    const up = peers.find((one) => one.closest("[data-question]")?.classList.contains("current"));
    return (up ?? peers[0]) === this;
  }

  get readonly(): boolean {
    return this.hasAttribute("readonly");
  }

  /** What would be refused, in words, or nothing. The server looks again. */
  validate(): string {
    return "";
  }

  /** It is submitted, given back, or not his any more: what the tool does ends, what it keeps in this browser goes. */
  forget(): void {}

  /** For the sheet of keys. */
  get shortcuts(): Shortcut[] {
    return shortcutsIn(this);
  }

  /** A key pressed while this question is up; true: it meant something here. With Ctrl or Cmd it is the browser's. */
  key(event: KeyboardEvent): boolean {
    if (!event.ctrlKey && !event.metaKey) return this.pressed(event);
    return event.key.toLowerCase() === "z" && (event.shiftKey ? this.redo() : this.undo());
  }

  /** Once, when the element is in the page. */
  protected abstract start(): void;
  /** Draws this answer; called when it comes from elsewhere: a draft, another window, undo. */
  protected abstract show(value: Value | null): void;

  protected stop(): void {}

  protected pressed(_event: KeyboardEvent): boolean {
    return false;
  }

  /** What the worker has done. Every tool calls it after each finished step and never during a drag. */
  protected commit(value: Value | null): void {
    if (this.readonly) return;
    const text = value === null ? "" : JSON.stringify(value);
    if (text === this.field.value) return;
    this.history.add(this.field.value, text);
    this.write(text);
  }

  protected say(words: string): void {
    const place = this.querySelector<HTMLElement>("[data-told]");
    if (place) place.textContent = words;
  }

  protected word(name: string): string {
    return this.dataset[name] ?? "";
  }

  protected on(selector: string, act: (button: HTMLElement) => void): void {
    for (const button of this.querySelectorAll<HTMLElement>(selector)) button.addEventListener("click", () => act(button));
  }

  /** A copy of the row that the server has drawn for this tool. */
  protected row(name = "row"): HTMLElement {
    const template = this.querySelector<HTMLTemplateElement>(`template[data-${name}]`);
    return template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
  }

  /** What is labelled: the item of this unit, which stands beside the questions. */
  protected get item(): HTMLElement {
    const number = /u(\d+)\.[^.]*$/.exec(this.closest<HTMLElement>("[data-question]")?.dataset.question ?? "")?.[1];
    const unit = this.closest("[data-unit]") ?? document.querySelector(`[data-unit="${number}"]`);
    return unit?.querySelector("[data-item]") as HTMLElement;
  }

  /** Where no sheet of keys does it: the question in which somebody is at work is the one that is up. */
  private readonly rise = (): void => {
    for (const one of document.querySelectorAll("[data-question]:has([data-tool])")) one.classList.toggle("current", one.contains(this));
  };

  private undo(): boolean {
    return this.back(this.history.undo());
  }

  private redo(): boolean {
    return this.back(this.history.redo());
  }

  private back(text: string | null): boolean {
    if (text === null || this.readonly) return false;
    this.write(text);
    this.show(this.value);
    return true;
  }

  private write(text: string): void {
    this.field.value = text;
    this.buttons();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private restored(): void {
    this.show(this.value);
    this.buttons();
  }

  private buttons(): void {
    for (const [selector, can] of [["[data-undo]", this.history.canUndo], ["[data-redo]", this.history.canRedo]] as const)
      for (const button of this.querySelectorAll<HTMLButtonElement>(selector)) button.disabled = !can;
  }
}

/** The server draws them: buttons with a key, and what has none. */
export function shortcutsIn(place: HTMLElement): Shortcut[] {
  return [...place.querySelectorAll<HTMLElement>("[data-shortcut]")].map((one) => ({
    keys: one.dataset.shortcut ?? "",
    what: one.dataset.what ?? one.textContent?.trim() ?? "",
  }));
}

/** What the page sees of a tool. Its class lives in a script of its own, so that it is known by its methods. */
export type AnyTool = HTMLElement & Pick<Tool<unknown>, "value" | "readonly" | "validate" | "forget" | "shortcuts" | "key">;

export const tools = (place: ParentNode): AnyTool[] =>
  [...place.querySelectorAll<AnyTool>("[data-tool]")].filter((one) => typeof one.validate === "function");

/** Defines the element once, however often its script is loaded. */
export function define(name: string, tool: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, tool);
}
