// Marks hunks that wait for a decision in the editors: the gutter, the lines, and in a few words what was there before.
// Only looks at `Hunks`.

import * as vscode from "vscode";
import { modifiedSides } from "../tabs";
import type { Hunks } from "./hunks";
import { type Mark, type MarkKind, marks } from "./marks";

const GUTTER: Record<MarkKind, string> = { added: "added.svg", changed: "changed.svg", removed: "removed.svg" };

/** Marks hunks in the visible editors. */
export class Decorations implements vscode.Disposable {
  private readonly types: Record<MarkKind, vscode.TextEditorDecorationType>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly hunks: Hunks,
    images: vscode.Uri,
  ) {
    const type = (kind: MarkKind) => vscode.window.createTextEditorDecorationType(look(kind, images));
    this.types = { added: type("added"), changed: type("changed"), removed: type("removed") };
    this.subscriptions = [
      ...Object.values(this.types),
      hunks.onChange(() => this.mark(vscode.window.visibleTextEditors)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.mark(editors)),
    ];
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }

  private mark(editors: readonly vscode.TextEditor[]): void {
    for (const editor of editors) {
      const { uri, lineCount } = editor.document;
      const all = isInDiff(editor) ? [] : marks(this.hunks.of(uri), lineCount);
      for (const kind of ["added", "changed", "removed"] as const) {
        editor.setDecorations(
          this.types[kind],
          all.filter((one) => one.kind === kind).flatMap((one) => lines(editor, one)),
        );
      }
    }
  }
}

/** Whether it is a side of a diff, which shows by itself what was there. */
function isInDiff(editor: vscode.TextEditor): boolean {
  // Editors inside of a diff are in no column of their own.
  if (editor.viewColumn === undefined) {
    return true;
  }
  const shown = vscode.window.tabGroups.all.find((group) => group.viewColumn === editor.viewColumn)?.activeTab?.input;
  return modifiedSides(shown).some((uri) => uri.toString() === editor.document.uri.toString());
}

/** One decoration for all lines of a mark, and one for its words, which stand at the end of its first line. */
function lines(editor: vscode.TextEditor, mark: Mark): vscode.DecorationOptions[] {
  const whole = new vscode.Range(mark.first, 0, mark.last, 0);
  if (mark.was === "") {
    return [{ range: whole }];
  }
  const words = { after: { contentText: `  ${mark.was}` } };
  const first = editor.document.lineAt(mark.first).range;
  const rest = mark.last > mark.first ? [{ range: new vscode.Range(mark.first + 1, 0, mark.last, 0) }] : [];
  return [{ range: new vscode.Range(first.end, first.end), renderOptions: words }, ...rest];
}

function look(kind: MarkKind, images: vscode.Uri): vscode.DecorationRenderOptions {
  const color = new vscode.ThemeColor(
    kind === "added"
      ? "editorGutter.addedBackground"
      : kind === "changed"
        ? "editorGutter.modifiedBackground"
        : "editorGutter.deletedBackground",
  );
  return {
    isWholeLine: true,
    gutterIconPath: vscode.Uri.joinPath(images, GUTTER[kind]),
    gutterIconSize: "contain",
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    after: { color: new vscode.ThemeColor("descriptionForeground"), fontStyle: "italic" },
    ...(kind === "removed"
      ? { borderWidth: "1px 0 0 0", borderStyle: "dashed", borderColor: new vscode.ThemeColor("editorGutter.deletedBackground") }
      : { backgroundColor: new vscode.ThemeColor("diffEditor.insertedLineBackground") }),
  };
}
