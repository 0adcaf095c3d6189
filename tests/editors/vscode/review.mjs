// Edits and their review in a real VS Code: marks and code lenses, keep, reject and amend, the editor's own undo, undo and redo
// of a turn, files that come and go, edits that are asked for first.
import { say, script } from "./model.mjs";
import { becomes, check, equal, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

const POEM = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const ends = () => code.logged('"turnEnded"');
const text = () => code.text("poem.txt");
const hunks = async () => Number(/(\d+) hunks?/.exec(await code.bar())?.[1] ?? 0);
const waiting = (name, count) => becomes(name, hunks, count);

/** A turn with one patch: its sections, each with its first line. Waits for its end. */
async function edit(...sections) {
  const before = ends();
  say(script(`return await tools.applyPatch({ patch: \`*** Begin Patch\n${sections.join("\n")}\n*** End Patch\` });`), "Edited.");
  await code.command("glossator.ask", { text: "Edit" });
  await eventually("the turn ends", () => ends() === before + 1, ends);
}

const lenses = (name) =>
  code.vs(
    async (vscode, path) =>
      (await vscode.commands.executeCommand("vscode.executeCodeLensProvider", vscode.Uri.file(path), 20)).map(({ range, command }) => [range.start.line + 1, command?.title]),
    `${code.workspace}/${name}`,
  );

await code.start({ files: { "poem.txt": POEM, "src/old.txt": "old\n", "notes.txt": "a\nb\n", "emoji.txt": "the 🎉 party 👩‍👩‍👧 𝒳\n" } });
await code.open("poem.txt");

await part("keep and reject a hunk", async () => {
  await edit("*** Update File: poem.txt", "@@", "-two", "+TWO", "@@", "-four", "+FOUR", "+four and a half", "@@", "-six");
  await equal("all hunks are in the text", await text(), "one\nTWO\nthree\nFOUR\nfour and a half\nfive\nseven\n");
  await waiting("the status bar counts them", 3);
  const shown = await lenses("poem.txt");
  await check("each hunk has code lenses", [2, 4].every((line) => shown.some(([at, title]) => at === line && title === "Keep")), shown);
  await eventually("and marks in the editor", async () => (await code.page.locator(".monaco-editor .cgmr, .monaco-editor .cdr").count()) > 0);
  await code.open("poem.txt", 2);
  await code.command("glossator.keepHunk");
  await waiting("a kept hunk waits no more", 2);
  await code.command("glossator.nextHunk");
  await becomes("the next hunk is gone to", () => code.vs((vscode) => vscode.window.activeTextEditor.selection.active.line + 1), 4);
  await code.command("glossator.rejectHunk");
  await becomes("a rejected one is put back", text, "one\nTWO\nthree\nfour\nfive\nseven\n");
  await waiting("one waits", 1);
  const card = async () => (await (await code.chat()).locator(".changes-head").last().innerText()).replaceAll("\n", " ");
  await eventually("the chat's card counts with it", async () => (await card()).includes("1 hunk to decide"), card);
  await code.command("undo");
  await becomes("the editor's undo brings it back", text, "one\nTWO\nthree\nFOUR\nfour and a half\nfive\nseven\n");
  await waiting("as one that waits", 2);
  await eventually("in the chat's card, too", async () => (await card()).includes("2 hunks to decide"), card);
  await code.command("redo");
  await waiting("redo rejects it again", 1);
  await code.command("glossator.keepFile");
  await waiting("all of a file are kept", 0);
});

await part("amend a hunk, undo and redo the turn", async () => {
  await edit("*** Update File: poem.txt", "@@", "-one", "+ONE", "@@", "-five", "+FIVE");
  await waiting("two wait", 2);
  await code.type("poem.txt", 5, 5, " by me");
  await eventually("typing in a hunk amends it", async () => (await text()).includes("FIVE by me"), text);
  await code.command("glossator.undoTurn");
  await eventually("undo of the turn takes the other one back", async () => (await text()).startsWith("one\n"), text);
  await check("and leaves what the user has changed", (await text()).includes("FIVE by me"), text);
  await code.command("glossator.redoTurn");
  await eventually("redo makes it again", async () => (await text()).startsWith("ONE\n"), text);
  await code.open("poem.txt", 5);
  await code.command("glossator.rejectHunk");
  await eventually("an amended hunk that is rejected is as before the turn", async () => (await text()).includes("\nfive\n"), text);
  await code.command("glossator.keepAll");
  await waiting("nothing waits any more", 0);
  await code.command("workbench.action.files.saveAll");
  await becomes("saved as it is seen", () => code.read("poem.txt"), await text());
});

await part("characters of two units stay whole", async () => {
  await code.open("emoji.txt");
  const line = (words) => `*** Update File: emoji.txt\n@@\n-the 🎉 party 👩‍👩‍👧 𝒳\n+${words}`;
  await edit(line("the 🎊 fête 👩‍👩‍👧‍👦 𝒴"), "*** Update File: notes.txt", "@@", "-a", "+🎊");
  await becomes("in the active editor", () => code.text("emoji.txt"), "the 🎊 fête 👩‍👩‍👧‍👦 𝒴\n");
  await waiting("the hunks wait, in both files", 2);
  await code.command("undo");
  await becomes("the editor's undo takes it back in one step", () => code.text("emoji.txt"), "the 🎉 party 👩‍👩‍👧 𝒳\n");
  await code.command("redo");
  await code.command("glossator.undoTurn");
  await becomes("and undo of the turn", () => code.text("emoji.txt"), "the 🎉 party 👩‍👩‍👧 𝒳\n");
  await code.command("glossator.redoTurn");
  await becomes("redo makes it again", () => code.text("emoji.txt"), "the 🎊 fête 👩‍👩‍👧‍👦 𝒴\n");
  await code.open("emoji.txt", 1);
  const actions = await code.vs(async (vscode) => {
    const { document, selection } = vscode.window.activeTextEditor;
    const found = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, selection, undefined, 20);
    const reject = found.find((one) => one.title.includes("Reject hunk"));
    await vscode.commands.executeCommand(reject.command.command, ...reject.command.arguments);
    // What VS Code applied itself would not go through the extension.
    return { all: found.length, edits: found.filter((one) => one.edit).map((one) => one.title) };
  });
  await check("no code action edits by itself", actions.all > 3 && actions.edits.length === 0, actions);
  await becomes("a hunk rejected by one is put back", () => code.text("emoji.txt"), "the 🎉 party 👩‍👩‍👧 𝒳\n");
  await code.command("glossator.rejectAll");
  await waiting("nothing waits", 0);
  await code.open("poem.txt");
});

