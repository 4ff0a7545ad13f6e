// A picture (or a video's frame) that can be zoomed and moved, with a layer over it that counts in natural pixels.
//
// Nothing here is remembered in screen pixels: a place is asked anew from where the picture stands at that moment, so
// that no scroll, zoom or change of the window can make marks drift.

import { Fingers, type Point } from "./fingers.ts";

export type { Point } from "./fingers.ts";
type Size = { width: number; height: number };

const SVG = "http://www.w3.org/2000/svg";
const MOST_ZOOM = 32;
const MOST_GRAIN = 8; // so many screen pixels can a natural one be made, however large the picture
const STEP = 1.25;
const MOVE = 40; // screen pixels
const EDGE = 24;
const RETRY_MS = 3_000;
export const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

type Picture = (HTMLImageElement | HTMLVideoElement | HTMLCanvasElement) & { surface?: Surface };

export class Surface {
  readonly frame = document.createElement("div");
  readonly view = document.createElement("div");
  readonly svg = document.createElementNS(SVG, "svg");
  size: Size = { width: 0, height: 0 }; // not known yet
  private zoom = 1;
  private shift: Point = { x: 0, y: 0 };
  private following = false;
  private readonly fingers: Fingers;
  private readonly watch = new ResizeObserver(() => this.fit());

  /** The one surface of a picture: two questions may be about it, and each tool's script comes by itself. */
  static over(picture: Picture, ready: () => void): Surface {
    if (!picture.surface) return (picture.surface = new Surface(picture, ready));
    const { surface } = picture;
    if (surface.size.width) queueMicrotask(ready);
    else surface.svg.addEventListener("known", ready, { once: true });
    return surface;
  }

  private constructor(readonly picture: Picture, private readonly ready: () => void) {
    this.frame.className = "surface";
    this.view.className = "view";
    this.svg.setAttribute("focusable", "false");
    picture.replaceWith(this.frame);
    this.view.append(picture, this.svg);
    this.frame.append(this.view);
    this.frame.addEventListener("wheel", this.onWheel, { passive: false });
    this.fingers = new Fingers(this.frame, (moved, grown, around) => {
      this.shift = { x: this.shift.x + moved.x, y: this.shift.y + moved.y };
      this.zoomBy(grown, around);
    });
    this.watch.observe(this.frame);
    this.whenKnown();
  }

  /** Where the pointer is, in natural pixels, kept inside the picture. */
  at(event: { clientX: number; clientY: number }): Point {
    const place = this.view.getBoundingClientRect();
    const x = ((event.clientX - place.left) / place.width) * this.size.width;
    const y = ((event.clientY - place.top) / place.height) * this.size.height;
    return { x: clamp(x, 0, this.size.width), y: clamp(y, 0, this.size.height) };
  }

  /** How many natural pixels one pixel of the screen is. */
  get grain(): number {
    return this.size.width / (this.view.getBoundingClientRect().width || 1);
  }

