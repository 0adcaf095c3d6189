// What models, tools and files wrote cannot do anything: no script runs, nothing is loaded, no element comes of a text, and
// nothing takes the page down.
import { after, completed, ID, SHOWN, updates } from "./scenes.mjs";

const NASTY = [
  "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<svg onload=window.pwned=1>", "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>", "[click](javascript:window.pwned=1)",
  "[click](command:workbench.action.terminal.new)", "<a href=javascript:window.pwned=1>x</a>", "![x](http://evil.example/p.png)", "<style>*{display:none!important}</style>", "<base href=//evil.example>", "<form action=//evil.example><button>x</button></form>",
  "<meta http-equiv=refresh content='0;url=//evil.example'>", "\u202e<b>\u0000", "{{constructor.constructor('window.pwned=1')()}}", "${window.pwned=1}", "javascript:window.pwned=1", "<math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=1>",
].join("\n\n");

/** Every text of every item, each as bad as can be. */
function everything(bad) {
  const item = (kind, more) => completed("T-4", kind, more);
  return [
    { kind: "turnStarted" },
    item("userMessage", { input: [{ kind: "text", text: bad }, { kind: "mention", uri: `javascript:${bad}` }, { kind: "image", image: { mediaType: "image/png", data: '"><script>window.pwned=1</script>' }, name: bad }], to: [bad] }),
    item("reasoning", { text: bad, agent: bad }),
    item("answer", { text: bad, agent: bad }),
    item("plan", { steps: [{ text: bad, status: bad }], explanation: bad }),
    item("script", { script: bad, source: bad }),
    item("toolCall", { script: bad, call: { id: bad, name: bad, arguments: { path: bad, patch: bad } } }),
    { kind: "itemDelta", stream: bad, text: bad },
    item("toolOutput", { call: bad, outcome: { Ok: { value: { text: bad }, summary: bad } }, millis: 1 }),
    item("scriptOutput", { script: bad, text: `error: ${bad}`, ok: false }),
    item("toolCall", { call: { id: "x", name: "exec", arguments: { command: [bad, bad] } } }),
    item("toolOutput", { call: "x", outcome: { Err: { kind: bad, message: bad } }, millis: 1 }),
    item("approval", { ask: { call: "none", title: bad }, answer: { decision: "allow", grant: bad, message: bad } }),
    item("changeSet", { changeSet: "C9", state: { is: "intended", hunks: [{ id: bad, path: bad, base: bad, proposed: `${bad}!`, place: { line: 3 } }] } }),
    item("changeSet", { changeSet: "C9", state: { is: "committed" } }),
    item("notice", { level: bad, text: bad }),
    item("compaction", { tokensBefore: 1, tokensAfter: 1, summary: bad }),
    item("request", { model: bad, usage: { input: 1 } }),
    { kind: "notice", level: "error", text: `again ${bad}` },
    { kind: "queue", prompts: [{ id: bad, at: 1, input: [{ kind: "text", text: bad }] }], waits: bad },
    { kind: "task", sessionId: ID, id: bad, tool: bad, line: bad, state: "running", startedAt: 1 },
    { kind: "session", title: bad, archived: false, settings: { model: bad, pack: bad, policy: bad } },
    { kind: "itemDelta", stream: "answer", text: bad, agent: bad },
    { kind: "itemDelta", stream: "reasoning", text: bad },
    { kind: "itemDelta", stream: "script", text: bad },
  ];
}

const asks = (bad) => [
  { kind: "approval", sessionId: ID, turnId: "T-4", askId: "A1", ask: { id: "A1", call: "x", title: bad, reason: bad, subject: { kind: "command", command: bad, cwd: bad }, grants: ["once", bad] } },
  { kind: "approval", sessionId: ID, turnId: "T-4", askId: "A2", ask: { id: "A2", call: "x", title: bad, reason: bad, subject: { kind: "edit", files: [bad], diff: bad, hunks: [{ path: bad, line: 1, base: bad, proposed: bad }] }, grants: ["once"] } },
  { kind: "approval", sessionId: ID, turnId: "T-4", askId: "A3", ask: { id: "A3", call: "x", title: bad, reason: bad, subject: { kind: bad, source: bad }, grants: null } },
  { kind: "question", sessionId: ID, turnId: "T-4", askId: "A4", question: bad, options: [bad] },
];

/** Elements that the page's own views are made of. */
const KNOWN = "html,head,meta,link,title,body,div,script,main,header,section,article,footer,button,span,svg,path,h1,h2,h3,h4,h5,h6,p,ul,ol,li,a,code,pre,figure,figcaption,em,strong,s,blockquote,hr,br,table,thead,tbody,tr,th,td,input,textarea,label,form,img";

