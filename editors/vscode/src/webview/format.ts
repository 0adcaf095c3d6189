// Numbers, times, paths and calls as people read them. Pure.

import type { Cost, Usage } from "@protocol";
import { fields, number, text } from "./read";

/** `950`, `12.3k`, `1.2M`. */
export function tokens(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 99_950) return `${trim(count / 1000)}k`;
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${trim(count / 1_000_000)}M`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

/** `$0.0123`, `$1.50`; nothing where no price is known. */
export function money(cost: Cost | undefined | null): string {
  const micro = fields(cost)["microUsd"];
  if (typeof micro !== "number" || micro === 0) return "";
  const dollars = micro / 1_000_000;
  return dollars >= 0.995 ? `$${dollars.toFixed(2)}` : `$${dollars.toFixed(dollars >= 0.01 ? 3 : 4)}`;
}

/** `84 ms`, `3.2 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(millis: number): string {
  if (millis < 1000) return `${Math.max(0, Math.round(millis))} ms`;
  const seconds = millis / 1000;
  if (seconds < 59.95) return `${trim(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? "" : ` ${whole % 60} s`}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
}

/** How long ago: `now`, `5 min ago`, `3 h ago`, `2 d ago`, else the date. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 14 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d ago`;
  return new Date(at).toLocaleDateString();
}

/** `48.2 kB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${trim(count / 1000)} kB`;
  return `${trim(count / 1_000_000)} MB`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What of the input was read from a cache, in percent. */
export function cachedShare(usage: Usage | undefined): number {
  const told = fields(usage);
  const all = number(told["input"]) + number(told["cacheRead"]) + number(told["cacheWrite"]);
  return all === 0 ? 0 : Math.round((100 * number(told["cacheRead"])) / all);
}

/** The model's own name: `claude-sonnet-5` of `anthropic/claude-sonnet-5`. */
export function modelName(id: string | undefined): string {
  if (id === undefined) return "";
  const slash = id.indexOf("/");
  return slash < 0 ? id : id.slice(slash + 1);
}

/** A text on one line, cut where it is longer than `most` characters. */
export function oneLine(value: string, most: number): string {
  const line = value.slice(0, most * 4).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

const VERBS: Readonly<Record<string, string>> = {
  readFile: "Read",
  listDir: "List",
  grepFiles: "Search",
  fileSearch: "Find files",
  exec: "Run",
  applyPatch: "Edit",
  writeFile: "Write",
  viewImage: "View",
  updatePlan: "Update plan",
  webSearch: "Search the web",
  fetchUrl: "Fetch",
  saveToFC: "Save in cabinet",
  fetchFromFC: "Fetch from cabinet",
  askUser: "Ask",
  diagnostics: "Diagnostics",
  definition: "Definition",
  references: "References",
  symbols: "Symbols",
};

/** A call as a person would say it: a verb, and what it is about. */
export function callTitle(name: string, args: unknown): { readonly verb: string; readonly about: string } {
  const verb = Object.hasOwn(VERBS, name) ? (VERBS[name] ?? name) : name;
  return { verb, about: oneLine(about(name, args), 160) };
}

function about(name: string, args: unknown): string {
  if (typeof args === "string") return args;
  const given = fields(args);
  const command = given["command"];
  if (Array.isArray(command)) return shown(command);
  if (name === "applyPatch") return patched(text(given["patch"])).join(", ");
  if (name === "updatePlan") return "";
  for (const key of ["path", "pattern", "query", "url", "question", "command", "key", "symbol", "name", "prompt"]) {
    if (typeof given[key] === "string") return text(given[key]);
  }
  const first = Object.values(given).find((value) => typeof value === "string");
  return typeof first === "string" ? first : "";
}

/** A command in short: its words, quoted where a shell would need it. */
function shown(words: readonly unknown[]): string {
  const all = words.map((word) => (typeof word === "string" ? word : JSON.stringify(word)));
  // What a shell is given is what is run; the shell is not worth a word.
  if (all.length === 3 && /^(ba|z|da)?sh$/.test(all[0] ?? "") && /^-l?c$/.test(all[1] ?? "")) return all[2] ?? "";
  return quoted(all);
}

/** Why a call was not made or failed: the reason, without the call, which stands beside it. */
export function reasonOf(message: string): string {
  const refused = /^[^\n]* was refused: ([^]*)$/.exec(message);
  if (refused) return `refused: ${refused[1]}`;
  const denied = /^the user did not allow [^\n]*?(?: and said: ([^]*))?$/.exec(message);
  if (denied) return denied[1] === undefined ? "not allowed" : `not allowed: ${denied[1]}`;
  return message;
}

/** Words as a shell would have to be given them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The files that a patch names. */
export function patched(patch: string): readonly string[] {
  const names: string[] = [];
  for (const match of patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)) names.push((match[1] ?? "").trim());
  if (names.length === 0) for (const match of patch.matchAll(/^\+\+\+ (?:b\/)?(\S+)/gm)) names.push(match[1] ?? "");
  return [...new Set(names)];
}