  /** Two fingers move and zoom; whoever draws with one waits for this to be false. */
  get pinched(): boolean {
    return this.fingers.several;
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === "+" || event.key === "=") return this.zoomBy(STEP);
    if (event.key === "-") return this.zoomBy(1 / STEP);
    if (event.key === "0") return this.whole();
    return false;
  }

  /** Where nothing is drawn, the arrows are for the picture too. */
  look(event: KeyboardEvent): boolean {
    const arrow = ARROWS[event.key];
    return arrow ? this.pan(-MOVE * arrow[0], -MOVE * arrow[1]) : this.key(event);
  }

  /** The picture can have the focus, and then the keys: where there is nothing to answer. */
  takeFocus(name: string): void {
    if (this.frame.tabIndex === 0) return; // another layer over it has seen to that
    Object.assign(this.frame, { tabIndex: 0, role: "group", ariaLabel: name });
    this.frame.addEventListener("keydown", (event) => {
      if (!event.altKey && !event.ctrlKey && !event.metaKey && this.look(event)) event.preventDefault();
    });
  }

  /** Those of templates/web/tools/_zoom.html. */
  buttons(place: ParentNode): void {
    const acts = { in: () => this.zoomBy(STEP), out: () => this.zoomBy(1 / STEP), whole: () => this.whole() };
    for (const [name, act] of Object.entries(acts)) place.querySelector(`[data-zoom-${name}]`)?.addEventListener("click", act);
  }

  /** Moved so far that this place is seen. */
  reveal(place: Point): void {
    const [frame, view] = [this.frame.getBoundingClientRect(), this.view.getBoundingClientRect()];
    const x = view.left + (place.x / this.size.width) * view.width;
    const y = view.top + (place.y / this.size.height) * view.height;
    const by = (at: number, from: number, to: number): number => Math.max(0, from + EDGE - at) - Math.max(0, at - to + EDGE);
    this.pan(by(x, frame.left, frame.right), by(y, frame.top, frame.bottom));
  }

  zoomBy(factor: number, around?: Point): boolean {
    const place = this.frame.getBoundingClientRect();
    const middle = around ?? { x: place.left + place.width / 2, y: place.top + place.height / 2 };
    const most = Math.max(MOST_ZOOM, (MOST_GRAIN * this.size.width) / (this.view.offsetWidth || 1));
    const next = clamp(this.zoom * factor, 1, most);
    const grown = next / this.zoom;
    const from = { x: middle.x - place.left - place.width / 2, y: middle.y - place.top - place.height / 2 };
    this.shift = { x: from.x - (from.x - this.shift.x) * grown, y: from.y - (from.y - this.shift.y) * grown };
    this.zoom = next;
    return this.place();
  }

  /** By so many pixels of the screen; true: there was something to move. */
  pan(x: number, y: number): boolean {
    const before = this.shift;
    this.shift = { x: before.x + x, y: before.y + y };
    this.place();
    return this.shift.x !== before.x || this.shift.y !== before.y;
  }

  /** As near, and at the same part, as another picture is: both always show the same. */
  follow(other: Surface): void {
    other.svg.addEventListener("placed", () => {
      const share = this.view.offsetWidth / (other.view.offsetWidth || 1);
      const shift = { x: other.shift.x * share, y: other.shift.y * share };
      const isThere = this.zoom === other.zoom && Math.abs(this.shift.x - shift.x) < 0.5 && Math.abs(this.shift.y - shift.y) < 0.5;
      if (isThere || this.following || other.following) return;
      this.following = true;
      this.zoom = other.zoom;
      this.shift = shift;
      this.place();
      this.following = false;
    });
  }

  whole(): boolean {
    this.zoom = 1;
    this.shift = { x: 0, y: 0 };
    return this.place();
  }

  private whenKnown(): void {
    const picture = this.picture;
    const known = (): void => {
      this.size = natural(picture);
      this.svg.setAttribute("viewBox", `0 0 ${this.size.width} ${this.size.height}`);
      this.fit();
      this.ready();
      this.svg.dispatchEvent(new Event("known"));
    };
    if (natural(picture).width) queueMicrotask(known); // whoever asked for the surface has it by then
    else picture.addEventListener(picture instanceof HTMLVideoElement ? "loadedmetadata" : "load", known, { once: true });
  }

  /** As large as the place allows, small pictures too. */
  private fit(): void {
    const room = this.frame.getBoundingClientRect();
    if (room.width === 0 || !this.size.width) return;
    const scale = Math.min(room.width / this.size.width, parseFloat(getComputedStyle(this.frame).maxHeight) / this.size.height);
    this.view.style.width = `${this.size.width * scale}px`;
    this.view.style.height = `${this.size.height * scale}px`;
    this.frame.style.height = `${this.size.height * scale}px`;
    this.place();
  }

  private place(): boolean {
    const width = this.view.offsetWidth * (this.zoom - 1);
    const height = this.view.offsetHeight * (this.zoom - 1);
    this.shift = { x: clamp(this.shift.x, -width / 2, width / 2), y: clamp(this.shift.y, -height / 2, height / 2) };
    this.view.style.transform = `translate(${this.shift.x}px, ${this.shift.y}px) scale(${this.zoom})`;
    this.svg.style.setProperty("--grain", String(this.grain));
    this.frame.toggleAttribute("data-near", this.zoom > 1);
    this.sharpen();
    this.svg.dispatchEvent(new Event("placed"));
    return true;
  }

  /** Nearer than its smaller copy has pixels for, the picture itself comes; until it is there the copy stays. */
  private sharpen(): void {
    const { picture } = this;
    const address = picture.dataset.original;
    if (!(picture instanceof HTMLImageElement) || !address || this.zoom === 1) return;
    if (this.view.offsetWidth * this.zoom * window.devicePixelRatio <= picture.naturalWidth) return;
    delete picture.dataset.original;
    const whole = Object.assign(new Image(), { src: address });
    const later = (): unknown => setTimeout(() => (picture.dataset.original = address), RETRY_MS); // when next moved
    void whole.decode().then(() => (picture.src = address), later);
  }

  private readonly onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
  };
}

/** The picture's own size, or the one that the server names: what is shown may be a smaller copy. */
function natural(picture: HTMLImageElement | HTMLVideoElement | HTMLCanvasElement): Size {
  const told = { width: Number(picture.dataset.width), height: Number(picture.dataset.height) };
  if (told.width && told.height) return told;
  if (picture instanceof HTMLImageElement) return { width: picture.naturalWidth, height: picture.naturalHeight };
  if (picture instanceof HTMLVideoElement) return { width: picture.videoWidth, height: picture.videoHeight };
  return { width: picture.width, height: picture.height };
}

/** A colour as the browser works it out: libraries and canvases read no CSS variables. */
export function resolved(tone: string, place: HTMLElement): string {
  const probe = Object.assign(document.createElement("span"), { hidden: true });
  probe.style.color = tone;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
/** Coordinates are kept to a hundredth of a pixel. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

export function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  facts: Record<string, string | number>,
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(facts)) element.setAttribute(key, String(value));
  return element;
}
