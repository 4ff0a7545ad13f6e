// <crowd-segments>: stretches of time in a recording or a film, over its waveform.

import type { Region } from "wavesurfer.js/dist/plugins/regions.esm.js";

import { MarkTool, type Numbers } from "../marks.ts";
import { clamp, rounded } from "../surface.ts";
import { define } from "../tool.ts";
import "./player.ts";
import type { Player } from "./player.ts";

type Segment = { label?: string; text?: string; start: number; end: number };
const SHORTEST = 0.05; // seconds: less is a click that slipped

class Segments extends MarkTool<Segment> {
  private player!: Player;
  private drawn: Region[] = [];
  private static painting = false; // by whichever question: what they draw themselves is nobody's new segment
  private begun: number | null = null;

  protected override start(): void {
    super.start();
    this.player = this.item.querySelector<Player>("crowd-player") as Player;
    void this.player.ready.then(() => this.listen());
    this.on("[data-in]", () => this.begin());
    this.on("[data-out]", () => this.end());
    this.on("[data-play-chosen]", () => this.play());
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const isLabel = this.config.labels.some((one) => one.key === event.key.toLowerCase());
    if (event.key.toLowerCase() === "i" && !isLabel) return this.begin();
    if (event.key.toLowerCase() === "o" && !isLabel) return this.end();
    if (event.key === "Enter" && event.shiftKey) return this.play();
    return super.pressed(event) || this.player.key(event);
  }

  protected override paint(): void {
    if (!this.player?.wave || Segments.painting) return;
    Segments.painting = true;
    for (const region of this.drawn) region.remove();
    this.drawn = this.inSight.map((mark, place) =>
      this.player.regions.addRegion({
        id: String(place),
        start: mark.start,
        end: mark.end,
        color: `color-mix(in srgb, ${this.colour(mark)} ${place === this.place ? 45 : 25}%, transparent)`,
        content: tag(this.heading(mark, place)),
        drag: !this.readonly,
        resize: !this.readonly,
      }),
    );
    Segments.painting = false;
    for (const region of this.drawn) this.inLane(region.element);
  }

  /** Layers over one recording stand under each other. */
  private inLane(region: HTMLElement | null): void {
    const lanes = Number(this.dataset.lanes ?? 1);
    if (region && lanes > 1) Object.assign(region.style, { height: `${100 / lanes}%`, top: `${(100 * Number(this.dataset.lane)) / lanes}%` });
  }

  protected override goTo(mark: Segment): void {
    this.player.seek(mark.start);
  }

  protected override caption(mark: Segment): string {
    return `${mark.start.toFixed(2)}–${mark.end.toFixed(2)} s`;
  }

  protected override numbers(mark: Segment): Numbers {
    return [["start", mark.start], ["end", mark.end]];
  }

  protected override numbered(mark: Segment, name: string, value: number): Segment {
    return { ...mark, [name]: rounded(clamp(value, this.player.start, this.player.end)) };
  }

  protected override fits(mark: Segment): boolean {
    return mark.start < mark.end;
  }

  protected override fresh(): Segment | null {
    const end = Math.min(this.player.time + 1, this.player.end);
    return { start: rounded(Math.max(this.player.start, end - 1)), end: rounded(end) };
  }

  private listen(): void {
    const { regions } = this.player;
    if (!this.readonly) regions.enableDragSelection({ color: "rgb(128 128 128 / 30%)" });
    regions.on("region-created", (region) => Segments.painting || this.made(region));
    regions.on("region-updated", (region) => this.pulled(region));
    regions.on("region-clicked", (region, event) => {
      if (!this.drawn.includes(region)) return;
      event.stopPropagation();
      this.choose(Number(region.id));
    });
    this.paint();
  }

  private made(region: Region): void {
    const { start, end } = region;
    if (this.drawn.includes(region)) return;
    region.remove();
    if (this.player.fingers.pinched) return;
    const within = this.within(start, end);
    if (this.isUp && within.end - within.start >= SHORTEST) this.add(within);
  }

  private pulled(region: Region): void {
    const place = Number(region.id);
    const mark = this.drawn.includes(region) ? this.marks[place] : undefined;
    if (!mark) return;
    if (this.player.fingers.pinched) return this.paint();
    this.place = place;
    this.change(place, { ...mark, ...this.within(region.start, region.end) });
  }

  /** A region may be pulled past the end of what plays, or of the clip. */
  private within(start: number, end: number): { start: number; end: number } {
    const { start: from, end: to } = this.player;
    return { start: rounded(clamp(start, from, to)), end: rounded(clamp(end, from, to)) };
  }

  private begin(): true {
    this.begun = this.player.time;
    this.say(this.word("begun").replace("%s", this.begun.toFixed(2)));
    return true;
  }

  private end(): true {
    const from = this.begun ?? this.player.start;
    this.begun = null;
    if (this.player.time - from >= SHORTEST) this.add(this.within(from, this.player.time));
    return true;
  }

  private play(): boolean {
    const region = this.place === null ? undefined : this.drawn[this.place];
    void region?.play(true);
    return region !== undefined;
  }
}

/** Its name on the waveform, which is dark in places: on ground of its own. The library draws where no sheet reaches. */
function tag(words: string): HTMLElement {
  const made = Object.assign(document.createElement("span"), { textContent: words });
  made.style.cssText = "background: #fff; color: #16181d; padding: 0 4px; border-radius: 3px; font: 600 12px/1.5 sans-serif; white-space: nowrap";
  return made;
}

define("crowd-segments", Segments);
