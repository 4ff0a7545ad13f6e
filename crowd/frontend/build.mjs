// One self-contained file for each entry: file names stay as they are, and Django's manifest gives them their hashes.
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outDir = here("../web/static/web/build");
const entries = { htmx: "src/htmx.ts", site: "src/site.ts", setup: "src/setup.ts", charts: "src/charts.ts", task: "src/task/main.ts", exam: "src/task/exam.ts" };
for (const tool of await readdir(here("src/tools"), { withFileTypes: true }))
  if (tool.isDirectory()) entries[`tool-${tool.name}`] = `src/tools/${tool.name}/main.ts`;

await rm(outDir, { recursive: true, force: true });
for (const [name, entry] of Object.entries(entries)) {
  await build({
    configFile: false,
    root: here("."),
    logLevel: "error",
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' }, // libraries ask; a browser has no process
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      lib: { entry: here(entry), formats: ["iife"], name: `crowd_${name.replace("-", "_")}`, fileName: () => `${name}.js` },
    },
  });
}
