// What the page must do for whoever writes, reads and answers in it. Each check: a name, how the page is opened, what is done.
import { after, ANSWERS, COMMAND, completed, EDIT, FRESH, ID, QUESTION, SELECTION, SHOWN, updates } from "./scenes.mjs";

const START = "glossator/turn/start";
const area = (page) => page.locator("textarea");

async function paste(page, type, bytes = 10) {
  await page.evaluate(
    ([mime, size]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(size)], `a.${mime.split("/")[1]}`, { type: mime }));
      document.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    },
    [type, bytes],
  );
}

/** A session in which a turn runs. */
export async function running({ say }) {
  await say(SHOWN);
  after(SHOWN);
  await say(updates("T-4", { kind: "turnStarted" }, completed("T-4", "userMessage", { input: [{ kind: "text", text: "Go on" }] })));
}

function many(from, to, words = 30) {
  return Array.from({ length: to - from + 1 }, (_, at) => [
    { id: (from + at) * 10, turn: `T-${from + at}`, round: 0, at: 1, kind: "userMessage", input: [{ kind: "text", text: `Prompt ${from + at}` }] },
    { id: (from + at) * 10 + 1, turn: `T-${from + at}`, round: 1, at: 2, kind: "answer", text: `Answer ${from + at}. ${"Some **words** here. ".repeat(words)}\n\n\`\`\`rust\nfn f() {}\n\`\`\`` },
    { id: (from + at) * 10 + 2, turn: `T-${from + at}`, round: 1, at: 3, kind: "turnEnded", status: "done", usage: {} },
  ]).flat();
}

const long = (from, to, more = true) => ({ type: "shown", shown: { read: { ...SHOWN.shown.read, items: many(from, to), more, seq: 5 }, reason: "opened" } });

const place = (page) => page.locator(".transcript").evaluate((element) => ({ top: element.scrollTop, left: element.scrollHeight - element.scrollTop - element.clientHeight }));

