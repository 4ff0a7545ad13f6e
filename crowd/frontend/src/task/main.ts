// The task page: draft, clock, keys, and submitting without leaving the page. The next task comes drawn, or as
// what fills the last one's HTML (shell.ts).

import { Ahead } from "./ahead.ts";
import { Clock } from "./clock.ts";
import { settle } from "./conditions.ts";
import { Draft, type State } from "./draft.ts";
import { listen, mark } from "./keys.ts";
import { sweep } from "../tools/bring/store.ts";
import { load } from "../tools/load.ts";
import { shown } from "../tools/shown.ts";
import { tools } from "../tools/tool.ts";
import { drawn, type Following, headers } from "./shell.ts";
import { call, FIRST_RETRY_S, longer, NoLine, pause, Refused, SignedOut } from "./wire.ts";

type Told = Following & { next: number | null; address?: string; counted: boolean };

const stage = document.getElementById("stage") as HTMLElement;
const words = (document.getElementById("words") as HTMLElement).dataset;
let task: Task | null = null;

class Task {
  readonly clock: Clock;
  readonly draft: Draft;
  private readonly ahead: Ahead;
  private busy = false;

  constructor(readonly form: HTMLFormElement) {
    this.clock = new Clock(form, words, () => void this.draft.atWork());
    this.draft = new Draft(form, () => this.clock.ms, this.tell, this.over, (ms, renews) => this.clock.left(ms, renews));
    if (this.draft.restored) this.say(words.restored ?? "");
    form.addEventListener("pointerdown", this.hush, { once: true, capture: true });
    form.addEventListener("input", () => {
      settle(form);
      mark(form);
      this.draft.changed();
    });
    form.addEventListener("restored", () => settle(form), { capture: true });
    form.addEventListener("focusin", () => mark(form));
    form.addEventListener("submit", this.onSubmit);
    document.querySelector("#giving-back form[method=post]")?.addEventListener("submit", this.forget);
    for (const button of form.querySelectorAll<HTMLElement>("[data-unblur]"))
      button.addEventListener("click", () => button.closest("[data-item]")?.classList.toggle("blurred"));
    settle(form);
    mark(form);
    tellKeys(form);
    this.ahead = new Ahead(form);
    form.dataset.ready = "yes";
    if (!form.contains(document.activeElement)) // who types already is not interrupted
      form.querySelector<HTMLElement>("[data-question] :is(textarea, input:not([type=radio], [type=checkbox]))")?.focus();
  }

  leave(): void {
    this.clock.stop();
    this.draft.stop();
    this.ahead.stop();
  }

  private readonly onSubmit = (event: SubmitEvent): void => {
    (this.form.elements.namedItem("active_ms") as HTMLInputElement).value = String(this.clock.ms);
    if (event.submitter?.hasAttribute("data-plain-submit")) return this.forget(); // he leaves it
    event.preventDefault();
    if (this.busy) return; // the second click of a double click
    const fault = event.submitter?.hasAttribute("data-submit") ? this.fault() : "";
    if (fault) return this.faulty(fault.question, fault.words);
    this.busy = true;
    this.form.dataset.busy = "yes";
    const slow = window.setTimeout(() => this.say(words.sending ?? ""), 300);
    void this.send(event.submitter as HTMLButtonElement | null).finally(() => {
      clearTimeout(slow);
      this.busy = false;
      delete this.form.dataset.busy;
    });
  };

  /** What a tool already knows to be wrong; the server would say it too. */
  private fault(): { question: HTMLElement | null; words: string } | undefined {
    const open = tools(this.form).filter((one) => !one.closest("[hidden]"));
    return open.map((one) => ({ question: one.closest<HTMLElement>("[data-question]"), words: one.validate() })).find(({ words }) => words !== "");
  }

  /** Said, and the question brought into view: there may be many. */
  private faulty(question: HTMLElement | null, sentence: string): void {
    this.say(sentence, "bad");
    if (!question || question.contains(document.activeElement)) return;
    question.tabIndex = -1;
    question.focus();
  }

