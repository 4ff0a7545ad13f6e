// Setting up a project: a file may be dropped, and of a question only what belongs to its kind is shown.

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
