// What there is to know of each shape that is drawn on a picture: how it is made, moved, shown and written in numbers.
// A mark is the object that the server stores: its label and its own numbers, in natural pixels.

import { clamp, draw, type Point, rounded } from "../surface.ts";

export type Pair = [number, number];
export type Mark = {
  label?: string;
  text?: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  rx?: number;
  ry?: number;
  rotation?: number;
  points?: Pair[] | Record<string, Pair>;
};
type Size = { width: number; height: number };
/** How the picture is seen: its size, and how many of its pixels one of the screen is. */
export type Sight = { size: Size; grain: number };
/** Screen pixels between two handles that a hand can tell from each other. */
export const ROOM = 27;
export const NOWHERE: Point = { x: NaN, y: NaN };

export interface Shape {
  /** "drag": from corner to corner; "clicks": point by point until finished. */
  readonly drawn: "drag" | "clicks";
  /** How many clicks finish it by themselves; without a number Enter, a double click or the first point do. */
  readonly clicks?: number;
  readonly least: number;
  /** What each click is for, in their order; one that is NOWHERE cannot be seen. */
  readonly names?: string[];
  make(points: Point[]): Mark;
  handles(mark: Mark, sight?: Sight): Point[];
  /** How many of the handles are corners. Those after them make new ones or turn it, and give way where it is small. */
  corners?(mark: Mark): number;
  /** Without one of its corners; null where too few would be left. */
  without?(mark: Mark, handle: number): Mark | null;
  pulled(mark: Mark, handle: number, to: Point, from: Point): Mark;
  shifted(mark: Mark, by: Point): Mark;
  outline(mark: Mark): SVGElement[];
  /** Name and value of each number field; the names are the keys of the words that the page has for them. */
  numbers(mark: Mark): [string, number][];
  numbered(mark: Mark, name: string, value: number): Mark;
  /** Where its name stands. */
  head(mark: Mark): Point;
}

/** How far it may be moved so that all of it stays in the picture. */
export function kept(shape: Shape, mark: Mark, by: Point, size: Size): Mark {
  const points = shape.handles(mark).slice(0, shape.corners?.(mark));
  const [xs, ys] = [points.map((one) => one.x), points.map((one) => one.y)];
  const x = clamp(by.x, Math.min(0, -Math.min(...xs)), Math.max(0, size.width - Math.max(...xs)));
  const y = clamp(by.y, Math.min(0, -Math.min(...ys)), Math.max(0, size.height - Math.max(...ys)));
  return shape.shifted(mark, { x, y });
}

/** Whether it has a size, and all of it is in the picture; of what is turned or round its middle, as the server asks. */
export function isWithin(shape: Shape, mark: Mark, { width, height }: Size): boolean {
  const isSized = [mark.width, mark.height, mark.rx, mark.ry].every((one) => one === undefined || one > 0);
  const asked = mark.rotation || mark.rx !== undefined ? [middle(mark)] : shape.handles(mark).slice(0, shape.corners?.(mark));
  return isSized && asked.every(({ x, y }) => x >= -SLACK && y >= -SLACK && x <= width + SLACK && y <= height + SLACK);
}

const SLACK = 0.01; // of rounding
const box = (points: Point[]): Mark => {
  const [one, other] = [points[0] as Point, points[points.length - 1] as Point];
  const [x, y] = [rounded(Math.min(one.x, other.x)), rounded(Math.min(one.y, other.y))];
  return { x, y, width: rounded(Math.max(one.x, other.x) - x), height: rounded(Math.max(one.y, other.y) - y) };
};

function turned(point: Point, around: Point, degrees: number): Point {
  const angle = (degrees * Math.PI) / 180;
  const [x, y] = [point.x - around.x, point.y - around.y];
  return { x: around.x + x * Math.cos(angle) - y * Math.sin(angle), y: around.y + x * Math.sin(angle) + y * Math.cos(angle) };
}

