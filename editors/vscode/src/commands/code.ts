// Commands about code: a prompt about the selection or the place of the cursor, and what is added to the chat.

import type { Range } from "@protocol";
import * as vscode from "vscode";
import { refusal } from "../chat/refusal";
import { userEditor } from "../client/handlers";
import type { Parts } from "../parts";
import * as places from "../places";
import type { Commands } from "./register";

/** A place in a file, as the server takes it. */
interface Place {
  readonly uri: string;
  readonly range?: Range;
}

/** The selection of the user; of an empty one the cursor. */
function selected(editor: vscode.TextEditor): Place {
  return { uri: editor.document.uri.toString(), range: places.range(editor.selection) };
}

/** A place as the chat takes it. */
function about({ uri, range }: Partial<Place>): { uri?: vscode.Uri; range?: vscode.Range } {
  const there = range && new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
  return uri === undefined ? {} : { uri: vscode.Uri.parse(uri), ...(there && !there.isEmpty ? { range: there } : {}) };
}

/** What was given by a code action, else the place where the user is. */
function place(given: unknown): unknown {
  const editor = userEditor();
  return given ?? (editor ? selected(editor) : undefined);
}

/** Diagnostics of others at the selection, as the server takes them. */
function diagnostics(editor: vscode.TextEditor): unknown[] {
  const { selection, document } = editor;
  const lines = new vscode.Range(selection.start.line, 0, selection.end.line + 1, 0);
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter((one) => one.source !== "glossator" && one.range.intersection(lines))
    .map(({ range, message, severity, source, code }) => ({
      range: places.range(range),
      message,
      severity: severity + 1,
      ...(source === undefined ? {} : { source }),
      ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    }));
}

/** The commands. */
export function code({ server, chat }: Parts): Commands {
  /** Runs a command of the server about a place, and shows what becomes of it. */
  const run = async (command: string, argument: unknown) => {
    const args = argument === undefined ? [] : [argument];
    try {
      await server.executeCommand(command, ...args);
    } catch (error) {
      // What was written is not to be written again once there is a key.
      const said = (typeof argument === "object" && argument !== null ? argument : { text: argument }) as Partial<Place> & { text?: unknown };
      if (refusal((error as { data?: unknown } | undefined)?.data) && typeof said.text === "string") {
        await chat.compose(said.text, about(said));
      }
      throw error;
    }
    await chat.show({ focus: false });
  };
  const intent = (command: string) => [command, (given: unknown) => run(command, place(given))] as const;
  return {
    ...Object.fromEntries(["glossator.explain", "glossator.tests", "glossator.document", "glossator.doComment"].map(intent)),
    "glossator.fix": (given) => {
      const editor = userEditor();
      return run("glossator.fix", given ?? (editor ? { ...selected(editor), diagnostics: diagnostics(editor) } : undefined));
    },
    "glossator.reviewCode": (given) => {
      const editor = userEditor();
      // Without a selection all of the file is meant.
      const whole = editor?.selection.isEmpty ? { uri: editor.document.uri.toString() } : undefined;
      return run("glossator.reviewCode", given ?? whole ?? place(given));
    },
    "glossator.edit": async (given) => {
      const argument = place(given) as (Place & { text?: string }) | undefined;
      if (!argument) {
        throw new Error("Open a file first: this is about the selection in it.");
      }
      const text =
        argument.text ??
        (await vscode.window.showInputBox({
          title: "Glossator: Edit",
          prompt: "What should be done here?",
          ignoreFocusOut: true,
        }));
      if (text?.trim()) {
        await run("glossator.edit", { ...argument, text });
      }
    },
    "glossator.ask": async (given) => {
      if (given !== undefined) {
        return run("glossator.ask", given);
      }
      const text = await vscode.window.showInputBox({ title: "Glossator", prompt: "What should be done?", ignoreFocusOut: true });
      if (text?.trim()) {
        const editor = userEditor();
        await run("glossator.ask", { text, ...(editor && !editor.selection.isEmpty ? selected(editor) : {}) });
      }
    },
    "glossator.addToChat": async (given, several) => {
      const files = Array.isArray(several) && several.length > 0 ? several : given instanceof vscode.Uri ? [given] : [];
      const editor = userEditor();
      if (files.length > 0) {
        for (const uri of files as vscode.Uri[]) {
          await chat.compose("", { uri });
        }
      } else if (editor) {
        const range = editor.selection.isEmpty ? {} : { range: new vscode.Range(editor.selection.start, editor.selection.end) };
        await chat.compose("", { uri: editor.document.uri, ...range });
      } else {
        await chat.show();
      }
    },
  };
}
