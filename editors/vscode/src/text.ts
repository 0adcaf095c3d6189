// Texts for VS Code's own surfaces. What a model, a tool or a file wrote must not become a link, a command or an icon there.
// Pure.

/** The longest text of a notification: VS Code cuts what is longer, in the middle of whatever it is. */
const NOTIFICATION = 900;

/** A text for notifications, in which VS Code would make `[text](command:...)` a link that runs a command. */
export function inert(text: string, most = NOTIFICATION): string {
  return cut(text.replaceAll(/\]\s*\(/g, "] ("), most);
}

/** A text for labels, in which VS Code would make `$(name)` an icon. */
export function plain(text: string, most = 200): string {
  return cut(inOneLine(text).replaceAll("$(", "$ ("), most);
}

/** A text without line breaks and control characters. */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/** A text of at most that many characters. */
export function cut(text: string, most: number): string {
  const characters = text.length > most ? [...text] : [];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

/** A fenced block of Markdown that its text cannot leave. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}\n`;
}

/** `1 hunk`, `2 hunks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A number of tokens in few characters: `950`, `12.3k`, `1.2M`. */
export function tokens(count: number): string {
  if (count < 1000) {
    return String(count);
  }
  const [value, unit] = count < 999_950 ? [count / 1000, "k"] : [count / 1_000_000, "M"];
  return `${value.toFixed(1).replace(/\.0$/, "")}${unit}`;
}

/** Money in US dollars, from millionths of one. */
export function dollars(microUsd: number): string {
  const value = microUsd / 1_000_000;
  return `$${value.toFixed(value !== 0 && value < 0.1 ? 4 : 2)}`;
}

/** How long ago something was, in words: `just now`, `5 min ago`, `yesterday`, else the day. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) {
    return "just now";
  }
  if (minutes < 60) {
    return `${minutes} min ago`;
  }
  if (minutes < 24 * 60) {
    return `${Math.floor(minutes / 60)} h ago`;
  }
  return minutes < 48 * 60 ? "yesterday" : new Date(at).toLocaleDateString();
}

/** The message of anything that was thrown. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
