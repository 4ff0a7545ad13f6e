// Marks over a picture: drawn, chosen, pulled and moved with a pointer. It tells what was done and stores nothing.

import { clamp, draw, type Point, Surface } from "../surface.ts";
import { kept, type Mark, NOWHERE, ROOM, type Shape } from "./shapes.ts";

export type Drawn = { mark: Mark; colour: string; name: string };
const NEAR = 9; // screen pixels around a handle or the first point
const NEAR_A_FINGER = 18;
const SLIP = 4; // a drag shorter than this is a click

export interface Listener {
  drawn(mark: Mark): unknown;
  changed(place: number, mark: Mark): void;
  chosen(place: number | null): void;
  /** So many points of the next mark are there. */
  begun?(points: number): void;
}

type Drag = { from: Point; kind: "draw" | "move" | "pull"; handle: number; before: Mark | null; far: boolean };

export class Layer {
  readonly marks = draw("g", { class: "marks" });
  private readonly handles = draw("g", { class: "handles" });
  private readonly sketch = draw("g", { class: "sketch" });
  private readonly cross = draw("path", { class: "cross" });
  private cursor: Point | null = null; // the keyboard's pointer
  private shown: Drawn[] = [];
  private place: number | null = null;
  private drag: Drag | null = null;
  private clicks: Point[] = [];
  private downs = 0; // since the last mark was finished
  private near = NEAR;

  constructor(readonly surface: Surface, private readonly shape: Shape, private readonly listener: Listener, private readonly open: () => boolean) {
    surface.svg.append(this.marks, this.handles, this.sketch, this.cross);
    surface.svg.addEventListener("placed", () => (this.redrawHandles(), this.redrawCross()));
    surface.svg.addEventListener("pointerdown", this.down);
    surface.svg.addEventListener("pointermove", this.move);
    surface.svg.addEventListener("pointerup", this.up);
    surface.svg.addEventListener("pointercancel", () => this.cancel());
    surface.svg.addEventListener("dblclick", (event) => this.finish() || this.dropCorner(this.surface.at(event)));
  }

  show(shown: Drawn[], place: number | null): void {
    this.shown = shown;
    this.place = place;
    this.marks.replaceChildren(...shown.map((one, number) => this.drawn(one, number)));
    this.redrawHandles();
  }

  get drawing(): boolean {
    return this.clicks.length > 0 || this.drag?.kind === "draw";
  }

  /** Enter, a double click, a click on the first point: what was clicked becomes a mark. */
  finish(): boolean {
    const points = this.clicks.filter((one, place) => place === 0 || !(apart(one, this.clicks[place - 1] as Point) <= 0.01));
    if (points.filter(isSeen).length < this.shape.least) return false;
    this.cancel();
    this.downs = 0;
    this.listener.drawn(this.shape.make(points));
    return true;
  }

  /** The last click is taken back; true if there was one. */
  takeBack(): boolean {
    if (this.clicks.pop() === undefined) return false;
    this.redrawSketch();
    return true;
  }

  /** The point that would be next cannot be seen. */
  skip(): boolean {
    if (!this.shape.names || !this.open()) return false;
    this.put(NOWHERE);
    return true;
  }

  /** The keyboard's pointer goes on by so many natural pixels. */
  walk([x, y]: readonly [number, number], step: number): boolean {
    if (!this.open()) return false;
    const { width, height } = this.surface.size;
    const from = this.cursor ?? { x: width / 2, y: height / 2 };
    this.cursor = { x: clamp(from.x + x * step, 0, width), y: clamp(from.y + y * step, 0, height) };
    this.surface.reveal(this.cursor);
    this.redrawCross();
    if (this.clicks.length) this.redrawSketch(this.cursor);
    return true;
  }

  /** A click where the keyboard's pointer stands: a point, or one of two corners. */
  press(): boolean {
    if (!this.cursor) return this.walk([0, 0], 0);
    this.put(this.cursor);
    return true;
  }

