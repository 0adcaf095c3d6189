// Asks in words: what answers are called, what an ask is in one line, the whole matter as a document. Pure.

import type { Ask, Grant } from "@protocol";
import { inOneLine, plain } from "../text";

const GRANTS: Record<Grant, string> = {
  once: "Allow",
  session: "Allow for This Session",
  exact: "Always Allow Exactly This",
  prefix: "Always Allow What Begins Like This",
  directory: "Always Allow in This Folder",
  always: "Always Allow",
};

/** What allowing it is called. A kind that is not known is called as it is. */
export function grantTitle(grant: Grant, ask: Ask): string {
  const begins = grant === "prefix" ? beginsOf(ask) : undefined;
  return begins === undefined ? (GRANTS[grant] ?? `Allow (${grant})`) : `Always Allow “${plain(begins, 60)} …”`;
}

/** What all commands begin with that a grant of what begins like this one covers. */
function beginsOf({ subject }: Ask): string | undefined {
  return subject.kind === "command" ? subject.begins : undefined;
}

/** The grants that an ask offers; at least `once`. */
export function grantsOf(ask: Ask): Grant[] {
  return ask.grants.includes("once") ? ask.grants : ["once", ...ask.grants];
}

/** The matter in one line. */
export function inOne(ask: Ask): string {
  return ask.reason === "" ? inOneLine(ask.title) : `${inOneLine(ask.title)} (${inOneLine(ask.reason)})`;
}

/** The whole matter as a document: its text and the language it is in. */
export function document(ask: Ask): { text: string; language: string } {
  const { subject } = ask;
  switch (subject.kind) {
    case "command":
      return { text: `# ${inOneLine(ask.reason)}\n# in ${subject.cwd}\n\n${subject.command}\n`, language: "shellscript" };
    case "edit":
      return { text: subject.diff, language: "diff" };
    case "script":
      return { text: subject.source.replace(/^\n+/, ""), language: "typescript" };
    default:
      return { text: `${ask.title}\n\n${ask.reason}\n`, language: "plaintext" };
  }
}
