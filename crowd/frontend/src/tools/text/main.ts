// <crowd-spans>: stretches of a text, over the text as it stands in the page.

import { createTextAnnotator, reviveSelector, type HighlightStyle, type TextAnnotation, type TextAnnotator } from "@recogito/text-annotator";

import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";
import { resolved } from "../surface.ts";
import { define } from "../tool.ts";
import { points, units } from "./offsets.ts";

type Span = { label?: string; start: number; end: number };
type Config = MarksConfig & { overlap?: boolean };

class Spans extends MarkTool<Span, Config> {
  private words!: HTMLElement;
  private annotator?: TextAnnotator<TextAnnotation, TextAnnotation>;

  protected override start(): void {
    super.start();
    this.words = this.item.querySelector<HTMLElement>("[data-words]") as HTMLElement;
    this.annotator = createTextAnnotator<TextAnnotation, TextAnnotation>(this.words, {
      renderer: "SPANS",
      annotatingEnabled: !this.readonly,
      style: (shown) => this.look(Number(shown.id)),
    });
    // The library calls a stretch created only when it is let go of again; here it is one as soon as it is chosen.
    this.annotator.on("selectionChanged", ([chosen]) => {
      if (!chosen) return;
      const place = this.marks.findIndex((_, number) => String(number) === chosen.id);
      if (place < 0) this.made(chosen);
      else if (place !== this.place) this.choose(place);
    });
  }

  protected override stop(): void {
    this.annotator?.destroy();
  }

  protected override paint(): void {
    const text = this.text;
    const shown = this.inSight.map((mark, place) => annotation(String(place), units(text, mark.start), units(text, mark.end), this.words));
    this.annotator?.setAnnotations(shown, true);
  }

  protected override caption(mark: Span): string {
    const quote = [...this.text].slice(mark.start, mark.end).join("");
    return quote.length > 40 ? `${quote.slice(0, 39)}…` : quote;
  }

  protected override numbers(mark: Span): Numbers {
    return [["start", mark.start], ["end", mark.end]];
  }

  protected override numbered(mark: Span, name: string, value: number): Span {
    return { ...mark, [name]: Math.round(value) };
  }

  protected override fits(mark: Span): boolean {
    return 0 <= mark.start && mark.start < mark.end && mark.end <= [...this.text].length;
  }

  /** The first word that is in no span yet. */
  protected override fresh(): Span | null {
    for (const word of this.text.matchAll(/\S+/gu)) {
      const [start, end] = [points(this.text, word.index), points(this.text, word.index + word[0].length)];
      if (this.marks.every((one) => one.end <= start || one.start >= end)) return { start, end };
    }
    return null;
  }

  private get text(): string {
    return this.words.textContent ?? "";
  }

  private look(place: number): HighlightStyle {
    const mark = this.marks[place];
    const tone = resolved(mark ? this.colour(mark) : "var(--accent)", this) as HighlightStyle["fill"];
    const lane = Number(this.dataset.lane ?? 0); // layers over one text: a line each, under each other
    const [chosen, plain] = this.readonly ? [0.4, 0.08] : [0.45, 0.22];
    return { fill: tone, fillOpacity: place === this.place ? chosen : plain, underlineColor: tone, underlineThickness: 2, underlineOffset: 3 * lane };
  }

  private made(made: TextAnnotation): void {
    const selector = made.target.selector[0];
    if (!this.isUp || this.readonly || !selector) return this.paint();
    const { start, end } = this.selected ?? selector;
    const span = this.trimmed(start, end);
    const crossed = span && this.marks.find((one) => one.start < span.end && one.end > span.start);
    window.getSelection()?.removeAllRanges();
    if (!span || (crossed && (!this.config.overlap || same(crossed, span)))) this.paint();
    else if (this.add(span)) return this.say("");
    if (crossed) this.say(this.word("overlaps"));
  }

  /** As the browser has it: what the library heard is ten milliseconds old, and lacks a quick hand's last letters. */
  private get selected(): { start: number; end: number } | null {
    const selection = window.getSelection();
    if (!selection || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!this.words.contains(range.startContainer) || !this.words.contains(range.endContainer)) return null;
    const before = document.createRange();
    before.selectNodeContents(this.words);
    before.setEnd(range.startContainer, range.startOffset);
    const start = before.toString().length;
    return { start, end: start + range.toString().length };
  }

  /** Spaces at the ends belong to no span: a hand is not that exact. */
  private trimmed(from: number, to: number): Span | null {
    const chosen = this.text.slice(from, to);
    const inner = chosen.trim();
    if (inner === "") return null;
    const first = from + chosen.indexOf(inner);
    return { start: points(this.text, first), end: points(this.text, first + inner.length) };
  }
}

const same = (one: Span, other: Span): boolean => one.start === other.start && one.end === other.end;

function annotation(id: string, start: number, end: number, words: HTMLElement): TextAnnotation {
  const quote = words.textContent?.slice(start, end) ?? "";
  const selector = reviveSelector({ start, end, quote } as TextAnnotation["target"]["selector"][number], words);
  return { id, bodies: [], target: { annotation: id, selector: [selector] } };
}

define("crowd-spans", Spans);
