// Colours for blocks of code in answers: comments, strings, numbers and key words, told by their looks alone, so that any
// language has some of it. Nothing is understood, and every character stays. Pure.

/** What a piece of code looks like. */
export type Look = "comment" | "string" | "number" | "keyword" | "";

/** A piece of code that looks one way. */
export interface Piece {
  readonly look: Look;
  readonly text: string;
}

/** Longer blocks have no colours. */
const MOST = 20_000;

/** How comments begin, by the languages in which they do. */
const COMMENTS: readonly (readonly [RegExp, string])[] = [
  [/^(rust|rs|c|h|cpp|c\+\+|cc|hpp|java|kotlin|kt|scala|swift|go|golang|js|jsx|mjs|javascript|ts|tsx|typescript|json5?|jsonc|cs|csharp|dart|php|zig|css|scss|less|proto|groovy)$/, String.raw`\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)`],
  [/^(py|python|sh|bash|zsh|fish|shell|console|rb|ruby|pl|perl|r|toml|ya?ml|make|makefile|dockerfile|elixir|ex|nix|cmake|ini|conf|julia|jl)$/, String.raw`(?<![^\s])#[^\n]*`],
  [/^(sql|lua|haskell|hs|elm|ada)$/, String.raw`--[^\n]*`],
  [/^(lisp|elisp|emacs-lisp|clojure|clj|scheme|asm)$/, String.raw`;[^\n]*`],
];

const WORDS =
  "abstract as async await begin bool break case catch char class const continue crate def default defer del do double elif else elsif end enum except export extends extern false final finally float fn for foreach from func function go if impl implements import in include int interface is lambda let local long loop match mod module mut namespace new nil None not null or package pass private protected pub public raise ref return select self Self short static str string struct super switch template then this throw throws trait True False true try type typedef typeof undefined union unless unsafe until use using val var virtual void when where while with yield";
const KEYWORDS = new Set(WORDS.split(" "));

const STRING = String.raw`"(?:[^"\\\n]|\\.)*"?|` + "`(?:[^`\\\\]|\\\\[^])*`?";
/** A quotation mark alone may be a lifetime or an apostrophe. */
const QUOTED = String.raw`'(?:[^'\\\n]|\\.)*'`;
const CHARACTER = String.raw`'(?:[^'\\\n]|\\[^\n']{1,8})'`;
const NUMBER = String.raw`(?<![\w.])(?:0[xob][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\w*`;

/** The pieces of a code, in order; without a language that is known only one. */
export function pieces(code: string, language: string): readonly Piece[] {
  const name = language.toLowerCase();
  const comment = COMMENTS.find(([names]) => names.test(name))?.[1];
  if (comment === undefined || code.length > MOST) return [{ look: "", text: code }];
  const quoted = /^(rust|rs|lisp|elisp|emacs-lisp|clojure|clj|scheme|haskell|hs)$/.test(name) ? CHARACTER : QUOTED;
  const all = new RegExp(`(${comment})|(${STRING}|${quoted})|(${NUMBER})|([A-Za-z_][\\w]*)`, "g");
  const found: Piece[] = [];
  let end = 0;
  const add = (look: Look, text: string): void => {
    const last = found.at(-1);
    if (last?.look === look) found[found.length - 1] = { look, text: last.text + text };
    else if (text !== "") found.push({ look, text });
  };
  for (const match of code.matchAll(all)) {
    const [whole, isComment, isString, isNumber] = match;
    add("", code.slice(end, match.index));
    add(isComment !== undefined ? "comment" : isString !== undefined ? "string" : isNumber !== undefined ? "number" : KEYWORDS.has(whole) ? "keyword" : "", whole);
    end = match.index + whole.length;
  }
  add("", code.slice(end));
  return found;
}
