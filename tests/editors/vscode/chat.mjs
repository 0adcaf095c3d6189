// The chat view and what lies around it, by hand: mouse and keys in a real VS Code. Takes the pictures of docs/screens.
import * as model from "./model.mjs";
import { gate, say, script } from "./model.mjs";
import { becomes, check, equal, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

const WALK = `use std::collections::VecDeque;

/// All values below a node, nearest first.
pub fn walk(node: &Node) -> Vec<u32> {
    let mut seen = Vec::new();
    let mut waiting = VecDeque::from([node]);
    while let Some(next) = waiting.pop_front() {
        seen.push(next.value);
        waiting.extend(&next.children);
    }
    seen
}

pub struct Node {
    pub value: u32,
    pub children: Vec<Node>,
}
`;
const ANSWER = `The walk visits every node **once**, nearest first:

1. It begins with a queue that holds the root.
2. It takes a node from the front, and puts its children behind.

\`\`\`rust
let values = walk(&root);
assert_eq!(values[0], root.value);
\`\`\`

Nothing guards against a graph with a cycle; [walk.rs](src/walk.rs#L4) says trees only.
`;
const EDIT = `return await tools.applyPatch({ patch: \`*** Begin Patch
*** Update File: src/walk.rs
@@
-pub fn walk(node: &Node) -> Vec<u32> {
-    let mut seen = Vec::new();
+pub fn walk(root: &Node) -> Vec<u32> {
+    let mut seen = Vec::with_capacity(root.count());
@@
-    let mut waiting = VecDeque::from([node]);
+    let mut waiting = VecDeque::from([root]);
@@
     pub children: Vec<Node>,
 }
+
+impl Node {
+    fn count(&self) -> usize {
+        1 + self.children.iter().map(Node::count).sum::<usize>()
+    }
+}
*** End Patch\` });`;

await code.start({ files: { "src/walk.rs": WALK, "src/main.rs": "fn main() {}\n", "README.md": "# Walks\n" } });
const { page } = code;
const ends = () => code.logged('"turnEnded"');
let chat;
const prompt = () => chat.locator("textarea");
const button = (name, exact = true) => chat.getByRole("button", { name, exact }).first();
const options = () => chat.getByRole("option");
const focused = () => chat.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");

/** Moves the border between side bar and editor. */
async function widen(to) {
  const sash = page.locator(".part.sidebar").first();
  const box = await sash.boundingBox();
  await page.mouse.move(box.x + box.width, 420);
  await page.mouse.down();
  await page.mouse.move(to, 420, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(900, 600);
}

/** Writes a prompt as a user does, and sends it. */
async function send(words, ...replies) {
  const before = ends();
  say(...replies);
  await prompt().click();
  await prompt().pressSequentially(words);
  await prompt().press("Escape");
  await prompt().press("Enter");
  return () => eventually("the turn ends", () => ends() === before + 1, ends);
}

await part("the chat opens by its key", async () => {
  await code.open("src/walk.rs", 4);
  await page.keyboard.press("Control+Alt+g");
  await page.keyboard.press("c");
  chat = await code.chat();
  await eventually("the prompt has the focus", async () => (await focused()) === "Prompt", focused);
  await widen(500);
  await code.shows("it says what it is", "What shall be done?");
  await becomes("and which model is set, before there is a session", async () => (await chat.locator(".choice").allInnerTexts())[0], "any-model");
  await code.shot("first");
});

await part("completion of @ and /", async () => {
  await prompt().pressSequentially("Explain @");
  await eventually("files, folders and more are offered", async () => (await options().count()) > 3, () => options().allInnerTexts());
  await code.shot("completion");
  await prompt().pressSequentially("mai");
  await prompt().press("Enter");
  await eventually("Enter takes what fits the words of now, however fast", async () => /^Explain @src\/main\.rs\s*$/.test(await prompt().inputValue()), () => prompt().inputValue());
  await prompt().fill("");
  await prompt().pressSequentially("Explain @wal");
  await eventually("what fits is offered", async () => (await options().first().innerText()).includes("walk.rs"), () => options().allInnerTexts());
  await prompt().press("Tab");
  await eventually("the chosen one is written", async () => /^Explain @src\/walk\.rs\s*$/.test(await prompt().inputValue()), () => prompt().inputValue());
  await equal("nothing was sent by that", model.requests.length, 0);
  await prompt().fill("");
  await prompt().pressSequentially("/comp");
  await eventually("commands are offered", async () => (await options().allInnerTexts()).some((one) => one.includes("compact")), () => options().allInnerTexts());
  await prompt().press("Escape");
  await becomes("Escape closes the list", () => options().count(), 0);
  await equal("and leaves the words", await prompt().inputValue(), "/comp");
  await prompt().fill("");
});

await part("an answer that streams", async () => {
  const [shown, wait] = [gate(), gate()];
  const done = await send("Explain @src/walk.rs", [shown, ANSWER.slice(0, 150), wait, ANSWER.slice(150)]);
  await eventually("the turn is in the chat", async () => (await chat.locator(".turn").count()) === 1);
  shown.open();
  await code.shows("its beginning is seen while it is written", "It begins with a queue");
  await equal("the file was taken for a mention", code.logged('"kind":"mention"'), 1);
  await prompt().pressSequentially("typed meanwhile");
  wait.open();
  await done();
  await code.shows("and all of it in the end", "Nothing guards against a graph");
  await equal("what was typed meanwhile stands", await prompt().inputValue(), "typed meanwhile");
  await prompt().fill("");
  await code.shot("answer");
});

await part("an approval, answered by keys", async () => {
  const done = await send("Run the tests", script('return (await tools.exec({ command: ["touch", "tests-ran"] })).exitCode;', "First the tests."), "They pass.");
  const card = chat.locator(".ask");
  await card.waitFor();
  await equal("it takes the focus from nobody", await focused(), "Prompt");
  await check("it shows the command", (await card.innerText()).includes("touch tests-ran"));
  await code.shot("approval");
  for (let presses = 0; presses < 12 && (await focused()) !== "Allow once"; presses += 1) await page.keyboard.press("Shift+Tab");
  await equal("Shift+Tab reaches the answer", await focused(), "Allow once");
  await page.keyboard.press("Enter");
  await eventually("Enter gives it", () => code.exists("tests-ran"));
  await done();
  await becomes("the card goes", () => card.count(), 0);
});

await part("steered, queued and stopped in the chat", async () => {
  const wait = gate();
  const before = ends();
  say(["First words. ", wait, script("return 1;")], "Went on.", ["Of the next. ", gate(), "Never said."]);
  await prompt().fill("Begin");
  await prompt().press("Enter");
  await code.shows("a turn runs", "First words.");
  await prompt().fill("And mind the tests");
  await prompt().press("Enter");
  await eventually("Enter adds to it", () => code.logged("And mind the tests") > 0);
  await prompt().fill("Then the next");
  await prompt().press("Alt+Enter");
  await code.shows("Alt+Enter lets a prompt wait", "1 prompt in the queue", "Then the next");
  wait.open();
  await code.shows("what was added is in the transcript, and what waited begins", "And mind the tests", "Went on.", "Of the next.");
  await chat.getByRole("button", { name: /^Stop T-/ }).click();
  await eventually("a click stops it", () => ends() === before + 2, ends);
  await code.shows("and the chat says so", "Stopped.");
});

await part("hunks in the editor", async () => {
  const done = await send("Reserve the room for the values", script(EDIT, "I count the nodes first, so that the list grows once."), "Done: `walk` reserves the room.");
  await done();
  const lens = page.locator(".codelens-decoration a").filter({ hasText: /^Keep$/ });
  await eventually("code lenses stand over hunks", async () => (await lens.count()) >= 2, () => lens.count());
  const waiting = async () => Number(/(\d+) hunk/.exec(await code.bar())?.[1] ?? 0);
  const before = await eventually("the status bar counts them", waiting, code.bar);
  await code.shot("hunks");
  await lens.first().click();
  await becomes("a click on one keeps its hunk", waiting, before - 1);
  await code.shows("the chat counts with it", "to decide");
  await chat.locator(".changes").last().getByRole("button", { name: "Review", exact: true }).click();
  await eventually("Review opens the diff", async () => (await page.locator(".monaco-diff-editor, .multiDiffEditor").count()) > 0);
  await eventually("with what was added", async () => (await page.locator(".line-insert, .char-insert").count()) > 0);
  await code.shot("review");
  await code.command("workbench.action.closeActiveEditor");
  await chat.locator(".changes").last().getByRole("button", { name: "Keep all", exact: true }).click();
  await becomes("Keep all keeps the others of the turn", waiting, 1);
  await code.command("glossator.keepFile", { uri: `file://${code.workspace}/tests-ran` });
  await becomes("a file that was made is kept by a command", waiting, 0);
});

await part("lists of VS Code", async () => {
  for (const [choice, wanted] of [["Model", "scripted/other-model"], ["Policy", "read-only"]]) {
    await chat.getByRole("button", { name: new RegExp(`^${choice}:`) }).click();
    const rows = page.locator(".quick-input-list .monaco-list-row");
    await eventually(`${choice} opens a list`, async () => (await rows.allInnerTexts()).some((row) => row.includes(wanted)), () => rows.allInnerTexts());
    if (choice === "Model") await code.shot("models");
    await page.keyboard.press("Escape");
  }
  await code.begin("glossator.menu");
  await eventually("the status bar's menu opens", async () => (await page.locator(".quick-input-list .monaco-list-row").count()) > 3);
  await page.keyboard.press("Escape");
});

await part("an image is pasted", async () => {
  await code.paste();
  const done = await send("What is this?", "A red pixel.");
  await done();
  await check("the model gets it", model.asked().includes(code.PIXEL), () => model.told().slice(0, 600));
  await equal("and it does not go along again", await chat.locator(".attached .image").count(), 0);
});

await part("the list of sessions", async () => {
  await button("New session").click();
  await code.shows("a new session begins", "What shall be done?");
  const done = await send("Another question", "Another answer.");
  await done();
  await button("Sessions").click();
  const found = chat.locator(".session-main");
  await becomes("both sessions are listed", () => found.count(), 2);
  await code.shot("sessions");
  await chat.getByLabel("Search sessions").fill("Reserve the room");
  await eventually("words of a prompt find theirs", async () => (await chat.locator(".session-main").allInnerTexts()).some((one) => one.includes("Reserve the room")), () => found.allInnerTexts());
  await chat.getByLabel("Search sessions").fill("Explain");
  await eventually("words of a title, too", async () => (await found.count()) >= 1 && (await found.first().innerText()).includes("Explain"), () => found.allInnerTexts());
  await found.first().click();
  await code.shows("a click goes on with it", "Nothing guards against a graph", "A red pixel.");
  await check("of which nothing is left, and nothing said", !(await chat.locator(".dock").innerText()).includes("pending"), () => chat.locator(".dock").innerText());
});

await part("a block of code is put into a file", async () => {
  await code.open("src/main.rs", 2);
  const block = chat.locator("figure.code").first();
  const text = () => code.text("src/main.rs");
  const lines = "let values = walk(&root);\nassert_eq!(values[0], root.value);";
  await block.getByRole("button", { name: "Insert at the cursor" }).click();
  await becomes("at the cursor", text, `fn main() {}\n${lines}`);
  await code.command("undo");
  await becomes("which undo takes back", text, "fn main() {}\n");
  await code.open("src/main.rs", 1);
  await block.getByRole("button", { name: /^Apply to the file/ }).click();
  await becomes("or below its line, to be reviewed", async () => (await text()).trimEnd(), `fn main() {}\n${lines}`);
  await eventually("as a hunk", async () => (await code.bar()).includes("1 hunk"), code.bar);
  await code.command("glossator.rejectAll");
  await becomes("that can be rejected", text, "fn main() {}\n");
  await code.command("workbench.action.files.saveAll");
});

await part("what was sent, and what would be", async () => {
  const opened = (end) => code.vs((vscode, name) => vscode.workspace.textDocuments.find((one) => one.uri.path.endsWith(name))?.getText(), end);
  await code.command("glossator.context");
  await eventually("the layers of the latest request", async () => (await opened("-context.md"))?.includes("What is this?"), () => opened("-context.md"));
  await code.command("glossator.contextPreview", "A prompt that is not sent");
  await eventually("the layers of the next one", async () => /Nothing was sent[^]*A prompt that is not sent/.test(await opened("/Context.md")), () => opened("/Context.md"));
  for (let left = 2; left > 0; left -= 1) await code.command("workbench.action.closeActiveEditor");
  await code.open("src/walk.rs", 4);
});

await part("sessions are copied, named, put away and deleted", async () => {
  const rows = chat.locator("li.session");
  const row = (words) => rows.filter({ hasText: words }).first();
  const press = async (words, name) => {
    await row(words).hover();
    await row(words).getByRole("button", { name }).click();
  };
  await button("Sessions").click();
  await press("Another question", /^Fork /);
  await code.shows("a copy is gone on with", "This is a copy of the session.", "Another answer.");
  await button("Sessions").click();
  await becomes("it is in the list", () => rows.count(), 3);
  await press(/^(?!.*Explain).*$/s, /^Rename /);
  await code.enter("A name of its own");
  await eventually("under the name it is given", async () => (await rows.allInnerTexts()).some((one) => one.includes("A name of its own")), () => rows.allInnerTexts());
  await press("A name of its own", /^Archive /);
  await becomes("put away it is not listed", () => rows.count(), 2);
  await button("Archived sessions").click();
  await becomes("but among those put away", async () => (await rows.allInnerTexts()).map((one) => one.includes("A name of its own")), [true]);
  await press("A name of its own", /^Bring /);
  await button("Archived sessions").click();
  await becomes("and comes back", () => rows.count(), 3);
  await press("A name of its own", /^Delete /);
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await equal("to delete it is asked about", await rows.count(), 3);
  await press("A name of its own", /^Delete /);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await becomes("deleted it is gone", () => rows.count(), 2);
});

await part("a session with other tools", async () => {
  await button("New session").click();
  await code.shows("a new session begins", "What shall be done?");
  await chat.getByRole("button", { name: /^Pack:/ }).click();
  await code.pick("read-only");
  const pack = () => chat.getByRole("button", { name: /^Pack:/ }).innerText();
  await becomes("the chat names its pack", pack, "read-only");
  const done = await send("Look", "Looked.");
  await done();
  await check("and so does the log of the session", code.logged('"pack":"read-only"') > 0);
  await button("Sessions").click();
  await chat.locator(".session-main").filter({ hasText: "Explain" }).first().click();
  await code.shows("the session of before is gone on with", "A red pixel.");
  await becomes("it has its own tools", () => chat.getByRole("button", { name: /^Pack:/ }).count(), 0);
});

await part("keyboard and screen reader", async () => {
  const nameless = await chat.evaluate(() =>
    [...document.querySelectorAll("button, [role=button], input, textarea, a[href], img")]
      .filter((one) => one.getClientRects().length > 0)
      .filter((one) => !["aria-label", "title", "alt"].some((name) => one.getAttribute(name)))
      .filter((one) => one.textContent.trim() === "" && !one.labels?.length)
      .map((one) => one.outerHTML.slice(0, 120)),
  );
  await equal("everything that can be used has a name", nameless, []);
  await equal("no order of its own", await chat.locator('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').count(), 0);
  await prompt().click();
  const seen = [];
  const invisible = [];
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press("Shift+Tab");
    const now = await chat.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body || !document.hasFocus()) return null;
      const style = getComputedStyle(one);
      const border = getComputedStyle(document.documentElement).getPropertyValue("--vscode-focusBorder");
      const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      const ring = outline || style.boxShadow !== "none" || style.borderColor === border;
      const { top, bottom } = one.getBoundingClientRect();
      const name = one.getAttribute("aria-label") ?? one.textContent.trim().slice(0, 40);
      return { name, ring, shown: bottom > 0 && top < innerHeight };
    });
    if (now === null) break;
    seen.push(now.name);
    if (!now.ring || !now.shown) invisible.push(now);
  }
  await check("Shift+Tab goes from the prompt up through the chat", seen.length > 8, seen);
  await equal("where the focus is can be seen, always", invisible, []);
});

