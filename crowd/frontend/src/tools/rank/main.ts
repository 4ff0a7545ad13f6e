// <crowd-ranking>: all of some things in order, best first: dragged, or moved by their buttons.

import Sortable from "sortablejs";

import { define, Tool } from "../tool.ts";

class Ranking extends Tool<string[]> {
  private list!: HTMLElement;
  private chosen: HTMLElement | null = null; // by a key: the arrows move it

  protected override start(): void {
    this.list = this.querySelector<HTMLElement>("[data-things]") as HTMLElement;
    Sortable.create(this.list, { animation: 120, handle: "[data-handle]", disabled: this.readonly, onEnd: () => this.told() });
    this.on("[data-up]", (button) => this.step(button, -1));
    this.on("[data-down]", (button) => this.step(button, 1));
    this.on("[data-keep]", () => this.told());
  }

  protected override show(value: string[] | null): void {
    for (const name of value ?? []) {
      const thing = this.things.find((one) => one.dataset.thing === name);
      if (thing) this.list.append(thing);
    }
    this.number();
  }

  override validate(): string {
    return this.value === null && this.required ? this.word("nothingYet") : "";
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const named = this.things[Number(event.key) - 1];
    if (named) return this.choose(named);
    if (event.key === "[" || event.key === "]") return this.next(event.key === "]" ? 1 : -1);
    if (event.key === "k") return this.told();
    if (!this.chosen || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return event.key === "Escape" && this.choose(null);
    return this.move(this.chosen, event.key === "ArrowUp" ? -1 : 1);
  }

  private choose(thing: HTMLElement | null): true {
    this.chosen = thing;
    for (const one of this.things) one.classList.toggle("chosen", one === thing);
    this.say(thing?.dataset.title ?? "");
    return true;
  }

  private next(step: 1 | -1): true {
    const { things } = this;
    const place = this.chosen ? things.indexOf(this.chosen) + step : step > 0 ? 0 : -1;
    return this.choose(things[(place + things.length) % things.length] ?? null);
  }

  private get things(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[data-thing]")];
  }

  private step(button: HTMLElement, by: -1 | 1): void {
    const thing = button.closest<HTMLElement>("[data-thing]");
    if (thing) this.move(thing, by);
    button.focus();
  }

  private move(thing: HTMLElement, by: -1 | 1): true {
    const other = by < 0 ? thing.previousElementSibling : thing.nextElementSibling;
    if (!other) return true;
    if (by < 0) other.before(thing);
    else other.after(thing);
    return this.told();
  }

  private told(): true {
    this.number();
    this.commit(this.things.map((one) => one.dataset.thing ?? ""));
    this.say(this.word("order").replace("%s", this.things.map((one) => one.dataset.title).join(", ")));
    return true;
  }

  private number(): void {
    this.things.forEach((one, place) => {
      (one.querySelector("[data-rank]") as HTMLElement).textContent = String(place + 1);
    });
  }
}

define("crowd-ranking", Ranking);
