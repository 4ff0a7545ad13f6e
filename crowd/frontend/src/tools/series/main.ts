// <crowd-stretches>: stretches of time on one or more channels of a series.

import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";
import { clamp, rounded } from "../surface.ts";
import { define } from "../tool.ts";
import { type Plot, STEP } from "./plot.ts";

type Stretch = { label?: string; start: number; end: number; channel?: string };
type Config = MarksConfig & { channels?: string[] };
const SLIP = 4; // screen pixels

class Stretches extends MarkTool<Stretch, Config> {
  private plot!: Plot;
  private readonly layer = document.createElement("div");
  private from: { x: number; time: number; channel: string } | null = null;

  protected override start(): void {
    super.start();
    this.plot = this.item.querySelector("crowd-plot") as Plot;
    this.layer.className = "stretches";
    this.plot.append(this.layer);
    this.plot.addEventListener("placed", () => this.paint());
    this.layer.addEventListener("pointerdown", this.down);
    this.layer.addEventListener("pointermove", this.move);
    this.layer.addEventListener("pointerup", this.up);
    this.layer.addEventListener("pointercancel", () => this.cancel());
    this.on("[data-zoom-in]", () => this.plot.zoom(STEP));
    this.on("[data-zoom-out]", () => this.plot.zoom(1 / STEP));
    this.on("[data-zoom-whole]", () => this.plot.whole());
  }

  protected override pressed(event: KeyboardEvent): boolean {
    return super.pressed(event) || this.plot.key(event);
  }

  protected override paint(): void {
    const lanes = this.plot.names.length || 1;
    this.layer.replaceChildren(
      ...this.inSight.map((mark, place) => {
        const part = document.createElement("div");
        const lane = mark.channel === undefined ? 0 : this.plot.names.indexOf(mark.channel);
        const [from, to] = [clamp(this.plot.place(mark.start), 0, 1), clamp(this.plot.place(mark.end), 0, 1)];
        part.className = place === this.place ? "stretch chosen" : "stretch";
        part.dataset.place = String(place);
        part.textContent = this.heading(mark, place);
        const [high, all] = [mark.channel === undefined ? 100 : 100 / lanes, Number(this.dataset.lanes ?? 1)]; // layers share it
        const top = (100 * lane) / lanes + (high * Number(this.dataset.lane ?? 0)) / all;
        part.style.cssText = `--tone: ${this.colour(mark)}; left: ${100 * from}%; width: ${100 * (to - from)}%; top: ${top}%; height: ${high / all}%`;
        part.hidden = to <= from;
        return part;
      }),
    );
  }

  protected override caption(mark: Stretch): string {
    return [mark.channel, `${mark.start}–${mark.end}`].filter(Boolean).join(" ");
  }

  protected override numbers(mark: Stretch): Numbers {
    return [["start", mark.start], ["end", mark.end]];
  }

  protected override numbered(mark: Stretch, name: string, value: number): Stretch {
    return { ...mark, [name]: rounded(clamp(value, this.plot.start, this.plot.end)) };
  }

  protected override fits(mark: Stretch): boolean {
    return mark.start < mark.end;
  }

  protected override fresh(): Stretch | null {
    const { from, to } = this.plot.shown;
    return this.stretch(from + (to - from) / 3, from + (2 * (to - from)) / 3, this.plot.names[0] ?? "");
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.plot.pinched) return this.cancel();
    if (this.readonly || !this.isUp || event.button !== 0) return;
    this.layer.setPointerCapture(event.pointerId);
    this.from = { x: event.clientX, time: this.plot.at(event.clientX), channel: this.plot.lane(event.clientY) };
  };

  private readonly move = (event: PointerEvent): void => {
    if (!this.from) return;
    const sketch = this.layer.querySelector<HTMLElement>(".sketch") ?? this.layer.appendChild(Object.assign(document.createElement("div"), { className: "sketch" }));
    const [one, other] = [this.plot.place(this.from.time), this.plot.place(this.plot.at(event.clientX))];
    sketch.style.cssText = `left: ${100 * Math.min(one, other)}%; width: ${100 * Math.abs(one - other)}%`;
  };

  private readonly up = (event: PointerEvent): void => {
    const { from } = this;
    this.cancel();
    if (!from) return;
    const [one, other] = [from.time, this.plot.at(event.clientX)];
    if (Math.abs(event.clientX - from.x) > SLIP) return void this.add(this.stretch(Math.min(one, other), Math.max(one, other), from.channel));
    const place = this.marks.findIndex((mark) => mark.start <= one && mark.end >= one && (mark.channel ?? from.channel) === from.channel);
    this.choose(place < 0 ? null : place);
  };

  private cancel(): void {
    this.from = null;
    this.layer.querySelector(".sketch")?.remove();
  }

  private stretch(start: number, end: number, channel: string): Stretch {
    return { start: rounded(start), end: rounded(end), ...(this.config.channels?.length ? { channel } : {}) };
  }
}

define("crowd-stretches", Stretches);
