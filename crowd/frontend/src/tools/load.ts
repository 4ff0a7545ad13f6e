// Tools come when a task needs them: each names its script and, where it has one, its stylesheet.

const under = new Map<string, Promise<void>>();

/** Loads what the tools in this place need; settled when all of them are there, or cannot be had. */
export async function load(place: ParentNode): Promise<void> {
  const needed = [...place.querySelectorAll<HTMLElement>("[data-tool]")].map((tool) => tool.dataset.script ?? "");
  await Promise.allSettled([...new Set(needed)].filter(Boolean).map(script));
}

function script(address: string): Promise<void> {
  const known = under.get(address);
  if (known) return known;
  const loading = new Promise<void>((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: address });
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => (under.delete(address), reject(new Error(address))));
    document.head.append(element);
  });
  under.set(address, loading);
  return loading;
}
