// The requester's pages: a file may be dropped, a question can be tried out beside its form, and all rows of a page can
// be chosen at once.

import { settle } from "./task/conditions.ts";
import { load } from "./tools/load.ts";

for (const place of document.querySelectorAll<HTMLElement>("[data-drop]")) {
  const input = place.querySelector<HTMLInputElement>("input[type=file]");
  const over = (on: boolean) => (event: DragEvent) => {
    event.preventDefault();
    place.classList.toggle("over", on);
  };
  place.addEventListener("dragover", over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event) => {
    over(false)(event);
    if (!input || !event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.form?.requestSubmit();
  });
}

// The preview is the worker's page: its tools come when they are needed, and conditions hold.
function tryOut(): void {
  const preview = document.getElementById("preview");
  if (!preview) return;
  settle(preview);
  void load(preview).then(() => settle(preview));
}
document.addEventListener("htmx:afterSettle", tryOut);
// What comes back as it is already leaves alone what is being tried.
let last = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = (event as CustomEvent<{ target: Element; xhr: XMLHttpRequest; shouldSwap: boolean }>).detail;
  if (target.id !== "preview") return;
  if (xhr.responseText === last) (event as CustomEvent<{ shouldSwap: boolean }>).detail.shouldSwap = false;
  last = xhr.responseText;
});
document.getElementById("preview")?.addEventListener("input", (event) => settle(event.currentTarget as HTMLElement));
tryOut();

for (const all of document.querySelectorAll<HTMLInputElement>("input[data-all]")) {
  const rows = () => document.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(all.dataset.all ?? "")}"]:enabled`);
  all.hidden = rows().length === 0;
  all.addEventListener("change", () => rows().forEach((row) => (row.checked = all.checked)));
}

// The figures of a project that runs, and the items of a file that is being read, follow by themselves, but never while
// somebody is reading or standing in them.
document.addEventListener("htmx:beforeRequest", (event) => {
  const place = (event as CustomEvent<{ target: Element }>).detail.target;
  if (!place.matches("#figures, #so-far")) return;
  if (place.querySelector("details[open]") || place.contains(document.activeElement)) event.preventDefault();
});
