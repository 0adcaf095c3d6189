// What the parts of the extension are given, in one place.

import type * as vscode from "vscode";
import type { Answering } from "./asks/answering";
import type { ContextPreview } from "./context";
import type { TurnDiffs } from "./review/diff";
import type { Hunks } from "./review/hunks";
import type { ChatView, Server } from "./server";
import type { StatusBar } from "./status/bar";

/** The parts that commands work with. */
export interface Parts {
  readonly server: Server;
  readonly chat: ChatView;
  readonly hunks: Hunks;
  readonly answering: Answering;
  readonly diffs: TurnDiffs;
  readonly status: StatusBar;
  readonly preview: ContextPreview;
  readonly output: vscode.OutputChannel;
  /** The program; undefined where there is none. */
  program(): string | undefined;
  /** Looks at settings and trust anew, and tells the server. */
  look(): Promise<void>;
  /** Whether a model can be asked is known anew. */
  signedIn(ready: boolean): void;
  /** Starts the server anew. */
  restart(): Promise<void>;
}
