// <crowd-player>: an audio or video element with its waveform, speed, zoom and, when asked for, its spectrogram.

import WaveSurfer from "wavesurfer.js";
import Regions from "wavesurfer.js/dist/plugins/regions.esm.js";
import Spectrogram from "wavesurfer.js/dist/plugins/spectrogram.esm.js";
import Timeline from "wavesurfer.js/dist/plugins/timeline.esm.js";

import { asDrawn } from "../../early.ts";
import { Fingers, type Point } from "../fingers.ts";
import { Shown } from "../shown.ts";
import { clamp } from "../surface.ts";
import { define } from "../tool.ts";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const MOST_ZOOM = 400; // pixels a second
const FEW_LINES = 25 / 15; // pixels a second, below which a line stands for minutes
const BACK_S = 2; // while typing
const NEAR_S = 0.05;
const PLAYED_S = 0.5; // at most, until it is told that it has arrived
const SAME_S = 0.25; // files are a little longer or shorter than they say

export class Player extends Shown {
  readonly regions = Regions.create();
  wave!: WaveSurfer; // of a film not before its length is known
  media!: HTMLMediaElement;
  fingers!: Fingers; // on the waveform
  private zoomed = 0;
  private wanted: number | null = null; // where it is on the way to: a browser tells where it was for a while
  private isLastTry = false;
  private spectrogram: ReturnType<typeof Spectrogram.create> | null = null;
  /** When the length is known and regions may be placed. */
  ready!: Promise<void>;

  connectedCallback(): void {
    if (this.wave) return;
    this.media = this.querySelector<HTMLMediaElement>("audio, video") as HTMLMediaElement;
    this.ready = this.media.tagName === "AUDIO" ? this.begin({}) : lengthOf(this.media).then((duration) => this.begin({ peaks: [[0]], duration }));
    this.button("[data-play]", () => void this.wave?.playPause());
    this.button("[data-zoom-in]", () => this.zoom(2));
    this.button("[data-zoom-out]", () => this.zoom(0.5));
    this.button("[data-spectrogram]", (button) => this.toggleSpectrogram(button));
    this.speeds?.addEventListener("change", () => this.speed(Number(this.speeds?.value)));
    if (this.speeds && !asDrawn(this.speeds)) this.speed(Number(this.speeds.value)); // chosen before this script came
    this.fingers = new Fingers(this.querySelector("[data-wave]") as HTMLElement, (moved, grown, middle) => this.pinch(moved, grown, middle));
    this.media.addEventListener("timeupdate", () => this.keepWithin());
    this.media.addEventListener("seeking", () => this.keepWithin());
    for (const name of ["seeked", "canplay"]) this.media.addEventListener(name, () => this.landed());
    this.media.addEventListener("pointerdown", () => (this.wanted = null)); // its own controls are used
    this.media.addEventListener("play", () => this.isClip && this.time > this.end - NEAR_S && this.seek(this.start));
  }

  disconnectedCallback(): void {
    this.wave?.destroy();
  }

  get time(): number {
    return this.wanted ?? this.media.currentTime;
  }

  get duration(): number {
    return this.wave?.getDuration() || this.media.duration || 0;
  }

  /** Of a clip, which is a part of the recording: the other parts are not played, and nothing is marked there. */
  get start(): number {
    return Math.min(Number(this.dataset.start) || 0, this.duration);
  }

  get end(): number {
    return Math.min(Number(this.dataset.end) || Infinity, this.duration);
  }

  get isClip(): boolean {
    return this.start > 0 || this.end < this.duration - SAME_S;
  }

  override key(event: KeyboardEvent): boolean {
    const { wave } = this;
    if (!wave) return false;
    const step = event.shiftKey ? 1 : 0.1;
    const acts: Record<string, () => unknown> = {
      " ": () => wave.playPause(),
      ArrowLeft: () => this.seek(this.time - step),
      ArrowRight: () => this.seek(this.time + step),
      "<": () => this.faster(-1),
      ">": () => this.faster(1),
      "+": () => this.zoom(2),
      "-": () => this.zoom(0.5),
      s: () => this.querySelector<HTMLElement>("[data-spectrogram]")?.click(),
    };
    acts[event.key]?.();
    return event.key in acts;
  }

  /** Hands stay on the keys: Esc plays and halts, Ctrl with a comma goes back a little. */
  override typing(event: KeyboardEvent): boolean {
    if (!this.wave) return false;
    if (event.key === "Escape") void this.wave.playPause();
    else if (event.key === "," && event.ctrlKey) this.seek(this.time - BACK_S);
    else return false;
    return true;
  }

  seek(seconds: number): void {
    if (!this.wave) return;
    this.wanted = clamp(seconds, this.start, this.end);
    this.isLastTry = false;
    this.wave.setTime(this.wanted);
    this.tell();
  }

  /** The waveform forgets where to go while it is on another way: it is sent there again; once, for a file may end before. */
  private landed(): void {
    if (this.wanted === null || this.media.seeking) return;
    const off = Math.abs(this.media.currentTime - this.wanted);
    if (this.isLastTry || off < (this.media.paused ? NEAR_S : PLAYED_S)) this.wanted = null;
    else {
      this.isLastTry = true;
      this.media.currentTime = this.wanted;
    }
  }

