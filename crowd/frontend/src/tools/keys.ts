// The keys of tools where no task page sees to them (task/keys.ts): a reviewer's, or of a test.

import { tools } from "./tool.ts";

/** They go to the question in which somebody is at work. */
export function keys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    const isOwn = event.key === " " || event.key === "Enter" ? "a, button, summary, input, select, textarea" : "input:not([type=radio], [type=checkbox]), select, textarea";
    if (event.defaultPrevented || event.altKey || event.isComposing || target.closest(isOwn) || document.querySelector("dialog[open]")) return;
    const question = document.querySelector("[data-question].current");
    if (question && tools(question).find((one) => !one.readonly)?.key(event)) event.preventDefault();
  });
}
