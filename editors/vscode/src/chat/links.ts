// Where a link of the transcript may lead: the web, or a file. Everything else (commands of the editor, scripts, data, other
// programs' schemes, network shares) leads nowhere. Pure; known to both sides, and the host decides by it.

/** What a link leads to. */
export type Target =
  | { readonly kind: "web"; readonly url: string }
  | { readonly kind: "file"; readonly path: string; readonly line?: number; readonly endLine?: number }
  | { readonly kind: "none" };

const NONE: Target = { kind: "none" };

/** Longer ones are nobody's honest address. */
const LONGEST = 2000;

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function web(href: string): Target {
  try {
    const url = new URL(href);
    // A name before an @ makes an address look like another one's.
    return url.username === "" && url.password === "" ? { kind: "web", url: url.href } : NONE;
  } catch {
    return NONE;
  }
}

function place(path: string, from: string | undefined, to: string | undefined): Target {
  const line = Number(from ?? 0);
  const endLine = Number(to ?? 0);
  if (path === "" || /^[\\/]{2}/.test(path) || /[\u0000-\u001f\u007f\ufffd]/.test(path)) return NONE;
  // A colon that is no drive's is a scheme's, whatever it was written like.
  if (path.replace(/^[a-z]:(?=[\\/])/i, "").includes(":")) return NONE;
  return { kind: "file", path, ...(line > 0 && { line }), ...(line > 0 && endLine >= line && { endLine }) };
}

function file(text: string): Target {
  const hash = /^(.*?)#L(\d{1,7})(?:C\d+)?(?:-L?(\d{1,7})(?:C\d+)?)?$/.exec(text);
  if (hash) return place(hash[1] ?? "", hash[2], hash[3]);
  const bare = text.replace(/#.*$/, "");
  const colon = /^(.+?):(\d{1,7})(?:-(\d{1,7})|:\d{1,7})?$/.exec(bare);
  if (colon) return place(colon[1] ?? "", colon[2], colon[3]);
  return place(bare, undefined, undefined);
}

/** What a link leads to. A relative path is one in the workspace. */
export function target(href: string): Target {
  const text = href.trim();
  if (text === "" || text.length > LONGEST || /[\u0000-\u001f\u007f]/.test(text)) return NONE;
  if (/^https?:\/\//i.test(text)) return web(text);
  if (/^file:/i.test(text)) {
    const path = /^file:\/\/(?:localhost)?(\/[^/\\].*)$/i.exec(text)?.[1];
    const plain = path === undefined ? undefined : decoded(path);
    return plain === undefined ? NONE : file(plain.replace(/^\/(?=[a-z]:)/i, ""));
  }
  // One letter before a colon is a drive, not a scheme.
  if (/^[a-z][a-z0-9+.-]+:(?!\d)/i.test(text) || text.startsWith("#") || text.startsWith("?")) return NONE;
  const plain = decoded(text);
  return plain === undefined ? NONE : file(plain);
}

/** Whether a piece of code reads like a file of the workspace, with or without a line: `src/walk.rs:12`. */
export function looksLikeFile(code: string): boolean {
  return code.length <= 200 && /^(?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*\.[a-z][a-z0-9]{0,9}(?::\d+(?:[-:]\d+)?)?$/i.test(code) && /[/:]/.test(code);
}
