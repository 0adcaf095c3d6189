// A real VS Code with the packaged extension: code-server and chromium, a workspace, settings and folders of their own, and
// the model of `model.mjs`. Reads what vscode.sh sets: VSCODE, EXTENSIONS, GLOSSATOR_BIN, SHOTS.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import { dirname, join } from "node:path";
import * as model from "./model.mjs";
import { bail, eventually, failure, PATIENCE, plan } from "./tap.mjs";

const { VSCODE, EXTENSIONS, GLOSSATOR_BIN, SHOTS, KEEP } = process.env;
const test = process.argv[1].replace(/^.*\/|\.mjs$/g, "");

export const dir = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), "glossator-vscode-"));
export const workspace = join(dir, "work");
const config = join(dir, "config");
const state = join(dir, "state");
const runtime = join(dir, "run");
const socket = join(dir, "bridge");
const user = join(dir, "user");

/** The page with VS Code; another one after `reopen`. */
export let page;
let browser;
/** What the browser's console holds about us. */
const complaints = [];
let codeServer;
let address;
let query;
let scripted;
let finishing = false;

// Files of the workspace, and below the test's folder.

/** Writes a file of the workspace. */
export function write(name, text) {
  fs.mkdirSync(dirname(join(workspace, name)), { recursive: true });
  fs.writeFileSync(join(workspace, name), text);
}

export const read = (name) => fs.readFileSync(join(workspace, name), "utf8");
export const exists = (name) => fs.existsSync(join(workspace, name));

/** The model's address, for settings that a test makes itself. */
export const modelUrl = () => scripted.url;

/** How often the logs of all sessions hold a text. */
export function logged(text) {
  const files = fs.readdirSync(state, { recursive: true }).filter((name) => name.endsWith(".jsonl"));
  return files.reduce((sum, name) => sum + fs.readFileSync(join(state, name), "utf8").split(text).length - 1, 0);
}

/** The cores of this world by number. */
export function cores() {
  const locks = fs.existsSync(runtime) ? fs.readdirSync(runtime).filter((name) => name.endsWith(".lock")) : [];
  return locks.flatMap((name) => {
    const pid = Number(fs.readFileSync(join(runtime, name), "utf8").trim());
    const comm = `/proc/${pid}/comm`;
    return pid > 0 && fs.existsSync(comm) && fs.readFileSync(comm, "utf8").trim() === "glossator-core" ? [pid] : [];
  });
}

/** The servers that windows of this world have started. A core has the words of the server that it was started by. */
export const servers = () =>
  fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && !cores().includes(Number(pid))).flatMap((pid) => {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const isOurs = fs.readFileSync(`/proc/${pid}/environ`, "utf8").includes(`GLOSSATOR_STATE_DIR=${state}`);
      return isOurs && line[1] === "lsp" ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });

// The extension host.

function call(body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: socket, method: "POST", timeout: 2 * PATIENCE }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => {
        const { result, error } = JSON.parse(text);
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
    });
    request.on("timeout", () => request.destroy(new Error("the extension host did not answer")));
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

/** Runs a function in the extension host: it gets `vscode` and the arguments, which are JSON as its result is. */
export const vs = (source, ...args) => call({ source: String(source), args });

/** Runs a command, and waits for its end. */
export const command = (id, ...args) => vs(async (vscode, name, given) => void (await vscode.commands.executeCommand(name, ...given)), id, args);

/** Runs a command that waits for the user. */
export const begin = (id, ...args) => vs((vscode, name, given) => void vscode.commands.executeCommand(name, ...given), id, args);

/** Sets a setting of the user. */
export const set = (name, value) =>
  vs((vscode, key, to) => vscode.workspace.getConfiguration("glossator").update(key, to ?? undefined, vscode.ConfigurationTarget.Global), name, value ?? null);

