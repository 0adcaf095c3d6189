// Draws the page in its scenes, sizes and themes: `node src/webview/harness/shots.mjs FOLDER [part of a name]`. For people to
// look at; what must hold is checked by check.mjs.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browser } from "./open.mjs";
import { after, ANSWERS, AROUND, COMMAND, completed, EDIT, FRESH, ID, QUESTION, SELECTION, SHOWN, updates } from "./scenes.mjs";

const [folder = "shots", wanted = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const working = () => [
  updates(
    "T-4",
    { kind: "turnStarted" },
    completed("T-4", "userMessage", { input: [{ kind: "text", text: "Now do the same for the parser, and commit it." }, { kind: "mention", uri: "file:///project/src/parser.rs", range: { start: { line: 9, character: 0 }, end: { line: 40, character: 0 } } }] }),
    completed("T-4", "plan", { steps: [{ text: "Read the parser", status: "done" }, { text: "Replace the recursion in `expression` by a stack", status: "inProgress" }, { text: "Run the tests and commit", status: "pending" }] }),
    completed("T-4", "script", { script: "S4-1-1", source: "const file = await tools.readFile({ path: \"src/parser.rs\" });\nawait tools.exec({ command: [\"cargo\", \"nextest\", \"run\"] });" }),
    completed("T-4", "toolCall", { script: "S4-1-1", call: { id: "S4-1-1.0", name: "readFile", arguments: { path: "src/parser.rs" } } }),
    completed("T-4", "toolOutput", { call: "S4-1-1.0", outcome: { Ok: { value: { text: "fn main() {}" }, summary: "214 lines" } }, millis: 3 }),
    completed("T-4", "toolCall", { script: "S4-1-1", call: { id: "S4-1-1.1", name: "exec", arguments: { command: ["cargo", "nextest", "run", "-p", "parser"] } } }),
    { kind: "itemDelta", stream: "S4-1-1.1", text: "   Compiling parser v0.1.0\n    Finished test profile in 2.31s\n     Running 42 tests\n  PASS parser::expression::deep\n" },
  ),
];
const answering = () => [
  ...working(),
  updates(
    "T-4",
    completed("T-4", "toolOutput", { call: "S4-1-1.1", outcome: { Ok: { value: { exitCode: 0, stdout: "42 passed" }, summary: "exit 0, 4.1 s" } }, millis: 4100 }),
    completed("T-4", "scriptOutput", { script: "S4-1-1", ok: true, text: "<tool-results>" }),
    completed("T-4", "userMessage", { input: [{ kind: "text", text: "Leave `statement` as it is, please." }] }),
    { kind: "itemDelta", stream: "answer", text: "The parser keeps its own stack now. What remains:\n\n- `expression` in `src/parser.rs:12` is **iterative**\n- `statement` is as it was, as you said\n\n```rust\nwhile let Some(frame) = stack.pop() {\n    match frame.state {\n        State::Open => stack.push(frame.next())," },
  ),
];

const SCENES = {
  welcome: async (page) => page.say({ type: "surroundings", now: { ...AROUND, sessionId: null } }),
  "sign-in": async (page) => {
    await page.answer("glossator/auth/status", { providers: [], ready: false, message: "No key for anthropic yet. Sign in, or set ANTHROPIC_API_KEY." });
    await page.say({ type: "surroundings", now: { ...AROUND, sessionId: null } });
  },
  session: async (page) => {
    await page.say(SHOWN);
    await page.locator(".transcript").evaluate((element) => element.scrollTo(0, 0));
  },
  end: async (page) => page.say(SHOWN),
  open: async (page) => {
    await page.say(SHOWN);
    for (const line of [".thinking .fold-line", ".script-line .fold-line", ".edited .fold-line"]) await page.locator(line).first().click();
    await page.locator(".changes").first().scrollIntoViewIfNeeded();
  },
  working: async (page) => {
    await page.say(SHOWN);
    after(SHOWN);
    for (const message of working()) await page.say(message);
    await page.say({ type: "surroundings", now: { asks: [COMMAND] } });
  },
  edit: async (page) => {
    await page.say(SHOWN);
    after(SHOWN);
    for (const message of working()) await page.say(message);
    await page.say({ type: "surroundings", now: { asks: [EDIT, QUESTION] } });
  },
  answering: async (page) => {
    await page.say(SHOWN);
    after(SHOWN);
    for (const message of answering()) await page.say(message);
    await page.say(
      updates("T-4", {
        kind: "queue",
        prompts: [{ id: "Q3", at: 1, input: [{ kind: "text", text: "Then write the release notes." }] }],
      }),
    );
    await page.say(updates("T-1", { kind: "task", sessionId: ID, id: "S1-1-1.9", tool: "exec", line: "exec npm run watch", state: "running", startedAt: Date.now() }));
  },
  composing: async (page) => {
    await page.say(SHOWN);
    await page.say({ type: "surroundings", now: { selection: SELECTION } });
    await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
      const context = canvas.getContext("2d");
      context.fillStyle = "#2a6fdb";
      context.fillRect(0, 0, 160, 90);
      context.fillStyle = "#f0c040";
      context.fillRect(20, 20, 70, 50);
      const blob = await new Promise((done) => canvas.toBlob(done));
      const transfer = new DataTransfer();
      transfer.items.add(new File([blob], "screen.png", { type: "image/png" }));
      document.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    });
    await page.locator("textarea").pressSequentially("Look @wa");
    await page.locator(".completion li").first().waitFor();
  },
  sessions: async (page) => {
    await page.say(SHOWN);
    await page.say({ type: "page", page: "sessions", focus: true });
    await page.locator(".session").nth(1).hover();
  },
  failed: async (page) => {
    await page.say(FRESH);
    after(FRESH);
    await page.say(
      updates(
        "T-1",
        { kind: "turnStarted" },
        completed("T-1", "userMessage", { input: [{ kind: "text", text: "Hello" }] }),
        completed("T-1", "notice", { level: "warning", text: "The settings of this folder are not followed: it is not trusted." }),
        completed("T-1", "turnEnded", { status: "failed", usage: {}, message: "anthropic answered 401: the key is not valid. Sign in with another one." }),
        { kind: "turnCompleted", status: "failed", message: "anthropic answered 401" },
      ),
    );
    await page.say({ type: "surroundings", now: { connection: { kind: "restarting" } } });
  },
};

const VIEWS = {
  dark: {},
  light: { theme: "light" },
  narrow: { width: 250, height: 620 },
  wide: { width: 900, height: 700 },
  "hc-dark": { theme: "hc-dark" },
  "hc-light": { theme: "hc-light" },
  solarized: { theme: "solarized" },
};

const chrome = await browser();
for (const [scene, play] of Object.entries(SCENES)) {
  for (const [view, options] of Object.entries(VIEWS)) {
    const name = `${scene}-${view}`;
    if (!name.includes(wanted)) continue;
    const page = await chrome.open(options);
    await page.evaluate((answers) => Object.assign(window.answers, answers), ANSWERS);
    page.say = (message) => page.evaluate((one) => new Promise((done) => { window.say(one); setTimeout(done, 60); }), message);
    page.answer = (key, value) => page.evaluate(([one, other]) => void (window.answers[one] = other), [key, value]);
    await page.say({ type: "surroundings", now: AROUND });
    await play(page);
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    for (const error of page.errors) console.log(`${name}: ${error}`);
    await page.context().close();
  }
}
await chrome.close();
