// The processes behind VS Code: the window closed in mid-turn and opened again, a core that is killed, a server that is killed, a
// program that is missing, settings that are broken.
import fs from "node:fs";
import { gate, patch, run, say, script } from "./model.mjs";
import * as model from "./model.mjs";
import { becomes, check, equal, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

const ends = () => code.logged('"turnEnded"');
const sessions = () => code.logged('"kind":"userMessage"') && fs.readdirSync(`${code.dir}/state`, { recursive: true }).filter((name) => name.endsWith("/log.jsonl")).length;
const ask = (words, ...replies) => (say(...replies), code.command("glossator.ask", { text: words }));
const text = () => code.text("poem.txt");

await code.start({ files: { "poem.txt": "one\ntwo\nthree\nfour\n" } });
await code.open("poem.txt");

await part("the window is closed in mid-turn, and opened again", async () => {
  await code.command("glossator.chat");
  await code.paste();
  await ask("Edit and run", script(`${patch("poem.txt", ["-two", "+TWO"])} ${run("touch", "ran.txt")} return 1;`), "Said to who came back.");
  await eventually("it asks", async () => (await code.bar()).includes("asks"), code.bar);
  await code.close("TWO");
  await check("the turn has not ended", ends() === 0 && !code.exists("ran.txt"));
  await code.reopen();
  await eventually("the next window is asked the same", async () => (await code.bar()).includes("asks"), code.bar);
  await eventually("the edit is in its editor", async () => (await text())?.includes("TWO"), text);
  await code.command("glossator.chat");
  await code.shows("the chat goes on with the session", "Edit and run", "touch ran.txt");
  await becomes("an image that was not sent is there", async () => (await code.chat()).locator(".attached .image").count(), 1);
  await (await code.chat()).getByRole("button", { name: "Leave out screen.png" }).click();
  await code.command("glossator.approve");
  await eventually("allowed, the command runs", () => code.exists("ran.txt"));
  await eventually("the turn ends", () => ends() === 1, ends);
  await code.shows("and the answer comes", "Said to who came back.");
});

await part("the core is killed in mid-turn", async () => {
  const [core] = code.cores();
  await ask("Talk", ["Words before the end of the core. ", gate()]);
  await code.shows("the turn runs", "Words before the end of the core.");
  process.kill(core, "SIGKILL");
  await eventually("another core serves the window", () => code.cores().some((pid) => pid !== core), code.cores);
  await eventually("the status bar is at rest", async () => /Glossator(?! (starts|asks))/.test(await code.bar()) && !/T-\d/.test(await code.bar()), code.bar);
  await code.shows("the chat still has the session", "Edit and run", "Said to who came back.", "Talk");
  await ask("Again", script(patch("poem.txt", ["-four", "+FOUR"])), "Said after the restart.");
  await code.shows("and goes on with it", "Said after the restart.");
  await becomes("edits come into the same editor", text, "one\nTWO\nthree\nFOUR\n");
  await equal("it is one session", sessions(), 1);
  await check("the model knows what was said before", model.asked().includes("Edit and run"), model.asked);
  await code.command("glossator.keepAll");
});

await part("the server of the window is killed", async () => {
  // That of the window that was closed may still be leaving.
  await eventually("one server serves the window", () => code.servers().length === 1, code.servers);
  const [first] = code.servers();
  process.kill(first, "SIGKILL");
  await eventually("another one is started", () => code.servers().some((pid) => pid !== first), code.servers);
  await ask("Once more", "Said by the next server.");
  await code.shows("and the session goes on", "Said by the next server.");
  await equal("still one session", sessions(), 1);
});

await part("the server is started anew by the user", async () => {
  const [before] = code.servers();
  await code.begin("glossator.restart");
  await ask("At once", "Said by the server of then.");
  await code.shows("a prompt that comes meanwhile waits for it", "At once", "Said by the server of then.");
  await eventually("it is another one", () => code.servers().length === 1 && code.servers()[0] !== before, code.servers);
  await equal("and still one session", sessions(), 1);
});

await part("settings that are broken", async () => {
  const file = `${code.dir}/config/settings.toml`;
  const good = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, `${good}\nmodel = [what`);
  await ask("With broken settings", "Said all the same.");
  await code.told("are told with the file and the line", "settings.toml");
  model.forget();
  fs.writeFileSync(file, good);
  await ask("With good settings", "Said with good settings.");
  await code.shows("mended, it goes on without a restart", "Said with good settings.");
});

await part("the program is missing", async () => {
  const path = await code.vs((vscode) => vscode.workspace.getConfiguration("glossator").get("path"));
  await code.set("path", "/nowhere/glossator");
  await code.told("it is told, with what helps", "/nowhere/glossator", "Set the Path");
  await eventually("the status bar, too", async () => (await code.bar()).includes("not installed"), code.bar);
  await code.set("path", path);
  await eventually("when it is there it is started", async () => /Glossator(?! (is|starts|does))/.test(await code.bar()), code.bar);
  await ask("And now", "Said by the one that was found.");
  await code.shows("and works", "Said by the one that was found.");
});

await code.finish();
