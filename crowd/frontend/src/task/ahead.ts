// What comes next begins to load once this task's own media are there: its task is reserved for that.

import { call } from "./wire.ts";

type Media = HTMLImageElement | HTMLMediaElement;

export class Ahead {
  private stopped = false;
  private readonly loading: Media[] = []; // held, or the browser would let go of them

  constructor(private readonly form: HTMLFormElement) {
    if (form.dataset.ahead) void this.begin(form.dataset.ahead);
  }

  stop(): void {
    this.stopped = true;
  }

  private async begin(address: string): Promise<void> {
    const shown = [...this.form.querySelectorAll<Media>("[data-item] :is(img, audio, video)")];
    await Promise.all(shown.map(arrived));
    if (this.stopped) return;
    const told = await call<{ media: string[] }>(address, { method: "POST" }).catch(() => null);
    const kind = shown[0]?.tagName ?? "IMG";
    for (const file of told?.media ?? []) this.loading.push(load(kind, file));
  }
}

function arrived(shown: Media): Promise<unknown> {
  const isThere = shown instanceof HTMLImageElement ? shown.complete : shown.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  if (isThere) return Promise.resolve();
  const signals = ["load", "canplay", "error"];
  return Promise.race(signals.map((name) => new Promise((resolve) => shown.addEventListener(name, resolve, { once: true }))));
}

function load(kind: string, file: string): Media {
  if (kind === "IMG") return Object.assign(new Image(), { src: file });
  return Object.assign(document.createElement(kind) as HTMLMediaElement, { preload: "auto", src: file });
}
