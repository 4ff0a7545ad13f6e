// The requester's pages: a file may be dropped, of a question only what belongs to its kind is shown, and all rows of a
// page can be chosen at once.

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

function showOwn(question: HTMLElement): void {
  const kind = question.querySelector<HTMLSelectElement>("select[name$=-kind]")?.value ?? "";
  for (const part of question.querySelectorAll<HTMLElement>("[data-for]"))
    part.hidden = !(part.dataset.for ?? "").split(" ").includes(kind);
}

for (const question of document.querySelectorAll<HTMLElement>("[data-question]")) {
  showOwn(question);
  question.addEventListener("change", () => showOwn(question));
}

for (const all of document.querySelectorAll<HTMLInputElement>("input[data-all]")) {
  const rows = () => document.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(all.dataset.all ?? "")}"]:enabled`);
  all.hidden = rows().length === 0;
  all.addEventListener("change", () => rows().forEach((row) => (row.checked = all.checked)));
}

// The figures of a project that runs follow by themselves, but never while somebody is reading or standing in them.
document.addEventListener("htmx:beforeRequest", (event) => {
  const place = event.target as Element;
  if (place.id !== "figures") return;
  if (place.querySelector("details[open]") || place.contains(document.activeElement)) event.preventDefault();
});
