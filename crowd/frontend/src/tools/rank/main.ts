// <crowd-ranking>: all of some things in order, best first: dragged, or moved by their buttons.

import Sortable from "sortablejs";

import { define, Tool } from "../tool.ts";

class Ranking extends Tool<string[]> {
  private list!: HTMLElement;

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

  private get things(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[data-thing]")];
  }

  private step(button: HTMLElement, by: -1 | 1): void {
    const thing = button.closest<HTMLElement>("[data-thing]");
    const other = by < 0 ? thing?.previousElementSibling : thing?.nextElementSibling;
    if (!thing || !other) return;
    if (by < 0) other.before(thing);
    else other.after(thing);
    button.focus();
    this.told();
  }

  private told(): void {
    this.number();
    this.commit(this.things.map((one) => one.dataset.thing ?? ""));
    this.say(this.word("order").replace("%s", this.things.map((one) => one.dataset.title).join(", ")));
  }

  private number(): void {
    this.things.forEach((one, place) => {
      (one.querySelector("[data-rank]") as HTMLElement).textContent = String(place + 1);
    });
  }
}

define("crowd-ranking", Ranking);
