// Turns in a real VS Code, by its API: a script, every road to an answer, steering, the queue, unsaved text, a stale edit, a
// formatter on save.
import * as model from "./model.mjs";
import { gate, patch, run, say, script } from "./model.mjs";
import { becomes, check, equal, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

const ends = () => code.logged('"turnEnded"');
let before = 0;

/** Asks, and does not wait for the turn's end. */
async function ask(words, ...replies) {
  before = ends();
  say(...replies);
  await code.command("glossator.ask", { text: words });
}

/** The turns have ended, and the status bar, which is a moment later, asks no more. */
const ended = (turns = 1) =>
  eventually(turns === 1 ? "the turn ends" : `${turns} turns end`, async () => ends() === before + turns && !(await code.bar()).includes("asks"), ends);
const asks = () => eventually("it asks", async () => (await code.bar()).includes("asks"), code.bar);
const hideChat = () => code.command("workbench.action.closeSidebar");
const text = () => code.text("poem.txt");
const save = () => code.command("workbench.action.files.saveAll");

/** A turn that runs `touch NAME` once it is allowed. */
const touching = (name) => ask(`Make ${name}`, script(`return (await tools.exec({ command: ["touch", ${JSON.stringify(name)}] })).exitCode;`), "Said the model.");

/** The command ran, and the turn has ended. */
async function ran(name, how) {
  await eventually(how, () => code.exists(name));
  await ended();
}

await code.start({ files: { "poem.txt": "one\ntwo\nthree\nfour\nfive\nsix\n", "notes.txt": "a\nb\nc\n" } });

await part("a turn with a script", async () => {
  await code.open("poem.txt");
  const edit = patch("poem.txt", ["-two", "+two by the agent"]);
  await ask("Change two", script(`${edit} return (await tools.readFile({ path: "notes.txt" })).text;`), "Done with **it**.");
  await becomes("the edit is in the editor", text, "one\ntwo by the agent\nthree\nfour\nfive\nsix\n");
  await ended();
  await equal("and not on the disk", code.read("poem.txt"), "one\ntwo\nthree\nfour\nfive\nsix\n");
  await check("the model got what the script gave back", model.told().includes("returned:"), model.told);
  await code.shows("the chat shows the prompt and the answer", "Change two", "Done with it.", "1 file changed");
  await code.command("glossator.keepAll");
  await save();
});

await part("a notification allows", async () => {
  await touching("ran-1.txt");
  await hideChat();
  await code.told("it is asked in a notification", "touch ran-1.txt", "Allow", "Deny");
  await check("nothing ran yet", !code.exists("ran-1.txt"));
  await code.clickNotice("Allow", "touch ran-1.txt");
  await ran("ran-1.txt", "allowed there, the command runs");
  await eventually("and the notification goes", async () => !(await code.notices()).includes("touch"), code.notices);
});

await part("a list allows", async () => {
  await touching("ran-2.txt");
  await asks();
  await code.begin("glossator.showAsk");
  await code.pick("Allow");
  await ran("ran-2.txt", "allowed in the list, the command runs");
});

await part("a code action allows", async () => {
  await code.open("poem.txt");
  await touching("ran-3.txt");
  await asks();
  const title = await code.vs(async (vscode) => {
    const { document, selection } = vscode.window.activeTextEditor;
    const found = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, selection);
    const action = found.find((one) => one.title.startsWith("Glossator: Allow —"));
    await vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
    return action.title;
  });
  await check("it says what is allowed", title.includes("touch ran-3.txt"), title);
  await ran("ran-3.txt", "allowed there, the command runs");
});

await part("the chat's card allows", async () => {
  await touching("ran-4.txt");
  const chat = await code.chat();
  await chat.locator(".ask").getByRole("button", { name: "Allow once" }).click();
  await ran("ran-4.txt", "allowed there, the command runs");
});

await part("the command allows", async () => {
  await touching("ran-5.txt");
  await asks();
  await code.command("glossator.approve");
  await ran("ran-5.txt", "allowed by it, the command runs");
});

await part("denied with a reason", async () => {
  await touching("no-1.txt");
  await asks();
  await code.begin("glossator.deny");
  await code.enter("no such file, please");
  await ended();
  await check("nothing ran", !code.exists("no-1.txt"));
  await check("the model was told why", model.told().includes("no such file, please"), model.told);
});

await part("denied in the chat, with a reason", async () => {
  await touching("no-2.txt");
  const chat = await code.chat();
  await chat.getByLabel("Reason for denying").fill("not in this folder");
  await chat.locator(".ask").getByRole("button", { name: "Deny", exact: true }).click();
  await ended();
  await check("nothing ran", !code.exists("no-2.txt"));
  await check("the model was told why", model.told().includes("not in this folder"), model.told);
});

