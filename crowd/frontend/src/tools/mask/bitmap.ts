// A mask as COCO keeps it: column after column from the upper left, as runs of outside and inside in turn, the first
// one outside. Pixels stand in the same order, so that a stroke fills stretches of one array.

import { clamp, type Point } from "../surface.ts";

export type Size = { width: number; height: number };

export class Bitmap {
  constructor(readonly size: Size, readonly pixels = new Uint8Array(size.width * size.height)) {}

  static fromRuns(counts: number[], size: Size): Bitmap {
    const made = new Bitmap(size);
    let [at, inside] = [0, 0];
    for (const count of counts) {
      if (inside) made.pixels.fill(1, at, at + count);
      at += count;
      inside = 1 - inside;
    }
    return made;
  }

  runs(): number[] {
    const counts: number[] = [];
    let [inside, from] = [0, 0];
    for (let at = 0; at <= this.pixels.length; at++)
      if (at === this.pixels.length || this.pixels[at] !== inside) {
        counts.push(at - from);
        [inside, from] = [1 - inside, at];
      }
    return counts;
  }

  get isEmpty(): boolean {
    return !this.pixels.includes(1);
  }

  copy(): Bitmap {
    return new Bitmap(this.size, this.pixels.slice());
  }

  /** A round brush drawn from one place to another; value 0 rubs out. */
  stroke(from: Point, to: Point, radius: number, value: 0 | 1): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / Math.max(0.5, radius / 2)));
    for (let step = 0; step <= steps; step++)
      this.disc(from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps, radius, value);
  }

  /** Everything from here to the next edge of the mask, or of the picture. */
  fill(at: Point, value: 0 | 1): void {
    const { width, height } = this.size;
    const start = Math.min(Math.floor(at.x), width - 1) * height + Math.min(Math.floor(at.y), height - 1);
    if (this.pixels[start] === value) return;
    const open = [start];
    this.pixels[start] = value;
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      const row = here % height;
      for (const [next, exists] of [[here - 1, row > 0], [here + 1, row < height - 1], [here - height, here >= height], [here + height, here + height < this.pixels.length]] as const)
        if (exists && this.pixels[next] !== value) {
          this.pixels[next] = value;
          open.push(next);
        }
    }
  }

  /** The inside of a polygon, pixels by their centres. */
  polygon(points: Point[], value: 0 | 1): void {
    for (let column = 0; column < this.size.width; column++) {
      const crossings = crossed(points, column + 0.5);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        const from = Math.ceil((crossings[pair] as number) - 0.5);
        this.span(column, from, Math.ceil((crossings[pair + 1] as number) - 0.5), value);
      }
    }
  }

  private disc(x: number, y: number, radius: number, value: 0 | 1): void {
    const last = Math.min(this.size.width - 1, Math.floor(x + radius));
    for (let column = Math.max(0, Math.floor(x - radius)); column <= last; column++) {
      const reach = radius ** 2 - (column + 0.5 - x) ** 2;
      if (reach <= 0) continue;
      this.span(column, Math.round(y - Math.sqrt(reach)), Math.round(y + Math.sqrt(reach)), value);
    }
  }

  private span(column: number, from: number, to: number, value: 0 | 1): void {
    const { height } = this.size;
    this.pixels.fill(value, column * height + clamp(from, 0, height), column * height + clamp(to, 0, height));
  }
}

function crossed(points: Point[], x: number): number[] {
  const found: number[] = [];
  points.forEach((one, place) => {
    const other = points[(place + 1) % points.length] as Point;
    if (one.x <= x === other.x <= x) return;
    found.push(one.y + ((x - one.x) / (other.x - one.x)) * (other.y - one.y));
  });
  return found.sort((one, other) => one - other);
}
