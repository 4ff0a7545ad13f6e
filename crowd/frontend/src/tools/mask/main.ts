// <crowd-masks>: pixels of a picture, by brush, eraser, fill and polygon.

import { MarkTool, type Numbers } from "../marks.ts";
import { clamp, draw, type Point, Surface } from "../surface.ts";
import { define } from "../tool.ts";
import { Bitmap } from "./bitmap.ts";

type Mask = { label?: string; size: [height: number, width: number]; counts: number[] };
type Means = "brush" | "eraser" | "fill" | "polygon";
const KEYS: Record<string, Means> = { p: "brush", e: "eraser", f: "fill", y: "polygon" };
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const OPACITY = 110;

class Masks extends MarkTool<Mask> {
  private surface?: Surface;
  private readonly canvas = document.createElement("canvas");
  private readonly cursor = draw("circle", { class: "brush" });
  private readonly outline = draw("polyline", { class: "outline" });
  private means: Means = "brush";
  private radius = 8;
  private now: Bitmap | null = null; // what is being painted
  private last: Point | null = null;
  private corners: Point[] = [];
  private at: Point = { x: 0, y: 0 };

  protected override start(): void {
    super.start();
    const picture = this.item.querySelector<HTMLImageElement>("img") as HTMLImageElement;
    this.surface = Surface.over(picture, () => this.begin());
    this.on("[data-means]", (button) => this.use(button.dataset.means as Means));
    this.querySelector("[data-radius]")?.addEventListener("input", (event) => this.size(Number((event.target as HTMLInputElement).value)));
    this.on("[data-zoom-in]", () => this.surface?.zoomBy(1.25));
    this.on("[data-zoom-out]", () => this.surface?.zoomBy(0.8));
    this.on("[data-zoom-whole]", () => this.surface?.whole());
  }

  override validate(): string {
    return this.corners.length ? this.word("unfinished") : super.validate();
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    const arrow = ARROWS[event.key];
    if (arrow) return this.walk(arrow, event.shiftKey ? 10 : 1);
    if (event.key === " ") return this.stamp();
    if (event.key === "Enter") return this.closePolygon();
    if (event.key === "Escape" && this.corners.length) return this.dropPolygon();
    if (event.key === "<" || event.key === ">") return this.size(this.radius * (event.key === ">" ? 1.25 : 0.8));
    const isLabel = this.config.labels.some((one) => one.key === key);
    if (!isLabel && KEYS[key] && !event.ctrlKey) return this.use(KEYS[key]);
    return super.pressed(event) || (this.surface?.key(event) ?? false);
  }

  protected override paint(): void {
    const { surface, canvas } = this;
    const brush = canvas.getContext("2d");
    if (!surface || !brush || canvas.width < 2) return;
    const image = brush.createImageData(canvas.width, canvas.height);
    this.marks.forEach((mark, place) => this.tint(image, this.bitmap(mark), this.colour(mark), place === this.place));
    brush.putImageData(image, 0, 0);
  }

  protected override caption(mark: Mask): string {
    const inside = mark.counts.reduce((sum, count, place) => sum + (place % 2 ? count : 0), 0);
    return this.word("pixels").replace("%s", String(inside));
  }

  protected override numbers(): Numbers {
    return [];
  }

  protected override numbered(mark: Mask): Mask {
    return mark;
  }

  /** A round spot where the keyboard's brush stands. */
  protected override fresh(): Mask | null {
    if (!this.surface) return null;
    const made = new Bitmap(this.surface.size);
    made.stroke(this.at, this.at, this.radius, 1);
    return this.mask(made);
  }