await part("a notification denies, or shows more", async () => {
  await hideChat();
  await touching("no-5.txt");
  await hideChat();
  await code.told("it is asked in a notification", "touch no-5.txt", "Show", "Deny");
  await code.clickNotice("Deny", "touch no-5.txt");
  await ended();
  await check("denied there, nothing runs", !code.exists("no-5.txt"));
  await touching("no-3.txt");
  await hideChat();
  await code.told("the next one, too", "touch no-3.txt", "Show");
  await code.clickNotice("Show", "touch no-3.txt");
  await eventually("Show opens all of it", () =>
    code.vs((vscode) => vscode.workspace.textDocuments.some((one) => one.uri.scheme === "glossator-ask" && one.getText().includes("touch no-3.txt"))),
  );
  await code.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await code.page.keyboard.press("Escape");
  await check("what is dismissed is no answer", (await code.bar()).includes("asks"), code.bar);
  await code.begin("glossator.showAsk");
  await code.pick("Deny");
  await ended();
  await check("denied in the list beside it, nothing runs", !code.exists("no-3.txt"));
});

await part("the prompt document allows, and denies with a reason", async () => {
  await code.command("glossator.chatDocument");
  const prompt = () => code.vs((vscode) => vscode.workspace.textDocuments.find((one) => one.uri.path.endsWith("/prompt.md"))?.getText());
  const write = (words) =>
    code.vs(async (vscode, what) => {
      const document = vscode.workspace.textDocuments.find((one) => one.uri.path.endsWith("/prompt.md"));
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, `\n${what}`);
      await vscode.workspace.applyEdit(edit);
    }, words);
  await eventually("it is open", async () => (await prompt()) !== undefined);
  await touching("ran-6.txt");
  const id = await eventually("the question stands in it", async () => /allow (A\d+)/.exec(await prompt())?.[1], prompt);
  await write(`allow ${id}`);
  await code.command("glossator.send");
  await ran("ran-6.txt", "sent from there, the command runs");
  await touching("no-4.txt");
  const next = await eventually("the next one, too", async () => [...(await prompt()).matchAll(/allow (A\d+)/g)].map(([, one]) => one).find((one) => one !== id), prompt);
  await write(`deny ${next}: not from a document`);
  await code.command("glossator.send");
  await ended();
  await check("nothing ran, and the model was told why", !code.exists("no-4.txt") && model.told().includes("not from a document"), model.told);
  await save();
  // They may be written in at any moment; closing them as they are would ask.
  await code.vs(async (vscode) => {
    const isOurs = ({ input }) => /\/(prompt|chat)\.md$/.test(input?.uri?.path ?? "");
    for (const { input, group } of vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(isOurs)) {
      await vscode.window.showTextDocument(input.uri, { viewColumn: group.viewColumn, preview: false });
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    }
  });
  await code.open("poem.txt");
});

await part("allowed for good, and taken back", async () => {
  await code.begin("glossator.trust");
  await code.page.locator(".monaco-dialog-box").getByRole("button", { name: "Trust", exact: true }).click();
  await eventually("what is allowed for good needs a trusted workspace", async () => (await code.page.locator(".statusbar").innerText()).includes("trusted now"));
  await code.command("glossator.chat");
  const make = (name) => ask(`Make ${name}`, script(`return (await tools.exec({ command: ["mkdir", ${JSON.stringify(name)}] })).exitCode;`), "Made.");
  const chat = await code.chat();
  await make("made-1");
  await chat.locator(".ask").getByRole("button", { name: "Always allow “mkdir …”" }).click();
  await ran("made-1", "allowed so, the command runs");
  await make("made-2");
  await ran("made-2", "the next that begins alike runs unasked");
  await code.begin("glossator.grants");
  const row = code.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "always, in this workspace" });
  await row.locator(".quick-input-list-checkbox, .monaco-checkbox").first().click();
  await code.page.locator(".quick-input-widget input[type=text]").first().press("Enter");
  await row.waitFor({ state: "hidden" });
  await eventually("taken back", async () => (await code.page.locator(".statusbar").innerText()).includes("taken back"));
  await make("made-3");
  await asks();
  await code.begin("glossator.deny");
  await code.enter("not any more");
  await ended();
  await check("it is asked about again", !code.exists("made-3") && model.told().includes("not any more"), model.told);
});