await part("files that come and go", async () => {
  await edit("*** Add File: new.txt", "+brand new", "*** Delete File: src/old.txt", "*** Update File: notes.txt", "@@", "-b", "+B");
  await check("a file was made, another is gone", code.exists("new.txt") && !code.exists("src/old.txt"));
  await code.command("glossator.undoTurn");
  await eventually("undo of the turn takes both back", () => !code.exists("new.txt") && code.exists("src/old.txt"));
  await equal("with its text", code.read("src/old.txt"), "old\n");
  await code.command("glossator.redoTurn");
  await eventually("redo does both again", () => code.exists("new.txt") && !code.exists("src/old.txt"));
  await code.command("glossator.rejectAll");
  await eventually("reject of all puts everything back", () => !code.exists("new.txt") && code.exists("src/old.txt"));
  await waiting("nothing waits any more", 0);
});

await part("review of a turn as diffs", async () => {
  await edit("*** Update File: poem.txt", "@@", "-three", "+THREE");
  await code.command("glossator.review");
  await eventually("the diff editor is open", () =>
    code.vs((vscode) => vscode.window.tabGroups.all.flatMap((group) => group.tabs).some((tab) => /TextDiff|TextMultiDiff|Multi/.test(tab.input?.constructor?.name ?? "") || tab.input?.original)),
  );
  await code.command("workbench.action.closeActiveEditor");
  await code.open("poem.txt", 3);
  await code.command("glossator.keepHunk");
  await waiting("it is kept", 0);
});

await part("edits that are asked for first", async () => {
  await code.set("edits.review", "before");
  const before = ends();
  const written = await text();
  say(script("return await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-TWO\n+2\n@@\n-seven\n+7\n*** End Patch` });"), "Edited.");
  await code.command("glossator.ask", { text: "Edit two places" });
  await eventually("it asks", async () => (await code.bar()).includes("asks"), code.bar);
  await equal("nothing is changed yet", await text(), written);
  await code.begin("glossator.showAsk");
  await code.pick("Allow Some Hunks…");
  const rows = code.page.locator(".quick-input-list .monaco-list-row");
  await eventually("its hunks are listed", async () => (await rows.count()) === 2 && (await rows.first().innerText()).includes("poem.txt"));
  await rows.nth(1).locator(".quick-input-list-checkbox, .monaco-checkbox").first().click();
  await code.page.locator(".quick-input-widget input[type=text]").first().press("Enter");
  await becomes("only the picked hunk is made", text, written.replace("TWO", "2"));
  await eventually("the turn ends", () => ends() === before + 1, ends);
  await code.set("edits.review", null);
});

await code.finish();
