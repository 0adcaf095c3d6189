// What the model would be sent, as a document: every layer with its tokens and its text. Made when it is asked for, and sent
// to nobody.

import type { PreviewContextResult } from "@protocol";
import * as vscode from "vscode";
import type { Server } from "./server";
import { dollars, fenced, inOneLine, tokens } from "./text";

const SCHEME = "glossator-context";

/** The documents of previews. */
export class ContextPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions = [this.changed, vscode.workspace.registerTextDocumentContentProvider(SCHEME, this)];
  private text = "";
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {}

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** Shows what the model would be sent with a prompt. */
  async show(prompt = ""): Promise<void> {
    const sessionId = this.server.sessionId ?? (await this.server.newSession()).id;
    const input = prompt === "" ? {} : { input: [{ kind: "text" as const, text: prompt }] };
    this.text = page(await this.server.request("glossator/context/preview", { sessionId, ...input }));
    const uri = vscode.Uri.from({ scheme: SCHEME, path: "/Context.md" });
    this.changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }
}

function page({ model, pieces, tokens: all, window, estimatedCost }: PreviewContextResult): string {
  const share = window ? ` of ${tokens(window)} (${Math.round((100 * all) / window)} %)` : "";
  const cost = estimatedCost ? `, about ${dollars(estimatedCost.microUsd)} without any cache` : "";
  const head = `# Context of the next request\n\n${inOneLine(model)}: about ${tokens(all)} tokens${share}${cost}. Nothing was sent.\n`;
  const cell = (text: string) => inOneLine(text).replaceAll("|", "\\|");
  const rows = pieces.map(
    (piece, index) => `| ${index + 1} | ${cell(piece.layer)} | ${cell(piece.origin)} | ${tokens(piece.tokens)} |`,
  );
  const table = ["| | layer | from | tokens |", "|---|---|---|---|", ...rows].join("\n");
  const texts = pieces.map(
    (piece, index) =>
      `## ${index + 1}. ${inOneLine(piece.layer)} (${inOneLine(piece.origin)}, ${tokens(piece.tokens)} tokens)\n\n${fenced(piece.text)}`,
  );
  return `${head}\n${table}\n\n${texts.join("\n")}`;
}