  private begin(): void {
    const { surface, canvas } = this;
    if (!surface) return;
    [canvas.width, canvas.height] = [surface.size.width, surface.size.height];
    canvas.className = "masks";
    surface.svg.before(canvas);
    surface.svg.append(this.outline, this.cursor);
    this.at = { x: surface.size.width / 2, y: surface.size.height / 2 };
    this.radius = Math.max(2, Math.round(Math.min(surface.size.width, surface.size.height) / 24));
    surface.svg.addEventListener("pointerdown", this.down);
    surface.svg.addEventListener("pointermove", this.move);
    surface.svg.addEventListener("pointerup", this.up);
    surface.svg.addEventListener("pointercancel", this.up);
    surface.svg.addEventListener("dblclick", () => this.closePolygon());
    this.size(this.radius);
    this.use(this.means);
    this.redraw();
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.readonly || !this.isUp || !this.surface || this.surface.pinched || event.button !== 0) return;
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur?.(); // the keys are the picture's now
    this.surface.svg.setPointerCapture(event.pointerId);
    const at = this.surface.at(event);
    if (this.means === "polygon") return this.corner(at);
    this.now = this.chosen ? this.bitmap(this.chosen) : new Bitmap(this.surface.size);
    this.last = at;
    this.apply(at);
  };

  private readonly move = (event: PointerEvent): void => {
    if (!this.surface) return;
    this.at = this.surface.at(event);
    this.showCursor();
    if (this.now && this.last && !this.surface.pinched) this.apply(this.at);
  };

  private readonly up = (): void => {
    const [now, pinched] = [this.now, this.surface?.pinched];
    this.now = this.last = null;
    if (now && !pinched) this.finish(now);
    else this.paint();
  };

  private apply(to: Point): void {
    if (!this.now || !this.last) return;
    if (this.means === "fill") this.now.fill(to, 1);
    else this.now.stroke(this.last, to, this.radius, this.means === "eraser" ? 0 : 1);
    this.last = to;
    this.preview(this.now);
  }

  private preview(now: Bitmap): void {
    const brush = this.canvas.getContext("2d");
    if (!brush) return;
    const image = brush.createImageData(this.canvas.width, this.canvas.height);
    this.marks.forEach((mark, place) => place !== this.place && this.tint(image, this.bitmap(mark), this.colour(mark), false));
    this.tint(image, now, this.colour(this.chosen ?? ({ label: this.label } as Mask)), true);
    brush.putImageData(image, 0, 0);
  }

  private finish(now: Bitmap): void {
    if (this.place === null) return void (now.isEmpty || this.add(this.mask(now)));
    if (now.isEmpty) return void this.drop(this.place);
    this.change(this.place, { ...(this.chosen as Mask), ...this.mask(now) });
  }

  private corner(at: Point): void {
    this.corners.push(at);
    this.outline.setAttribute("points", this.corners.map((one) => `${one.x},${one.y}`).join(" "));
  }

  private closePolygon(): boolean {
    if (this.corners.length < 3 || !this.surface) return false;
    const now = this.chosen ? this.bitmap(this.chosen) : new Bitmap(this.surface.size);
    now.polygon(this.corners, 1);
    this.dropPolygon();
    this.finish(now);
    return true;
  }

  private dropPolygon(): true {
    this.corners = [];
    this.outline.setAttribute("points", "");
    return true;
  }

  private walk([x, y]: [number, number], step: number): boolean {
    if (!this.surface) return false;
    const { width, height } = this.surface.size;
    this.at = { x: clamp(this.at.x + x * step, 0, width), y: clamp(this.at.y + y * step, 0, height) };
    this.showCursor();
    return true;
  }

  private stamp(): boolean {
    if (!this.surface || this.readonly) return false;
    if (this.means === "polygon") {
      this.corner(this.at);
      return true;
    }
    this.now = this.chosen ? this.bitmap(this.chosen) : new Bitmap(this.surface.size);
    this.last = this.at;
    this.apply(this.at);
    this.up();
    return true;
  }

  private use(means: Means): true {
    this.means = means;
    for (const button of this.querySelectorAll<HTMLElement>("[data-means]")) button.setAttribute("aria-pressed", String(button.dataset.means === means));
    return true;
  }

  private size(radius: number): true {
    this.radius = clamp(radius, 0.5, 500);
    const field = this.querySelector<HTMLInputElement>("[data-radius]");
    if (field && document.activeElement !== field) field.value = String(Math.round(this.radius));
    this.showCursor();
    return true;
  }

  private showCursor(): void {
    for (const [name, value] of [["cx", this.at.x], ["cy", this.at.y], ["r", this.radius]] as const) this.cursor.setAttribute(name, String(value));
  }

  private tint(image: ImageData, mask: Bitmap, tone: string, strong: boolean): void {
    const [red, green, blue] = channels(tone, this);
    const { width, height } = mask.size;
    for (let column = 0; column < width; column++)
      for (let row = 0; row < height; row++) {
        if (!mask.pixels[column * height + row]) continue;
        const at = 4 * (row * width + column);
        [image.data[at], image.data[at + 1], image.data[at + 2]] = [red, green, blue];
        image.data[at + 3] = strong ? OPACITY + 50 : OPACITY;
      }
  }

  private bitmap(mark: Mask): Bitmap {
    const [height, width] = mark.size;
    return Bitmap.fromRuns(mark.counts, { width, height });
  }

  private mask(now: Bitmap): Mask {
    return { size: [now.size.height, now.size.width], counts: now.runs() };
  }
}

const known = new Map<string, [number, number, number]>();

function channels(tone: string, place: HTMLElement): [number, number, number] {
  const found = known.get(tone);
  if (found) return found;
  const probe = Object.assign(document.createElement("span"), { hidden: true });
  probe.style.color = tone;
  place.append(probe);
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
  probe.remove();
  known.set(tone, [red, green, blue]);
  return [red, green, blue];
}

define("crowd-masks", Masks);
