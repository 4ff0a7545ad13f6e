// The form's state as plain data: name of a field to its values. What is drafted, mirrored and restored is this.

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

/** What was entered by hand before any script was there to hear of it; a tool's answer cannot be. */
export function early(form: HTMLFormElement): Fields {
  const asDrawn = (input: Input): boolean => (isBox(input) ? input.checked === input.defaultChecked : input.value === input.defaultValue);
  const touched = new Set([...inputs(form)].filter((input) => !input.hasAttribute("data-answer") && !asDrawn(input)).map((input) => input.name));
  return Object.fromEntries(Object.entries(read(form)).filter(([name]) => touched.has(name)));
}

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

function isBox(input: Input): input is HTMLInputElement {
  return input.type === "radio" || input.type === "checkbox";
}
