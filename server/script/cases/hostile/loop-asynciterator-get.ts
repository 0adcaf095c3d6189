// expect: ScriptTimeout
// ---
for await (const x of { get [Symbol.asyncIterator]() { for (;;) {} } }) {}
