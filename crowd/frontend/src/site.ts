// What every page has: the reader's time zone, menus, dialogs, forms that are sent once, selects that submit.

import { asDrawn, type Field, hearEarly, isBox, keepMeanwhile } from "./early.ts";
import { erase } from "./tools/bring/store.ts";
import { keys } from "./tools/keys.ts";
import { layers } from "./tools/layers.ts";
import { load } from "./tools/load.ts";

document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone};path=/;max-age=31536000;samesite=lax`;

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-opens]");
  if (opener) {
    event.preventDefault();
    (document.getElementById(opener.dataset.opens ?? "") as HTMLDialogElement | null)?.showModal();
  }
  if (target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]"))
    if (!menu.contains(target)) menu.open = false;
  if (target instanceof HTMLDialogElement) target.close(); // a click on the veil
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// A second click on the same button sends nothing: the first one is under way.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10_000);
});
document.addEventListener("submit", ({ target }) => {
  if ((target as Element).matches("[data-signs-out]")) erase();
});
window.addEventListener("pageshow", ({ persisted }) => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  if (persisted) for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-submits]")) select.form?.reset();
});

for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-submits]")) {
  select.form?.querySelector("[data-plain]")?.setAttribute("hidden", "");
  select.addEventListener("change", () => select.form?.requestSubmit());
}

// Who types already is not interrupted.
if (document.activeElement === document.body) document.querySelector<HTMLElement>("[data-focus]")?.focus();

// A form that came back with a fault has what was chosen, unless something else is chosen by now.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-refill]")) {
  const kept = JSON.parse(form.querySelector("#refill")?.textContent ?? "{}") as Record<string, string[]>;
  for (const [name, values] of Object.entries(kept)) {
    const inputs = [...form.querySelectorAll<Field>(`[name="${CSS.escape(name)}"]`)];
    if (!inputs.every(asDrawn)) continue;
    for (const input of inputs) {
      if (isBox(input)) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
  }
}

// A table that is wider than its place can be scrolled from the keyboard too.
function reachable(): void {
  for (const box of document.querySelectorAll<HTMLElement>(".table"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}
// Links that slide on a phone: the one where the reader is stands in sight.
function inSight(): void {
  for (const here of document.querySelectorAll<HTMLElement>(".nav [aria-current], .tabs [aria-current]")) {
    const line = here.closest<HTMLElement>("ul");
    if (line) line.scrollLeft = here.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
  }
}
inSight();
window.addEventListener("resize", inSight);

reachable();
window.addEventListener("resize", reachable);
document.addEventListener("htmx:afterSettle", reachable);

hearEarly();
keepMeanwhile();

// Tools outside of the task page, which loads its own: tests, reviews, previews, results.
if (!document.getElementById("stage")) void load(document).then(() => (layers(), keys()));
