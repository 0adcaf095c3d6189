// Markdown of models as a tree of a few known elements. No text becomes HTML, on any road: what is not among these
// elements is text. Links are kept as words; where they lead is decided by the host, and one that leads nowhere is text.

import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import { target } from "../chat/links";

/** Elements with children. */
export type Tag =
  | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "blockquote"
  | "em" | "strong" | "s" | "table" | "thead" | "tbody" | "tr" | "th" | "td";

/** A piece of a text. */
export type Node =
  | string
  | { readonly tag: Tag; readonly children: readonly Node[]; readonly start?: number; readonly align?: "left" | "center" | "right" }
  | { readonly tag: "hr" | "br" }
  | { readonly tag: "code"; readonly text: string }
  | { readonly tag: "fence"; readonly info: string; readonly text: string }
  | { readonly tag: "a"; readonly href: string; readonly children: readonly Node[] };

/** A block at the top of a text. */
export interface Part {
  /** The lines it was made of: equal ones look equal. */
  readonly source: string;
  readonly node: Node;
}

const PAIRS = new Set<string>([
  "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote",
  "em", "strong", "s", "table", "thead", "tbody", "tr", "th", "td",
] satisfies Tag[]);

const parser = new MarkdownIt("default", { html: false, linkify: true, typographer: false });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// Where a link may lead is decided here and by the host, not by the parser's list.
parser.validateLink = () => true;
parser.normalizeLink = (url) => url;

/** A list under construction, and how it is closed. */
interface Open {
  readonly children: Node[];
  readonly close: (children: readonly Node[]) => readonly Node[];
}

function attribute(token: Token, name: string): string {
  return token.attrGet(name) ?? "";
}

function alignment(token: Token): { align?: "left" | "center" | "right" } {
  const align = /text-align:(left|center|right)/.exec(attribute(token, "style"))?.[1];
  return align === undefined ? {} : { align: align as "left" | "center" | "right" };
}

function opened(token: Token): Open["close"] {
  if (token.hidden) return (children) => children;
  if (token.tag === "a") {
    const href = attribute(token, "href");
    if (target(href).kind !== "none") return (children) => [{ tag: "a", href, children }];
    // Without a destination it is text; so that nothing is hidden, the destination is text as well.
    return (children) => (href === "" ? children : [...children, ` (${href})`]);
  }
  if (!PAIRS.has(token.tag)) return (children) => children;
  const tag = token.tag as Tag;
  const start = tag === "ol" ? Number(attribute(token, "start") || 1) : undefined;
  return (children) => [{ tag, children, ...(start !== undefined && { start }), ...alignment(token) }];
}

function single(token: Token): readonly Node[] {
  switch (token.type) {
    case "inline":
      return nodes(token.children ?? []);
    case "softbreak":
      return ["\n"];
    case "hardbreak":
      return [{ tag: "br" }];
    case "hr":
      return [{ tag: "hr" }];
    case "code_inline":
      return [{ tag: "code", text: token.content }];
    case "code_block":
    case "fence":
      return [{ tag: "fence", info: token.info.trim(), text: token.content }];
    case "image": {
      // Pictures of models are never loaded: their address would tell on the reader.
      const href = attribute(token, "src");
      const name = token.content === "" ? "image" : `image: ${token.content}`;
      return target(href).kind === "none" ? [`[${name}]`] : [{ tag: "a", href, children: [`[${name}]`] }];
    }
    default:
      return token.content === "" ? [] : [token.content];
  }
}

function nodes(tokens: readonly Token[]): readonly Node[] {
  const root: Open = { children: [], close: (children) => children };
  const stack: Open[] = [];
  for (const token of tokens) {
    const top = stack.at(-1) ?? root;
    if (token.nesting === 1) stack.push({ children: [], close: opened(token) });
    else if (token.nesting === -1) close(stack, root);
    else add(top.children, single(token));
  }
  while (stack.length > 0) close(stack, root);
  return root.children;
}

function close(stack: Open[], root: Open): void {
  const done = stack.pop();
  if (done !== undefined) add((stack.at(-1) ?? root).children, done.close(done.children));
}

/** Adds pieces; words that follow each other become one. */
function add(children: Node[], more: readonly Node[]): void {
  for (const node of more) {
    const last = children.at(-1);
    if (typeof node === "string" && typeof last === "string") children[children.length - 1] = last + node;
    else children.push(node);
  }
}

/** The text as blocks, in order. */
export function parse(text: string): readonly Part[] {
  const lines = text.split("\n");
  const parts: Part[] = [];
  let group: Token[] = [];
  let source = "";
  for (const token of parser.parse(text, {})) {
    if (group.length === 0) source = lines.slice(token.map?.[0] ?? 0, token.map?.[1] ?? lines.length).join("\n");
    group.push(token);
    if (token.level === 0 && token.nesting !== 1) {
      for (const node of nodes(group)) parts.push({ source, node });
      group = [];
    }
  }
  return parts;
}

/** The words of a tree, without any of its form. */
export function words(node: Node): string {
  if (typeof node === "string") return node;
  if ("text" in node) return node.text;
  return "children" in node ? node.children.map(words).join("") : "\n";
}
