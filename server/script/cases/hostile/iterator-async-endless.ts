// expect: ScriptTimeout
// ---
const it = { async *[Symbol.asyncIterator]() { for (;;) yield 1; } };
let n = 0;
for await (const x of it) n += x;
