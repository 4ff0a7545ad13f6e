// The microphone into a file, in whatever form this browser writes.

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export class Recorder {
  private running: MediaRecorder | null = null;
  private parts: Blob[] = [];

  get runs(): boolean {
    return this.running !== null;
  }

  /** Begins, or ends and gives what was recorded. Rejects where there is no microphone, or it may not be used. */
  async turn(): Promise<File | null> {
    if (this.running) return this.end(this.running);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    this.running = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    this.parts = [];
    this.running.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.running.start();
    return null;
  }

  drop(): void {
    if (this.running) void this.end(this.running);
  }

  private async end(recorder: MediaRecorder): Promise<File> {
    this.running = null;
    await new Promise((ended) => {
      recorder.addEventListener("stop", ended, { once: true });
      recorder.stop();
    });
    for (const track of recorder.stream.getTracks()) track.stop(); // the browser's light goes out
    const ending = /mp4/.test(recorder.mimeType) ? "m4a" : /ogg/.test(recorder.mimeType) ? "ogg" : "weba";
    return new File(this.parts, `recording.${ending}`, { type: recorder.mimeType });
  }
}