const number = (value: number | undefined): number => value ?? 0;
const middle = (mark: Mark): Point => ({ x: number(mark.x) + number(mark.width) / 2, y: number(mark.y) + number(mark.height) / 2 });
const along = (from: Point, to: Point): number => (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
const angle = (degrees: number): number => rounded(((degrees % 360) + 360) % 360);

const CORNERS: Pair[] = [[0, 0], [1, 0], [1, 1], [0, 1]];
const ABOUT: Pair[] = [[0, -1], [1, 0], [0, 1], [-1, 0]];
const BESIDE = ROOM + 3; // screen pixels from the side

function corner(mark: Mark, [right, down]: Pair): Point {
  const plain = { x: number(mark.x) + right * number(mark.width), y: number(mark.y) + down * number(mark.height) };
  return turned(plain, middle(mark), number(mark.rotation));
}

/** The corner opposite to the one that is pulled stays where it is, turned or not. */
function pulledCorner(mark: Mark, handle: number, to: Point): Mark {
  const still = corner(mark, CORNERS[(handle + 2) % 4] as Pair);
  const centre = { x: (still.x + to.x) / 2, y: (still.y + to.y) / 2 };
  const [one, other] = [turned(still, centre, -number(mark.rotation)), turned(to, centre, -number(mark.rotation))];
  return { ...mark, ...box([one, other]) };
}

export const boxes: Shape = {
  drawn: "drag",
  least: 2,
  make: box,
  handles: (mark) => CORNERS.map((place) => corner(mark, place)),
  pulled: pulledCorner,
  shifted: (mark, by) => ({ ...mark, x: rounded(number(mark.x) + by.x), y: rounded(number(mark.y) + by.y) }),
  outline: (mark) => [
    draw("rect", {
      x: number(mark.x), y: number(mark.y), width: number(mark.width), height: number(mark.height),
      transform: `rotate(${number(mark.rotation)} ${middle(mark).x} ${middle(mark).y})`,
    }),
  ],
  numbers: (mark) => (["x", "y", "width", "height", "rotation"] as const).map((name) => [name, number(mark[name])]),
  numbered: (mark, name, value) => ({ ...mark, [name]: name === "rotation" ? angle(value) : rounded(value) }),
  head: (mark) => corner(mark, [0, 0]),
};

/** A box that can be turned by the pointer too: by a handle below the middle of its upper side; of one too small for a
 * handle inside, by one beside it, where the picture has room. */
export const turnable: Shape = {
  ...boxes,
  corners: () => CORNERS.length,
  handles: (mark, sight) => [...boxes.handles(mark), turning(mark, sight)],
  pulled: (mark, handle, to, from) => (handle < CORNERS.length ? boxes.pulled(mark, handle, to, from) : turnedBy(mark, from, to)),
};

function turning(mark: Mark, sight?: Sight): Point {
  const inside = corner(mark, [0.5, 0.15]);
  const first = corner(mark, [0, 0]);
  if (!sight || Math.hypot(inside.x - first.x, inside.y - first.y) > ROOM * sight.grain) return inside;
  const centre = middle(mark);
  const far = { x: number(mark.width) / 2 + BESIDE * sight.grain, y: number(mark.height) / 2 + BESIDE * sight.grain };
  const beside = ABOUT.map(([x, y]) => turned({ x: centre.x + x * far.x, y: centre.y + y * far.y }, centre, number(mark.rotation)));
  return beside.find((one) => one.x >= 0 && one.y >= 0 && one.x <= sight.size.width && one.y <= sight.size.height) ?? inside;
}

function turnedBy(mark: Mark, from: Point, to: Point): Mark {
  const centre = middle(mark);
  return { ...mark, rotation: angle(number(mark.rotation) + along(centre, to) - along(centre, from)) };
}

const SIDES: Pair[] = [[1, 0], [0, 1], [-1, 0], [0, -1]];

export const ellipses: Shape = {
  drawn: "drag",
  least: 2,
  make: (points) => {
    const { x, y, width, height } = box(points);
    const [rx, ry] = [number(width) / 2, number(height) / 2];
    return { x: rounded(number(x) + rx), y: rounded(number(y) + ry), rx: rounded(rx), ry: rounded(ry) };
  },
  handles: (mark) => {
    const centre = { x: number(mark.x), y: number(mark.y) };
    const plain = SIDES.map(([x, y]) => ({ x: centre.x + x * number(mark.rx), y: centre.y + y * number(mark.ry) }));
    return plain.map((one) => turned(one, centre, number(mark.rotation)));
  },
  pulled: (mark, handle, to) => {
    const far = rounded(Math.hypot(to.x - number(mark.x), to.y - number(mark.y)));
    const towards = along({ x: number(mark.x), y: number(mark.y) }, to) - 90 * handle;
    const straight = Math.abs(((towards - number(mark.rotation) + 540) % 360) - 180) < 4;
    return { ...mark, [handle % 2 ? "ry" : "rx"]: far, rotation: straight ? number(mark.rotation) : angle(towards) };
  },
  shifted: boxes.shifted,
  outline: (mark) => [
    draw("ellipse", {
      cx: number(mark.x), cy: number(mark.y), rx: number(mark.rx), ry: number(mark.ry),
      transform: `rotate(${number(mark.rotation)} ${number(mark.x)} ${number(mark.y)})`,
    }),
  ],
  numbers: (mark) => (["x", "y", "rx", "ry", "rotation"] as const).map((name) => [name, number(mark[name])]),
  numbered: boxes.numbered,
  head: (mark) => ({ x: number(mark.x), y: number(mark.y) - number(mark.ry) }),
};

/** One place, by one click. */
export const points: Shape = {
  drawn: "clicks",
  clicks: 1,
  least: 1,
  make: ([one]) => ({ x: rounded(one?.x ?? 0), y: rounded(one?.y ?? 0) }),
  handles: (mark) => [{ x: number(mark.x), y: number(mark.y) }],
  pulled: (mark, _handle, to) => ({ ...mark, x: rounded(to.x), y: rounded(to.y) }),
  shifted: boxes.shifted,
  outline: (mark) => [draw("circle", { cx: number(mark.x), cy: number(mark.y), class: "joint" })],
  numbers: (mark) => [["x", number(mark.x)], ["y", number(mark.y)]],
  numbered: boxes.numbered,
  head: (mark) => ({ x: number(mark.x), y: number(mark.y) }),
};

const list = (mark: Mark): Pair[] => (Array.isArray(mark.points) ? mark.points : Object.values(mark.points ?? {}));
const pair = (point: Point): Pair => [rounded(point.x), rounded(point.y)];
const point = ([x, y]: Pair): Point => ({ x, y });

/** The middle of each side, in the order of the corners that they come after. */
function sides(corners: Pair[], closed: boolean): Pair[] {
  const ends = closed ? [...corners.slice(1), corners[0] as Pair] : corners.slice(1);
  return ends.map(([x, y], place) => [(x + (corners[place] as Pair)[0]) / 2, (y + (corners[place] as Pair)[1]) / 2]);
}

function chain(name: "polygon" | "polyline", least: number): Shape {
  return {
    drawn: "clicks",
    least,
    make: (points) => ({ points: points.map(pair) }),
    handles: (mark) => [...list(mark).map(point), ...sides(list(mark), name === "polygon").map(point)],
    corners: (mark) => list(mark).length,
    pulled: (mark, handle, to) => {
      const corners = list(mark);
      if (handle < corners.length) return { ...mark, points: corners.map((one, place) => (place === handle ? pair(to) : one)) };
      const place = handle - corners.length + 1;
      return { ...mark, points: [...corners.slice(0, place), pair(to), ...corners.slice(place)] };
    },
    without: (mark, handle) => {
      const left = list(mark).filter((_, place) => place !== handle);
      return left.length >= least && left.length < list(mark).length ? { ...mark, points: left } : null;
    },
    shifted: (mark, by) => ({ ...mark, points: list(mark).map(([x, y]) => pair({ x: x + by.x, y: y + by.y })) }),
    outline: (mark) => [draw(name, { points: list(mark).map((one) => one.join(",")).join(" ") })],
    numbers: (mark) => list(mark).flatMap(([x, y], place) => [[`x${place + 1}`, x], [`y${place + 1}`, y]] as [string, number][]),
    numbered: (mark, name, value) => {
      const [axis, place] = [name[0] === "x" ? 0 : 1, Number(name.slice(1)) - 1];
      const points = list(mark).map((one) => [...one] as Pair);
      (points[place] as Pair)[axis] = rounded(value);
      return { ...mark, points };
    },
    head: (mark) => point(list(mark)[0] ?? [0, 0]),
  };
}

export const polygons = chain("polygon", 3);
export const polylines = chain("polyline", 2);

/** One click for each point of the skeleton, in its order; a point that cannot be seen is left out. */
export function keypoints(names: string[], bones: [string, string][]): Shape {
  const named = (mark: Mark): Record<string, Pair> => (mark.points ?? {}) as Record<string, Pair>;
  const shown = (mark: Mark): string[] => names.filter((name) => name in named(mark));
  return {
    drawn: "clicks",
    clicks: names.length,
    least: 1,
    names,
    make: (points) => ({
      points: Object.fromEntries(points.map((one, place) => [names[place] as string, pair(one)] as const).filter(([, [x]]) => Number.isFinite(x))),
    }),
    handles: (mark) => shown(mark).map((name) => point(named(mark)[name] as Pair)),
    pulled: (mark, handle, to) => ({ ...mark, points: { ...named(mark), [shown(mark)[handle] as string]: pair(to) } }),
    shifted: (mark, by) => ({
      ...mark,
      points: Object.fromEntries(shown(mark).map((name) => [name, pair({ x: (named(mark)[name] as Pair)[0] + by.x, y: (named(mark)[name] as Pair)[1] + by.y })])),
    }),
    outline: (mark) => [
      ...bones
        .filter(([one, other]) => named(mark)[one] && named(mark)[other])
        .map(([one, other]) => {
          const [from, to] = [named(mark)[one] as Pair, named(mark)[other] as Pair];
          return draw("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
        }),
      ...shown(mark).map((name) => {
        const [cx, cy] = named(mark)[name] as Pair;
        const dot = draw("circle", { cx, cy, class: "joint" });
        dot.append(Object.assign(draw("title", {}), { textContent: name }));
        return dot;
      }),
    ],
    numbers: (mark) => shown(mark).flatMap((name) => [[`${name} x`, (named(mark)[name] as Pair)[0]], [`${name} y`, (named(mark)[name] as Pair)[1]]] as [string, number][]),
    numbered: (mark, name, value) => {
      const [joint, axis] = [name.slice(0, -2), name.endsWith("x") ? 0 : 1];
      const place = [...(named(mark)[joint] as Pair)] as Pair;
      place[axis] = rounded(value);
      return { ...mark, points: { ...named(mark), [joint]: place } };
    },
    head: (mark) => point(list(mark)[0] ?? [0, 0]),
  };
}
