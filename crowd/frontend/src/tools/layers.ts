// Layers over an item: who marked what, each switched on and off by its box (templates/web/tools/_layers.html).

type Turned = HTMLElement & { turn?: (on: boolean) => void };

function turn(box: HTMLInputElement): void {
  const layer = document.getElementById(box.dataset.layer ?? "");
  for (const tool of layer?.querySelectorAll<Turned>("[data-tool]") ?? []) tool.turn?.(box.checked);
}

/** Once the tools are there. */
export function layers(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("input[data-layer]")) {
    turn(box);
    box.addEventListener("change", () => turn(box));
  }
}