await part("themes and widths", async () => {
  await prompt().click();
  await chat.locator(".turn").first().evaluate((one) => one.scrollIntoView({ block: "start" }));
  for (const [name, theme] of [["light", "Default Light Modern"], ["contrast", "Default High Contrast"]]) {
    const before = await chat.evaluate(() => getComputedStyle(document.body).color);
    await code.vs((vscode, to) => vscode.workspace.getConfiguration("workbench").update("colorTheme", to, vscode.ConfigurationTarget.Global), theme);
    await eventually(`the chat is ${name} with VS Code`, async () => (await chat.evaluate(() => getComputedStyle(document.body).color)) !== before);
    await code.shot(name);
  }
  await code.vs((vscode) => vscode.workspace.getConfiguration("workbench").update("colorTheme", "Default Dark Modern", vscode.ConfigurationTarget.Global));
  await widen(250);
  const fits = () => {
    const shown = [...document.querySelectorAll("button")].filter((one) => one.getClientRects().length > 0);
    const inside = shown.every((one) => one.getBoundingClientRect().right <= innerWidth + 1);
    return innerWidth < 260 && document.documentElement.scrollWidth <= innerWidth && inside;
  };
  await eventually(
    "a narrow chat needs no sideways scrolling",
    () => chat.evaluate(fits),
    () => chat.evaluate(() => [innerWidth, document.documentElement.scrollWidth]),
  );
  await code.shot("narrow");
});

await code.finish();
