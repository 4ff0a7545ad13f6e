// The form's state as plain data: name of a field to its values. What is drafted, mirrored and restored is this.

import { asDrawn, isBox } from "../early.ts";

export type Fields = Record<string, string[]>;

/** What the worker has entered; hidden fields and the token are not his. */
export function read(form: HTMLFormElement): Fields {
  const fields: Fields = {};
  for (const input of inputs(form)) {
    if (isBox(input) && !input.checked) continue;
    if (input.value === "") continue;
    (fields[input.name] ??= []).push(input.value);
  }
  return fields;
}

/** What was entered by hand before any script was there to hear of it. */
export function early(form: HTMLFormElement): Fields {
  const touched = new Set([...inputs(form)].filter((input) => !asDrawn(input)).map((input) => input.name));
  return Object.fromEntries(Object.entries(read(form)).filter(([name]) => touched.has(name)));
}

/** What was saved, with what was entered early on top; of an answer in parts (a record) only the parts that were. */
export function joined(form: HTMLFormElement, saved: Fields, typed: Fields): Fields {
  const both = { ...saved, ...typed };
  for (const { name } of [...inputs(form)].filter((input) => input.matches("[data-tool] [data-answer]"))) {
    const [below, above] = [saved[name]?.[0], typed[name]?.[0]].map((text) => (text ? (JSON.parse(text) as unknown) : null));
    if (isRecord(below) && isRecord(above)) both[name] = [JSON.stringify({ ...below, ...above })];
  }
  return both;
}

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

export function write(form: HTMLFormElement, fields: Fields): void {
  for (const input of inputs(form)) {
    const values = fields[input.name] ?? [];
    if (isBox(input)) input.checked = values.includes(input.value);
    else input.value = values[0] ?? "";
    if (input.hasAttribute("data-answer")) input.dispatchEvent(new Event("restored")); // a tool shows it
  }
  const told = (fields["reason"] ?? []).length + (fields["comment"] ?? []).length;
  const details = form.querySelector<HTMLDetailsElement>("[data-cannot]");
  if (details && told) details.open = true;
}

export const same = (one: Fields, other: Fields): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** A number for what stands in the fields: the same for the same. */
export function digest(fields: Fields): number {
  let number = 0;
  for (const letter of JSON.stringify(sorted(fields))) number = (Math.imul(number, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return number;
}

function sorted(fields: Fields): [string, string[]][] {
  return Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
}

type Input = HTMLInputElement | HTMLTextAreaElement;

function* inputs(form: HTMLFormElement): Generator<Input> {
  for (const element of form.elements) {
    const input = element as Input;
    if ((element.tagName === "INPUT" || element.tagName === "TEXTAREA") && input.name && input.type !== "hidden" && !input.dataset.name) yield input; // a tool's own are in its answer
  }
}
