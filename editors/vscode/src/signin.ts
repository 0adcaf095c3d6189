// The first run and signing in: a key for a provider, a local Ollama, or the demo. A key goes from a password box straight to
// the server, which stores it; nothing of it is kept or logged here.

import type { AuthProvider } from "@protocol";
import * as vscode from "vscode";
import { HELPS, type Help, type Refusal } from "./chat/refusal";
import type { Server } from "./server";
import { inert, plain } from "./text";

interface Way extends vscode.QuickPickItem {
  readonly provider?: AuthProvider;
  readonly command?: string;
}

/** Asks how models are reached, and does it. */
export async function signIn(server: Server, done: (ready: boolean) => void, slug?: string): Promise<void> {
  const { providers } = await server.request("glossator/auth/status", {});
  const provider = slug === undefined ? await way(providers) : providers.find((one) => one.id === slug);
  if (!provider) {
    if (slug !== undefined) {
      throw new Error(`There is no provider ${slug}. There are: ${providers.map((one) => one.id).join(", ")}.`);
    }
    return;
  }
  if (provider.needsKey && !(await withKey(server, provider))) {
    return;
  }
  const { ready } = await server.request("glossator/auth/status", {});
  done(ready);
  if (!provider.needsKey && !provider.ready) {
    void vscode.window.showInformationMessage(
      `Glossator: ${inert(provider.next ?? `${provider.id} does not answer at ${provider.baseUrl}.`)}`,
    );
  } else if (!ready) {
    await vscode.commands.executeCommand("glossator.model");
  }
}

async function way(providers: readonly AuthProvider[]): Promise<AuthProvider | undefined> {
  const items: Way[] = providers.map((provider) => ({
    label: `$(${provider.needsKey ? "key" : "server"}) ${plain(provider.id)}`,
    description: provider.ready
      ? `ready${provider.source ? ` (key from ${provider.source})` : ""}`
      : provider.needsKey
        ? "needs a key"
        : "needs no key",
    detail: plain(provider.needsKey ? provider.baseUrl : (provider.next ?? provider.baseUrl)),
    provider,
  }));
  items.push(
    { label: "Without a model", kind: vscode.QuickPickItemKind.Separator },
    {
      label: "$(beaker) Demo",
      detail: "A real turn of a scripted model on a sample project, in a terminal: no key, no network",
      command: "glossator.demo",
    },
    {
      label: "$(gear) Another provider…",
      detail: "Any that speaks one of the protocols: its address and model in the settings",
      command: "glossator.openProviders",
    },
  );
  const picked = await vscode.window.showQuickPick(items, {
    title: "Glossator: Sign In",
    placeHolder: "How are models reached?",
    matchOnDetail: true,
  });
  if (picked?.command) {
    await vscode.commands.executeCommand(picked.command);
  }
  return picked?.provider;
}

/** Asks for a key and stores it; whether one was stored. */
async function withKey(server: Server, provider: AuthProvider): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: `Key of ${plain(provider.id)}`,
    prompt: `Stored by Glossator for your user, never in the workspace or in VS Code's settings.${provider.keyEnv ? ` The variable ${provider.keyEnv} does as well.` : ""}`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/\s/.test(text.trim()) ? "A key has no spaces in it" : undefined),
  });
  if (!key?.trim()) {
    return false;
  }
  const result = await server.request("glossator/auth/login", { provider: provider.id, key: key.trim() });
  // What is to be done next is done next: a model is chosen, if there is none.
  const where = result.stored === "file" ? " in a file of yours, not encrypted: there is no keyring here" : " in the keyring";
  const told = result.stored === undefined ? inert(result.message) : `the key of ${plain(provider.id)} is stored${where}.`;
  void vscode.window.showInformationMessage(`Glossator: ${told}`);
  return result.stored !== undefined;
}

/** Removes the stored key of a provider. */
export async function signOut(server: Server, done: (ready: boolean) => void, slug?: string): Promise<void> {
  const { providers } = await server.request("glossator/auth/status", {});
  const stored = providers.filter((one) => one.source === "keyring" || one.source === "file");
  if (stored.length === 0 && slug === undefined) {
    void vscode.window.showInformationMessage("Glossator: no key is stored.");
    return;
  }
  const items = stored.map((one) => ({ label: plain(one.id), description: one.source ?? "", id: one.id }));
  const provider = slug ?? (await vscode.window.showQuickPick(items, { title: "Glossator: Sign Out" }))?.id;
  if (provider !== undefined) {
    const result = await server.request("glossator/auth/logout", { provider });
    void vscode.window.showInformationMessage(`Glossator: ${inert(result.message)}`);
    done((await server.request("glossator/auth/status", {})).ready);
  }
}

/** What is run for what helps. */
const COMMANDS: Readonly<Record<Help, string>> = { signIn: "glossator.signIn", model: "glossator.model" };

/** Says why no turn could begin, with what helps. */
export async function offer({ text, helps, provider }: Refusal): Promise<void> {
  const items = helps.map((help) => ({ title: HELPS[help], help }));
  const picked = await vscode.window.showErrorMessage(`Glossator: ${inert(text)}`, ...items);
  if (picked) {
    await vscode.commands.executeCommand(COMMANDS[picked.help], ...(picked.help === "signIn" && provider ? [provider] : []));
  }
}

/** Where it was said already that there is no key. */
const TOLD = "glossator.toldToSignIn";

/** Finds out whether a model can be asked. */
export async function lookAtKeys(server: Server, done: (ready: boolean) => void): Promise<void> {
  done((await server.request("glossator/auth/status", {})).ready);
}

/** Finds out whether a model can be asked; the first time that none can, the user is told what to do. */
export async function firstRun(server: Server, memory: vscode.Memento, done: (ready: boolean) => void): Promise<void> {
  const status = await server.request("glossator/auth/status", {});
  done(status.ready);
  if (status.ready || memory.get(TOLD)) {
    return;
  }
  await memory.update(TOLD, true);
  const [start, sign] = ["Get Started", "Sign In…"];
  const picked = await vscode.window.showInformationMessage(
    "Glossator is here. It needs to know how models are reached: a key, a local Ollama, or try the demo.",
    start,
    sign,
  );
  if (picked) {
    await vscode.commands.executeCommand(picked === start ? "glossator.walkthrough" : "glossator.signIn");
  }
}

/** Runs the demo in a terminal. */
export function demo(command: string): void {
  const terminal = vscode.window.createTerminal({
    name: "Glossator demo",
    shellPath: command,
    shellArgs: ["demo"],
    iconPath: new vscode.ThemeIcon("beaker"),
  });
  terminal.show();
}