async function harmless(page, ok) {
  await page.waitForTimeout(300);
  const found = await page.evaluate((known) => ({
    pwned: window.pwned,
    strange: [...document.querySelectorAll("*")].filter((one) => !one.matches(known)).map((one) => one.tagName),
    handlers: [...document.querySelectorAll("*")].filter((one) => one.getAttributeNames().some((name) => name.startsWith("on"))).length,
    addresses: [...document.querySelectorAll("[href], [src], [srcdoc], [action]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src") ?? "?").filter((one) => !/^(?:http:\/\/page\.test\/main\.(?:js|css)|data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*)$/.test(one)),
    scripts: document.scripts.length,
  }), KNOWN);
  ok(found.pwned === undefined, "a script ran");
  ok(found.strange.length === 0, `elements of a text: ${found.strange.join(" ")}`);
  ok(found.handlers === 0, "handlers of a text");
  ok(found.addresses.length === 0, `addresses of a text: ${found.addresses.join(" ")}`);
  ok(found.scripts === 1, "scripts of a text");
}

async function openAll(page) {
  for (let round = 0; round < 4; round += 1) {
    const closed = page.locator(".fold-line[aria-expanded=false]");
    for (let at = (await closed.count()) - 1; at >= 0; at -= 1) await closed.nth(at).click({ timeout: 2000 }).catch(() => undefined);
  }
}

export const HOSTILE = [
  ["no text of a model or a tool becomes anything", { height: 3000 }, async (page, { say, answer, ok }) => {
    await say(SHOWN);
    after(SHOWN);
    await say(updates("T-4", ...everything(NASTY)));
    await say({ type: "surroundings", now: { asks: asks(NASTY) } });
    await openAll(page);
    await harmless(page, ok);
    ok(await page.locator("textarea").isVisible(), "the prompt is seen");
    const bad = { id: "s", title: NASTY, lastPrompt: NASTY, model: NASTY, workspace: NASTY, createdAt: 1, updatedAt: 1 };
    await answer("glossator/session/list", { sessions: [bad], notices: [NASTY] });
    await answer("glossator/session/search", { hits: [{ sessionId: "t", title: NASTY, turnId: NASTY, item: 1, kind: NASTY, snippet: NASTY, marks: [], at: 1, score: 1 }] });
    await say({ type: "page", page: "sessions", focus: false });
    await page.getByLabel("Search sessions").fill("xx");
    await harmless(page, ok);
  }],
  ["links in answers go to the host as words, and bad ones are no links", {}, async (page, { say, heard, ok }) => {
    await say(SHOWN);
    after(SHOWN);
    await say(updates("T-4", { kind: "turnStarted" }, completed("T-4", "answer", { text: `${NASTY}\n\n[good](https://a.example)` })));
    const links = page.locator("[data-turn=T-4] [role=link]");
    for (let at = 0; at < (await links.count()); at += 1) await links.nth(at).click();
    const followed = (await heard("follow")).map(({ href }) => href);
    ok(followed.includes("https://a.example"), "the good one is followed");
    ok(followed.every((href) => !/^(?:javascript|command|data|vbscript):/i.test(href)), `followed: ${followed.join(" ")}`);
  }],
  ["texts of a megabyte, in one line or in many, do not stop the page", { height: 900 }, async (page, { say, ok }) => {
    await say(SHOWN);
    after(SHOWN);
    const huge = ["x".repeat(1_000_000), "word ".repeat(200_000), "a\n".repeat(400_000), `\`\`\`\n${"y".repeat(900_000)}\n\`\`\``, "- ".repeat(20_000), "> ".repeat(20_000), "|a".repeat(50_000), "*".repeat(100_000)];
    const began = Date.now();
    for (const text of huge) {
      await say(
        updates("T-4", { kind: "turnStarted" }, completed("T-4", "answer", { text }), completed("T-4", "toolCall", { call: { id: `c${text.length}`, name: "exec", arguments: { command: [text] } } }), completed("T-4", "toolOutput", { call: `c${text.length}`, outcome: { Ok: { value: { stdout: text }, summary: text } }, millis: 1 }), completed("T-4", "reasoning", { text })),
      );
    }
    await openAll(page);
    const millis = Date.now() - began;
    ok(await page.locator("textarea").isEditable(), "one can write");
    ok(millis < 40_000, `it took ${millis} ms`);
    return `${millis} ms`;
  }],
  ["messages that are no messages change nothing", {}, async (page, { say, ok }) => {
    await say(SHOWN);
    await page.evaluate(() => {
      for (const odd of [null, 1, "x", [], {}, { type: "nothing" }, { type: "response", id: 99 }, { type: "updates", updates: [] }]) window.say(odd);
    });
    await page.waitForTimeout(60);
    ok((await page.locator(".turn").count()) === 3, "the turns are there");
  }],
];
