// A workspace of two folders that is not trusted at first.
import { patch, say, script } from "./model.mjs";
import * as model from "./model.mjs";
import { becomes, check, equal, eventually, part } from "./tap.mjs";
import * as code from "./world.mjs";

const ends = () => code.logged('"turnEnded"');

async function turn(words, ...replies) {
  const before = ends();
  say(...replies);
  await code.command("glossator.ask", { text: words });
  await eventually("the turn ends", () => ends() === before + 1, ends);
}

await code.start({ trust: true, folders: ["work", "two"], files: { "poem.txt": "one\n", "../two/b.txt": "x\n" } });

await part("in Restricted Mode it only looks", async () => {
  await check("VS Code does not trust the workspace", !(await code.vs((vscode) => vscode.workspace.isTrusted)));
  await turn("Look and edit", script(`const read = await tools.readFile({ path: "two/b.txt" }); ${patch("two/b.txt", ["-x", "+y"])}`), "Refused.");
  await check("the edit was refused, and the model was told", /denied|not allow|read-only/i.test(model.told()), model.told);
  await check("nothing is changed", code.read("../two/b.txt") === "x\n");
  await becomes("the chat shows the policy", async () => (await code.chat()).locator(".choice").nth(1).innerText(), "read-only");
});

await part("trusted, it works in both folders", async () => {
  const before = code.servers();
  await code.shows("the chat says why nothing is done", "Restricted Mode", "refused: the policy is read-only");
  await (await code.chat()).getByRole("button", { name: "Trust Workspace…" }).click();
  await code.page.locator(".workspace-trust-editor").getByRole("button", { name: /^Trust/ }).first().click();
  await eventually("VS Code trusts it", () => code.vs((vscode) => vscode.workspace.isTrusted));
  await code.page.locator(".monaco-dialog-box").filter({ hasText: "for Glossator?" }).getByRole("button", { name: "Trust", exact: true }).click();
  await becomes("the chat shows the other policy", async () => (await code.chat()).locator(".choice").nth(1).innerText(), "ask");
  await equal("its server is the same", code.servers(), before);
  await turn("Edit both", script(`${patch("two/b.txt", ["-x", "+y"])} ${patch("work/poem.txt", ["-one", "+ONE"])}`), "Edited.");
  await becomes("files that are not open are written", () => [code.read("../two/b.txt"), code.read("poem.txt")], ["y\n", "ONE\n"]);
  await code.command("glossator.nextHunk");
  await eventually("a hunk is gone to", () => code.vs((vscode) => vscode.window.activeTextEditor !== undefined));
  await code.command("glossator.undoTurn");
  await eventually("undo of the turn is in both", async () => {
    const now = async (name, path) => (await code.vs((vscode, end) => vscode.workspace.textDocuments.find((one) => one.uri.path.endsWith(end))?.getText(), `/${path}`)) ?? code.read(name);
    return (await now("../two/b.txt", "two/b.txt")) === "x\n" && (await now("poem.txt", "work/poem.txt")) === "one\n";
  });
});

await code.finish();
