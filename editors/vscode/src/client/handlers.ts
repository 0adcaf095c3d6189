// What the server asks of this window: questions, what the user sees, saving, review. One request, one handler; what each
// does lies elsewhere.

import type {
  Answer,
  AskInputParams,
  AskParams,
  EditorState,
  InputAnswer,
  SaveBuffersParams,
  SaveBuffersResult,
  ServerRequests,
  ShowChangeSetParams,
} from "@protocol";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Asks } from "./asks";
import { readDiagnostics, readSymbols } from "./lookups";
import { handleMessages } from "./messages";

type Handlers = {
  [M in keyof ServerRequests]: (
    params: ServerRequests[M]["params"],
    token: vscode.CancellationToken,
  ) => Promise<ServerRequests[M]["result"] | null>;
};

/** Adds the handlers to a client that is not started yet. `show` shows the hunks of a turn. */
export function handle(client: LanguageClient, asks: Asks, show: (params: ShowChangeSetParams) => Promise<boolean>): void {
  const handlers: Handlers = {
    "glossator/approval/ask": (params, token) => approve(asks, params, token),
    "glossator/input/ask": (params, token) => question(asks, params, token),
    "glossator/changeSet/show": async (params) => ({ shown: await show(params) }),
    "glossator/buffers/save": save,
    "glossator/editor/state": async () => editorState(client),
    "glossator/diagnostics/read": (params) => readDiagnostics(client, params),
    "glossator/symbols/read": (params) => readSymbols(client, params),
  };
  for (const [method, handler] of Object.entries(handlers)) {
    client.onRequest(method, handler as (params: unknown, token: vscode.CancellationToken) => Promise<unknown>);
  }
  handleMessages(client);
}

function approve(asks: Asks, params: AskParams, token: vscode.CancellationToken): Promise<Answer | null> {
  const { sessionId, turnId, ask } = params;
  token.onCancellationRequested(() => asks.close(ask.id));
  return asks.approve({ kind: "approval", sessionId, turnId, askId: ask.id, ask });
}

async function question(asks: Asks, params: AskInputParams, token: vscode.CancellationToken): Promise<InputAnswer | null> {
  token.onCancellationRequested(() => asks.close(params.askId));
  const answer = await asks.question({ kind: "question", ...params });
  return answer === null ? null : { answer };
}

async function save({ uris }: SaveBuffersParams): Promise<SaveBuffersResult> {
  const open = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document]));
  const saved: string[] = [];
  for (const uri of uris) {
    const document = open.get(vscode.Uri.parse(uri).toString());
    // One without a name would ask for it.
    if (document?.uri.scheme === "file" && (!document.isDirty || (await document.save()))) {
      saved.push(uri);
    }
  }
  return { saved };
}

/** Whether the server knows the document. */
function isSynced(uri: vscode.Uri): boolean {
  return uri.scheme === "file" || uri.scheme === "untitled";
}

/** The editor that the user works in, or worked in before the cursor went to a panel or a view. */
export function userEditor(): vscode.TextEditor | undefined {
  const active = vscode.window.activeTextEditor;
  return active && isSynced(active.document.uri)
    ? active
    : vscode.window.visibleTextEditors.find((editor) => isSynced(editor.document.uri));
}

function editorState(client: LanguageClient): EditorState {
  const { code2ProtocolConverter: to } = client;
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.input);
  const uris = tabs.map((input) =>
    input instanceof vscode.TabInputText ? input.uri : input instanceof vscode.TabInputTextDiff ? input.modified : undefined,
  );
  const open = [...new Set(uris.filter((uri) => uri !== undefined && isSynced(uri)).map((uri) => to.asUri(uri as vscode.Uri)))];
  const editor = userEditor();
  if (!editor) {
    return { open };
  }
  const [visible] = editor.visibleRanges;
  const active = {
    uri: to.asUri(editor.document.uri),
    selection: to.asRange(editor.selection),
    ...(visible ? { visible: to.asRange(visible) } : {}),
  };
  return { active, open };
}
