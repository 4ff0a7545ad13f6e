// Two fingers over an element: how far they went and spread, for whoever can be moved and zoomed.

export type Point = { x: number; y: number };

export class Fingers {
  private readonly down = new Map<number, Point>();
  private many = false;

  constructor(place: HTMLElement, private readonly act: (moved: Point, grown: number, middle: Point) => void) {
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const)
      place.addEventListener(name, this.heard, { capture: true });
    for (const name of ["touchstart", "touchmove"] as const) place.addEventListener(name, both, { passive: false });
  }

  /** More than one is there. */
  get several(): boolean {
    return this.down.size > 1;
  }

  /** More than one was there since the first one came: whatever that one began to draw was no mark. */
  get pinched(): boolean {
    return this.many;
  }

  private readonly heard = (event: PointerEvent): void => {
    const before = [...this.down.values()];
    if (event.type === "pointerup" || event.type === "pointercancel") return void this.down.delete(event.pointerId);
    if (event.type === "pointermove" && !this.down.has(event.pointerId)) return;
    this.down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = [...this.down.values()];
    this.many = after.length > 1 || (this.many && before.length > 0);
    if (event.type === "pointermove" && this.many) event.stopPropagation();
    if (after.length !== 2 || before.length !== 2) return;
    const [one, other] = [middle(before), middle(after)];
    this.act({ x: other.x - one.x, y: other.y - one.y }, apart(after) / (apart(before) || 1), other);
  };
}

/** The browser would zoom the page. One finger scrolls it as ever. */
function both(event: TouchEvent): void {
  if (event.touches.length > 1 && event.cancelable) event.preventDefault();
}

const middle = (points: Point[]): Point => ({
  x: points.reduce((sum, one) => sum + one.x, 0) / points.length,
  y: points.reduce((sum, one) => sum + one.y, 0) / points.length,
});
const apart = ([one, other]: Point[]): number => (one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0);
