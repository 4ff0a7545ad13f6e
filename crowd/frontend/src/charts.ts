// Charts of a page: each is drawn from the table that stands beside it, so that what is drawn can also be read.

import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);
Chart.defaults.animation = false; // figures follow by themselves every few seconds: nothing may jump

const drawn = new Set<Chart>();

function draw(figure: HTMLElement): void {
  const canvas = figure.querySelector("canvas");
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent ?? ""));
  if (!canvas) return;
  const style = getComputedStyle(figure);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.color = colour("--muted");
  const chart = new Chart(canvas, {
    type: "bar",
    data: {
      labels: rows.map((row) => row[0] ?? ""),
      datasets: [
        {
          label: canvas.getAttribute("aria-label") ?? "",
          data: rows.map((row) => Number(row[1])),
          backgroundColor: colour("--accent"),
          hoverBackgroundColor: colour("--ink"),
          maxBarThickness: 60,
          categoryPercentage: 0.95,
        },
      ],
    },
    options: {
      maintainAspectRatio: false,
      plugins: { tooltip: { displayColors: false } },
      scales: {
        x: { grid: { display: false }, border: { color: colour("--edge") }, ticks: { maxRotation: 0, autoSkipPadding: 12 } },
        y: { beginAtZero: true, grid: { color: colour("--line") }, border: { display: false }, ticks: { precision: 0, maxTicksLimit: 5 } },
      },
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