/** Opens a file of the workspace in an editor, with the cursor at the beginning of a line, counted from 1. */
export const open = (name, line = 1) =>
  vs(
    async (vscode, path, row) => {
      const at = new vscode.Range(row - 1, 0, row - 1, 0);
      await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: at, preview: false, viewColumn: 1 });
    },
    join(workspace, name),
    line,
  );

/** The text of an open file, as it is in VS Code. */
export const text = (name) =>
  vs((vscode, path) => vscode.workspace.textDocuments.find((one) => one.uri.scheme === "file" && one.uri.fsPath === path)?.getText(), join(workspace, name));

/** Writes into an open file, not saved: before a column of a line, both counted from 1. */
export const type = (name, line, column, words) =>
  vs(
    async (vscode, path, row, at, what) => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(vscode.Uri.file(path), new vscode.Position(row - 1, at - 1), what);
      await vscode.workspace.applyEdit(edit);
    },
    join(workspace, name),
    line,
    column,
    words,
  );

// What is on the screen.

const words = async (selector) => (await page.locator(selector).allInnerTexts()).join("\n").replaceAll("\u00a0", " ");

/** The status bar item. */
export const bar = () => words('.statusbar-item[id*="glossator.status"]');

/** All notifications that are seen. */
export const notices = () => words(".notifications-toasts .notification-list-item");

/** Clicks a link or a button of a notification: of one with these words, since one that is over may still be on its way out. */
export const clickNotice = (name, about) =>
  page
    .locator(".notifications-toasts .notification-list-item")
    .filter({ hasText: about })
    .locator(".notification-list-item-message a, .monaco-button, .action-label")
    .filter({ hasText: name })
    .first()
    .click({ timeout: PATIENCE / 5 });

/** Picks in an open list what the words find. */
export async function pick(words) {
  const input = page.locator(".quick-input-widget input[type=text], .quick-input-widget input[type=password]").first();
  await input.waitFor({ state: "visible" });
  await input.fill(words);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: words }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Writes into an open input box, and enters it. */
export async function enter(words) {
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor({ state: "visible" });
  await input.fill(words);
  await page.keyboard.press("Enter");
}

/** The chat's page, once it is there: the frame that has the prompt, or the list of sessions. */
export async function chat() {
  for (let end = Date.now() + PATIENCE; Date.now() < end; ) {
    for (const frame of page.frames()) {
      if ((await frame.locator(".composer, .sessions").count().catch(() => 0)) > 0) return frame;
    }
    await page.waitForTimeout(50);
  }
  throw new Error("the chat view is not on the screen");
}

/** A red square of one pixel. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/** Pastes an image into the chat's prompt. */
export async function paste() {
  const frame = await chat();
  await frame.locator("textarea").click();
  await frame.locator("textarea").evaluate((area, data) => {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "screen.png", { type: "image/png" }));
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, PIXEL);
  await eventually("an image is shown beside the prompt", async () => (await frame.locator(".attached .image").count()) === 1);
}

/** Waits until the chat shows all of these words. */
export async function shows(name, ...all) {
  let seen = "";
  await eventually(
    name,
    async () => {
      seen = (await (await chat()).locator("body").innerText()).replaceAll("\u00a0", " ");
      return all.every((one) => seen.includes(one));
    },
    () => seen,
  );
}

/** Waits until a notification holds all of these words. */
export const told = (name, ...all) =>
  eventually(name, async () => {
    const seen = await notices();
    return all.every((one) => seen.includes(one));
  }, notices);

/** Keeps a picture of the screen as an artefact; with GLOSSATOR_ACCEPT=1 vscode.sh takes it into docs/screens. */
export const shot = (name) => page.screenshot({ path: join(SHOTS, `vscode-${name}.png`), animations: "disabled", caret: "hide" });

// How a world begins and ends.

