// <crowd-tracks>: boxes through a film.

import type { Player } from "../audio/player.ts";
import { Layer } from "../image/layer.ts";
import { boxes, isWithin, kept, type Mark } from "../image/shapes.ts";
import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";
import { ARROWS, Surface } from "../surface.ts";
import { define } from "../tool.ts";
import { at, ended, put, SAME, type Track, without } from "./tracks.ts";

type Config = MarksConfig & { frame_rate?: number };
const FRAME_RATE = 25;

class Tracks extends MarkTool<Track, Config> {
  private player!: Player;
  private layer?: Layer;
  private visible: number[] = []; // places of the tracks that are in the picture now

  protected override start(): void {
    super.start();
    this.player = this.item.querySelector("crowd-player") as Player;
    const film = this.item.querySelector<HTMLVideoElement>("video") as HTMLVideoElement;
    film.controls = false; // they would lie under the layer; the player has its own
    const surface = Surface.over(film, () => this.redraw());
    const listener = {
      drawn: (mark: Mark) => this.add({ keyframes: [{ time: this.time, ...where(mark) }] }),
      changed: (place: number, mark: Mark) => this.moved(this.visible[place] ?? -1, mark),
      chosen: (place: number | null) => this.choose(place === null ? null : (this.visible[place] ?? null)),
    };
    this.layer = new Layer(surface, boxes, listener, () => !this.readonly && this.isUp);
    this.among(this.layer.marks);
    for (const name of ["timeupdate", "seeked"]) film.addEventListener(name, () => this.redraw());
    this.on("[data-step-back]", () => this.step(-1));
    this.on("[data-step-on]", () => this.step(1));
    this.on("[data-leaves]", () => this.leaves());
    this.on("[data-drop-keyframe]", () => this.dropKeyframe());
    surface.buttons(this);
    if (this.readonly) surface.takeFocus(this.word("look"));
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const isLabel = this.config.labels.some((one) => one.key === event.key.toLowerCase());
    const arrow = ARROWS[event.key];
    if (arrow && this.place !== null) return this.nudged(arrow, event.shiftKey ? 10 : 1);
    if (event.key === "Escape" && this.layer?.cancel()) return true;
    const acts: Record<string, () => boolean> = {
      ".": () => this.step(1),
      ",": () => this.step(-1),
      l: () => this.leaves(),
      k: () => this.dropKeyframe(),
      PageUp: () => this.toKeyframe(-1),
      PageDown: () => this.toKeyframe(1),
    };
    const act = isLabel ? undefined : acts[event.key];
    if (act) return act();
    return super.pressed(event) || (this.layer?.surface.key(event) ?? false) || this.player.key(event);
  }

  protected override paint(): void {
    const here = this.inSight.map((track, place) => ({ place, track, box: at(track, this.time) })).filter((one) => one.box !== null);
    this.visible = here.map((one) => one.place);
    const shown = here.map(({ track, place, box }) => ({ mark: box as Mark, colour: this.colour(track), name: this.heading(track, place) }));
    const chosen = this.place === null ? -1 : this.visible.indexOf(this.place);
    this.layer?.show(shown, chosen < 0 ? null : chosen);
  }

  protected override caption(track: Track): string {
    const [first, last] = [track.keyframes[0], track.keyframes[track.keyframes.length - 1]];
    return `${first?.time.toFixed(2)}–${last?.time.toFixed(2)} s (${track.keyframes.length})`;
  }

  protected override goTo(track: Track): void {
    this.player.seek(track.keyframes[0]?.time ?? 0);
  }

  protected override numbers(track: Track): Numbers {
    const box = at(track, this.time);
    return box ? Object.entries(box) : [];
  }

  protected override numbered(track: Track, name: string, value: number): Track {
    const box = at(track, this.time);
    return box ? put(track, this.time, { ...box, [name]: value }) : track;
  }

  protected override fits(track: Track): boolean {
    const box = at(track, this.time);
    return this.layer !== undefined && box !== null && isWithin(boxes, box, this.layer.surface.size);
  }

  protected override fresh(): Track | null {
    if (!this.layer) return null;
    const { width, height } = this.layer.surface.size;
    const box = boxes.make([{ x: width / 3, y: height / 3 }, { x: (2 * width) / 3, y: (2 * height) / 3 }]);
    return { keyframes: [{ time: this.time, ...where(box) }] };
  }

  private get time(): number {
    return Math.round(this.player.time * 100) / 100;
  }

  private moved(place: number, mark: Mark): void {
    const track = this.marks[place];
    if (!track) return;
    this.place = place;
    this.change(place, put(track, this.time, where(mark)));
  }

  private nudged([x, y]: readonly [number, number], step: number): boolean {
    const box = this.chosen && at(this.chosen, this.time);
    if (!box || !this.layer || this.place === null) return false;
    this.moved(this.place, kept(boxes, box, { x: x * step, y: y * step }, this.layer.surface.size));
    return true;
  }

  private step(frames: number): true {
    this.player.media.pause();
    this.player.seek(this.player.time + frames / (this.config.frame_rate ?? FRAME_RATE));
    return true;
  }

  private leaves(): boolean {
    if (!this.chosen || this.place === null) return false;
    this.change(this.place, ended(this.chosen, this.time));
    return true;
  }

  private dropKeyframe(): boolean {
    if (!this.chosen || this.place === null) return false;
    const left = without(this.chosen, this.time);
    if (left) this.change(this.place, left);
    else this.drop(this.place);
    return true;
  }

  /** The film goes to where the chosen thing was placed before, or next. */
  private toKeyframe(way: 1 | -1): boolean {
    const times = (this.chosen?.keyframes ?? []).map((one) => one.time);
    const to = way > 0 ? times.find((one) => one > this.time + SAME) : [...times].reverse().find((one) => one < this.time - SAME);
    if (to !== undefined) this.player.seek(to);
    return true;
  }
}

function where(mark: Mark): { x: number; y: number; width: number; height: number } {
  const { x = 0, y = 0, width = 0, height = 0 } = mark;
  return { x, y, width, height };
}

define("crowd-tracks", Tracks);
