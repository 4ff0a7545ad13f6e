// What a person types or chooses before the scripts are there, or while a part of the page is on its way, is kept and
// is heard by everything that follows it, as if it were done when they have come.

export type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type State = string | boolean;

export const isBox = (field: Field): field is HTMLInputElement => field.type === "radio" || field.type === "checkbox";
export const fieldsIn = (place: ParentNode): Field[] => [...place.querySelectorAll<Field>("input, textarea, select")];

/** Whether a field is as the server has drawn it. */
export function asDrawn(field: Field): boolean {
  if (field instanceof HTMLSelectElement) return field.selectedIndex === drawnIndex(field);
  return isBox(field) ? field.checked === field.defaultChecked : field.value === field.defaultValue;
}

function drawnIndex(select: HTMLSelectElement): number {
  const options = [...select.options];
  const marked = options.filter((one) => one.defaultSelected);
  const drawn = select.multiple ? marked[0] : (marked.at(-1) ?? options.find((one) => !one.disabled));
  return drawn?.index ?? -1;
}

export const stateOf = (field: Field): State => (isBox(field) ? field.checked : field.value);

/** Puts a field into this state, as a person would. A chosen file cannot be put, only told of. */
export function act(field: Field, state: State): void {
  if (isBox(field)) field.checked = state === true;
  else if (field.type !== "file") field.value = String(state);
  if (field.type !== "radio" || state) tell(field); // of a group the one that is chosen now tells
}

function tell(field: Field): void {
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

/** When all scripts are there, and once more when the browser has put back what stood here before "back" or "reload".
 *  A form with a draft looks by itself (task/draft.ts). */
export function hearEarly(): void {
  const heard = new WeakSet<EventTarget>();
  const hear = (): void => {
    const fields = fieldsIn(document).filter((one) => !asDrawn(one) && !heard.has(one) && !one.form?.dataset.draft);
    for (const field of fields) act(field, stateOf(field));
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("input", (event) => event.target && heard.add(event.target), { capture: true });
    hear();
  });
  window.addEventListener("pageshow", hear);
}

type Sent = CustomEvent<{ xhr: XMLHttpRequest; target: Element; requestConfig: { verb: string } }>;

/** A part of a page is fetched anew, with what stood in its fields (post) or without (get): what was typed that the
 *  server cannot know goes into the new fields. */
export function keepMeanwhile(): void {
  const sent = new WeakMap<XMLHttpRequest, Map<string, State>>();
  const typed = new WeakMap<XMLHttpRequest, Map<string, State>>();
  const named = (place: Element): Field[] => fieldsIn(place).filter((one) => one.id && !["hidden", "file"].includes(one.type));
  const states = (fields: Field[]): Map<string, State> => new Map(fields.map((one) => [one.id, stateOf(one)]));
  document.addEventListener("htmx:beforeSend", (event) => {
    const { xhr, target, requestConfig } = (event as Sent).detail;
    if (requestConfig.verb !== "get") sent.set(xhr, states(named(target)));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = (event as Sent).detail;
    const known = sent.get(xhr);
    typed.set(xhr, states(named(target).filter((one) => (known ? known.get(one.id) !== stateOf(one) : !asDrawn(one)))));
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const { xhr } = (event as Sent).detail;
    const late = typed.get(xhr) ?? [];
    typed.delete(xhr);
    for (const [id, state] of late) {
      const field = document.getElementById(id) as Field | null;
      if (field && stateOf(field) !== state) act(field, state);
    }
  });
}
