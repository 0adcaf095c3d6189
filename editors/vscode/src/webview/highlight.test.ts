// Colours of code: what they tell apart, and that nothing of the code is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "./highlight";

const looks = (code: string, language: string): string =>
  pieces(code, language)
    .filter(({ look }) => look !== "")
    .map(({ look, text }) => `${look[0]}:${text}`)
    .join(" ");

test("comments, strings, numbers and key words are told apart", () => {
  for (const [language, code, wanted] of [
    ["rust", "let x = 0xff_u8; // it's \"so\"", "k:let n:0xff_u8 c:// it's \"so\""],
    ["rust", "fn f<'a>(s: &'a str) -> char { 'x' }", "k:fn k:str k:char s:'x'"],
    ["ts", "const a = `b ${c} \\` d`; /* e\nf */ 'g'", "k:const s:`b ${c} \\` d` c:/* e\nf */ s:'g'"],
    ["python", "x = 1.5e-3  # y\ns = \"a#b\"", "n:1.5e-3 c:# y s:\"a#b\""],
    ["sh", "echo $# a#b # c", "c:# c"],
    ["sql", "select 1 -- x", "k:select n:1 c:-- x"],
    ["go", "x1 := v2.a3", ""],
  ] as const) {
    assert.equal(looks(code, language), wanted, `${language}: ${code}`);
  }
});

test("other languages, diffs and long blocks are left as they are", () => {
  for (const [language, code] of [["", "let x"], ["text", "let x"], ["diff", "-let x"], ["nobody's", "let x"], ["rust", "let ".repeat(6000)]] as const) {
    assert.deepEqual(pieces(code, language), [{ look: "", text: code }]);
  }
});

test("nothing of a code is lost, whatever it is, and it takes no time", () => {
  const signs = ["\"", "'", "`", "\\", "/*", "*/", "//", "#", "--", "\n", " ", "let", "x9", "0x", "1.", "é", "🎉", "$("];
  let seed = 7;
  const next = (): number => (seed = (seed * 48271) % 0x7fffffff);
  for (let round = 0; round < 600; round += 1) {
    const code = Array.from({ length: next() % 40 }, () => signs[next() % signs.length]).join("");
    for (const language of ["rust", "ts", "python", "sql", "clj"]) assert.equal(pieces(code, language).map(({ text }) => text).join(""), code);
  }
  const began = performance.now();
  for (const sign of ["\"", "'", "`", "/*", "1", "a", "\\", "#"]) pieces(sign.repeat(19_000 / sign.length), "ts");
  assert.ok(performance.now() - began < 1500, `${performance.now() - began} ms`);
});
