// Lists to choose the model, the tools and the policy of a session from. What is chosen holds for the session; a button on
// each entry makes it the user's setting.

import type { ModelInfo, SessionSettings } from "@protocol";
import * as vscode from "vscode";
import type { Server } from "./server";
import { setForUser } from "./settings";
import { inert, message, plain, tokens } from "./text";
import { RESTRICTED } from "./trust";

/** What is chosen. */
type What = "model" | "pack" | "policy";

interface Entry extends vscode.QuickPickItem {
  /** What is sent; undefined for headings. */
  readonly value?: string;
  /** Its provider, where that has to be set up first. */
  readonly signIn?: string;
}

const POLICIES: readonly [string, string][] = [
  ["read-only", "Looks only: no edits, no commands"],
  ["ask", "Edits, and asks before commands that are not known to be safe"],
  ["auto-edit", "As ask; edits are kept at once"],
  ["full", "Runs commands without asking, except dangerous ones"],
];

const TITLES: Record<What, string> = { model: "Model", pack: "Tools", policy: "Policy" };

const DEFAULT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("save"),
  tooltip: "Make it the default, in your settings",
};

/** Lets the user choose; `given`: it was chosen already. */
export async function choose(server: Server, what: What, given?: string): Promise<void> {
  const { value, signIn } = given === undefined ? await picked(server, what) : { value: given };
  if (signIn !== undefined) {
    await vscode.commands.executeCommand("glossator.signIn", signIn);
    // Without a key it could not be asked: what is in use stays.
    const { providers } = await server.request("glossator/auth/status", {});
    if (!providers.some((one) => one.id === signIn && one.ready)) {
      return;
    }
  }
  if (value === undefined) {
    return;
  }
  if (what === "model" && (await isFirst(server))) {
    await makeDefault(what, value);
  } else {
    await configure(server, what, value);
  }
}

/** Whether no model is set at all: then the choice is not for one session. */
async function isFirst(server: Server): Promise<boolean> {
  const now = await inForce(server);
  return now ? now.model === "" : !(await server.request("glossator/models/list", {})).models.some((model) => model.current);
}

async function makeDefault(what: What, value: string): Promise<void> {
  await setForUser(what, value);
  vscode.window.setStatusBarMessage(`Glossator: ${plain(value)} is what new sessions begin with now.`, 5000);
}

async function configure(server: Server, what: What, value: string): Promise<void> {
  if (what === "policy" && value !== "read-only" && !vscode.workspace.isTrusted) {
    throw new Error(RESTRICTED);
  }
  const sessionId = server.sessionId ?? (await server.newSession(what === "pack" ? { pack: value } : {})).id;
  try {
    const result = await server.request("glossator/session/configure", { sessionId, [what]: value });
    vscode.window.setStatusBarMessage(`Glossator: ${plain(result.message || `${TITLES[what]}: ${value}`)}`, 5000);
  } catch (error) {
    if (what !== "pack") {
      throw error;
    }
    // A session keeps the tools that it began with.
    const begin = "New Session With These Tools";
    if ((await vscode.window.showWarningMessage(inert(message(error)), begin)) === begin) {
      await server.newSession({ pack: value });
    }
  }
}

function picked(server: Server, what: What): Promise<Pick<Entry, "value" | "signIn">> {
  return new Promise((resolve) => {
    const list = vscode.window.createQuickPick<Entry>();
    list.title = `Glossator: ${TITLES[what]} of This Session`;
    list.matchOnDescription = true;
    list.matchOnDetail = true;
    list.busy = true;
    list.placeholder = what === "model" ? "Any model may be named: provider/model id" : "";
    let chosen: Entry = { label: "" };
    let known: Entry[] = [];
    const show = () => {
      list.items = what === "model" ? [...known, ...named(list.value.trim(), known)] : known;
    };
    const fill = async () => {
      known = await entries(server, what, await inForce(server));
      list.busy = false;
      show();
    };
    const ends = [
      list,
      list.onDidChangeValue(show),
      list.onDidAccept(() => {
        chosen = list.selectedItems[0] ?? chosen;
        list.hide();
      }),
      list.onDidTriggerItemButton(async ({ item }) => {
        if (item.value !== undefined) {
          await makeDefault(what, item.value);
          list.hide();
        }
      }),
      list.onDidHide(() => {
        ends.forEach((one) => one.dispose());
        resolve(chosen);
      }),
    ];
    list.show();
    fill().catch((error: unknown) => {
      list.hide();
      void vscode.window.showErrorMessage(`Glossator: ${inert(message(error))}`);
    });
  });
}

async function inForce(server: Server): Promise<SessionSettings | undefined> {
  return (await server.readSession().catch(() => undefined))?.settings;
}

async function entries(server: Server, what: What, now: SessionSettings | undefined): Promise<Entry[]> {
  switch (what) {
    case "model":
      return models(server, now?.model);
    case "pack":
      return (await server.request("glossator/packs/list", {})).packs.map((pack) =>
        entry(pack.slug, now?.pack === pack.slug, pack.builtIn ? "" : "your own", pack.problem ?? pack.tools.join(", ")),
      );
    case "policy":
      return POLICIES.map(([value, detail]) => entry(value, now?.policy === value, "", detail));
  }
}

function entry(value: string, current: boolean, description: string, detail: string): Entry {
  const words = [...(current ? ["in use"] : []), ...(description === "" ? [] : [description])].join(" · ");
  return {
    label: `${current ? "$(check) " : ""}${plain(value)}`,
    description: plain(words),
    detail: plain(detail),
    value,
    buttons: [DEFAULT],
  };
}

async function models(server: Server, current: string | undefined): Promise<Entry[]> {
  const { models, notices } = await server.request(
    "glossator/models/list",
    server.sessionId === undefined ? {} : { sessionId: server.sessionId },
  );
  const usable = models.filter((model) => model.usable);
  const others = models.filter((model) => !model.usable);
  const groups = [...new Set(usable.map((model) => model.provider))];
  const heading = (label: string): Entry => ({ label: plain(label), kind: vscode.QuickPickItemKind.Separator });
  const made = (model: ModelInfo) =>
    entry(model.id, current ? model.id === current : model.current, facts(model), model.usable ? (model.note ?? "") : "");
  return [
    ...groups.flatMap((group) => [heading(group), ...usable.filter((model) => model.provider === group).map(made)]),
    ...(others.length > 0
      ? [heading("Not set up yet"), ...others.map((model) => ({ ...made(model), signIn: model.provider }))]
      : []),
    ...(notices.length > 0 ? [heading("Notes"), ...notices.map((notice) => ({ label: `$(info) ${plain(notice)}` }))] : []),
  ];
}

function facts({ name, contextWindow, inputPrice, outputPrice }: ModelInfo): string {
  const price =
    inputPrice === undefined || outputPrice === undefined ? [] : [`$${inputPrice} in, $${outputPrice} out per million tokens`];
  return [...(name ? [name] : []), ...(contextWindow === undefined ? [] : [`${tokens(contextWindow)} tokens`]), ...price].join(
    " · ",
  );
}

/** A model that no list has: it is the user's word. */
function named(value: string, known: readonly Entry[]): Entry[] {
  const isModel = /^[^/\s]+\/\S+$/.test(value) && !known.some((one) => one.value === value);
  return isModel ? [{ label: value, description: "as you wrote it", value, alwaysShow: true, buttons: [DEFAULT] }] : [];
}
