// <crowd-pair>: two pictures side by side that are zoomed and moved as one. Nothing is drawn on them.

import { define } from "../tool.ts";
import { Surface } from "../surface.ts";

const STEP = 1.25;
const MOVE = 40;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [MOVE, 0], ArrowRight: [-MOVE, 0], ArrowUp: [0, MOVE], ArrowDown: [0, -MOVE] };

class Pair extends HTMLElement {
  private surfaces: Surface[] = [];

  connectedCallback(): void {
    if (this.surfaces.length) return;
    this.surfaces = [...this.querySelectorAll("img")].map((picture) => Surface.over(picture, () => undefined));
    const [one, other] = this.surfaces as [Surface, Surface];
    one.follow(other);
    other.follow(one);
    for (const surface of this.surfaces) this.dragged(surface);
    const acts: [string, () => void][] = [
      ["[data-zoom-in]", () => one.zoomBy(STEP)],
      ["[data-zoom-out]", () => one.zoomBy(1 / STEP)],
      ["[data-zoom-whole]", () => one.whole()],
    ];
    for (const [selector, act] of acts) this.querySelector(selector)?.addEventListener("click", act);
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.dataset.ready = "yes";
  }

  private pressed(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    const done = arrow ? this.surfaces[0]?.pan(...arrow) : this.surfaces[0]?.key(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation(); // a digit is a key of the question too
  }

  /** One finger or the mouse moves both; two fingers zoom, which the surface does itself. */
  private dragged(surface: Surface): void {
    surface.frame.addEventListener("pointerdown", (event) => event.button === 0 && surface.frame.setPointerCapture(event.pointerId));
    surface.frame.addEventListener("pointermove", (event) => {
      if (surface.frame.hasPointerCapture(event.pointerId) && !surface.pinched) surface.pan(event.movementX, event.movementY);
    });
    surface.frame.addEventListener("dragstart", (event) => event.preventDefault());
  }
}

define("crowd-pair", Pair);
