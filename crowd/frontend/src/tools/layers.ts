// Layers over an item: who marked what, each switched on and off by its box (templates/web/tools/_layers.html); and the
// keys of tools where no task page sees to them.

import type { Surface } from "./surface.ts";
import { tools } from "./tool.ts";

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

/** A reviewer's, or of a test: they go to the question in which somebody is at work. */
export function keys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    const isOwn = event.key === " " || event.key === "Enter" ? "a, button, summary, input, select, textarea" : "input:not([type=radio], [type=checkbox]), select, textarea";
    if (event.defaultPrevented || event.altKey || event.isComposing || target.closest(isOwn) || document.querySelector("dialog[open]")) return;
    const question = document.querySelector("[data-question].current");
    if (question && tools(question).find((one) => !one.readonly)?.key(event)) event.preventDefault();
  });
}
