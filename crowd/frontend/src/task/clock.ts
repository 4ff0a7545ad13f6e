// Active time: only while the page is seen, has the focus, and something was done in the last minute.

const IDLE_MS = 60_000;
const LATE_MS = 60_000;
const RENEW_MS = 10_000; // so often it is said that somebody is at work, in the last part of his time
const TICK_MS = 250;
const HOUR_MS = 3_600_000;
const DAYS = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "day", unitDisplay: "long" });

export class Clock {
  private active: number;
  private last = performance.now();
  private touched = performance.now();
  private readonly timer: number;
  private deadline: number;
  private readonly part: number;
  private renewed = performance.now();
  private renews = true; // until the server says that nothing gives more time
  private announced = "";
  private ended: boolean;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly words: DOMStringMap,
    private readonly atWork: () => void, // he looks or listens, and the end comes nearer
    private readonly over: () => void = () => undefined, // the end is there; told once
  ) {
    this.active = Number(form.dataset.active);
    const ahead = Date.parse(form.dataset.deadline ?? "") - Date.parse(form.dataset.now ?? "");
    this.deadline = performance.now() + ahead;
    this.ended = ahead <= 0; // a page that comes after the end was told on the one before
    this.part = Math.max(ahead / 4, 3 * LATE_MS);
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])
      window.addEventListener(kind, this.touch, { passive: true });
    this.timer = window.setInterval(this.tick, TICK_MS);
    this.tick();
  }

  get ms(): number {
    return Math.round(this.active);
  }

  /** The server has renewed the time, or not. */
  left(ms: number, renews = this.renews): void {
    this.renews = renews;
    this.deadline = this.renewed = performance.now();
    this.deadline += ms;
    this.showLeft(ms);
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
    if (!this.ended && this.deadline <= now) {
      this.ended = true;
      this.over();
    }
    if (!here || !this.renews || this.deadline - now > this.part || now - this.renewed < RENEW_MS) return;
    this.renewed = now;
    this.atWork();
  };

  private showLeft(ms: number): void {
    const place = this.form.querySelector<HTMLElement>("[data-left]");
    if (!place) return;
    place.classList.toggle("late", ms < LATE_MS);
    this.announce(ms > LATE_MS ? "" : ((ms > 0 ? this.words.soon : this.words.over) ?? ""));
    const text = ms > 0 ? (this.words.left ?? "%s").replace("%s", this.span(ms)) : (this.words.over ?? "");
    if (place.textContent !== text) place.textContent = text;
  }

  /** For who does not see it; once. */
  private announce(words: string): void {
    const place = this.form.querySelector("[data-announce]");
    if (!place || this.announced === words) return;
    place.textContent = this.announced = words;
  }

  /** Up to two hours to the second; then “47 h 59 min”, from two days on “2 days 5 h”: never more than there is. */
  private span(ms: number): string {
    if (ms < 2 * HOUR_MS) return minutes(ms);
    const hours = Math.floor(ms / HOUR_MS);
    const parts =
      hours < 48
        ? [unit(this.words.hours, hours), unit(this.words.minutes, Math.floor((ms % HOUR_MS) / 60_000))]
        : [DAYS.format(Math.floor(hours / 24)), hours % 24 ? unit(this.words.hours, hours % 24) : ""];
    return parts.join(" ").trim();
  }

  private show(selector: string, text: string): void {
    const place = this.form.querySelector(selector);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

function unit(word: string | undefined, amount: number): string {
  return (word ?? "%s").replace("%s", String(amount));
}

function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
