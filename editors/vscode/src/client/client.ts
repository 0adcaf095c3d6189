// The language client of one start of the server: what it announces, which documents it syncs, what of VS Code's language
// client is left out. Knows nothing of sessions.

import { createInterface } from "node:readline";
import * as vscode from "vscode";
import { type ApplyWorkspaceEditResult, type DynamicFeature, LanguageClient, type LanguageClientOptions, type StaticFeature } from "vscode-languageclient/node";
import { applyEdit } from "./apply";
import { environment } from "./environment";

/** What this client handles or uses of the extension (docs/protocol.md). */
const FEATURES = [
  "sessions",
  "turns",
  "updates",
  "approvals",
  "undo",
  "trust",
  "tasks",
  "scripts",
  "packs",
  "review",
  "save",
  "context",
  "board",
  "cabinet",
  "usage",
  "editor",
  "steer",
  "queue",
  "models",
  "tools",
  "grants",
  "auth",
  "complete",
  "input",
  "diagnostics",
  "symbols",
];

/** What is announced beside what VS Code's client announces by itself. */
const announced: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...capabilities.experimental, glossator: { version: 1, features: FEATURES } };
    // What goes on is shown by the status bar and the chat.
    delete capabilities.window?.workDoneProgress;
    capabilities.workspace = { ...capabilities.workspace, executeCommand: { dynamicRegistration: false } };
  },
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

/**
 * Features of VS Code's client that are done by others here, by their methods: commands are registered once, by us, and
 * settings are not sent as VS Code has them, with all its defaults.
 */
const LEFT_OUT = ["workspace/executeCommand", "workspace/didChangeConfiguration"];

/** A language client that says why it failed. */
export class Client extends LanguageClient {
  /** What went wrong last with the connection. */
  trouble = "";

  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : "";
    if (!LEFT_OUT.includes(method)) {
      super.registerFeature(feature);
    }
  }

  /** What goes wrong with the connection is told by the connection's state, not by notifications of the client's own. */
  override error(text: string, data?: unknown): void {
    this.trouble = data instanceof Error ? data.message : text;
    super.error(text, data, false);
  }
}

/** What the one who starts it decides. */
export interface Decided extends Required<Pick<LanguageClientOptions, "errorHandler" | "outputChannel">> {
  /** What the server is sent as settings. */
  settings(): Record<string, unknown>;
}

/** A client for the server `command`, not started yet. */
export function languageClient(command: string, decided: Decided): Client {
  const { errorHandler, outputChannel, settings } = decided;
  const options: LanguageClientOptions = {
    errorHandler,
    outputChannel,
    initializationOptions: settings,
    // Other schemes hold copies of files: sides of diffs, previews of edits.
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    diagnosticCollectionName: "glossator",
    initializationFailedHandler: () => false,
    // Hovers and the like hold what a model wrote: no commands, no HTML.
    markdown: { isTrusted: false, supportHtml: false },
    middleware: {
      workspace: {
        configuration: ({ items }) => items.map((item) => (item.section === "glossator" ? settings() : null)),
        handleApplyEdit: (params, next) => applyEdit(params, async (rest) => (await next(rest, new vscode.CancellationTokenSource().token)) as ApplyWorkspaceEditResult),
      },
    },
  };
  const cwd = vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === "file")?.uri.fsPath;
  const server = { command, args: ["lsp"], options: { env: environment(process.env), ...(cwd ? { cwd } : {}) } };
  const client: Client = new Client("glossator", "Glossator", server, {
    ...options,
    stdioOptions: {
      stdout: () => {},
      stderr: (input) => {
        createInterface({ input }).on("line", (line) => {
          outputChannel.warn(line);
          client.trouble = line;
        });
      },
    },
  });
  client.registerFeature(announced);
  return client;
}
