// Which steps of the walkthrough are done without being clicked. VS Code ticks a step when its condition comes true, but never
// where that held when VS Code read the step, which may be after we have started: so it is told once a page of its own is shown.

import * as vscode from "vscode";

/** `program`: the server runs; `models`: a model can be asked. */
export type Step = "program" | "models";

/** The steps as VS Code knows them, by the context keys `glossator.done.*`. */
export class Walkthrough implements vscode.Disposable {
  private readonly done = new Set<Step>();
  private shown = false;
  private readonly tabs = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
    // Of pages of VS Code's own nothing else is known.
    if ([...opened, ...changed].some((tab) => tab.input === undefined)) {
      this.shown = true;
      this.done.forEach(tick);
    }
  });

  /** A step is done. */
  reached(step: Step): void {
    this.done.add(step);
    if (this.shown) {
      tick(step);
    }
  }

  dispose(): void {
    this.tabs.dispose();
  }
}

function tick(step: Step): void {
  void vscode.commands.executeCommand("setContext", `glossator.done.${step}`, true);
}