async function startServer({ trust, key }) {
  const options = ["--bind-addr", "127.0.0.1:0", "--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  if (!trust) options.push("--disable-workspace-trust");
  const env = {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    TMPDIR: os.tmpdir(),
    HOME: join(dir, "home"),
    GLOSSATOR_CONFIG_DIR: config,
    GLOSSATOR_STATE_DIR: state,
    GLOSSATOR_RUNTIME_DIR: runtime,
    GLOSSATOR_LOG: "info,glossator_lsp=debug,glossator_agent=debug",
    GLOSSATOR_TEST_BRIDGE: socket,
    ...(key ? { SCRIPTED_KEY: "x" } : {}),
  };
  const log = fs.openSync(join(dir, "code-server.log"), "a");
  // What is given to Node goes on to the extension host.
  const entry = ["--require", join(import.meta.dirname, "log.cjs"), "out/node/entry.js", ...options, "--user-data-dir", user, "--extensions-dir", EXTENSIONS];
  codeServer = spawn(join(VSCODE, "node/bin/node"), entry, { cwd: join(VSCODE, "cs"), env, detached: true, stdio: ["ignore", log, log] });
  await eventually("code-server listens", () => {
    address = /HTTP server listening on (http:\/\/[^/\s]+)/.exec(fs.readFileSync(join(dir, "code-server.log"), "utf8"))?.[1];
    return address;
  });
}

async function show() {
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("console", (line) => /glossator/i.test(line.text()) && !/spdlog/.test(line.text()) && complaints.push(line.text().slice(0, 300)));
  page.on("dialog", (dialog) => void dialog.accept().catch(() => undefined));
  // The extension's own log has each message between it and the server.
  const payload = encodeURIComponent(JSON.stringify([["logLevel", "glossator.glossator:trace"]]));
  await page.goto(`${address}/?${query}&payload=${payload}`);
  await eventually("VS Code is up, and the extension is active", () =>
    vs((vscode) => vscode.extensions.getExtension("glossator.glossator")?.isActive),
  );
}

/**
 * Begins. `trust`: VS Code's Restricted Mode is in force until the workspace is trusted; `folders`: several roots;
 * `settings`, `key`: whether there are settings of Glossator, and the key of the model in the environment.
 */
export async function start({ trust = false, key = true, settings = true, folders, files = {}, path = GLOSSATOR_BIN } = {}) {
  for (const event of ["uncaughtException", "unhandledRejection", "SIGTERM", "SIGINT"]) {
    process.once(event, (why) => {
      bail(why);
      void finish();
    });
  }
  failure.tell = story;
  failure.tidy = tidy;
  for (const folder of [config, state, join(dir, "home"), join(user, "User"), join(user, "Machine"), join(workspace, ".git")]) fs.mkdirSync(folder, { recursive: true });
  fs.mkdirSync(runtime, { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) write(name, content);
  scripted = await model.start();
  const provider = `[providers.scripted]\nwire = "messages"\nbase_url = "${scripted.url}"\nkey_env = "SCRIPTED_KEY"\n`;
  if (settings) fs.writeFileSync(join(config, "settings.toml"), `model = "scripted/any-model"\n${provider}[core]\nlinger_s = 15\n`);
  const editor = {
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.tips.enabled": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "update.mode": "none",
    "chat.disableAIFeatures": true,
    "editor.minimap.enabled": false,
    "files.autoSave": "off",
    "window.confirmBeforeClose": "never",
  };
  fs.writeFileSync(join(user, "User/settings.json"), JSON.stringify(editor));
  fs.writeFileSync(join(user, "Machine/settings.json"), JSON.stringify({ "glossator.path": path }));
  query = `folder=${workspace}`;
  if (folders) {
    const file = join(dir, "several.code-workspace");
    fs.writeFileSync(file, JSON.stringify({ folders: folders.map((name) => ({ path: join(dir, name) })) }));
    query = `workspace=${file}`;
  }
  await startServer({ trust, key });
  const { chromium } = createRequire(join(VSCODE, "pw/package.json"))("playwright-core");
  const launched = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  browser = await launched.newContext({ viewport: { width: 1280, height: 800 } });
  await show();
}

/** Closes the window, as a user closes a tab of the browser; its extension host ends. VS Code has stored the unsaved text before. */
export async function close(unsaved) {
  const backups = join(user, "User/Backups");
  const kept = () => fs.readdirSync(backups, { recursive: true }).map((name) => join(backups, name)).filter((name) => fs.statSync(name).isFile());
  await eventually("VS Code has a backup of the unsaved text", () => kept().some((name) => fs.readFileSync(name, "utf8").includes(unsaved)));
  const pid = await vs(() => process.pid);
  await page.goto("about:blank");
  await page.close();
  await eventually("the window is closed, its extension host has ended", () => !fs.existsSync(`/proc/${pid}`));
}

/** Opens a window again, with what the browser kept. */
export const reopen = () => show();

/** A part failed: what it began is stopped, so that the next one fails by its own faults alone. */
async function tidy() {
  model.forget();
  await page.keyboard.press("Escape");
  for (let end = Date.now() + 5000; Date.now() < end && /asks|T-\d/.test(await bar()); ) await command("glossator.stop");
}

/** What can be known of a failure: a picture of the screen, what is shown and asked, and the ends of the logs. */
async function story(number) {
  const picture = join(SHOTS, `${test}-${number}.png`);
  const said = (name, words) => words.then((value) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`, (why) => `${name}: ${why}`);
  const host = (vscode) => ({ trusted: vscode.workspace.isTrusted, folders: vscode.workspace.workspaceFolders?.length, open: vscode.workspace.textDocuments.map((one) => [one.uri.path, one.isDirty]) });
  const seen = await Promise.all([
    said("screen", Promise.resolve(page?.screenshot({ path: picture, timeout: 20_000 })).then(() => picture)),
    said("status bar", bar()),
    said("notices", notices()),
    said("lists", words(".quick-input-widget:visible, .monaco-dialog-box")),
    said("window", vs(host)),
  ]);
  const processes = `cores: ${cores().join(", ")}; servers: ${servers().join(", ")}; load: ${os.loadavg().join(" ")}`;
  return [...seen, processes, `model: ${model.requests.length} requests, ${model.left()} replies left`, ...complaints.slice(-8), ...logs().flatMap(tail)];
}

/** Logs that tell most, and how many lines of each: the extension's, the core's, the newest sessions', the extension host's, VS Code's. */
const LOGS = [
  [/Glossator\.log$/, 30],
  [/logs\/glossator\.log$/, 15],
  [/sessions\/[^/]*\/log\.jsonl$/, 12],
  [/remoteexthost\.log$/, 6],
  [/code-server\.log$/, 6],
];

function logs() {
  const all = fs.readdirSync(dir, { recursive: true }).map((name) => join(dir, name));
  const newest = (of) => all.filter((name) => of.test(name)).sort((one, other) => fs.statSync(other).mtimeMs - fs.statSync(one).mtimeMs);
  return LOGS.flatMap(([of, lines]) => newest(of).slice(0, 2).map((file) => [file, lines]));
}

function tail([file, count]) {
  // Of no use to anybody who looks for a fault of ours.
  const noise = /^$|glossator\/session\/update|setTrace/;
  const lines = fs.readFileSync(file, "utf8").split("\n").filter((line) => !noise.test(line));
  return [file.slice(dir.length), ...lines.slice(-count).map((line) => `  ${line.slice(0, 300)}`)];
}

/** Ends everything that was started, and the process. */
export async function finish() {
  if (finishing) return;
  finishing = true;
  const status = plan();
  await browser?.browser()?.close().catch(() => undefined);
  if (codeServer) {
    const ended = new Promise((done) => codeServer.once("exit", done));
    if (codeServer.exitCode === null) {
      process.kill(-codeServer.pid, "SIGTERM");
      const late = setTimeout(() => process.kill(-codeServer.pid, "SIGKILL"), 5000);
      await ended;
      clearTimeout(late);
    }
  }
  scripted?.end();
  cores().forEach((pid) => process.kill(pid));
  if (status === 0 && !KEEP) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  else console.log(`# files kept in ${dir}`);
  process.exit(status);
}
