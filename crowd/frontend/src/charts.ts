// Charts of a page: each is drawn from the table that stands beside it, so that what is drawn can also be read.

import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);
Chart.defaults.animation = false; // figures follow by themselves every few seconds: nothing may jump

const MOST_LYING = 40; // beyond it some names are left out of the drawing, none of the table
const drawn = new Set<Chart>();

const TONES = ["--accent", "--muted", "--warn"];

/** What a cell says to the drawing: its number, where it is written otherwise for people. */
function written(cell: Element): string {
  return (cell as HTMLElement).dataset["value"] ?? cell.textContent ?? "";
}

/** The columns that are drawn: those whose heads are marked, else the second. */
function series(figure: HTMLElement, title: string): { label: string; column: number }[] {
  const heads = [...figure.querySelectorAll("thead th")];
  const marked = heads.flatMap((head, column) => (head.hasAttribute("data-series") ? [{ label: head.textContent ?? "", column }] : []));
  return marked.length > 0 ? marked : [{ label: title, column: 1 }];
}

function draw(figure: HTMLElement): void {
  const canvas = figure.querySelector("canvas");
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => [...row.children].map(written));
  if (!canvas) return;
  const shown = series(figure, canvas.getAttribute("aria-label") ?? "");
  const style = getComputedStyle(figure);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.color = colour("--muted");
  const lying = figure.dataset.chart === "lying"; // the names are words: they stand left of the bars
  if (lying && canvas.parentElement) canvas.parentElement.style.height = `${Math.min(rows.length, MOST_LYING) * 26 + 30}px`;
  const names = { grid: { display: false }, border: { color: colour("--edge") }, ticks: { maxRotation: 0, autoSkip: !lying || rows.length > MOST_LYING, autoSkipPadding: 8 } };
  const counts = { beginAtZero: true, grid: { color: colour("--line") }, border: { display: false }, ticks: { precision: 0, maxTicksLimit: 5 } };
  const chart = new Chart(canvas, {
    type: "bar",
    data: {
      labels: rows.map((row) => row[0] ?? ""),
      datasets: shown.map(({ label, column }, place) => ({
        label,
        data: rows.map((row) => Number(row[column])),
        backgroundColor: colour(TONES[place % TONES.length] ?? "--accent"),
        hoverBackgroundColor: colour("--ink"),
        maxBarThickness: lying ? 14 : 60,
        categoryPercentage: shown.length > 1 ? 0.7 : 0.95,
      })),
    },
    options: {
      indexAxis: lying ? "y" : "x",
      maintainAspectRatio: false,
      plugins: { tooltip: { displayColors: false }, legend: { display: shown.length > 1, align: "start", labels: { boxWidth: 12 } } },
      scales: lying ? { x: counts, y: names } : { x: names, y: counts },
    },
  });
  drawn.add(chart);
}

function drawAll(): void {
  for (const chart of drawn) chart.destroy();
  drawn.clear();
  for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(figure);
}

drawAll();
document.addEventListener("htmx:afterSwap", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
