// What all tools for marks share: the marks, which one is chosen, their labels, and the list beside the item in which
// every mark can be named, put right by its numbers and removed without a pointer. How marks look on the item and how
// they are made there is each tool's own.

import { type Label, Tool } from "./tool.ts";

type Labelled = { label?: string; text?: string };
export type MarksConfig = {
  kind: string;
  labels: Label[];
  at_least: number;
  at_most: number;
  transcript?: "no" | "optional" | "required";
};
export type Numbers = [name: string, value: number][];

export abstract class MarkTool<Mark extends Labelled, Config extends MarksConfig = MarksConfig> extends Tool<Mark[], Config> {
  protected marks: Mark[] = [];
  protected place: number | null = null;
  protected label = "";
  private off = false;

  /** Draws all marks on the item. */
  protected abstract paint(): void;
  /** Each number of a mark; the names are words of the element (`data-…`), or are shown as they are. */
  protected abstract numbers(mark: Mark): Numbers;
  protected abstract numbered(mark: Mark, name: string, value: number): Mark;
  /** A mark in the middle, to be put right by its numbers; null where none can be made. */
  protected abstract fresh(): Mark | null;

  /** A layer over the item is switched on or off; its list stays. */
  turn(on: boolean): void {
    this.off = !on;
    this.redraw();
  }

  /** The marks that are to be drawn on the item: all of them, or none. */
  protected get inSight(): Mark[] {
    return this.off ? [] : this.marks;
  }

  /** Of several layers: names stand above each other, and what is settled is drawn stronger. */
  protected among(drawn: SVGElement): void {
    drawn.style.setProperty("--lane", this.dataset.lane ?? "0");
    drawn.classList.toggle("settled", this.hasAttribute("data-settled"));
  }

  /** Whether it is a mark still after a number of it was typed: inside the item, and of some size. */
  protected fits(_mark: Mark): boolean {
    return true;
  }

  /** Where something goes by: on to where this mark is. */
  protected goTo(_mark: Mark): void {}

  /** What its row says beside its number and label. */
  protected caption(_mark: Mark): string {
    return "";
  }

  protected override start(): void {
    this.label = this.config.labels[0]?.name ?? "";
    this.on("[data-label]", (button) => this.named(button.dataset.label ?? ""));
    this.on("[data-by-numbers]", () => this.byNumbers());
    this.querySelector("[data-none]")?.addEventListener("change", (event) => this.none((event.target as HTMLInputElement).checked));
  }

  protected override show(value: Mark[] | null): void {
    this.marks = value ?? [];
    if (this.place !== null && this.place >= this.marks.length) this.place = null;
    this.redraw();
  }

  override validate(): string {
    if (this.value === null) return this.required ? this.word("nothingYet") : "";
    if (this.marks.length < this.config.at_least) return this.word("tooFew").replace("%s", String(this.config.at_least));
    return this.config.transcript === "required" && this.marks.some((one) => !one.text) ? this.word("noText") : "";
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const label = this.config.labels.find((one) => one.key === event.key.toLowerCase());
    if (label) return this.named(label.name);
    if (event.key === "Escape") return this.unchosen();
    if (event.key === "Delete" || event.key === "Backspace") return this.place !== null && this.drop(this.place);
    const act = { n: () => this.byNumbers(), e: () => this.openNumbers(), x: () => this.turnNone() }[event.key.toLowerCase()];
    if (act) return act();
    if (event.key === "]" || event.key === "[") return this.next(event.key === "]" ? 1 : -1);
    return false;
  }

  protected readonly add = (drawn: Mark): boolean => {
    const most = this.config.at_most;
    if (this.marks.length >= most) {
      this.say(this.word("tooMany").replace("%s", String(most)));
      return false;
    }
    this.place = this.marks.length;
    this.keep([...this.marks, { label: this.label, ...drawn }]);
    this.say("");
    this.rowOf(this.place)?.querySelector<HTMLInputElement>("[data-text]")?.focus();
    return true;
  };

  protected readonly change = (place: number, mark: Mark): void => {
    this.keep(this.marks.map((one, number) => (number === place ? mark : one)));
  };

  protected readonly choose = (place: number | null): void => {
    this.place = place;
    this.redraw();
  };

  protected get chosen(): Mark | null {
    return (this.place === null ? null : this.marks[this.place]) ?? null;
  }

  protected colour(mark: Mark): string {
    return this.config.labels.find((one) => one.name === mark.label)?.colour || "var(--accent)";
  }

  protected heading(mark: Mark, place: number): string {
    return `${place + 1} ${this.config.labels.find((one) => one.name === mark.label)?.title ?? ""}`.trim();
  }

  protected redraw(): void {
    this.paint();
    for (const button of this.querySelectorAll<HTMLElement>("[data-label]"))
      button.setAttribute("aria-pressed", String(button.dataset.label === (this.chosen?.label ?? this.label)));
    const none = this.querySelector<HTMLInputElement>("[data-none]");
    if (none) none.checked = this.value?.length === 0;
    this.list();
  }

  protected drop(place: number): boolean {
    this.place = null;
    this.keep(this.marks.filter((_, number) => number !== place));
    return true;
  }

  private unchosen(): boolean {
    const was = this.place !== null;
    if (was) this.choose(null);
    return was;
  }

