// <crowd-relations>: what joins the spans that were marked before, chosen from lists.

import { define } from "../tool.ts";
import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";

type End = [start: number, end: number];
type Relation = { label?: string; from: End; to: End };
type Span = { label?: string; start: number; end: number };
type Config = MarksConfig & { of: string };

class Relations extends MarkTool<Relation, Config> {
  protected override start(): void {
    super.start();
    this.on("[data-join]", () => this.join());
    this.closest("form")?.addEventListener("input", () => this.offer());
    this.closest("form")?.addEventListener("restored", () => this.offer(), { capture: true });
    this.offer();
  }

  protected override pressed(event: KeyboardEvent): boolean {
    if (super.pressed(event)) return true;
    if (event.key === "f") this.querySelector<HTMLElement>("[data-end=from]")?.focus();
    else if (event.key === "j") this.join();
    else return false;
    return true;
  }

  protected override paint(): void {}

  protected override caption(mark: Relation): string {
    return `${this.quote(mark.from)} → ${this.quote(mark.to)}`;
  }

  protected override numbers(): Numbers {
    return [];
  }

  protected override numbered(mark: Relation): Relation {
    return mark;
  }

  protected override fresh(): Relation | null {
    return null;
  }

  private get spans(): Span[] {
    const name = (this.closest<HTMLElement>("[data-question]")?.dataset.question ?? "").replace(/[^.]*$/, this.config.of);
    const field = document.querySelector<HTMLTextAreaElement>(`[data-question="${CSS.escape(name)}"] [data-answer]`);
    return field?.value ? (JSON.parse(field.value) as Span[]) : [];
  }

  private quote([start, end]: End): string {
    return [...(this.scene.text ?? "")].slice(start, end).join("");
  }

  private offer(): void {
    for (const select of this.querySelectorAll<HTMLSelectElement>("[data-end]")) {
      const chosen = select.value;
      const options = this.spans.map((one, place) => new Option(`${place + 1} ${this.quote([one.start, one.end])}`, `${one.start} ${one.end}`));
      select.replaceChildren(new Option("", ""), ...options);
      select.value = chosen;
    }
  }

  private join(): void {
    const [from, to] = [...this.querySelectorAll<HTMLSelectElement>("[data-end]")].map((one) => one.value.split(" ").map(Number));
    if (!from || !to || from.length < 2 || to.length < 2 || String(from) === String(to)) return this.say(this.word("twoSpans"));
    this.add({ from: from as End, to: to as End });
  }
}

define("crowd-relations", Relations);
