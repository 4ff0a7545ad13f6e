// <crowd-pictures>: a picture, or two side by side that are zoomed and moved as one. Nothing is drawn on them.

import { Surface } from "../surface.ts";
import { Shown } from "../shown.ts";
import { define } from "../tool.ts";

class Pictures extends Shown {
  private surfaces: Surface[] = [];

  connectedCallback(): void {
    if (this.surfaces.length) return;
    this.surfaces = [...this.querySelectorAll("img")].map((picture) => Surface.over(picture, () => undefined));
    const [one, other] = this.surfaces as [Surface, Surface?];
    if (other) {
      one.follow(other);
      other.follow(one);
    }
    for (const surface of this.surfaces) this.dragged(surface);
    one.buttons(this);
    this.takeKeys();
    this.dataset.ready = "yes";
  }

  override key(event: KeyboardEvent): boolean {
    return this.surfaces[0]?.look(event) ?? false;
  }

  /** One finger or the mouse moves it; two fingers zoom, which the surface does itself. */
  private dragged(surface: Surface): void {
    surface.frame.addEventListener("pointerdown", (event) => event.button === 0 && surface.frame.setPointerCapture(event.pointerId));
    surface.frame.addEventListener("pointermove", (event) => {
      if (surface.frame.hasPointerCapture(event.pointerId) && !surface.pinched) surface.pan(event.movementX, event.movementY);
    });
    surface.frame.addEventListener("dragstart", (event) => event.preventDefault());
    if (this.closest(".task")) surface.frame.addEventListener("mousedown", (event) => event.preventDefault()); // the keys stay with the answer
  }
}

define("crowd-pictures", Pictures);
