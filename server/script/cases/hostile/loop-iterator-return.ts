// expect: ScriptTimeout
// why: `return()` of an iterator that never returns
// ---
const it = { [Symbol.iterator]() { return { next: () => ({ done: false, value: 1 }), return() { for (;;) {} } } } };
for (const x of it) break;
