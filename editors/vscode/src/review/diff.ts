// The edits of a turn in VS Code's own diff editors: each file against what it was before the turn. The sides that no file
// has are documents of the scheme `glossator-base`, made anew whenever the hunks change.

import type { Hunk, ShowChangeSetParams } from "@protocol";
import * as vscode from "vscode";
import { exists } from "../open";
import type { Server } from "../server";
import { baseText, stands } from "./base";
import type { Hunks } from "./hunks";

const SCHEME = "glossator-base";

/** Which text a document of ours is: that of a file before a turn, or none. */
interface Side {
  readonly sessionId: string;
  readonly turnId: string;
  /** Left out: nothing, the other side of a file that is new or gone. */
  readonly uri?: string;
}

/** The diff editors of turns. */
export class TurnDiffs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    hunks: Hunks,
  ) {
    this.subscriptions = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      hunks.onChange(() => {
        const ours = vscode.workspace.textDocuments.filter((document) => document.uri.scheme === SCHEME);
        ours.forEach((document) => this.changed.fire(document.uri));
      }),
    ];
  }

  async provideTextDocumentContent(place: vscode.Uri): Promise<string> {
    const { sessionId, turnId, uri } = JSON.parse(place.query) as Side;
    if (uri === undefined) {
      return "";
    }
    const { hunks } = await this.server.request("glossator/changeSet/read", { sessionId, turnId, path: uri, all: true });
    const gone = hunks.find((hunk) => hunk.part?.kind === "delete" && stands(hunk));
    if (gone) {
      return gone.base;
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    return baseText(document.getText(), hunks);
  }

  /** `glossator/changeSet/show`: whether there was something to show. */
  async show({ sessionId, turnId, files }: ShowChangeSetParams): Promise<boolean> {
    const sides = await Promise.all(files.map((file) => this.sides({ sessionId, turnId }, file.uri, file.hunks)));
    const [first] = sides;
    if (!first) {
      return false;
    }
    if (sides.length === 1) {
      await this.open(first, turnId, files[0]?.hunks ?? []);
    } else {
      await vscode.commands.executeCommand(
        "vscode.changes",
        `Glossator ${turnId}`,
        sides.map(({ label, before, after }) => [label, before, after]),
      );
    }
    return true;
  }

  /** Shows what a turn did, or what it did to one file: that of a hunk, which is shown then, or a named one. */
  async openTurn(of: {
    readonly sessionId: string;
    readonly turnId: string;
    readonly path?: string;
    readonly hunk?: string;
  }): Promise<void> {
    const { sessionId, turnId, path } = of;
    const { hunks, files } = await this.server.request("glossator/changeSet/read", {
      sessionId,
      turnId,
      ...(path === undefined ? {} : { path }),
      all: true,
    });
    const meant = hunks.find((hunk) => hunk.id === of.hunk);
    const wanted = meant ? files.filter((file) => file.uri === meant.uri) : files;
    const inFile = (uri: string) => (meant ? [meant, ...hunks] : hunks).filter((hunk) => hunk.uri === uri);
    if (!(await this.show({ sessionId, turnId, files: wanted.map(({ uri }) => ({ uri, hunks: inFile(uri) })) }))) {
      throw new Error(`${turnId} made no edit that could be shown.`);
    }
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }

  private async open(
    { before, after }: { before: vscode.Uri; after: vscode.Uri },
    turnId: string,
    hunks: readonly Hunk[],
  ): Promise<void> {
    const at = hunks.find((hunk) => hunk.range)?.range?.start.line ?? 0;
    const name = after.path.split("/").at(-1) ?? "";
    const selection = new vscode.Range(at, 0, at, 0);
    await vscode.commands.executeCommand("vscode.diff", before, after, `${name} (${turnId})`, { preview: true, selection });
  }

  private async sides(
    of: { sessionId: string; turnId: string },
    uri: string,
    hunks: readonly Hunk[],
  ): Promise<{ label: vscode.Uri; before: vscode.Uri; after: vscode.Uri }> {
    const file = vscode.Uri.parse(uri);
    const whole = hunks.find((hunk) => hunk.part && hunk.part.kind !== "lines" && stands(hunk));
    const side = (of: Side) => file.with({ scheme: SCHEME, query: JSON.stringify(of) });
    const isNew = whole?.part?.kind === "create";
    return {
      label: file,
      before: side(isNew ? of : { ...of, uri }),
      after: (await exists(file)) ? file : side(of),
    };
  }
}
