// An item that is looked at or played: it knows keys of its own. On the task page they come to it where the question has
// no use for them (task/keys.ts); where it has the focus itself, at once.

import { type Shortcut, shortcutsIn } from "./tool.ts";

export abstract class Shown extends HTMLElement {
  /** A key pressed; true: it meant something here. */
  abstract key(event: KeyboardEvent): boolean;

  /** One pressed while an answer is typed; true likewise. */
  typing(_event: KeyboardEvent): boolean {
    return false;
  }

  get shortcuts(): Shortcut[] {
    return shortcutsIn(this);
  }

  protected takeKeys(): void {
    this.addEventListener("keydown", (event) => {
      if (event.target !== this || event.altKey || event.ctrlKey || event.metaKey || !this.key(event)) return;
      event.preventDefault();
      event.stopPropagation(); // a digit is a key of the question too
    });
  }
}

/** What the page sees of it: its class lives in a script of its own. */
type AnyShown = HTMLElement & Pick<Shown, "key" | "typing" | "shortcuts">;

export const shown = (place: ParentNode | null): AnyShown[] =>
  [...(place?.querySelectorAll<AnyShown>("[data-item] [data-tool]") ?? [])].filter((one) => typeof one.typing === "function");
