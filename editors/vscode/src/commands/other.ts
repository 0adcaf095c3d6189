// Commands about asks, signing in, trust and the server itself.

import type { Grant } from "@protocol";
import * as vscode from "vscode";
import type { Parts } from "../parts";
import { demo, signIn, signOut } from "../signin";
import { menu } from "../status/menu";
import { trust } from "../trust";
import type { Commands } from "./register";

/** The argument of commands about asks, in any of its forms. */
interface Ask {
  readonly askId?: string;
  readonly grant?: Grant;
  readonly message?: string;
  readonly answer?: string;
  readonly hunk?: number;
  readonly hunks?: readonly number[];
}

function ask(given: unknown): Ask {
  return typeof given === "string" ? { askId: given } : ((given as Ask | undefined) ?? {});
}

/** The commands. */
export function other(parts: Parts): Commands {
  const { server, answering, status, signedIn } = parts;
  /** Single hunks are counted by the server, over all editors; and it knows what was put to others alone. */
  const isServers = (given: unknown) => {
    const { askId, hunk, hunks } = ask(given);
    return hunk !== undefined || hunks !== undefined || (askId !== undefined && !server.asks.some((one) => one.askId === askId));
  };
  const provider = (given: unknown) => (typeof given === "string" ? given : undefined);
  return {
    "glossator.showAsk": (given) => answering.show(ask(given).askId),
    "glossator.approve": (given) =>
      isServers(given) ? server.executeCommand("glossator.approve", given) : answering.allow(ask(given).askId, ask(given).grant),
    "glossator.deny": (given) =>
      isServers(given) ? server.executeCommand("glossator.deny", given) : answering.deny(ask(given).askId, ask(given).message),
    "glossator.answer": (given) =>
      isServers(given) ? server.executeCommand("glossator.answer", given) : answering.answer(ask(given).askId, ask(given).answer),
    "glossator.signIn": (given) => signIn(server, signedIn, provider(given)),
    "glossator.login": (given) => signIn(server, signedIn, provider(given)),
    "glossator.logout": (given) => signOut(server, signedIn, provider(given)),
    "glossator.trust": async () => {
      await trust(server);
      await parts.look();
    },
    "glossator.menu": () => menu(status.seen),
    "glossator.restart": () => parts.restart(),
    "glossator.showLog": () => parts.output.show(),
    "glossator.openSettings": () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:glossator.glossator"),
    "glossator.openProviders": () => vscode.commands.executeCommand("workbench.action.openSettings", "glossator.providers"),
    "glossator.walkthrough": () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", "glossator.glossator#start", false),
    "glossator.demo": () => {
      const program = parts.program();
      if (program === undefined) {
        throw new Error(server.state.message ?? "The program glossator was not found.");
      }
      demo(program);
    },
  };
}
