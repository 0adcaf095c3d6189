// Opens the chat's page in chromium without VS Code: the real bundle, the real policy, the colours of a real theme.
import * as esbuild from "esbuild";
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const read = (path) => readFileSync(join(here, path), "utf8");

/** The colours and fonts of VS Code's own themes. */
export const THEMES = JSON.parse(read("themes.json"));

/** A session as a real server told of it. */
export const SESSION = JSON.parse(read("../fixtures/session.json"));

const ORIGIN = "http://page.test";

async function built() {
  const out = mkdtempSync(join(tmpdir(), "glossator-page-"));
  const common = { absWorkingDir: root, bundle: true, logLevel: "warning" };
  await esbuild.build({ ...common, entryPoints: ["src/webview/main.tsx"], outfile: join(out, "main.js"), platform: "browser", target: "es2022", format: "iife", minify: true });
  await esbuild.build({ ...common, entryPoints: ["src/chat/html.ts"], outfile: join(out, "html.mjs"), platform: "node", format: "esm" });
  const { html } = await import(pathToFileURL(join(out, "html.mjs")).href);
  const page = html({ source: ORIGIN, nonce: "bm9uY2U", script: `${ORIGIN}/main.js`, style: `${ORIGIN}/main.css` });
  return { "/": [page, "text/html"], "/main.js": [readFileSync(join(out, "main.js"), "utf8"), "text/javascript"], "/main.css": [readFileSync(join(out, "main.css"), "utf8"), "text/css"] };
}

function chromium() {
  const cache = process.env["GLOSSATOR_TEST_CACHE"] ?? join(homedir(), ".cache/glossator-tests");
  return createRequire(join(cache, "vscode/pw/package.json"))("playwright-core").chromium;
}

/** A browser that opens pages; `close` ends it. */
export async function browser() {
  const files = await built();
  const running = await chromium().launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  return {
    close: () => running.close(),
    /** A page in a theme, of a size in pixels; its errors are gathered in `errors`. */
    async open({ theme = "dark", width = 420, height = 760, reduced = false } = {}) {
      const context = await running.newContext({ viewport: { width, height }, reducedMotion: reduced ? "reduce" : "no-preference", deviceScaleFactor: 1.5 });
      const page = await context.newPage();
      const errors = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
      await page.route("**/*", (route) => {
        const { origin, pathname } = new URL(route.request().url());
        const file = origin === ORIGIN ? files[pathname] : undefined;
        if (file !== undefined) return route.fulfill({ body: file[0], contentType: `${file[1]}; charset=utf-8` });
        errors.push(`the page asked for ${route.request().url()}`);
        return route.abort();
      });
      await page.addInitScript({ path: join(here, "host.js") });
      await page.goto(`${ORIGIN}/`);
      await page.evaluate(({ variables, name, cls }) => {
        for (const [key, value] of Object.entries(variables)) document.documentElement.style.setProperty(key, value);
        document.documentElement.style.setProperty("background", variables["--vscode-sideBar-background"]);
        document.body.className = cls;
        document.body.dataset["vscodeThemeKind"] = name;
      }, { variables: THEMES[theme].variables, name: theme, cls: THEMES[theme].class });
      return Object.assign(page, { errors });
    },
  };
}
