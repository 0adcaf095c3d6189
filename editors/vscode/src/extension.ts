// The extension: makes its parts, joins them, and lets them go.

import * as vscode from "vscode";
import { Answering } from "./asks/answering";
import { AskDocuments } from "./asks/documents";
import { AskNotices } from "./asks/notify";
import { registerChatView } from "./chat/view";
import { Connection } from "./client/connection";
import { handle } from "./client/handlers";
import { Registered } from "./commands/register";
import { ContextPreview } from "./context";
import { isDown, tell } from "./down";
import { Window } from "./host";
import { Decorations } from "./review/decorations";
import { TurnDiffs } from "./review/diff";
import { Hunks } from "./review/hunks";
import { ChangesView } from "./review/tree";
import { firstRun, lookAtKeys } from "./signin";
import { StatusBar } from "./status/bar";
import { message } from "./text";
import { Walkthrough } from "./walkthrough";

let connection: Connection | undefined;

/** VS Code starts the extension. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Glossator", { log: true });
  const window = new Window(context);
  const server: Connection = (connection = new Connection({
    output,
    find: () => window.program(),
    settings: () => window.settings(),
    handle: (client, asks) => handle(client, asks, (params) => diffs.show(params)),
    ready: async (ask) => {
      if (await window.lookAtTrust(ask)) {
        configure();
      }
    },
    firstSession: () => window.firstSession((method, params) => server.request(method, params)),
  }));
  const configure = () => server.notify("workspace/didChangeConfiguration", { settings: { glossator: window.settings() } });

  const hunks = new Hunks(server, output);
  const diffs = new TurnDiffs(server, hunks);
  const documents = new AskDocuments();
  const status = new StatusBar(server, hunks);
  const preview = new ContextPreview(server);
  const chat = registerChatView(context, server);
  const walkthrough = new Walkthrough();
  const signedIn = (ready: boolean) => {
    status.setSignedIn(ready);
    if (ready) {
      walkthrough.reached("models");
    }
    chat.refresh();
  };
  const answering = new Answering(server, documents);
  const program = () => {
    const found = window.find();
    return found.kind === "found" ? found.command : undefined;
  };
  const look = async () => {
    // One that is being started is told when it is ready.
    if (server.state.kind === "ready") {
      configure();
      if (await window.lookAtTrust((method, params) => server.request(method, params))) {
        configure();
      }
      await lookAtKeys(server, signedIn);
    }
  };
  const restart = () => server.restart();
  const commands = new Registered({ server, chat, hunks, answering, diffs, status, preview, output, program, restart, look, signedIn });
  context.subscriptions.push(
    output,
    hunks,
    diffs,
    documents,
    status,
    preview,
    walkthrough,
    new Decorations(hunks, vscode.Uri.joinPath(context.extensionUri, "images")),
    new ChangesView(hunks),
    new AskNotices(server, chat),
    hunks.onChange(() => chat.decided(JSON.stringify(hunks.files.flatMap((file) => file.hunks.map(({ id, state }) => [id, state]))))),
    server.onAskClosed(({ askId }) => void documents.close(askId)),
    server.onState((state) => {
      if (isDown(state) && state.kind !== "stopped") {
        void tell(state.message ?? "Glossator's server does not run.", state);
      }
    }),
    server.onState(({ kind }) => {
      if (kind === "ready") {
        walkthrough.reached("program");
        commands.pass(server.commands);
        firstRun(server, context.globalState, signedIn).catch((error: unknown) => output.warn(message(error)));
      }
    }),
    server.onSession((sessionId) => window.remember(sessionId)),
    server.onUpdate(({ sessionId, update }) => {
      if (update.kind === "turnCompleted" && sessionId === server.sessionId) {
        window.remember(sessionId);
      }
      // A key may have come or gone by another road: the command line, another window.
      if (update.kind === "turnCompleted" || update.kind === "session") {
        lookAtKeys(server, signedIn).catch((error: unknown) => output.warn(message(error)));
      }
    }),
    commands,
    ...follow(server, () => void look().catch((error: unknown) => output.warn(message(error)))),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void server.start()),
  );
  // Not waited for: what is slow to start keeps nobody else from starting.
  void server.start();
}

/** VS Code ends the extension; the sessions go on without it as the settings say. */
export async function deactivate(): Promise<void> {
  await connection?.stop();
}

/** Settings and trust as they change; `look` looks at them anew. */
function follow(server: Connection, look: () => void): vscode.Disposable[] {
  return [
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("glossator.path")) {
        void server.change();
      }
      if (event.affectsConfiguration("glossator")) {
        look();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(look),
  ];
}