  /** The question that a place of the answer is about: `units[1].mood`, or `mood` where there is one unit. */
  private questionAt(place = ""): HTMLElement | null {
    const [, unit = "0", id] = /^(?:units\[(\d+)\]\.)?([\w-]+)/.exec(place) ?? [];
    return id ? this.form.querySelector<HTMLElement>(`[data-question="u${unit}.${id}"]:not([hidden])`) : null;
  }

  /** Tries until the server has answered. Sending the same answer twice is the same as sending it once. */
  private async send(submitter: HTMLButtonElement | null): Promise<void> {
    const body = new FormData(this.form, submitter);
    for (let wait = FIRST_RETRY_S; ; wait = longer(wait)) {
      try {
        return this.done(await call<Told>(this.form.action, { method: "POST", body, headers: headers() }));
      } catch (error) {
        if (!(error instanceof NoLine)) return this.failed(error);
      }
      this.say((words.retry ?? "%s").replace("%s", String(wait)), "warn");
      await pause(wait);
    }
  }

  private done(told: Told): void {
    this.draft.finish();
    this.forget();
    this.leave();
    const html = told.next === null ? undefined : drawn(told);
    if (html === undefined) return void location.assign(told.address ?? location.href);
    stage.innerHTML = html;
    history.pushState(null, "", stage.querySelector<HTMLElement>("#task")?.dataset.address);
    void begin();
    window.scrollTo(0, 0);
  }

  private failed(error: unknown): void {
    if (error instanceof SignedOut || (error instanceof Refused && error.code === "expired")) return this.out();
    if (!(error instanceof Refused)) return this.say(words.fault ?? "", "bad");
    const over = error.code === "different_answer" || error.code === "not_held";
    if (!over) return this.faulty(this.questionAt(error.places[0]), error.message || (words.fault ?? ""));
    this.say(error.message || (words.fault ?? ""), "bad", this.form.dataset.address, words.on);
  }

  private out(): void {
    const address = `/accounts/login/?next=${encodeURIComponent(this.form.dataset.address ?? "/")}`;
    this.say(words.out ?? "", "warn", address, words.signIn);
  }

  private readonly forget = (): void => {
    for (const tool of tools(this.form)) tool.forget();
  };

  private readonly over = (why = words.elsewhere ?? ""): void => {
    this.forget();
    this.leave();
    this.say(why, "warn", this.form.dataset.address, words.on);
    for (const button of this.form.querySelectorAll<HTMLButtonElement>("[type=submit]")) button.disabled = true;
  };

  private readonly tell = (state: State): void => {
    if (state === "out") return this.out();
    const place = this.form.querySelector("[data-saved]");
    if (place) place.textContent = { saved: words.saved, saving: words.saving, local: words.local }[state] ?? "";
  };

  /** That something was brought back has been read. */
  private readonly hush = (): void => {
    if (this.form.querySelector("[data-say]")?.textContent?.trim() === words.restored) this.say("");
  };

  private say(text: string, tone = "", address?: string, label?: string): void {
    const place = this.form.querySelector<HTMLElement>("[data-say]");
    if (!place) return;
    if (!text) return place.replaceChildren();
    const line = document.createElement("p");
    line.className = `notice ${tone}`;
    line.textContent = `${text} `;
    if (address) line.append(Object.assign(document.createElement("a"), { href: address, textContent: label ?? "" }));
    place.replaceChildren(line);
  }
}

/** The sheet of keys: first those of every task, then what the tools of this one add. */
function tellKeys(form: HTMLFormElement): void {
  const sheet = document.querySelector("[data-tool-keys]");
  const all = [...tools(form), ...shown(form)].flatMap((one) => one.shortcuts);
  const rows = [...new Map(all.map((one) => [one.keys, one])).values()].flatMap(({ keys, what }) => {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: keys }));
    return [term, Object.assign(document.createElement("dd"), { textContent: what })];
  });
  sheet?.replaceChildren(...rows);
}

async function begin(): Promise<void> {
  const form = document.querySelector<HTMLFormElement>("#task");
  task = null;
  if (form) await load(form);
  task = form?.isConnected ? new Task(form) : null;
}

sweep();
listen(() => task?.form ?? null);
window.addEventListener("popstate", () => location.reload()); // back: the server says what became of that task
void begin();