await part("five at once", async () => {
  await hideChat();
  const commands = [1, 2, 3, 4, 5].map((number) => `tools.exec({ command: ["touch", "five-${number}.txt"] })`);
  await ask("Make five", script(`return (await Promise.all([${commands.join(", ")}])).length;`), "Five.");
  await hideChat();
  const answered = [];
  const unanswered = (told) => answered.reduce((rest, name) => rest.replaceAll(name, ""), told);
  for (let left = 5; left > 0; left -= 1) {
    await eventually(`${left} wait`, async () => (left > 1 ? (await code.bar()).includes(`asks (${left})`) : /asks(?! \()/.test(await code.bar())), code.bar);
    const next = await eventually("one of them is told", async () => /five-\d\.txt/g.exec(unanswered(await code.notices()))?.[0], code.notices);
    await code.clickNotice("Allow", next);
    answered.push(next);
  }
  await ended();
  await check("all of them ran", [1, 2, 3, 4, 5].every((number) => code.exists(`five-${number}.txt`)));
});

await part("a question of the agent, answered by each road", async () => {
  const asking = (words) => ask(words, script('return (await tools.askUser({ question: "Which `name`?", options: ["walk", "visit"] })).answer;'), "As you said.");
  const answered = async (how, answer) => {
    await ended();
    await check(how, model.told().includes(answer), model.told);
  };
  const chat = await code.chat();
  const card = chat.locator(".ask.question");
  await asking("By a button");
  await card.getByRole("button", { name: "visit" }).click();
  await answered("a button of the card answers", "visit");
  await becomes("and the card goes", () => card.count(), 0);
  await asking("In words");
  await chat.getByLabel("Your answer").fill("stroll, in English");
  await chat.getByLabel("Your answer").press("Enter");
  await answered("own words do, too", "stroll, in English");
  await asking("In a list");
  await asks();
  await code.begin("glossator.showAsk");
  await code.pick("walk");
  await answered("a list does", "walk");
  await hideChat();
  await asking("In a notification");
  await hideChat();
  await code.told("it is asked in a notification", "name", "walk", "visit", "Answer…");
  await code.clickNotice("visit");
  await answered("a link of it answers", "visit");
});

await part("unsaved text is seen", async () => {
  await code.open("notes.txt");
  await code.type("notes.txt", 1, 1, "typed and not saved ");
  await ask("Read", script('const read = await tools.readFile({ path: "notes.txt" }); return [read.text, read.unsaved];'), "Seen.");
  await ended();
  await check("by the script", model.told().includes("typed and not saved a"), model.told);
  await ask("Count", script('return (await tools.exec({ command: ["cat", "notes.txt"] })).stdout;'), "Counted.");
  await ended();
  await check("and by a command", model.told().includes("typed and not saved a"), model.told);
  await equal("the disk has it not", code.read("notes.txt"), "a\nb\nc\n");
  await save();
});

await part("a stale edit is refused", async () => {
  await code.open("poem.txt");
  const written = await text();
  const wait = gate();
  await ask("Edit four", [script(patch("poem.txt", ["-four", "+4"])).slice(0, 30), wait, script(patch("poem.txt", ["-four", "+4"])).slice(30)], "It was changed meanwhile.");
  await eventually("the model writes", () => model.requests.length > 0 && model.asked().includes("Edit four"));
  await code.type("poem.txt", 4, 1, "forty-");
  wait.open();
  await ended();
  await equal("what the user typed stands", await text(), written.replace("four", "forty-four"));
  await check("the model was told that the lines are not there", model.told().includes("poem.txt") && model.told().includes("failed"), model.told);
  await code.command("undo");
});

await part("steered", async () => {
  const wait = gate();
  await ask("Begin", ["First words. ", wait, script("return 1;")], "Went on.");
  await eventually("the first words are in the chat", async () => (await (await code.chat()).locator("body").innerText()).includes("First words."));
  await code.command("glossator.steer", "And mind the tests");
  wait.open();
  await ended();
  await check("the model gets it with its next round", model.asked().includes("And mind the tests"), model.asked);
  await code.shows("and it is in the chat", "And mind the tests", "Went on.");
});

await part("queued", async () => {
  const wait = gate();
  await ask("The first", ["Working. ", wait, "Done with the first."], "Done with the second.");
  await code.command("glossator.queue", "The second");
  await code.shows("the queue is in the chat", "1 prompt in the queue");
  wait.open();
  await ended(2);
  await code.shows("it is done behind the first", "Done with the first.", "Done with the second.");
});

await part("stopped in mid-stream", async () => {
  await ask("Talk", ["Words that come before the stop. ", gate(), "Words that never come."]);
  await code.shows("the first words come", "Words that come before the stop.");
  await code.command("glossator.stop");
  await ended();
  await code.shows("they stay, and the chat says that it was stopped", "Words that come before the stop.", "Stopped.");
  await eventually("the status bar is at rest", async () => !/T-\d/.test(await code.bar()), code.bar);
});

await part("a formatter on save", async () => {
  await code.vs((vscode, path) => {
    // A formatter as another extension has it: it writes every line in capitals.
    vscode.languages.registerDocumentFormattingEditProvider({ pattern: path }, {
      provideDocumentFormattingEdits(document) {
        const all = new vscode.Range(0, 0, document.lineCount, 0);
        return [vscode.TextEdit.replace(all, document.getText().toUpperCase())];
      },
    });
    const section = vscode.workspace.getConfiguration("editor");
    return section.update("formatOnSave", true, vscode.ConfigurationTarget.Global);
  }, `${code.workspace}/format.txt`);
  code.write("format.txt", "alpha\nbeta\n");
  await code.open("format.txt");
  await ask("Edit beta", script(patch("format.txt", ["-beta", "+gamma"])), "Edited.");
  await becomes("the edit is there", () => code.text("format.txt"), "alpha\ngamma\n");
  await ended();
  await save();
  await eventually("the formatter has its way", () => code.read("format.txt") === "ALPHA\nGAMMA\n", () => code.read("format.txt"));
  await code.open("format.txt", 2);
  await code.command("glossator.rejectHunk");
  await eventually("and a hunk that it changed can be put back", async () => (await code.text("format.txt")).split("\n")[1] === "beta", () => code.text("format.txt"));
  await save();
});

await code.finish();
