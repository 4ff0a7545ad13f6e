// A qualification test: its time is counted down, at whose end it is handed in; what is typed is in the browser at once
// and on the server soon, as on the task page.

import { Clock } from "./clock.ts";
import { Draft, type State } from "./draft.ts";

const form = document.querySelector<HTMLFormElement>("form.exam");

if (form) {
  const words = (document.getElementById("words") as HTMLElement).dataset;
  const whole = form.dataset.exam !== undefined; // a training is answered question by question
  new Clock(form, words, () => undefined, () => whole && form.requestSubmit());
  if (whole) keep(form, words);
}

function keep(exam: HTMLFormElement, words: DOMStringMap): void {
  const tell = (state: State | "gone"): void => {
    const place = exam.querySelector("[data-saved]");
    if (place) place.textContent = words[state] ?? "";
  };
  const over = (): void => (draft.stop(), tell("gone"));
  const draft: Draft = new Draft(exam, () => 0, tell, over);
  exam.addEventListener("input", () => draft.changed());
  exam.dataset.ready = "yes";
}
