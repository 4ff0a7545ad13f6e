// <crowd-plot>: measured values over time, a lane for each channel, that can be zoomed and moved.
//
// However long the series, a column of the screen is drawn once: from its lowest to its highest value.

import { Fingers } from "../fingers.ts";
import { Shown } from "../shown.ts";
import { clamp } from "../surface.ts";
import { define } from "../tool.ts";

type Series = { time: number[]; channels: Record<string, (number | null)[]> };
const LANE = 110;
const MOST_ZOOM = 1000;
export const STEP = 2;

export class Plot extends Shown {
  readonly canvas = document.createElement("canvas");
  series: Series = { time: [0, 1], channels: {} };
  private from = 0;
  private to = 1;
  private readonly fingers = new Fingers(this, (moved, grown, middle) => {
    this.move(-moved.x / this.clientWidth);
    this.zoom(grown, this.at(middle.x));
  });
  private readonly watch = new ResizeObserver(() => this.redraw());

  connectedCallback(): void {
    if (this.canvas.isConnected) return;
    this.series = JSON.parse(this.querySelector("script[type='application/json']")?.textContent ?? "{}") as Series;
    this.whole();
    this.append(this.canvas);
    this.watch.observe(this);
    this.addEventListener("wheel", this.onWheel, { passive: false });
    this.takeKeys();
    this.dataset.ready = "yes";
  }

  override key(event: KeyboardEvent): boolean {
    const acts: Record<string, () => void> = {
      "+": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      "0": () => this.whole(),
      ArrowLeft: () => this.move(-0.1),
      ArrowRight: () => this.move(0.1),
    };
    acts[event.key]?.();
    return event.key in acts;
  }

  /** Two fingers zoom; whoever draws with one waits for this to be false. */
  get pinched(): boolean {
    return this.fingers.several;
  }

  disconnectedCallback(): void {
    this.watch.disconnect();
  }

  get names(): string[] {
    return Object.keys(this.series.channels);
  }

  get start(): number {
    return this.series.time[0] ?? 0;
  }

  get end(): number {
    return this.series.time[this.series.time.length - 1] ?? 1;
  }

  get shown(): { from: number; to: number } {
    return { from: this.from, to: this.to };
  }

  /** The share of the width at which a time stands. */
  place(time: number): number {
    return (time - this.from) / (this.to - this.from);
  }

  at(clientX: number): number {
    const box = this.canvas.getBoundingClientRect();
    return clamp(this.from + ((clientX - box.left) / box.width) * (this.to - this.from), this.start, this.end);
  }

  /** The channel under a height of the screen. */
  lane(clientY: number): string {
    const box = this.canvas.getBoundingClientRect();
    const place = Math.floor(((clientY - box.top) / box.height) * this.names.length);
    return this.names[clamp(place, 0, this.names.length - 1)] ?? "";
  }

  whole(): void {
    [this.from, this.to] = [this.start, this.end];
    this.redraw();
  }

  /** What stands at `around`, a time, stays where it is. */
  zoom(factor: number, around = (this.from + this.to) / 2): void {
    const span = clamp((this.to - this.from) / factor, (this.end - this.start) / MOST_ZOOM, this.end - this.start);
    this.show(around - this.place(around) * span, span);
  }

  private readonly onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), this.at(event.clientX));
  };

  move(share: number): void {
    this.show(this.from + share * (this.to - this.from), this.to - this.from);
  }

  private show(from: number, span: number): void {
    this.from = clamp(from, this.start, this.end - span);
    this.to = this.from + span;
    this.redraw();
  }

  private redraw(): void {
    const width = Math.max(1, this.clientWidth);
    const grain = window.devicePixelRatio || 1;
    const height = LANE * Math.max(1, this.names.length);
    Object.assign(this.canvas, { width: width * grain, height: height * grain });
    this.canvas.style.height = `${height}px`;
    const brush = this.canvas.getContext("2d");
    if (!brush) return;
    brush.scale(grain, grain);
    this.names.forEach((name, place) => this.drawLane(brush, name, place * LANE, width));
    this.dispatchEvent(new Event("placed"));
  }

  private drawLane(brush: CanvasRenderingContext2D, name: string, top: number, width: number): void {
    const look = getComputedStyle(this);
    const values = this.series.channels[name] ?? [];
    const known = values.filter((one): one is number => one !== null);
    const [low, high] = known.reduce(([least, most], one) => [Math.min(least, one), Math.max(most, one)], [Infinity, -Infinity]);
    const y = (value: number): number => top + LANE - 12 - ((value - low) / (high - low || 1)) * (LANE - 36);
    brush.strokeStyle = look.getPropertyValue("--line");
    brush.strokeRect(0.5, top + 0.5, width - 1, LANE - 1);
    brush.strokeStyle = look.getPropertyValue("--accent");
    brush.beginPath();
    for (const { x, least, most } of this.columns(values, width)) {
      brush.lineTo(x, y(most));
      if (most !== least) brush.lineTo(x, y(least));
    }
    brush.stroke();
    brush.fillStyle = look.getPropertyValue("--ink");
    brush.font = "12px sans-serif";
    brush.fillText(known.length ? `${name}  ${low} … ${high}` : name, 6, top + 14);
  }

  private columns(values: (number | null)[], width: number): { x: number; least: number; most: number }[] {
    const found = new Map<number, { x: number; least: number; most: number }>();
    const { time } = this.series;
    const first = Math.max(0, lower(time, this.from) - 1);
    const last = Math.min(time.length - 1, lower(time, this.to) + 1);
    for (let place = first; place <= last; place++) {
      const value = values[place];
      if (value === null || value === undefined) continue;
      const x = this.place(time[place] as number) * width;
      const column = found.get(Math.round(x));
      if (!column) found.set(Math.round(x), { x, least: value, most: value });
      else [column.least, column.most] = [Math.min(column.least, value), Math.max(column.most, value)];
    }
    return [...found.values()];
  }
}

function lower(sorted: number[], value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

define("crowd-plot", Plot);
