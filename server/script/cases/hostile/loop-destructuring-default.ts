// expect: ScriptTimeout
// ---
const { a = (() => { for (;;) {} })() } = {};
