// What the connection needs of this window: the program, the settings with as much of the workspace's as is trusted, and the
// session to go on with.

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { findBinary, type Found } from "./client/binary";
import type { Server } from "./server";
import { leftOut, own, serverSettings, type Trust } from "./settings";
import { isTrusted, tellOfSettings } from "./trust";

/** Which session the window worked in last, and when. */
const MEMORY = "glossator.session";

/** A window that comes back within this time goes on with its session, in milliseconds. */
const RELOADED = 30 * 60_000;

/** Sessions among which one is looked for that runs. */
const LOOKED_AT = 20;

/** This window, as the connection sees it. */
export class Window {
  /** Whether Glossator trusts it. */
  private trusted = false;
  /** What the server was sent last. */
  private sent = "";

  constructor(private readonly context: vscode.ExtensionContext) {}

  /** The program, or why there is none. */
  find(): Found {
    return findBinary({
      configured: own("path", ""),
      bundled: vscode.Uri.joinPath(this.context.extensionUri, "bin").fsPath,
      environment: process.env,
      platform: process.platform,
      home: homedir(),
      isFile,
    });
  }

  /** The same for the connection; without a folder there is nothing to work on. */
  program(): { command: string } | { missing: string } | { idle: string } {
    if (!vscode.workspace.workspaceFolders?.some((folder) => folder.uri.scheme === "file")) {
      return { idle: "Glossator works on folders: open one." };
    }
    const found = this.find();
    return found.kind === "found" ? found : { missing: found.message };
  }

  /** What the server is sent as settings, as far as is known now. Called when they are sent. */
  settings(): Record<string, unknown> {
    const settings = this.now();
    this.sent = JSON.stringify(settings);
    return settings;
  }

  /** Looks at how far the workspace is trusted; whether the settings are others now than the server knows. */
  async lookAtTrust(ask: Server["request"]): Promise<boolean> {
    this.trusted = await isTrusted(ask);
    if (this.trust.editor && leftOut(this.context.extension.packageJSON, this.trust)) {
      void tellOfSettings(this.context.workspaceState);
    }
    return JSON.stringify(this.now()) !== this.sent;
  }

  /** VS Code is asked each time: it may come to trust the workspace while the server is being started. */
  private get trust(): Trust {
    return { editor: vscode.workspace.isTrusted, server: this.trusted };
  }

  private now(): Record<string, unknown> {
    return serverSettings(this.context.extension.packageJSON, this.trust);
  }

  /** The window works in a session: after a reload it goes on with it. */
  remember(sessionId: string | undefined): void {
    void this.context.workspaceState.update(MEMORY, sessionId === undefined ? undefined : { sessionId, at: Date.now() });
  }

  /** The session to go on with: one that runs, else the one from before a reload. */
  async firstSession(ask: Server["request"]): Promise<string | undefined> {
    const { sessions } = await ask("glossator/session/list", { limit: LOOKED_AT });
    const running = sessions.find((session) => session.running !== undefined && session.workspace === undefined);
    const last = this.context.workspaceState.get<{ sessionId: string; at: number }>(MEMORY);
    const isFresh = last !== undefined && Date.now() - last.at < RELOADED && sessions.some(({ id }) => id === last.sessionId);
    return running?.id ?? (isFresh ? last.sessionId : undefined);
  }
}

function isFile(path: string): boolean {
  try {
    accessSync(path, process.platform === "win32" ? constants.F_OK : constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