  cancel(): boolean {
    const was = this.drawing || this.drag !== null;
    this.drag = null;
    this.clicks = [];
    this.sketch.replaceChildren();
    this.listener.begun?.(0);
    return was;
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.surface.pinched) return this.letGo();
    if (!this.open() || event.button !== 0) return;
    event.preventDefault();
    this.downs += 1;
    this.near = event.pointerType === "touch" ? NEAR_A_FINGER : NEAR;
    if (this.shape.drawn === "drag") this.cancel(); // a corner that a key has set
    this.cursor = null;
    this.redrawCross();
    (document.activeElement as HTMLElement | null)?.blur?.(); // a number field that was being typed in is done
    this.surface.svg.setPointerCapture(event.pointerId);
    const from = this.surface.at(event);
    const handle = this.handleAt(from);
    const hit = (event.target as Element).closest<SVGElement>("[data-place]");
    const inside = hit !== null && this.marks.contains(hit) && !event.shiftKey && !this.clicks.length ? Number(hit.dataset.place) : null;
    if (handle >= 0 && !this.clicks.length) this.drag = this.begun(from, "pull", handle);
    else if (inside !== null && inside === this.place) this.drag = this.begun(from, "move", 0);
    else this.drag = { from, kind: "draw", handle: inside ?? -1, before: null, far: false };
  };

  /** A second finger came: what the first one did was no part of a mark; the corners before it stay. */
  private letGo(): void {
    const before = this.drag?.before;
    this.drag = null;
    if (before) this.show(this.shown.map((one, place) => (place === this.place ? { ...one, mark: before } : one)), this.place);
    this.redrawSketch();
  }

  private begun(from: Point, kind: "move" | "pull", handle: number): Drag {
    return { from, kind, handle, before: this.shown[this.place ?? 0]?.mark ?? null, far: false };
  }

  private readonly move = (event: PointerEvent): void => {
    const to = this.surface.at(event);
    if (!this.drag) return this.clicks.length ? this.redrawSketch(to) : undefined;
    if (apart(to, this.drag.from) > SLIP * this.surface.grain) this.drag.far = true;
    if (!this.drag.far) return;
    if (this.drag.kind === "draw") return this.shape.drawn === "drag" ? this.redrawSketch(to) : undefined;
    const now = this.pulled(to);
    if (now) this.show(this.shown.map((one, place) => (place === this.place ? { ...one, mark: now } : one)), this.place);
  };

  private readonly up = (event: PointerEvent): void => {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return this.redrawSketch();
    const to = this.surface.at(event);
    if (drag.kind === "draw") return drag.far && this.shape.drawn === "drag" ? this.dragged(drag.from, to) : this.clicked(to, drag);
    const mark = this.pulled(to, drag);
    if (drag.far && mark && this.place !== null) this.listener.changed(this.place, mark);
  };

  private pulled(to: Point, drag = this.drag): Mark | null {
    if (!drag?.before) return null;
    if (drag.kind === "pull") return this.shape.pulled(drag.before, drag.handle, to, drag.from);
    return kept(this.shape, drag.before, { x: to.x - drag.from.x, y: to.y - drag.from.y }, this.surface.size);
  }

  private dragged(from: Point, to: Point): void {
    this.sketch.replaceChildren();
    this.listener.drawn(this.shape.make([from, to]));
  }

  private clicked(at: Point, drag: Drag): void {
    if (!this.clicks.length && drag.handle >= 0) return this.listener.chosen(drag.handle);
    if (this.shape.drawn === "drag") return this.listener.chosen(null);
    this.put(at);
  }

  private put(at: Point): void {
    const enough = this.shape.drawn === "drag" ? 2 : this.shape.clicks;
    if (enough === undefined && this.clicks.length >= this.shape.least && this.isNear(at, this.clicks[0] as Point)) return void this.finish();
    this.clicks.push(at);
    if (this.clicks.length !== enough) return this.redrawSketch(at);
    if (!this.finish()) this.takeBack();
  }

  private handleAt(at: Point): number {
    const near = this.places().map((one, place) => ({ one, place })).filter(({ one }) => this.isNear(one, at));
    return near.sort((a, b) => apart(a.one, at) - apart(b.one, at))[0]?.place ?? -1;
  }

  /** The handles of the chosen mark; the middle of a side is none where a hand could not tell it from the corners. */
  private places(): Point[] {
    const mark = this.place === null || !this.open() ? undefined : this.shown[this.place]?.mark;
    if (!mark) return [];
    const [points, corners] = [this.shape.handles(mark, this.surface), this.shape.corners?.(mark) ?? Infinity];
    const isFree = (one: Point, place: number): boolean => apart(one, points[place - corners] as Point) > ROOM * this.surface.grain;
    return points.map((one, place) => (place < corners || isFree(one, place) ? one : NOWHERE));
  }

  /** By a double click of its own: the first of the two may have finished the mark, on that very corner. */
  private dropCorner(at: Point): void {
    if (this.downs < 2) return;
    const [place, mark] = [this.place, this.place === null ? undefined : this.shown[this.place]?.mark];
    const left = mark && this.shape.without?.(mark, this.handleAt(at));
    if (left && place !== null) this.listener.changed(place, left);
  }

  private isNear(one: Point, other: Point): boolean {
    return apart(one, other) <= this.near * this.surface.grain;
  }

  private drawn(one: Drawn, place: number): SVGElement {
    const group = draw("g", { "data-place": place, class: place === this.place ? "mark chosen" : "mark", style: `--tone: ${one.colour}` });
    const head = this.shape.head(one.mark);
    const name = draw("text", { x: head.x, y: head.y, class: "name" });
    name.textContent = one.name;
    group.append(...this.shape.outline(one.mark), name);
    return group;
  }

  private redrawHandles(): void {
    const corners = (this.place !== null && this.shape.corners?.(this.shown[this.place]?.mark ?? {})) || Infinity;
    const circles = this.places().flatMap((one, place) =>
      isSeen(one) ? [draw("circle", { cx: one.x, cy: one.y, r: (place < corners ? 5 : 3.5) * this.surface.grain, class: place < corners ? "" : "between" })] : [],
    );
    this.handles.replaceChildren(...circles);
  }

  private redrawCross(): void {
    const arm = 14 * this.surface.grain;
    this.cross.setAttribute("d", this.cursor ? `M${this.cursor.x - arm} ${this.cursor.y}h${2 * arm}m${-arm} ${-arm}v${2 * arm}` : "");
  }

  private redrawSketch(to?: Point): void {
    const points = this.shape.drawn === "drag" && this.drag ? [this.drag.from] : this.clicks;
    const all = to && to !== points[points.length - 1] ? [...points, to] : points;
    this.listener.begun?.(points.length);
    if (all.length === 0) return void this.sketch.replaceChildren();
    const dots = points.filter(isSeen).map((one) => draw("circle", { cx: one.x, cy: one.y, r: 4 * this.surface.grain }));
    this.sketch.replaceChildren(...this.shape.outline(this.shape.make(all)), ...dots);
  }
}

const isSeen = (one: Point): boolean => Number.isFinite(one.x);
const apart = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y);
