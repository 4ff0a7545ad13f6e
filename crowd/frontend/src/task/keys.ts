// Keyboard: a label's key chooses it in the question that is up, Enter submits, letters open the sheets.

import { shown } from "../tools/shown.ts";
import { type AnyTool, tools } from "../tools/tool.ts";

const SHEETS: Record<string, string> = { g: "guidelines", r: "giving-back", "?": "keys" };

export function listen(form: () => HTMLFormElement | null): void {
  document.addEventListener("keydown", (event) => {
    const task = form();
    if (!task || event.altKey || event.isComposing) return;
    const field = textField(event.target);
    const free = !field && !document.querySelector("dialog[open]");
    if (free && !presses(event) && toolOf(task)?.key(event)) return event.preventDefault();
    if (field && task.contains(field) && shown(unitOf(task)).some((one) => one.typing(event))) return event.preventDefault();
    if (event.metaKey) return;
    if (event.key === "Enter") return enter(event, task, field);
    if (event.ctrlKey || !free) return;
    if (choose(task, event.key.toLowerCase()) || (!presses(event) && !walks(event) && shown(unitOf(task)).some((one) => one.key(event)))) event.preventDefault();
    else open(task, event);
  });
}

/** Marks the question that the keys are about: the one that holds the focus, else the first without an answer. */
export function mark(form: HTMLFormElement): void {
  const now = current(form);
  for (const one of questions(form)) one.classList.toggle("current", one === now);
}

function enter(event: KeyboardEvent, form: HTMLFormElement, field: HTMLElement | null): void {
  const target = event.target as HTMLElement;
  const elsewhere = target.closest("a, button, summary, dialog") || (field && !form.contains(field));
  if (elsewhere || (field?.tagName === "TEXTAREA" && !event.ctrlKey)) return;
  event.preventDefault();
  const report = target.closest<HTMLDetailsElement>("[data-cannot][open]");
  const submitter = report?.querySelector("button") ?? form.querySelector<HTMLButtonElement>("[data-submit]");
  if (!event.repeat) form.requestSubmit(submitter);
}

/** Space and Enter belong to the button or the box that has the focus. */
function presses(event: KeyboardEvent): boolean {
  return (event.key === " " || event.key === "Enter") && (event.target as Element).closest("a, button, summary, input") !== null;
}

/** The arrows go from choice to choice where one has the focus. */
function walks(event: KeyboardEvent): boolean {
  return event.key.startsWith("Arrow") && (event.target as Element).matches("input[type=radio]");
}

function toolOf(form: HTMLFormElement): AnyTool | undefined {
  const question = current(form);
  return question ? tools(question)[0] : undefined;
}

/** What the question that is up is about. */
function unitOf(form: HTMLFormElement): HTMLElement | null {
  return (current(form) ?? form.querySelector("[data-question]"))?.closest<HTMLElement>("[data-unit]") ?? null;
}

function choose(form: HTMLFormElement, key: string): boolean {
  const input = current(form)?.querySelector<HTMLInputElement>(`input[data-key="${CSS.escape(key)}"]`);
  if (!input) return false;
  input.checked = input.type === "radio" ? true : !input.checked;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

function open(form: HTMLFormElement, event: KeyboardEvent): void {
  const sheet = SHEETS[event.key.toLowerCase()];
  const dialog = sheet ? (document.getElementById(sheet) as HTMLDialogElement | null) : null;
  const cannot = event.key === "c" ? form.querySelector<HTMLDetailsElement>("[data-cannot]") : null;
  if (dialog) dialog.showModal();
  else if (event.key === "b") form.querySelector<HTMLElement>(".blurred [data-unblur], [data-unblur]")?.click();
  else if (cannot) {
    cannot.open = !cannot.open;
    if (cannot.open) cannot.querySelector<HTMLInputElement>("input")?.focus();
  } else return;
  event.preventDefault();
}

function current(form: HTMLFormElement): HTMLElement | undefined {
  const all = questions(form);
  const focused = all.find((one) => one.contains(document.activeElement));
  const drawn = all.find((one) => one.classList.contains("current") && tools(one).length); // drawing takes the focus away
  const byKeys = all.filter((one) => one.querySelector("[data-key], [data-tool]"));
  return focused ?? drawn ?? byKeys.find((one) => !isAnswered(one)) ?? byKeys[byKeys.length - 1];
}

function isAnswered(question: HTMLElement): boolean {
  const value = question.querySelector<HTMLTextAreaElement>("[data-answer]");
  return value ? value.value !== "" : question.querySelector(":checked") !== null;
}

function questions(form: HTMLFormElement): HTMLElement[] {
  return [...form.querySelectorAll<HTMLElement>("[data-question]:not([hidden])")];
}

function textField(target: EventTarget | null): HTMLElement | null {
  const element = target as HTMLElement;
  const typed = element.matches?.("textarea, input:not([type=radio], [type=checkbox], [type=hidden]), select");
  return typed ? element : null;
}
