// Active time: only while the page is seen, has the focus, and something was done in the last minute.

const IDLE_MS = 60_000;
const TICK_MS = 250;

export class Clock {
  private active: number;
  private last = performance.now();
  private touched = performance.now();
  private readonly timer: number;
  private readonly deadline: number;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly words: DOMStringMap,
  ) {
    this.active = Number(form.dataset.active);
    const ahead = Date.parse(form.dataset.deadline ?? "") - Date.parse(form.dataset.now ?? "");
    this.deadline = performance.now() + ahead;
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])
      window.addEventListener(kind, this.touch, { passive: true });
    this.timer = window.setInterval(this.tick, TICK_MS);
    this.tick();
  }

  get ms(): number {
    return Math.round(this.active);
  }

  stop(): void {
    clearInterval(this.timer);
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])
      window.removeEventListener(kind, this.touch);
  }

  private readonly touch = (): void => {
    this.touched = performance.now();
  };

  private readonly tick = (): void => {
    const now = performance.now();
    const here = document.visibilityState === "visible" && document.hasFocus() && now - this.touched < IDLE_MS;
    if (here) this.active += now - this.last;
    this.last = now;
    this.show("[data-active-time]", minutes(this.active));
    this.showLeft(this.deadline - now);
  };

  private showLeft(ms: number): void {
    const place = this.form.querySelector<HTMLElement>("[data-left]");
    if (!place) return;
    place.classList.toggle("late", ms < 60_000);
    place.textContent = ms > 0 ? (this.words.left ?? "%s").replace("%s", minutes(ms)) : (this.words.over ?? "");
  }

  private show(selector: string, text: string): void {
    const place = this.form.querySelector(selector);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

export function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
