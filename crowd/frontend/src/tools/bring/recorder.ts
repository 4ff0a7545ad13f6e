// The microphone into a file, in whatever form this browser writes.

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const PART_MS = 1000; // so much is lost at most where the tab dies

/** Hears each part of a recording as it comes. */
export type Listener = (part: Blob, name: string) => void;

export class Recorder {
  private running: MediaRecorder | null = null;
  private attempt = 0; // while the browser asks, a further click or an end makes an earlier one stale
  private parts: Blob[] = [];

  constructor(
    private readonly begun: () => void,
    private readonly listener: Listener,
  ) {}

  get runs(): boolean {
    return this.running !== null;
  }

  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** Begins, or ends and gives what was recorded. Rejects where there is no microphone, or it may not be used.
   * One microphone at a time: what the browser grants to a stale attempt is let go at once. */
  async turn(): Promise<File | null> {
    if (this.running) return this.end(this.running);
    const attempt = ++this.attempt;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (attempt !== this.attempt) {
      letGo(stream);
      return null;
    }
    const mimeType = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const recorder = (this.running = new MediaRecorder(stream, mimeType ? { mimeType } : {}));
    const parts: Blob[] = (this.parts = []);
    recorder.addEventListener("dataavailable", ({ data }) => {
      parts.push(data);
      if (attempt === this.attempt) this.listener(data, named(recorder));
    });
    this.begun();
    recorder.start(PART_MS);
    return null;
  }

  /** Nobody wants it any more. */
  drop(): void {
    this.attempt += 1;
    if (this.running) void this.end(this.running);
  }

  private async end(recorder: MediaRecorder): Promise<File> {
    this.running = null;
    const { parts } = this;
    if (recorder.state !== "inactive") await stopped(recorder); // else it has: the microphone was unplugged
    letGo(recorder.stream);
    return new File(parts, named(recorder), { type: recorder.mimeType });
  }
}

function named({ mimeType }: MediaRecorder): string {
  return `recording.${/mp4/.test(mimeType) ? "m4a" : /ogg/.test(mimeType) ? "ogg" : "weba"}`;
}

function stopped(recorder: MediaRecorder): Promise<unknown> {
  return new Promise((ended) => {
    recorder.addEventListener("stop", ended, { once: true });
    recorder.stop();
  });
}

/** The browser's light goes out. */
function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