  /** Played again from the end of the file, a browser begins at the file's: it goes on from the clip's. */
  private keepWithin(): void {
    const now = this.media.currentTime;
    if (this.isClip && now > this.end) this.media.pause();
    if (this.isClip && this.wanted === null && (now < this.start - 0.01 || now > this.end)) this.seek(now);
    this.tell();
  }

  /** As near as it shows the clip, and nothing else of the recording. */
  private toClip(): void {
    this.seek(this.start);
    this.zoom(1);
    this.wave.setScrollTime(this.start);
  }

  private begin(known: { peaks?: number[][]; duration?: number }): Promise<void> {
    const look = getComputedStyle(this);
    this.wave = WaveSurfer.create({
      container: this.querySelector("[data-wave]") as HTMLElement,
      media: this.media,
      height: known.peaks ? 48 : 128,
      normalize: true,
      waveColor: look.getPropertyValue("--muted").trim(),
      progressColor: look.getPropertyValue("--accent").trim(),
      cursorColor: look.getPropertyValue("--bad").trim(),
      cursorWidth: 2,
      cspNonce: document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "",
      plugins: [this.regions, Timeline.create({ height: 18, formatTimeCallback: (seconds) => this.tick(seconds) })],
      ...known,
    });
    this.wave.on("interaction", (seconds) => this.seek(seconds));
    return new Promise((resolve) => {
      if (this.wave.getDuration() > 0 && known.peaks) resolve();
      this.wave.on("ready", () => {
        this.dataset.ready = "yes";
        if (this.isClip) this.toClip();
        this.tell();
        resolve();
      });
    });
  }

  /** What stands at a line of the scale. Where lines are minutes apart there is no room at each. */
  private tick(seconds: number): string {
    const scale = this.wave ? this.scale : FEW_LINES; // of a film it is drawn before anybody knows it
    const apart = Math.ceil(0.5 / scale) * 60; // as the library draws them
    if (scale < FEW_LINES && (seconds / apart) % 2) return "";
    return seconds < 60 ? String(Math.round(1000 * seconds) / 1000) : clock(Math.round(seconds), 0);
  }

  private zoom(factor: number): void {
    if (!this.wave) return;
    const whole = this.clientWidth / (this.end - this.start || 1);
    this.zoomed = clamp((this.zoomed || whole) * factor, whole, Math.max(whole, MOST_ZOOM));
    this.wave.zoom(this.zoomed <= whole && !this.isClip ? 0 : this.zoomed);
  }

  /** What is between two fingers stays there. */
  private pinch(moved: Point, grown: number, middle: Point): void {
    if (!this.duration) return;
    const at = middle.x - (this.querySelector("[data-wave]") as HTMLElement).getBoundingClientRect().left;
    const time = (this.wave.getScroll() + at - moved.x) / this.scale;
    this.zoom(grown);
    this.wave.setScroll(time * this.scale - at);
  }

  /** Pixels a second, as it is drawn. */
  private get scale(): number {
    return this.wave.getWrapper().clientWidth / this.duration;
  }

  private faster(step: number): void {
    const now = SPEEDS.indexOf(this.media.playbackRate);
    this.speed(SPEEDS[Math.min(Math.max((now < 0 ? 2 : now) + step, 0), SPEEDS.length - 1)] as number);
  }

  /** Also before the waveform is there; and a browser forgets the speed of a file that it loads, not the usual one. */
  private speed(rate: number): void {
    Object.assign(this.media, { preservesPitch: true, defaultPlaybackRate: rate, playbackRate: rate });
    if (this.speeds) this.speeds.value = String(rate);
  }

  private get speeds(): HTMLSelectElement | null {
    return this.querySelector("[data-speed]");
  }

  private toggleSpectrogram(button: HTMLElement): void {
    if (this.spectrogram) this.spectrogram.destroy();
    this.spectrogram = this.spectrogram ? null : this.wave.registerPlugin(Spectrogram.create({ height: 128, labels: true, fftSamples: 512 }));
    button.setAttribute("aria-pressed", String(this.spectrogram !== null));
  }

  private tell(): void {
    const place = this.querySelector("[data-time]");
    if (place) place.textContent = `${clock(this.time)} / ${clock(this.end)}`;
  }

  private button(selector: string, act: (button: HTMLElement) => void): void {
    for (const one of this.querySelectorAll<HTMLElement>(selector)) one.addEventListener("click", () => act(one));
  }
}

function lengthOf(media: HTMLMediaElement): Promise<number> {
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) return Promise.resolve(media.duration);
  return new Promise((resolve) => media.addEventListener("loadedmetadata", () => resolve(media.duration), { once: true }));
}

const HOUR_S = 3600;

/** Minutes and seconds, from an hour on with the hours. */
function clock(seconds: number, digits = 2): string {
  const [hours, minutes] = [Math.floor(seconds / HOUR_S), Math.floor((seconds % HOUR_S) / 60)];
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

define("crowd-player", Player);
