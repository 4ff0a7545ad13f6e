// <crowd-marks>: boxes, ellipses, polygons, polylines and keypoints on a picture.

import { define } from "../tool.ts";
import { MarkTool, type MarksConfig, type Numbers } from "../marks.ts";
import { ARROWS, Surface } from "../surface.ts";
import { Layer } from "./layer.ts";
import { boxes, ellipses, isWithin, keypoints, kept, type Mark, points, polygons, polylines, type Shape, turnable } from "./shapes.ts";

type Config = MarksConfig & { skeleton?: string[]; edges?: [string, string][]; rotation?: boolean };

const SHAPES: Record<string, Shape> = { boxes, ellipses, points, polygons, polylines };

class Marks extends MarkTool<Mark, Config> {
  private layer?: Layer;
  private shape!: Shape;

  protected override start(): void {
    super.start();
    this.shape = (this.config.rotation ? turnable : SHAPES[this.config.kind]) ?? keypoints(this.config.skeleton ?? [], this.config.edges ?? []);
    const picture = this.item.querySelector<HTMLImageElement>("img") as HTMLImageElement;
    const surface = Surface.over(picture, () => this.redraw());
    const listener = { drawn: this.add, changed: this.change, chosen: this.choose, begun: (points: number) => this.saysNext(points) };
    this.layer = new Layer(surface, this.shape, listener, () => !this.readonly && this.isUp);
    this.among(this.layer.marks);
    surface.buttons(this);
    this.on("[data-skip]", () => this.layer?.skip());
    this.saysNext(0);
    if (this.readonly) surface.takeFocus(this.word("look"));
  }

  override validate(): string {
    return this.layer?.drawing ? this.word("unfinished") : super.validate();
  }

  protected override pressed(event: KeyboardEvent): boolean {
    const { layer } = this;
    if (!layer) return super.pressed(event);
    const [arrow, step] = [ARROWS[event.key], event.shiftKey ? 10 : 1];
    if (arrow) return this.place === null || layer.drawing ? layer.walk(arrow, step) : this.moved(arrow, step);
    if (event.key === " ") return this.press();
    if (event.key === "Enter") return layer.finish();
    if (event.key === "Escape" && layer.cancel()) return true;
    if (event.key === "Backspace" && layer.takeBack()) return true;
    return super.pressed(event) || (event.key.toLowerCase() === "s" && layer.skip()) || layer.surface.key(event);
  }

  /** What is drawn next belongs to no mark that is there. */
  private press(): boolean {
    if (this.place !== null) this.choose(null);
    return this.layer?.press() ?? false;
  }

  /** Which point of the skeleton comes next. */
  private saysNext(points: number): void {
    const place = this.querySelector("[data-next]");
    const words = this.word("next").replace("%s", this.shape.names?.[points] ?? "");
    if (place && place.textContent !== words) place.textContent = words;
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

  protected override fits(mark: Mark): boolean {
    return this.layer !== undefined && isWithin(this.shape, mark, this.layer.surface.size);
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

  private moved([x, y]: readonly [number, number], step: number): boolean {
    if (!this.chosen || this.place === null || !this.layer) return false;
    this.change(this.place, kept(this.shape, this.chosen, { x: x * step, y: y * step }, this.layer.surface.size));
    return true;
  }
}

define("crowd-marks", Marks);
