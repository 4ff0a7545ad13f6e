// Layers over an item: who marked what, each switched on and off by its box (templates/web/tools/_layers.html).

import type { Surface } from "./surface.ts";

type Zoomed = HTMLElement & { surface?: Surface };
type Turned = HTMLElement & { turn?: (on: boolean) => void };

function turn(box: HTMLInputElement): void {
  const layer = document.getElementById(box.dataset.layer ?? "");
  for (const tool of layer?.querySelectorAll<Turned>("[data-tool]") ?? []) tool.turn?.(box.checked);
}

/** Buttons for the picture above, where one is drawn on. */
function zoom(bar: HTMLElement): void {
  const picture = bar.closest("[data-unit], .looked-at")?.querySelector<Zoomed>("[data-item] :is(img, video)");
  const surface = picture?.surface;
  if (!surface) return;
  bar.hidden = false;
  surface.buttons(bar);
}

/** Once the tools are there. */
export function layers(): void {
  for (const bar of document.querySelectorAll<HTMLElement>(".layers [data-zoom]")) zoom(bar);
  for (const box of document.querySelectorAll<HTMLInputElement>("input[data-layer]")) {
    turn(box);
    box.addEventListener("change", () => turn(box));
  }
}
