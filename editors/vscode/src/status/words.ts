// The status bar in words. Pure.

import type { ServerState } from "../server";
import { counted, dollars, plain, tokens } from "../text";
import type { Standing } from "./tracker";

/** What the status bar is made of. */
export interface Seen {
  readonly server: ServerState;
  readonly standing: Standing;
  /** Questions that wait, and hunks. */
  readonly asks: number;
  readonly hunks: number;
  /** Whether a model can be asked; undefined: not known yet. */
  readonly signedIn?: boolean;
  /** Whether VS Code is in Restricted Mode. */
  readonly restricted?: boolean;
}

/** The item of the status bar. */
export interface Item {
  readonly text: string;
  /** How much it wants to be seen. */
  readonly level: "normal" | "warning" | "error";
  /** What is read aloud. */
  readonly label: string;
}

/** What the status bar shows. */
export function item(seen: Seen): Item {
  const { server, standing, asks, hunks } = seen;
  const of = (icon: string, words: string, level: Item["level"] = "normal"): Item => ({
    text: `$(${icon}) ${words}`,
    level,
    label: words.startsWith("Glossator") ? words : `Glossator: ${words}`,
  });
  if (server.kind === "missing" || server.kind === "failed") {
    return of("error", server.kind === "missing" ? "Glossator is not installed" : "Glossator does not run", "error");
  }
  if (server.kind !== "ready") {
    return server.kind === "stopped" || server.kind === "idle" ? of("circle-slash", "Glossator") : of("loading~spin", "Glossator starts");
  }
  if (asks > 0) {
    return of("bell-dot", `Glossator asks${asks > 1 ? ` (${asks})` : ""}`, "warning");
  }
  if (standing.running !== undefined) {
    const words = plain(standing.activity ?? "at work", 40);
    return of("sync~spin", `${standing.running}: ${words}`);
  }
  if (seen.signedIn === false) {
    return of("key", "Glossator: set up");
  }
  const parts = [
    ...(hunks > 0 ? [counted(hunks, "hunk")] : []),
    ...(standing.tasks.size > 0 ? [counted(standing.tasks.size, "task")] : []),
    ...(standing.queued > 0 ? [`${standing.queued} queued`] : []),
    ...(standing.ended === "failed" ? ["failed"] : []),
  ];
  return of(hunks > 0 ? "git-compare" : "comment-discussion", ["Glossator", ...parts].join(" · "));
}

/** More of it, a line each, for the tooltip and the menu. */
export function details({ server, standing, hunks, asks, restricted }: Seen): string[] {
  if (server.kind !== "ready") {
    return [server.message ?? `The server is ${server.kind}.`];
  }
  const { session, settings, usage, cost } = standing;
  return [
    session ? `Session: ${session.title || "new"}` : "No session yet",
    ...(restricted ? ["Restricted Mode: Glossator only looks"] : []),
    ...(settings ? [`Model: ${settings.model || "none is set"}`, `Tools: ${settings.pack} · Policy: ${settings.policy}`] : []),
    ...(usage
      ? [
          `Latest turn: ${tokens(usage.input + usage.cacheRead + usage.cacheWrite)} tokens in (${tokens(usage.cacheRead)} cached), ` +
            `${tokens(usage.output)} out${cost ? `, ${dollars(cost.microUsd)}` : ""}`,
        ]
      : []),
    ...(standing.tasks.size > 0 ? [`${counted(standing.tasks.size, "task")}: ${[...standing.tasks.values()].join("; ")}`] : []),
    ...(hunks > 0 ? [`${counted(hunks, "hunk")} to decide about`] : []),
    ...(asks > 0 ? [`${counted(asks, "question")} to answer`] : []),
    ...(standing.queued > 0 ? [`${counted(standing.queued, "prompt")} queued`] : []),
  ];
}