export const CHECKS = [
  ["the page loads under its policy, and is empty but for the prompt", {}, async (page, { ok }) => {
    await area(page).waitFor();
    ok(await page.locator(".welcome").isVisible(), "the welcome is seen");
    const refused = await page.evaluate(() => {
      try {
        document.createElement("div").innerHTML = "<b>x</b>";
        return false;
      } catch {
        return true;
      }
    });
    ok(refused, "HTML cannot be made of a text");
    // That attempt is the one complaint there may be.
    await page.evaluate(() => void (window.violations.length = 0));
    page.errors.length = 0;
  }],
  ["Enter sends, Shift+Enter does not, and what was sent is gone", {}, async (page, { say, answer, heard, equal, until }) => {
    await say(FRESH);
    await answer(START, { turnId: "T-1" });
    await area(page).fill("first");
    await area(page).press("Shift+Enter");
    await page.keyboard.type("second");
    await area(page).press("Enter");
    await until("the turn is started", async () => (await heard(START)).length === 1);
    equal(await heard(START), [{ sessionId: ID, input: [{ kind: "text", text: "first\nsecond" }] }], "what is sent");
    await until("the prompt is empty", async () => (await area(page).inputValue()) === "");
  }],
  ["with enterSends off Enter is a new line, Ctrl+Enter sends", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH, { type: "surroundings", now: { enterSends: false } });
    await answer(START, { turnId: "T-1" });
    await area(page).fill("one");
    await area(page).press("Enter");
    equal(await area(page).inputValue(), "one\n", "a new line");
    await area(page).press("Control+Enter");
    await until("the turn is started", async () => (await heard(START)).length === 1);
  }],
  ["a prompt that cannot be sent stays, and why is said", {}, async (page, { say, answer, until, equal, ok }) => {
    await say(FRESH);
    await answer(START, { failure: "No key for anthropic yet." });
    await answer("glossator/auth/status", { providers: [], ready: false, message: "x" });
    await area(page).fill("keep me");
    await area(page).press("Enter");
    await page.getByRole("alert").waitFor();
    equal(await area(page).inputValue(), "keep me", "the prompt");
    ok((await page.getByRole("alert").innerText()).includes("No key for anthropic yet."), "the reason");
    await until("the way to sign in is offered", () => page.getByRole("button", { name: "Sign in" }).first().isVisible());
  }],
  ["a refusal for want of a model has buttons that help, and no ids of commands", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH);
    const data = { kind: "noModel", message: "No model is chosen.", signIn: { providers: [{ id: "ollama", ready: true }], ready: false, message: "" } };
    await answer(START, { failure: "No model is chosen. Run glossator.model, or put a line into settings.toml.", data });
    await area(page).fill("keep me");
    await area(page).press("Enter");
    await page.getByRole("alert").waitFor();
    equal((await page.getByRole("alert").innerText()).split("\n").map((line) => line.trim()).filter(Boolean), ["No model is chosen.", "Choose Model…", "Sign In…"], "what is said");
    await page.getByRole("button", { name: "Choose Model…" }).click();
    await until("the list is opened", async () => (await heard("glossator.model")).length === 1);
    equal(await area(page).inputValue(), "keep me", "the prompt");
  }],
  ["a turn that failed can be tried again", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH);
    after(FRESH);
    const said = [{ kind: "text", text: "Hello" }, { kind: "mention", uri: "file:///project/a.rs", range: { start: { line: 2, character: 0 }, end: { line: 5, character: 0 } } }];
    await say(updates("T-1", { kind: "turnStarted" }, completed("T-1", "userMessage", { input: said }), completed("T-1", "turnEnded", { status: "failed", usage: {}, message: "anthropic answered 401" }), { kind: "turnCompleted", status: "failed" }));
    await page.getByRole("article").getByRole("button", { name: "Sign In…" }).waitFor();
    await answer(START, { turnId: "T-2" });
    await page.getByRole("button", { name: "Try Again" }).click();
    await until("it is started", async () => (await heard(START)).length === 1);
    equal((await heard(START))[0], { sessionId: ID, input: said }, "what is sent");
  }],
  ["of many questions two are whole, the others a line each, and all can be allowed", {}, async (page, tools) => {
    const { say, heard, until, equal } = tools;
    await running(tools);
    const asks = [1, 2, 3, 4].map((one) => ({ ...COMMAND, askId: `A${one}`, ask: { ...COMMAND.ask, id: `A${one}`, title: `Run number ${one}?` } }));
    await say({ type: "surroundings", now: { asks } });
    equal([await page.locator("section.ask").count(), await page.locator("button.ask").allInnerTexts()], [2, ["Run number 3?", "Run number 4?"]], "what is shown");
    await page.getByRole("button", { name: "Run number 4?" }).click();
    equal(await page.locator("section.ask").count(), 3, "one that was opened is whole");
    await page.getByRole("button", { name: "Allow all 4" }).click();
    await until("each is answered", async () => (await heard("answer")).length === 4);
    equal((await heard("answer")).map(({ askId, answer }) => `${askId} ${answer.decision} ${answer.grant}`), ["A1", "A2", "A3", "A4"].map((one) => `${one} allow once`), "the answers");
  }],
  ["without a session the first prompt begins one", {}, async (page, { say, answer, heard, until, equal }) => {
    await say({ type: "surroundings", now: { sessionId: null } });
    await answer("newSession", { id: "new" });
    await answer(START, { turnId: "T-1" });
    await area(page).fill("hello");
    await area(page).press("Enter");
    await until("the turn is started", async () => (await heard(START)).length === 1);
    equal((await heard(START))[0].sessionId, "new", "the session");
  }],
  ["while a turn runs, sending adds to it, Alt+Enter queues, Stop stops", {}, async (page, tools) => {
    const { answer, heard, until, equal } = tools;
    await running(tools);
    for (const method of ["glossator/turn/steer", "glossator/turn/queue", "glossator/turn/interrupt"]) await answer(method, { turnId: "T-4", started: false, id: "Q1", position: 1, interrupted: true });
    await area(page).fill("add this");
    await area(page).press("Enter");
    await until("it is added", async () => (await heard("glossator/turn/steer")).length === 1);
    equal((await heard("glossator/turn/steer"))[0].turnId, "T-4", "the turn");
    await until("the prompt is empty", async () => (await area(page).inputValue()) === "");
    await area(page).fill("then this");
    await area(page).press("Alt+Enter");
    await until("it is queued", async () => (await heard("glossator/turn/queue")).length === 1);
    await page.getByRole("button", { name: "Stop T-4" }).click();
    await until("it is stopped", async () => (await heard("glossator/turn/interrupt")).length === 1);
  }],
  ["a prompt that is sent twice goes once, another one behind it", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH);
    await area(page).fill("one");
    await page.evaluate(() => {
      const enter = () => document.querySelector("textarea").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      window.answers["glossator/turn/start"] = { turnId: "T-1" };
      enter();
      enter();
    });
    await area(page).fill("two");
    await area(page).press("Enter");
    await until("both are sent", async () => (await heard(START)).length === 2);
    await page.waitForTimeout(60);
    equal((await heard(START)).map(({ input }) => input[0].text), ["one", "two"], "what is sent");
    await answer("x", 1);
  }],
  ["a megabyte that is pasted lies beside the prompt, which stays quick", {}, async (page, { say, answer, heard, until, equal, ok }) => {
    await say(FRESH);
    await answer(START, { turnId: "T-1" });
    await area(page).fill("about this: ");
    const many = "lorem ipsum 🎉 ".repeat(70_000);
    const began = Date.now();
    await area(page).evaluate((element, words) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", words);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, many);
    await page.getByRole("button", { name: /^pasted text/ }).waitFor();
    await page.keyboard.type("what is it?");
    ok(Date.now() - began < 4000, `it took ${Date.now() - began} ms`);
    equal(await area(page).inputValue(), "about this: what is it?", "the prompt");
    await area(page).press("Enter");
    await until("the turn is started", async () => (await heard(START)).length === 1);
    const [{ input }] = await heard(START);
    equal(input.map(({ text }) => text.length), [23, many.length], "what is sent");
  }],
  ["keys of an input method send nothing", {}, async (page, { say, heard, equal }) => {
    await say(FRESH);
    await area(page).fill("に");
    await area(page).evaluate((element) => element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })));
    await area(page).evaluate((element) => element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true })));
    await page.waitForTimeout(50);
    equal((await heard(START)).length, 0, "turns started");
  }],
  ["Escape before the list is there keeps it away, and Enter sends", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH);
    await answer(START, { turnId: "T-1" });
    await area(page).pressSequentially("Look @wa");
    await area(page).press("Escape");
    await page.waitForTimeout(200);
    equal(await page.getByRole("option").count(), 0, "options");
    await area(page).press("Enter");
    await until("it is sent", async () => (await heard(START)).length === 1);
  }],
  ["@ completes by keyboard, and tells screen readers what is chosen", {}, async (page, { say, until, equal, ok }) => {
    await say(FRESH);
    await area(page).pressSequentially("Look @wa");
    await page.getByRole("option").first().waitFor();
    equal(await area(page).getAttribute("aria-expanded"), "true", "expanded");
    await area(page).press("ArrowDown");
    const active = await area(page).getAttribute("aria-activedescendant");
    ok((await page.locator(`#${active}`).getAttribute("aria-selected")) === "true", "the chosen one is named");
    await area(page).press("Tab");
    equal(await area(page).inputValue(), "Look @src/walk_test.rs ", "what is written");
    await until("the list closes", async () => (await page.getByRole("option").count()) === 0);
    await area(page).pressSequentially("@w");
    await page.getByRole("option").first().waitFor();
    await area(page).press("Escape");
    await until("Escape closes it", async () => (await page.getByRole("option").count()) === 0);
  }],
  ["a list that is not all there is asked for again, until somebody walks through it", {}, async (page, { say, answer, until, equal }) => {
    await say(FRESH);
    const all = ANSWERS["glossator/prompt/complete"].items;
    const offer = (count) => answer("glossator/prompt/complete", { items: all.slice(0, count), incomplete: true });
    const count = () => page.getByRole("option").count();
    await offer(1);
    await area(page).pressSequentially("Look @");
    await until("what is known at once", async () => (await count()) === 1);
    await offer(3);
    await until("and what comes later", async () => (await count()) === 3);
    await area(page).press("ArrowDown");
    await offer(5);
    await page.waitForTimeout(2000);
    equal(await count(), 3, "what is offered while it is walked through");
  }],
  ["the selection goes along, until it is taken off", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(FRESH, { type: "surroundings", now: { selection: SELECTION } });
    await answer(START, { turnId: "T-1" });
    await area(page).fill("what is this");
    await area(page).press("Enter");
    await until("sent", async () => (await heard(START)).length === 1);
    equal((await heard(START))[0].input[1], { kind: "mention", uri: SELECTION.uri, range: SELECTION.range }, "the mention");
    await until("it does not go along again by itself", async () => (await page.locator(".attached").count()) === 0);
    await say({ type: "surroundings", now: { selection: { ...SELECTION, lines: [1, 2], range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } } } } });
    await page.getByRole("button", { name: "Leave out walk.rs:1-2" }).click();
    equal(await page.locator(".attached").count(), 0, "chips");
  }],
  ["images are pasted; other files and large ones are refused with a reason", {}, async (page, { say, answer, heard, until, ok }) => {
    await say(FRESH);
    await answer(START, { turnId: "T-1" });
    await paste(page, "image/png");
    await page.locator(".chip.image").waitFor();
    await paste(page, "image/svg+xml");
    await until("SVG is refused", async () => (await page.getByRole("alert").innerText()).includes("no PNG"));
    await paste(page, "image/jpeg", 5 * 1024 * 1024 + 1);
    await until("large ones are refused", async () => (await page.getByRole("alert").innerText()).includes("5 MB"));
    await area(page).press("Enter");
    await until("sent", async () => (await heard(START)).length === 1);
    ok((await heard(START))[0].input[0].kind === "image", "the image goes along alone");
  }],
  ["each session has its own draft, and words outlive the page", {}, async (page, { say, equal, until }) => {
    await say(SHOWN);
    await area(page).fill("for the first");
    const other = { type: "shown", shown: { read: { ...FRESH.shown.read, session: { ...FRESH.shown.read.session, id: "other" } }, reason: "opened" } };
    await say(other);
    equal(await area(page).inputValue(), "", "the other draft");
    await area(page).fill("for the other");
    await say(SHOWN);
    equal(await area(page).inputValue(), "for the first", "the first draft");
    await until("kept", () => page.evaluate(() => window.heard.findLast(({ type }) => type === "keep")?.drafts.other === "for the other"));
  }],
  ["a command is allowed with each grant, or denied with a reason by Enter", {}, async (page, tools) => {
    const { say, heard, equal, until } = tools;
    await running(tools);
    await say({ type: "surroundings", now: { asks: [COMMAND] } });
    equal(await page.evaluate(() => document.activeElement?.tagName), "BODY", "the focus is not taken");
    await page.getByRole("button", { name: "Always allow what begins like this" }).click();
    await page.getByRole("button", { name: "Allow once" }).click();
    await page.getByLabel("Reason for denying").fill("not on my disk");
    await page.getByLabel("Reason for denying").press("Enter");
    await until("answers", async () => (await heard("answer")).length === 3);
    equal((await heard("answer")).map(({ answer }) => answer), [{ decision: "allow", grant: "prefix" }, { decision: "allow", grant: "once" }, { decision: "deny", message: "not on my disk" }], "answers");
    await say({ type: "surroundings", now: { asks: [] } });
    equal(await page.locator(".ask").count(), 0, "cards");
  }],
  ["of an edit some hunks are allowed", {}, async (page, tools) => {
    const { say, heard, equal, until } = tools;
    await running(tools);
    await say({ type: "surroundings", now: { asks: [EDIT] } });
    await page.getByRole("checkbox").first().uncheck();
    await page.getByRole("button", { name: "Allow 1 of 2 hunks" }).click();
    await until("answer", async () => (await heard("answer")).length === 1);
    equal((await heard("answer"))[0].answer, { decision: "allow", grant: "once", hunks: [2] }, "the answer");
  }],
  ["a question is answered by an option or in words", {}, async (page, tools) => {
    const { say, heard, equal, until } = tools;
    await running(tools);
    await say({ type: "surroundings", now: { asks: [QUESTION] } });
    await page.getByRole("button", { name: QUESTION.options[0] }).click();
    await page.getByLabel("Your answer").fill("neither");
    await page.getByLabel("Your answer").press("Enter");
    await until("answers", async () => (await heard("reply")).length === 2);
    equal((await heard("reply")).map(({ text }) => text), [QUESTION.options[0], "neither"], "answers");
  }],
  ["hunks are kept and rejected, turns undone, reviewed, forked", {}, async (page, { say, answer, heard, until, equal }) => {
    const pending = SHOWN.shown.read.items.filter((item) => !(item.kind === "changeSet" && item.id > 50));
    const open = { hunks: [], files: [] };
    await answer("glossator/changeSet/read", open);
    await say({ type: "shown", shown: { read: { ...SHOWN.shown.read, items: pending }, reason: "opened" } });
    for (const [key, value] of [["glossator/changeSet/resolve", { hunks: [] }], ["glossator/turn/undo", { turnId: "T-1", message: "The edits of T-1 were taken back.", hunks: [], files: [], irreversible: [] }], ["glossator/session/fork", { session: { id: "copy" } }]]) await answer(key, value);
    await page.locator(".edited .fold-line").first().click();
    await page.getByRole("button", { name: "Keep C1.1" }).click();
    await page.getByRole("button", { name: "Reject all" }).click();
    await page.getByRole("button", { name: "Review", exact: true }).click();
    await page.getByRole("button", { name: "Undo turn" }).click();
    await until("said", async () => (await page.locator(".dock .notice").innerText()).includes("were taken back"));
    equal((await heard("glossator/changeSet/resolve")).map(({ decisions }) => decisions), [[{ hunk: "C1.1", resolution: "keep" }], [{ hunk: "C1.1", resolution: "reject" }, { hunk: "C1.2", resolution: "reject" }]], "decisions");
    equal(await heard("glossator.review"), [[{ turnId: "T-1", sessionId: ID }]], "review");
    await page.getByRole("button", { name: /Fork here.*T-2/ }).click();
    await until("the copy is opened", async () => (await heard("openSession")).some(({ sessionId }) => sessionId === "copy"));
  }],
  ["code is copied, inserted, applied; links are followed by the host alone", {}, async (page, { say, heard, until, equal }) => {
    await say(SHOWN);
    await page.getByRole("button", { name: "Copy code" }).first().click();
    await page.getByRole("button", { name: "Insert at the cursor" }).first().click();
    await page.getByRole("button", { name: /Apply to the file/ }).first().click();
    await page.getByRole("link", { name: "the docs" }).click();
    await page.getByRole("link", { name: "src/walk.rs:3" }).focus();
    await page.keyboard.press("Enter");
    await until("applied", async () => (await heard("glossator.applyBlock")).length === 1);
    equal((await heard("follow")).map(({ href }) => href), ["https://doc.rust-lang.org/std/", "src/walk.rs:3"], "links");
    equal((await heard("glossator.applyBlock"))[0][0].info, "rust", "the block");
    equal(await page.locator("a[href]").count(), 0, "addresses that VS Code would follow by itself");
  }],
  ["the queue is shown, taken back to write on, and emptied", {}, async (page, tools) => {
    const { say, answer, heard, equal, until } = tools;
    await running(tools);
    const prompt = (id) => ({ id, at: 1, input: [{ kind: "text", text: `words of ${id}` }] });
    await say(updates("T-4", { kind: "queue", prompts: [prompt("Q1"), prompt("Q2")], waits: "T-3 failed" }));
    await answer("glossator/turn/unqueue", { removed: true, input: prompt("Q1").input });
    await page.getByRole("button", { name: "Take Q1 back to write on" }).click();
    await until("written", async () => (await area(page).inputValue()) === "words of Q1");
    equal(await page.locator(".queue li").count(), 1, "prompts that wait");
    await page.getByRole("button", { name: "Go on" }).click();
    await until("gone on with", async () => (await heard("goOn")).length === 1);
  }],
  ["tasks are shown and stopped", {}, async (page, tools) => {
    const { say, answer, heard, until, equal } = tools;
    await running(tools);
    await answer("glossator/tasks/cancel", { cancelled: true });
    await say(updates("T-1", { kind: "task", sessionId: ID, id: "S1-1-1.9", tool: "exec", line: "exec npm run watch", state: "running", startedAt: 1 }));
    await page.getByRole("button", { name: "Stop the task S1-1-1.9" }).click();
    await until("stopped", async () => (await heard("glossator/tasks/cancel")).length === 1);
    await say(updates("T-1", { kind: "task", sessionId: ID, id: "S1-1-1.9", tool: "exec", line: "exec npm run watch", state: "cancelled", startedAt: 1 }));
    equal(await page.locator(".tasks").count(), 0, "tasks shown");
  }],
  ["sessions are searched, opened, archived, deleted, by keyboard", {}, async (page, { say, answer, heard, until, equal }) => {
    await say(SHOWN);
    for (const [key, value] of [["glossator/session/archive", { archived: true }], ["delete", {}], ["rename", { title: "Named" }], ["glossator/session/search", { hits: [] }]]) await answer(key, value);
    await page.getByRole("button", { name: "Sessions" }).click();
    await page.locator(".session").nth(1).waitFor();
    equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Search sessions", "the focus");
    await page.keyboard.type("parser");
    await until("looked for", async () => (await heard("glossator/session/list")).some(({ text }) => text === "parser"));
    await page.getByRole("button", { name: /Archive “Release/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /Delete “Release/ }).press("Enter");
    await until("deleted", async () => (await heard("delete")).length === 1);
    await page.getByRole("button", { name: /^Why does the parser/ }).press("Enter");
    await until("opened", async () => (await heard("openSession")).some(({ sessionId }) => sessionId === "s2"));
    await area(page).waitFor();
  }],
  ["what was found in what was said is shown where it was said", {}, async (page, { say, answer, heard, until }) => {
    await say(SHOWN);
    const hit = (turnId) => ({ sessionId: "found", title: "Found", turnId, item: 1, kind: "prompt", snippet: `in ${turnId}`, marks: [], at: 1, score: 1 });
    await answer("glossator/session/search", { hits: [hit("T-20"), hit("T-2000")] });
    const found = (from, to) => ({ type: "shown", shown: { reason: "opened", read: { ...long(from, to).shown.read, session: { ...SHOWN.shown.read.session, id: "found" } } } });
    for (const [turn, from, to] of [["T-20", 31, 60], ["T-2000", 2971, 3000]]) {
      await answer("glossator/session/read", { ...found(15, 30).shown.read, more: false });
      await say({ type: "page", page: "sessions", focus: true });
      await page.getByLabel("Search sessions").fill("words");
      await page.getByRole("button", { name: `in ${turn} ${turn} ` }).waitFor();
      await say(found(from, to), { type: "page", page: "sessions", focus: true });
      await page.getByRole("button", { name: `in ${turn} ${turn} ` }).click();
      if (turn === "T-20") await until("it is seen", () => page.locator("[data-turn=T-20]").evaluate((element) => Math.abs(element.getBoundingClientRect().top - element.closest(".transcript").getBoundingClientRect().top) < 20));
    }
    await until("what is far away has its own page", async () => JSON.stringify(await heard("glossator.open")) === '[["T-2000"]]');
  }],
  ["a server that was restarted says so, and one that is missing how to go on", {}, async (page, { say, ok }) => {
    await say({ ...SHOWN, shown: { ...SHOWN.shown, reason: "restarted" } });
    ok((await page.locator(".dock .notice").innerText()).includes("started again"), "said");
    await say({ type: "surroundings", now: { connection: { kind: "missing", message: "no glossator on the PATH" } } });
    ok(await page.getByRole("button", { name: "Settings" }).isVisible(), "settings are offered");
    await area(page).fill("x");
    ok(await page.getByRole("button", { name: "Send" }).isDisabled(), "nothing can be sent");
  }],
  ["the transcript follows its end while it is there, and stays where one reads", {}, async (page, tools) => {
    const { say, ok, until, equal } = tools;
    await say(long(31, 60));
    after({ shown: { read: { seq: 5 } } });
    ok((await place(page)).left < 2, "at the end when opened");
    await say(updates("T-61", { kind: "turnStarted" }, { kind: "itemDelta", stream: "answer", text: "line\n\n".repeat(60) }));
    await until("still at the end", async () => (await place(page)).left < 2);
    // It grows again between a step to the end and the news of that step.
    await page.evaluate(async () => {
      const turns = document.querySelector(".turns");
      for (let height = turns.offsetHeight, round = 0; round < 20; round += 1) {
        turns.style.minHeight = `${(height += 100)}px`;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      }
    });
    await page.waitForTimeout(60);
    ok((await place(page)).left < 2, "still at the end after a flood");
    await page.locator(".transcript").evaluate((element) => element.scrollBy(0, -900));
    await page.waitForTimeout(60);
    const before = await place(page);
    for (let round = 0; round < 5; round += 1) await say(updates("T-61", { kind: "itemDelta", stream: "answer", text: "more\n\n".repeat(30) }));
    await page.waitForTimeout(400);
    equal((await place(page)).top, before.top, "where one reads");
    await page.getByRole("button", { name: "To the end of the transcript" }).click();
    await until("at the end again", async () => (await place(page)).left < 2);
  }],
  ["older turns come in above without moving what is seen", {}, async (page, { say, answer, heard, until, ok, equal }) => {
    await say(long(31, 60));
    await answer("glossator/session/read", { ...SHOWN.shown.read, items: many(1, 30), more: false });
    const seen = () => page.locator("[data-turn=T-31]").evaluate((element) => element.getBoundingClientRect().top);
    await page.locator(".transcript").evaluate((element) => element.scrollTo(0, 300));
    const before = await seen();
    await until("they are read", async () => (await page.locator(".turn").count()) === 60);
    await page.waitForTimeout(60);
    ok(Math.abs((await seen()) - before) < 60, `moved by ${(await seen()) - before}`);
    equal((await heard("glossator/session/read")).map(({ before }) => before), ["T-31"], "asked once");
  }],
];
