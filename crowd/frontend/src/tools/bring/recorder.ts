// The microphone into a file, in whatever form this browser writes.

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export class Recorder {
  private running: MediaRecorder | null = null;
  private attempt = 0; // while the browser asks, a further click or an end makes an earlier one stale
  private parts: Blob[] = [];

  get runs(): boolean {
    return this.running !== null;
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
    this.running = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    this.parts = [];
    this.running.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.running.start();
    return null;
  }

  drop(): void {
    this.attempt += 1;
    if (this.running) void this.end(this.running);
  }

  private async end(recorder: MediaRecorder): Promise<File> {
    this.running = null;
    await new Promise((ended) => {
      recorder.addEventListener("stop", ended, { once: true });
      recorder.stop();
    });
    letGo(recorder.stream);
    const ending = /mp4/.test(recorder.mimeType) ? "m4a" : /ogg/.test(recorder.mimeType) ? "ogg" : "weba";
    return new File(this.parts, `recording.${ending}`, { type: recorder.mimeType });
  }
}

/** The browser's light goes out. */
function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
