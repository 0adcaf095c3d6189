// Texts of models, tools and commands, made fit to be looked at: characters that nobody sees are shown for what they are,
// colours of terminals are taken out, and what is too long for a page is cut. Pure.

/** Controls, marks that turn the direction of writing, and characters without width. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu;

/** Escape sequences of terminals. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,2000}(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/**
 * The text with everything unseen made visible as `<U+202E>`, so that what is asked about, or is about to be copied, reads
 * as it is.
 */
export function plain(value: string): string {
  return value.replace(UNSEEN, (one) => `<U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`);
}

/** What a terminal would show of an output: without colours, and of a line that was written over the last form. */
export function terminal(value: string): string {
  const quiet = value.includes("\u001b") ? value.replace(ESCAPES, "") : value;
  if (!quiet.includes("\r")) return plain(quiet);
  const lines = quiet.replaceAll("\r\n", "\n").split("\n");
  return plain(lines.map((line) => line.replace(/\r+$/, "").split("\r").at(-1) ?? "").join("\n"));
}

/** A text that was cut, and how much of it was left out. */
export interface Cut {
  readonly text: string;
  /** Characters that were left out; 0: it is whole. */
  readonly left: number;
}

/** Characters of one line that are shown. */
const LINE_CAP = 4000;

function cutLines(value: string): string {
  if (value.length <= LINE_CAP) return value;
  return value
    .split("\n")
    .map((line) => (line.length > LINE_CAP ? `${line.slice(0, LINE_CAP)}… (${line.length - LINE_CAP} more characters)` : line))
    .join("\n");
}

/** The beginning of a text, at most `most` characters, and no line longer than a page can bear. */
export function head(value: string, most: number): Cut {
  const text = value.length > most ? value.slice(0, most) : value;
  return { text: cutLines(text), left: value.length - text.length };
}

/** The end of a text, likewise. */
export function tail(value: string, most: number): Cut {
  const text = value.length > most ? value.slice(-most) : value;
  return { text: cutLines(text), left: value.length - text.length };
}
