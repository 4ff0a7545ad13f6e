// The next task, filled into the HTML of the last one like it, or drawn by the server (crowd/web/worker/shell.py).

import { token } from "./wire.ts";

export type Following = { html?: string; shell?: string; fill?: string[] };
const TOKEN = 4; // the hole that is filled here
let kept = { mark: "none", html: "" };

export const headers = (): Record<string, string> => ({ "X-Task-Shell": kept.mark });

/** The HTML of the next task; what fills the holes is HTML already. */
export function drawn({ html, shell, fill }: Following): string | undefined {
  if (shell === undefined || fill === undefined) return html;
  if (html !== undefined) kept = { mark: shell, html };
  if (kept.mark !== shell) return undefined;
  return kept.html.replace(new RegExp(`${shell}(\\d\\d)`, "g"), (_hole, number: string) =>
    Number(number) === TOKEN ? token() : (fill[Number(number)] ?? ""),
  );
}
