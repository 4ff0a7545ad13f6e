// A qualification test: what is typed is in the browser at once and on the server soon, as on the task page.

import { Draft, type State } from "./draft.ts";

const form = document.querySelector<HTMLFormElement>("form[data-exam]");

if (form) {
  const words = (document.getElementById("words") as HTMLElement).dataset;
  const tell = (state: State | "gone"): void => {
    const place = form.querySelector("[data-saved]");
    if (place) place.textContent = words[state] ?? "";
  };
  const over = (): void => (draft.stop(), tell("gone"));
  const draft: Draft = new Draft(form, () => 0, tell, over);
  form.addEventListener("input", () => draft.changed());
  form.dataset.ready = "yes";
}
