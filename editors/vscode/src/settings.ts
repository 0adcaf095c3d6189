// The settings of VS Code as the server takes them: the keys of settings.toml below `glossator.`, and of them only what the
// user has set, so that what is left out comes from settings.toml. Reads the configuration; changes it only for the pickers.

import * as vscode from "vscode";
import { filled, nested } from "./nested";

const SECTION = "glossator";

/** Settings of the extension alone (`OWN` in scripts/settings.mjs). */
const OWN = /^glossator\.(path|chat\.|trace\.)/;

/** How far the workspace is trusted. */
export interface Trust {
  /** By VS Code: not restricted. */
  readonly editor: boolean;
  /** By Glossator: its settings count. */
  readonly server: boolean;
}

/** The keys of the server, in full. */
function keys(manifest: { contributes?: { configuration?: { properties: object }[] } }): string[] {
  const groups = manifest.contributes?.configuration ?? [];
  return groups.flatMap((group) => Object.keys(group.properties)).filter((key) => !OWN.test(key));
}

/** What the server is sent. A workspace's own settings count only where it is trusted by both. */
export function serverSettings(manifest: Parameters<typeof keys>[0], trust: Trust): Record<string, unknown> {
  const configuration = vscode.workspace.getConfiguration();
  const set: [string, unknown][] = [];
  for (const key of keys(manifest)) {
    const value = chosen(configuration.inspect(key), trust);
    const said = filled(value);
    if (said !== undefined) {
      set.push([key.slice(SECTION.length + 1), said]);
    }
  }
  if (!trust.editor) {
    set.push(["policy", "read-only"]);
  }
  return nested(set);
}

/** Whether the workspace has settings of ours that do not count. */
export function leftOut(manifest: Parameters<typeof keys>[0], trust: Trust): boolean {
  const configuration = vscode.workspace.getConfiguration();
  const differs = (key: string) => {
    const found = configuration.inspect(key);
    return JSON.stringify(chosen(found, trust)) !== JSON.stringify(chosen(found, { editor: true, server: true }));
  };
  return !(trust.editor && trust.server) && keys(manifest).some(differs);
}

function chosen(found: ReturnType<vscode.WorkspaceConfiguration["inspect"]>, trust: Trust): unknown {
  const own = found?.globalValue;
  if (!(trust.editor && trust.server)) {
    return own;
  }
  const values = [own, found?.workspaceValue, found?.workspaceFolderValue].filter((value) => value !== undefined);
  const isTable = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  return values.length > 1 && values.every(isTable) ? Object.assign({}, ...values) : values.at(-1);
}

/** A setting of the extension alone. */
export function own<T>(key: string, preset: T): T {
  return vscode.workspace.getConfiguration(SECTION).get<T>(key, preset);
}

/** Sets a setting for the user, in all workspaces. */
export async function setForUser(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION).update(key, value, vscode.ConfigurationTarget.Global);
}
