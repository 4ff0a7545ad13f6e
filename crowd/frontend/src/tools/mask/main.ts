// <crowd-masks>: pixels of a picture, by brush, eraser, fill and polygon.

import { MarkTool, type Numbers } from "../marks.ts";
import { ARROWS, clamp, draw, type Point, resolved, Surface } from "../surface.ts";
import { define } from "../tool.ts";
import { Bitmap, type Size } from "./bitmap.ts";

type Mask = { label?: string; size: [height: number, width: number]; counts: number[] };
type Means = "brush" | "eraser" | "fill" | "polygon";
const KEYS: Record<string, Means> = { p: "brush", e: "eraser", f: "fill", y: "polygon" };
const [FAINT, STRONG] = [110, 160]; // of 255
type Layer = { mask: Bitmap; tone: string; alpha: number };
type Area = { x: number; y: number; width: number; height: number };

class Masks extends MarkTool<Mask> {
  private surface?: Surface;
  private readonly canvas = document.createElement("canvas");
  private readonly strokes = document.createElement("canvas"); // what is being painted
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
    this.surface.buttons(this);
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
    if (event.key === "Backspace" && this.corners.length) return this.setCorners(this.corners.slice(0, -1));
    if (event.key === "<" || event.key === ">") return this.size(this.radius * (event.key === ">" ? 1.25 : 0.8));
    const isLabel = this.config.labels.some((one) => one.key === key);
    if (!isLabel && KEYS[key]) return this.use(KEYS[key]);
    return super.pressed(event) || (this.surface?.key(event) ?? false);
  }

  protected override paint(): void {
    this.lighten();
    this.draw(this.canvas, this.inSight.map((mark, place) => this.layer(mark, place === this.place)));
    this.draw(this.strokes, []);
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
    for (const one of this.readonly ? [canvas] : [canvas, this.strokes]) {
      Object.assign(one, { ...surface.size, className: "masks" });
      surface.svg.before(one);
    }
    if (this.readonly) surface.takeFocus(this.word("look"));
    else surface.svg.append(this.outline, this.cursor);
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

  /** A layer that is switched off holds no picture: there may be many, and each is as large as the item. */
  private lighten(): void {
    const size = this.inSight.length || !this.readonly ? this.surface?.size : { width: 0, height: 0 };
    if (size && this.canvas.width !== size.width) Object.assign(this.canvas, size);
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.surface?.pinched) return this.letGo();
    if (this.readonly || !this.isUp || !this.surface || event.button !== 0) return;
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur?.(); // the keys are the picture's now
    this.surface.svg.setPointerCapture(event.pointerId);
    const at = this.surface.at(event);
    if (this.means === "polygon") return this.corner(at);
    this.lift();
    this.last = at;
    this.apply(at);
  };

  private readonly move = (event: PointerEvent): void => {
    if (!this.surface) return;
    this.at = this.surface.at(event);
    this.showCursor();
    if (this.now && this.last) this.apply(this.at);
  };

  private readonly up = (): void => {
    const { now } = this;
    this.letGo();
    if (now) this.finish(now);
  };

  /** Also where a second finger comes: what the first one did was no stroke. */
  private letGo(): void {
    this.now = this.last = null;
    this.paint();
  }

  /** The mask that is painted on goes to a layer of its own: of a large picture only what a stroke touches is drawn. */
  private lift(): void {
    this.now = this.chosen ? this.bitmap(this.chosen) : new Bitmap((this.surface as Surface).size);
    const others = this.marks.filter((_, place) => place !== this.place);
    this.draw(this.canvas, others.map((mark) => this.layer(mark, false)));
    this.draw(this.strokes, [this.painted(this.now)]);
  }

  private apply(to: Point): void {
    const { now, last, radius } = this;
    if (!now || !last) return;
    if (this.means === "fill") now.fill(to, 1);
    else now.stroke(last, to, radius, this.means === "eraser" ? 0 : 1);
    this.last = to;
    this.draw(this.strokes, [this.painted(now)], this.means === "fill" ? undefined : around(last, to, radius + 1, now.size));
  }

  private layer(mark: Mask, strong: boolean): Layer {
    return { mask: this.bitmap(mark), tone: this.colour(mark), alpha: strong ? STRONG : FAINT };
  }

  private painted(mask: Bitmap): Layer {
    return { mask, tone: this.colour(this.chosen ?? ({ label: this.label } as Mask)), alpha: STRONG };
  }

  private finish(now: Bitmap): void {
    if (this.place === null) return void (now.isEmpty || this.add(this.mask(now)));
    if (now.isEmpty) return void this.drop(this.place);
    this.change(this.place, { ...(this.chosen as Mask), ...this.mask(now) });
  }

  private corner(at: Point): void {
    this.setCorners([...this.corners, at]);
  }

  private setCorners(corners: Point[]): true {
    this.corners = corners;
    this.outline.setAttribute("points", corners.map((one) => `${one.x},${one.y}`).join(" "));
    return true;
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
    return this.setCorners([]);
  }

  private walk([x, y]: readonly [number, number], step: number): boolean {
    if (!this.surface) return false;
    const { width, height } = this.surface.size;
    this.at = { x: clamp(this.at.x + x * step, 0, width), y: clamp(this.at.y + y * step, 0, height) };
    this.surface.reveal(this.at);
    this.showCursor();
    return true;
  }

  private stamp(): boolean {
    if (!this.surface || this.readonly) return false;
    if (this.means === "polygon") {
      this.corner(this.at);
      return true;
    }
    this.lift();
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

  private draw(canvas: HTMLCanvasElement, layers: Layer[], area: Area = { x: 0, y: 0, width: canvas.width, height: canvas.height }): void {
    const brush = canvas.getContext("2d");
    if (!brush || !this.surface?.size.width || area.width < 1 || area.height < 1) return;
    const image = brush.createImageData(area.width, area.height);
    for (const { mask, tone, alpha } of layers) {
      const [red = 0, green = 0, blue = 0] = channels(tone, this);
      for (let column = 0; column < area.width; column++)
        for (let row = 0; row < area.height; row++)
          if (mask.pixels[(area.x + column) * mask.size.height + area.y + row])
            image.data.set([red, green, blue, alpha], 4 * (row * area.width + column));
    }
    brush.putImageData(image, area.x, area.y);
  }

  private bitmap(mark: Mask): Bitmap {
    const [height, width] = mark.size;
    return Bitmap.fromRuns(mark.counts, { width, height });
  }

  private mask(now: Bitmap): Mask {
    return { size: [now.size.height, now.size.width], counts: now.runs() };
  }
}

/** What a stroke between two places can have touched. */
function around(one: Point, other: Point, reach: number, size: Size): Area {
  const [x, y] = [Math.max(0, Math.floor(Math.min(one.x, other.x) - reach)), Math.max(0, Math.floor(Math.min(one.y, other.y) - reach))];
  const right = Math.min(size.width, Math.ceil(Math.max(one.x, other.x) + reach));
  const bottom = Math.min(size.height, Math.ceil(Math.max(one.y, other.y) + reach));
  return { x, y, width: right - x, height: bottom - y };
}

const channels = (tone: string, place: HTMLElement): number[] => (resolved(tone, place).match(/\d+/g) ?? []).slice(0, 3).map(Number);

define("crowd-masks", Masks);
