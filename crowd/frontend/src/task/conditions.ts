// Questions that are asked only after certain answers to earlier ones. The server decides the same way
// (crowd/labeling/conditions.py) and has the last word; what stands in a hidden question stays, and is not sent.

type Condition = { question: string; is?: unknown; is_not?: unknown; contains?: unknown; answered?: boolean };
type Given = { kind: string; said: unknown };
type Answers = Record<string, Given>;

export function settle(form: HTMLElement): void {
  for (const unit of form.querySelectorAll<HTMLElement>("[data-unit]")) {
    const answers: Answers = {};
    for (const question of unit.querySelectorAll<HTMLElement>("[data-question]")) {
      const when = JSON.parse(question.dataset.when ?? "[]") as Condition[];
      const asked = when.every((one) => holds(one, answers));
      show(question, asked);
      if (asked) answers[idOf(question)] = { kind: question.dataset.kind ?? "", said: answerOf(question) };
    }
  }
}

export function holds(condition: Condition, answers: Answers): boolean {
  const { kind, said } = answers[condition.question] ?? { kind: "", said: undefined };
  if (condition.answered !== undefined) return !isEmpty(said) === condition.answered;
  if (condition.contains !== undefined) return many(condition.contains).some((one) => labelsIn(kind, said).includes(one));
  if (condition.is !== undefined) return many(condition.is).includes(valueIn(kind, said));
  return !many(condition.is_not).includes(valueIn(kind, said));
}

const many = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const isEmpty = (said: unknown): boolean =>
  said === undefined || said === null || (typeof said === "object" && Object.keys(said).length === 0);
const part = (said: unknown, name: string): unknown =>
  typeof said === "object" && said !== null ? (said as Record<string, unknown>)[name] : undefined;

// The one value of an answer, and the labels in it, by its kind (crowd/labeling/kinds).
const valueIn = (kind: string, said: unknown): unknown => (kind === "pairwise" && typeof said === "object" ? part(said, "choice") : said);

function labelsIn(kind: string, said: unknown): unknown[] {
  if (said === undefined || said === null) return [];
  if (kind === "pairwise") return [valueIn(kind, said)];
  if (kind === "best-worst") return [part(said, "best"), part(said, "worst")];
  if (kind === "flags") return typeof said === "object" ? Object.values(said).flat() : [];
  return many(said).map((one) => (typeof one === "object" ? part(one, "label") : one));
}

const idOf = (question: HTMLElement): string => (question.dataset.question ?? "").replace(/^u\d+\./, "");

function answerOf(question: HTMLElement): unknown {
  const field = question.querySelector<HTMLTextAreaElement>("[data-answer]");
  if (field) return field.value === "" ? undefined : JSON.parse(field.value);
  const checked = [...question.querySelectorAll<HTMLInputElement>(":checked")].map((one) => one.value);
  if (question.dataset.kind === "multi-choice") return checked.length ? checked : undefined;
  if (question.dataset.kind === "rating") return checked[0] === undefined ? undefined : Number(checked[0]);
  if (question.querySelector("[type=radio]")) return checked[0];
  const typed = question.querySelector<HTMLInputElement | HTMLTextAreaElement>("input, textarea")?.value.trim() ?? "";
  if (typed === "") return undefined;
  return question.dataset.kind === "number" ? Number(typed.replace(",", ".")) : typed;
}

function show(question: HTMLElement, asked: boolean): void {
  question.hidden = !asked;
  for (const input of question.querySelectorAll<HTMLInputElement>("input[name], textarea[name], select[name]")) input.disabled = !asked;
}
