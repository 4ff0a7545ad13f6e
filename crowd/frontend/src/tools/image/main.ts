// <crowd-marks>: boxes, ellipses, polygons, polylines and keypoints on a picture.

import { define } from "../tool.ts";
import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";
import { Surface } from "../surface.ts";
import { Layer } from "./layer.ts";
import { boxes, ellipses, keypoints, kept, type Mark, points, polygons, polylines, type Shape } from "./shapes.ts";

type Config = MarksConfig & { skeleton?: string[]; edges?: [string, string][]; rotation?: boolean };

const SHAPES: Record<string, Shape> = { boxes, ellipses, points, polygons, polylines };
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 1.25;

class Marks extends MarkTool<Mark, Config> {
  private layer?: Layer;
  private shape!: Shape;

  protected override start(): void {
    super.start();
    this.shape = SHAPES[this.config.kind] ?? keypoints(this.config.skeleton ?? [], this.config.edges ?? []);
    const picture = this.item.querySelector<HTMLImageElement>("img") as HTMLImageElement;
    const surface = Surface.over(picture, () => this.redraw());
    const listener = { drawn: this.add, changed: this.change, chosen: this.choose };
    this.layer = new Layer(surface, this.shape, listener, () => !this.readonly && this.isUp);
    this.among(this.layer.marks);
    this.on("[data-zoom-in]", () => surface.zoomBy(STEP));
    this.on("[data-zoom-out]", () => surface.zoomBy(1 / STEP));
    this.on("[data-zoom-whole]", () => surface.whole());
  }

  override validate(): string {
    return this.layer?.drawing ? this.word("unfinished") : super.validate();
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const arrow = ARROWS[event.key];
    if (arrow && this.place !== null) return this.moved(arrow, event.shiftKey ? 10 : 1);
    if (event.key === "Enter") return this.layer?.finish() ?? false;
    if (event.key === "Escape" && this.layer?.cancel()) return true;
    if (event.key === "Backspace" && this.layer?.takeBack()) return true;
    return super.pressed(event) || (this.layer?.surface.key(event) ?? false);
  }

  protected override paint(): void {
    const shown = this.inSight.map((mark, place) => ({ mark, colour: this.colour(mark), name: this.heading(mark, place) }));
    this.layer?.show(shown, this.place);
  }

  protected override numbers(mark: Mark): Numbers {
    return this.shape.numbers(mark).filter(([name]) => name !== "rotation" || this.config.rotation || this.config.kind === "ellipses");
  }

  protected override numbered(mark: Mark, name: string, value: number): Mark {
    return this.shape.numbered(mark, name, value);
  }

  protected override fresh(): Mark | null {
    if (!this.layer) return null;
    const { width, height } = this.layer.surface.size;
    if (this.shape.drawn === "drag") return this.shape.make([{ x: width / 3, y: height / 3 }, { x: (2 * width) / 3, y: (2 * height) / 3 }]);
    const count = this.shape.clicks ?? this.shape.least;
    const turn = (place: number): number => (2 * Math.PI * place) / count - (3 * Math.PI) / 4;
    const around = (place: number) => ({ x: width * (0.5 + Math.cos(turn(place)) / 6), y: height * (0.5 + Math.sin(turn(place)) / 6) });
    return this.shape.make(Array.from({ length: count }, (_, place) => around(place)));
  }

  private moved([x, y]: [number, number], step: number): boolean {
    if (!this.chosen || this.place === null || !this.layer) return false;
    this.change(this.place, kept(this.shape, this.chosen, { x: x * step, y: y * step }, this.layer.surface.size));
    return true;
  }
}

define("crowd-marks", Marks);
