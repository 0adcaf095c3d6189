// Commands about sessions, turns and tasks, and what a session is run with.

import type { Task } from "@protocol";
import * as vscode from "vscode";
import type { Parts } from "../parts";
import { choose } from "../pickers";
import { goOn } from "../queue";
import { fork, pickSession, remove, rename } from "../sessions";
import { counted, inert, plain } from "../text";
import type { Commands } from "./register";

/** The argument of commands about a session, in any of its forms. */
type Given = string | { readonly sessionId?: string; readonly turnId?: string; readonly title?: string } | undefined;

/** The commands. */
export function session({ server, chat, preview }: Parts): Commands {
  /** The session that is meant, and what else was said. */
  const meant = (given: unknown) => {
    const { sessionId = server.sessionId, ...rest } =
      typeof given === "string" ? { sessionId: given } : ((given as Exclude<Given, string>) ?? {});
    if (sessionId === undefined) {
      throw new Error("This window works in no session yet; a prompt begins one.");
    }
    return { ...rest, sessionId };
  };
  /** Runs a command with what was given, or what is written now; gives the words. */
  const word = async (command: string, title: string, given: unknown, placeHolder = ""): Promise<unknown> => {
    const text = given ?? (await vscode.window.showInputBox({ title, placeHolder, ignoreFocusOut: true }));
    if (text !== undefined && text !== "") {
      await server.executeCommand(command, text);
    }
    return text;
  };
  const show = () => void chat.show();
  const pass = (command: string) =>
    [command, (...given: unknown[]) => server.executeCommand(command, ...given.filter((one) => one !== undefined))] as const;
  return {
    ...Object.fromEntries(
      [
        "glossator.stop",
        "glossator.send",
        "glossator.archiveSession",
        "glossator.exportSession",
        "glossator.compact",
        "glossator.context",
        "glossator.board",
        "glossator.cabinet",
        "glossator.usage",
        "glossator.tasks",
        "glossator.status",
      ].map(pass),
    ),
    "glossator.chat": async (given) => {
      const sessionId = typeof given === "string" ? given : (given as { sessionId?: string } | undefined)?.sessionId;
      if (sessionId !== undefined && sessionId !== server.sessionId) {
        await server.openSession(sessionId);
      }
      await chat.show();
    },
    "glossator.chatDocument": () => server.executeCommand("glossator.chat"),
    "glossator.steer": (given) => word("glossator.steer", "What does the agent have to know now?", given),
    "glossator.queue": async (given) => {
      const text = await word("glossator.queue", "What is to be done next?", given, "Enter alone: a queue that waits goes on");
      if (text === "") {
        await goOn(server);
      }
    },
    "glossator.open": (given) =>
      word("glossator.open", "A turn (T-12), a hunk (C3.2), a call, a key: what is to be shown?", given),
    "glossator.newSession": async () => {
      await server.newSession();
      await chat.show();
    },
    "glossator.sessions": (given) => pickSession(server, show, typeof given === "string" ? given : ""),
    "glossator.resume": async (given) => {
      await server.openSession(given === undefined ? undefined : meant(given).sessionId);
      await chat.show();
    },
    "glossator.fork": async (given) => {
      const isTurn = typeof given === "string" && /^T-\d+$/.test(given);
      await fork(server, isTurn ? { ...meant(undefined), turnId: given } : meant(given));
      await chat.show();
    },
    "glossator.forkHere": async (given) => {
      await server.executeCommand("glossator.forkHere", ...(given === undefined ? [] : [given]));
      await chat.show();
    },
    "glossator.renameSession": async (given) => {
      const { sessionId, title } = meant(given);
      const { sessions } = await server.request("glossator/session/list", {});
      await rename(server, sessionId, sessions.find((one) => one.id === sessionId)?.title, title);
    },
    "glossator.deleteSession": async (given) => {
      const { sessionId } = meant(given);
      const { sessions } = await server.request("glossator/session/list", {});
      await remove(server, sessionId, sessions.find((one) => one.id === sessionId)?.title);
    },
    "glossator.contextPreview": (given) => preview.show(typeof given === "string" ? given : ""),
    "glossator.cancelTask": (given) =>
      given === undefined ? pickTask(server) : server.executeCommand("glossator.cancelTask", given),
    "glossator.model": (given) => choose(server, "model", value(given)),
    "glossator.pack": (given) => choose(server, "pack", value(given)),
    "glossator.policy": (given) => choose(server, "policy", value(given)),
    "glossator.grants": () => grants(server),
  };
}

/** A choice that was made already. */
function value(given: unknown): string | undefined {
  return typeof given === "string" ? given : (given as { value?: string } | undefined)?.value;
}

async function pickTask(server: Parts["server"]): Promise<void> {
  const { tasks } = await server.request("glossator/tasks/list", {});
  const running = tasks.filter((task: Task) => task.state === "running");
  if (running.length === 0) {
    void vscode.window.showInformationMessage("Glossator: no task runs.");
    return;
  }
  const items = running.map((task) => ({ label: plain(task.line), description: `${task.tool} · ${task.id}`, task }));
  const picked = await vscode.window.showQuickPick(items, { title: "Stop Which Task?" });
  if (picked) {
    await server.request("glossator/tasks/cancel", { sessionId: picked.task.sessionId, id: picked.task.id });
  }
}

/** What was allowed, for sessions or for the workspace, to be taken back. */
async function grants(server: Parts["server"]): Promise<void> {
  const { sessionId } = server;
  const { grants, notice } = await server.request("glossator/grants/list", sessionId === undefined ? {} : { sessionId });
  if (notice !== undefined) {
    void vscode.window.showWarningMessage(`Glossator: ${inert(notice)}`);
  }
  if (grants.length === 0) {
    void vscode.window.showInformationMessage("Glossator: nothing was allowed that is not asked again.");
    return;
  }
  const items = grants.map((grant) => {
    const holds = grant.saved ? "always, in this workspace" : grant.sessionId === sessionId ? "in this session" : "in another session";
    return { label: plain(grant.what), description: `${holds} · ${new Date(grant.at).toLocaleString()}`, grant };
  });
  const title = "Allowed Without Being Asked Again: Pick What To Take Back";
  let count = 0;
  for (const { grant } of (await vscode.window.showQuickPick(items, { title, canPickMany: true })) ?? []) {
    const { sessionId: of, id } = grant;
    const { revoked } = await server.request("glossator/grants/revoke", { ...(of === undefined ? {} : { sessionId: of }), id });
    count += revoked;
  }
  if (count > 0) {
    vscode.window.setStatusBarMessage(`Glossator: ${inert(counted(count, "grant"), 60)} taken back`, 4000);
  }
}
