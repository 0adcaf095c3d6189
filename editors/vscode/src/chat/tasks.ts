// What the page has done by VS Code itself: opening links and files, the clipboard, the editor's text, questions that need
// the user's own yes. Nothing of what a page sends is trusted: links are looked at again here.

import * as vscode from "vscode";
import { exists, fileOf } from "../open";
import { goOn } from "../queue";
import type { Server } from "../server";
import { target } from "./links";
import { plain } from "../text";
import type { HostTask } from "./messages";

type Kind = HostTask["type"];
type Task<K extends Kind> = Extract<HostTask, { type: K }>;
type Work = { readonly [K in Kind]: (server: Server, task: Task<K>) => Promise<unknown> };

const WORK: Work = {
  newSession: (server) => server.newSession(),
  openSession: (server, { sessionId }) => server.openSession(sessionId),
  readSession: (server) => server.readSession(),
  goOn,
  rename: async (server, { sessionId, title }) => {
    const name = await vscode.window.showInputBox({ prompt: "What to call the session", value: title, valueSelection: [0, title.length] });
    if (name === undefined || name.trim() === "" || name === title) return null;
    return server.request("glossator/session/rename", { sessionId, title: name.trim() });
  },
  delete: async (server, { sessionId, title }) => {
    const detail = "What only it needs goes with it. This cannot be undone; archiving keeps it out of the way.";
    const yes = await vscode.window.showWarningMessage(`Delete the session “${plain(title)}”?`, { modal: true, detail }, "Delete");
    return yes === "Delete" ? server.request("glossator/session/delete", { sessionId }) : null;
  },
  export: async (server, { sessionId }) => {
    const { text, path } = await server.request("glossator/session/export", { sessionId, format: "markdown" });
    if (path !== undefined) return vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
    return open(text ?? "", "markdown");
  },
  copy: async (_, { text }) => vscode.env.clipboard.writeText(text),
  insert: async (_, { text }) => insert(text),
  follow: async (_, { href }) => follow(href),
  show: async (_, { text, language }) => open(text, language),
  answer: async (server, { askId, answer }) => server.answer(askId, answer),
  reply: async (server, { askId, text }) => server.reply(askId, text),
};

/** Does what the page asked for; rejects with a message for people. */
export async function perform(server: Server, task: HostTask): Promise<unknown> {
  if (!Object.hasOwn(WORK, task.type)) throw new Error("The chat has no such task.");
  const work = WORK[task.type] as (server: Server, task: HostTask) => Promise<unknown>;
  const done = await work(server, task);
  // What VS Code gives back (editors, documents) is nothing that can be sent to a page.
  return task.type === "copy" || task.type === "insert" || task.type === "follow" || task.type === "show" || task.type === "export"
    ? null
    : done;
}

async function open(text: string, language: string): Promise<void> {
  const known = await vscode.languages.getLanguages();
  const document = await vscode.workspace.openTextDocument({
    content: text,
    ...(known.includes(language) && { language }),
  });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Puts a text in the place of what is selected in the active editor. */
async function insert(text: string): Promise<void> {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (editor === undefined) throw new Error("There is no editor to insert into. Open a file, then try again.");
  const done = await editor.edit((edit) => editor.selections.forEach((selection) => edit.replace(selection, text)));
  if (!done) throw new Error("The text could not be inserted: the document cannot be changed.");
  await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn });
}

/** Opens where a link leads to. */
async function follow(href: string): Promise<void> {
  const to = target(href);
  if (to.kind === "none") throw new Error(`This link leads nowhere that is opened from a chat: ${href.slice(0, 200)}`);
  if (to.kind === "web") {
    await vscode.env.openExternal(vscode.Uri.parse(to.url, true));
    return;
  }
  const uri = await fileOf(to.path);
  if (uri === undefined || !(await exists(uri))) throw new Error(`There is no file ${to.path.slice(0, 200)} in this workspace.`);
  if (!(await agreed(uri))) return;
  const from = Math.max(0, (to.line ?? 1) - 1);
  const end = to.endLine === undefined ? from : to.endLine - 1;
  const selection = to.line === undefined ? undefined : new vscode.Range(from, 0, end, to.endLine === undefined ? 0 : Number.MAX_SAFE_INTEGER);
  await vscode.commands.executeCommand("vscode.open", uri, { preview: true, ...(selection && { selection }) });
}

/** Files elsewhere are opened when the user says so: the link is a model's. */
async function agreed(uri: vscode.Uri): Promise<boolean> {
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return true;
  const detail = uri.fsPath;
  const yes = await vscode.window.showInformationMessage("This file lies outside of the workspace.", { modal: true, detail }, "Open");
  return yes === "Open";
}
