// Talking to the server. A failure is one of three: no line, signed out, or an answer that says what is wrong.

export class NoLine extends Error {}
export class SignedOut extends Error {}
export class Refused extends Error {
  /** `places`: where in the answer something is wrong. */
  constructor(readonly status: number, readonly code: string, detail: string, readonly places: string[] = []) {
    super(detail);
  }
}

const TIMEOUT_MS = 12_000;

// From the cookie, which another tab may have renewed by signing in, rather than from the page. It is written into HTML
// (shell.ts): what is no word is no token.
export const token = (): string => /(?:^|;\s*)csrftoken=(\w+)(?:;|$)/.exec(document.cookie)?.[1] ?? "";

/** Before another try; a line that comes back ends it. */
export const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    window.addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** How long to wait before each: twice as long as before, up to half a minute. */
export const longer = (seconds: number): number => Math.min(2 * seconds, 30);
export const FIRST_RETRY_S = 2;

export async function call<T>(address: string, options: RequestInit): Promise<T> {
  const response = await fetch(address, {
    ...options,
    credentials: "same-origin",
    signal: options.signal ?? (options.keepalive ? null : AbortSignal.timeout(TIMEOUT_MS)),
    headers: { Accept: "application/json", "X-CSRFToken": token(), ...options.headers },
  }).catch((error: unknown) => {
    throw new NoLine(String(error));
  });
  const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
  if (response.redirected || (response.ok && !isJson)) throw new SignedOut();
  if (response.status >= 502 && response.status <= 504) throw new NoLine(String(response.status));
  const body: unknown = isJson ? await response.json() : {};
  if (response.ok) return body as T;
  const { code = "", detail = "", errors = {} } = body as { code?: string; detail?: string; errors?: Record<string, string> };
  throw new Refused(response.status, code, detail, Object.keys(errors));
}