  private next(step: number): boolean {
    if (this.marks.length === 0) return false;
    this.choose(((this.place ?? (step > 0 ? -1 : 0)) + step + this.marks.length) % this.marks.length);
    return true;
  }

  /** The label of the chosen mark, else of those to come. */
  private named(label: string): boolean {
    this.label = label;
    if (this.chosen && this.place !== null) this.change(this.place, { ...this.chosen, label });
    else this.redraw();
    return true;
  }

  private byNumbers(): boolean {
    const fresh = this.fresh();
    if (fresh && this.add(fresh)) this.openNumbers();
    return true;
  }

  /** Of the chosen mark; the first one has the focus. */
  private openNumbers(): boolean {
    const row = this.rowOf(this.place);
    row?.querySelector("details")?.setAttribute("open", "");
    row?.querySelector<HTMLInputElement>("[data-numbers] input")?.focus();
    return row !== null;
  }

  private turnNone(): boolean {
    const none = this.querySelector<HTMLInputElement>("[data-none]");
    if (none && this.marks.length === 0) this.none(!none.checked);
    return none !== null;
  }

  /** An answer too: there is nothing to mark. */
  private none(said: boolean): void {
    this.place = null;
    this.marks = [];
    this.commit(said ? [] : null);
    this.redraw();
  }

  private keep(marks: Mark[]): void {
    this.marks = marks;
    this.commit(marks.length ? marks : null);
    this.redraw();
  }

  private rowOf(place: number | null): HTMLElement | null {
    return this.querySelector<HTMLElement>(`[data-mark="${place}"]`);
  }

  /** One row a mark, left in place as long as there are as many: a field that is being typed in must not go away. */
  private list(): void {
    const place = this.querySelector<HTMLElement>("[data-marks]") as HTMLElement;
    while (place.children.length > this.marks.length) place.lastElementChild?.remove();
    while (place.children.length < this.marks.length) place.append(this.newRow(place.children.length));
    this.marks.forEach((mark, number) => this.fill(place.children[number] as HTMLElement, mark, number));
  }

  private newRow(place: number): HTMLElement {
    const row = this.row();
    row.dataset.mark = String(place);
    row.querySelector("[data-choose]")?.addEventListener("click", () => this.looked(place));
    row.querySelector("[data-remove]")?.addEventListener("click", () => this.drop(place));
    row.querySelector("[data-text]")?.addEventListener("change", (event) => this.told(place, (event.target as HTMLInputElement).value));
    return row;
  }

  private looked(place: number): void {
    const mark = this.marks[place];
    if (this.readonly && mark) this.goTo(mark);
    this.choose(this.readonly && this.place === place ? null : place);
  }

  private told(place: number, text: string): void {
    const { text: _, ...rest } = this.marks[place] as Mark;
    this.change(place, (text.trim() ? { ...rest, text: text.trim() } : rest) as Mark);
  }

  private fill(row: HTMLElement, mark: Mark, place: number): void {
    row.style.setProperty("--tone", this.colour(mark));
    row.classList.toggle("chosen", place === this.place);
    const choose = row.querySelector<HTMLElement>("[data-choose]") as HTMLElement;
    choose.textContent = [this.heading(mark, place), this.caption(mark)].filter(Boolean).join(" · ");
    choose.setAttribute("aria-pressed", String(place === this.place));
    const text = row.querySelector<HTMLInputElement>("[data-text]");
    if (text && document.activeElement !== text) text.value = mark.text ?? "";
    const said = row.querySelector("[data-said]");
    if (said) said.textContent = mark.text ?? "";
    const told = row.querySelector("[data-unfit]");
    if (told && !row.contains(document.activeElement)) told.textContent = "";
    this.fillNumbers(row.querySelector<HTMLElement>("[data-numbers]") as HTMLElement, mark, place);
  }

  private fillNumbers(box: HTMLElement, mark: Mark, place: number): void {
    const numbers = this.numbers(mark);
    while (box.children.length > numbers.length) box.lastElementChild?.remove();
    numbers.forEach(([name, value], at) => {
      const field = (box.children[at] as HTMLElement | undefined) ?? box.appendChild(this.numberField(place));
      field.dataset.name = name;
      (field.querySelector("span") as HTMLElement).textContent = this.word(name) || name;
      const input = field.querySelector("input") as HTMLInputElement;
      if (document.activeElement !== input) {
        input.value = String(value);
        input.removeAttribute("aria-invalid");
      }
      input.disabled = this.readonly;
    });
  }

  private numberField(place: number): HTMLElement {
    const field = this.row("number");
    const input = field.querySelector("input") as HTMLInputElement;
    input.addEventListener("change", () => {
      const value = Number(input.value.replace(",", "."));
      const mark = this.marks[place];
      const next = mark && input.value.trim() && Number.isFinite(value) ? this.numbered(mark, field.dataset.name ?? "", value) : null;
      const isGood = next !== null && this.fits(next);
      input.setAttribute("aria-invalid", String(!isGood));
      const told = this.rowOf(place)?.querySelector("[data-unfit]");
      if (told) told.textContent = isGood ? "" : this.word("unfit");
      if (isGood) this.change(place, next);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation(); // it ends the number; it does not submit the task, nor let go of the mark
      event.preventDefault();
      if (event.key === "Escape") input.blur(); // the keys are the tool's again
      else input.dispatchEvent(new Event("change"));
    });
    return field;
  }
}
